"""Objects: made, changed and deleted with versions, each change kept as a revision."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from ... import events
from ...domain.errors import DomainError
from ...domain.polygons import rasterise
from ...domain.rle import Rle, validate_rle
from ...models import Annotation, AnnotationRevision, Image, Label, mask_columns
from ...representations.events import annotation_changed
from ..errors import Conflict, Invalid, StaleVersion
from ..images import review_status
from . import attributes

# Fields that a client may set besides mask and label.
PLAIN = ("source", "prompts", "attributes", "candidate", "score", "model", "z")
_COMPARED = ("label_id", "counts", *PLAIN)
# What only the snapshot of a deleted row has: the time of its making, which it gets back.
_MADE = "created_at"


@dataclass(frozen=True)
class Change:
    """What a client sent; only the named fields are changed. `rle` and `polygons` are the
    mask in one of its two forms."""

    label: int | None = None
    rle: dict[str, Any] | None = None
    polygons: list[list[float]] | None = None
    plain: dict[str, Any] = field(default_factory=dict)


def mask_fields(image: Image, change: Change) -> dict[str, Any]:
    """The mask's columns from RLE or polygons; empty when the change has neither.

    Raises Invalid, naming the field.
    """
    if change.rle is None and change.polygons is None:
        return {}
    if change.rle is not None and change.polygons is not None:
        raise Invalid("ambiguous_mask", "Send either rle or polygons, not both.", "polygons")
    try:
        rle = _mask(image, change)
    except DomainError as error:
        raise Invalid("invalid_mask", error.message, error.field) from error
    if rle.area == 0:
        name = "rle" if change.rle is not None else "polygons"
        raise Invalid("empty_mask", "The mask covers no pixel of the image.", name)
    return mask_columns(rle)


def _mask(image: Image, change: Change) -> Rle:
    if change.rle is not None:
        size, counts = change.rle.get("size"), change.rle.get("counts")
        return validate_rle(size, counts, image.width, image.height)
    return rasterise(change.polygons or [], image.width, image.height)


def _label(image: Image, pk: int | None) -> Label:
    label = Label.objects.filter(pk=pk, project_id=image.project_id).first()
    if label is None:
        raise Invalid("unknown_label", "The project has no label with this id.", "label")
    return label


def create(image: Image, user: Any, pk: uuid.UUID, change: Change) -> tuple[Annotation, bool]:
    """Makes the object; (row, True), or (row, False) when the same was sent before.

    Without `attributes` it has the project's defaults. A deleted object's id may be used again:
    that is how a deletion is undone; its version goes on, and it is as old as it was. Raises
    Invalid, or Conflict when the id stands for something else.
    """
    if image.state == Image.State.REFUSED:
        raise Conflict("refused_image", "A refused image cannot be annotated.")
    fields = mask_fields(image, change)
    if not fields:
        raise Invalid("mask_required", "Send the object's mask as rle or polygons.", "rle")
    label = _label(image, change.label)
    plain = change.plain
    if "attributes" in plain:
        attributes.check(image.project_id, pk, plain["attributes"])
    else:
        plain = plain | {"attributes": attributes.defaults(image.project_id, label.pk)}
    row = Annotation(id=pk, image=image, label=label, author=user, **fields, **plain)
    try:
        with transaction.atomic():
            insert(row)
            record(row, AnnotationRevision.Action.CREATED, user)
    except IntegrityError:
        return _sent_before(row, user), False
    return row, True


def insert(row: Annotation) -> None:
    """Stores a new row with its next version; one that was deleted keeps its author and time.

    Raises Conflict when the id stands for something else, IntegrityError when it is in use.
    """
    past = AnnotationRevision.objects.filter(annotation=row.pk)
    last = past.order_by("-version").first()
    if last is not None and last.image_id != row.image_id:
        raise Conflict("id_taken", "This id belongs to another object.", "id")
    row.version = 1 if last is None else last.version + 1
    row.save(force_insert=True)
    if last is None:
        return
    first = past.select_related("user").earliest("version")
    made = last.snapshot.get(_MADE)
    row.author = first.user
    row.created_at = datetime.fromisoformat(made) if made else first.created_at
    row.save(update_fields=["author", "created_at"])


def _sent_before(row: Annotation, user: Any) -> Annotation:
    stored = (
        Annotation.objects.visible_to(user)
        .filter(pk=row.pk, image_id=row.image_id)
        .select_related("image", "label", "author")
        .first()
    )
    if stored is None:
        raise Conflict("id_taken", "This id belongs to another object.", "id")
    if any(getattr(stored, name) != getattr(row, name) for name in _COMPARED):
        raise StaleVersion(stored)
    return stored


def update(
    row: Annotation, user: Any, version: int, change: Change, reason: str = ""
) -> Annotation:
    """Changes the object if it still has `version`; `reason` is kept with the revision. Raises
    StaleVersion or Invalid."""
    fields = mask_fields(row.image, change) | change.plain
    if "attributes" in change.plain:
        attributes.check(row.image.project_id, row.pk, change.plain["attributes"])
    if change.label is not None:
        fields["label_id"] = _label(row.image, change.label).pk
    with transaction.atomic():
        changed = Annotation.objects.filter(pk=row.pk, version=version).update(
            **fields, version=version + 1, updated_at=timezone.now()
        )
        current = _reload(row)
        if not changed:
            raise StaleVersion(current)
        record(current, AnnotationRevision.Action.UPDATED, user, reason)
    return current


def delete(row: Annotation, user: Any, version: int) -> None:
    """Deletes the object if it still has `version`. Raises StaleVersion."""
    with transaction.atomic():
        deleted, _ = Annotation.objects.filter(pk=row.pk, version=version).delete()
        if not deleted:
            raise StaleVersion(_reload(row))
        row.version = version + 1
        record(row, AnnotationRevision.Action.DELETED, user)


def stored(pk: uuid.UUID) -> Annotation | None:
    """The object as it is now."""
    rows = Annotation.objects.select_related("image", "label", "author")
    return rows.filter(pk=pk).first()


def _reload(row: Annotation) -> Annotation:
    current = stored(row.pk)
    if current is None:
        raise Conflict("deleted", "This object was deleted by somebody else.")
    return current


def record(row: Annotation, action: AnnotationRevision.Action, user: Any, reason: str = "") -> None:
    """Keeps the row as it is now, and tells the project."""
    snapshot = {name: getattr(row, name) for name in _COMPARED}
    if action == AnnotationRevision.Action.DELETED:
        snapshot[_MADE] = row.created_at.isoformat()
    AnnotationRevision.objects.create(
        annotation=row.pk,
        image_id=row.image_id,
        version=row.version,
        action=action,
        snapshot=snapshot,
        reason=reason,
        user_id=user.pk,
    )
    review_status.reopen_edited(row.image, user)
    events.publish(row.image.project_id, annotation_changed(action.value, row, user))
