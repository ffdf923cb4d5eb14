"""How far people are with an image: open, submitted, or skipped for a reason."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from ... import events
from ...models import Image
from ...representations.events import image_updated
from ..errors import Conflict, Invalid
from ..text import clean_text

MAX_REASON = 200


def change(image: Image, user: Any, state: str, reason: str | None) -> Image:
    """Submits, skips or reopens the image; the row as it is then.

    Raises Invalid for a reason that is missing or out of place, and Conflict for an image that
    nobody can have looked at.
    """
    if image.state != Image.State.READY:
        raise Conflict("image_not_ready", "Only an image that is ready can be worked on.")
    if state != Image.Work.SKIPPED and reason is not None:
        raise Invalid("unwanted", "A reason belongs to a skipped image alone.", "reason")
    text = ""
    if state == Image.Work.SKIPPED:
        text = clean_text(reason or "", "reason", MAX_REASON)
    with transaction.atomic():
        _set(Image.objects.filter(pk=image.pk), user, state, text)
        _tell(image, state)
    return image


def reopen_edited(image: Image, user: Any) -> None:
    """An object was changed: what was submitted or skipped before is open again. Belongs into
    the transaction of the change."""
    done = Image.objects.filter(pk=image.pk, work__in=(Image.Work.SUBMITTED, Image.Work.SKIPPED))
    if _set(done, user, Image.Work.OPEN, ""):
        _tell(image, Image.Work.OPEN)


def next_untouched(image: Image) -> Image | None:
    """The next image of the project that somebody has yet to begin with: behind this one, else
    from the first on; never this one."""
    rows = Image.objects.filter(project_id=image.project_id).untouched().order_by("pk")
    return rows.filter(pk__gt=image.pk).first() or rows.filter(pk__lt=image.pk).first()


def _set(rows: Any, user: Any, state: str, reason: str) -> int:
    changed: int = rows.update(
        work=state, skip_reason=reason, work_by_id=user.pk, work_at=timezone.now()
    )
    return changed


def _tell(image: Image, state: str) -> None:
    event = image_updated(id=image.pk, state=image.state, work=str(state))
    events.publish(image.project_id, event)
