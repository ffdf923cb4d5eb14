"""Images found by their state, their labels and their names."""

from ...models import Image, Project
from ...models.image import ImageQuerySet


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
