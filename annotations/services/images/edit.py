"""Images renamed and deleted."""

from django.db import transaction

from ... import events
from ...models import Image
from ...representations.events import image_updated
from ..transactions import retried
from .upload import clean_name


def change(image: Image, name: str | None, external_id: str | None) -> None:
    if name is not None:
        image.name = clean_name(name)
    if external_id is not None:
        image.external_id = external_id
    with transaction.atomic():
        image.save(update_fields=["name", "external_id"])
        events.publish(image.project_id, image_updated(id=image.pk, state=image.state))


def delete(image: Image) -> None:
    """Deletes the row with all that hangs on it; its files follow (see `signals`)."""
    retried(image.delete)
