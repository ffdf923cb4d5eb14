"""Images as people handle them: found, renamed, deleted."""

from django.db import transaction

from ... import events
from ...models import Image, Project
from ...models.image import ImageQuerySet
from ..transactions import retried
from .upload import clean_name


def search(
    project: Project, *, state: str | None = None, label: int | None = None,
    text: str | None = None,
) -> ImageQuerySet:  # fmt: skip
    """The project's images in a state (whether they are annotated, and how far people are with
    them, count as such), with an object of a label, with `text` in their name."""
    rows = Image.objects.filter(project=project)
    if state == "annotated":
        rows = rows.annotated()
    elif state == "unannotated":
        rows = rows.unannotated()
    elif state in Image.Work.values:
        rows = rows.filter(work=state).exclude(state=Image.State.REFUSED)
    elif state:
        rows = rows.filter(state=state)
    if label is not None:
        rows = rows.filter(annotations__label_id=label).distinct()
    if text:
        rows = rows.filter(name__icontains=text.replace("\0", ""))
    return rows


def change(image: Image, name: str | None, external_id: str | None) -> None:
    if name is not None:
        image.name = clean_name(name)
    if external_id is not None:
        image.external_id = external_id
    with transaction.atomic():
        image.save(update_fields=["name", "external_id"])
        events.publish(image.project_id, "image.updated", {"id": image.pk, "state": image.state})


def delete(image: Image) -> None:
    """Deletes the row with all that hangs on it; its files follow (see `signals`)."""
    retried(image.delete)
