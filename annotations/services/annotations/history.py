"""What became of objects: every version of one, those that were deleted, and the way back."""

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from ...domain.rle import Rle
from ...models import Annotation, AnnotationRevision, Image, Label, mask_columns
from ..errors import Conflict, Invalid, StaleVersion
from . import edit


@dataclass(frozen=True)
class Version:
    """One revision, and what it changed of the version before it: names of the API's fields."""

    row: AnnotationRevision
    changed: list[str]


def versions(rows: list[AnnotationRevision], older: AnnotationRevision | None) -> list[Version]:
    """The revisions of one object, newest first; `older` is the one before the last of them."""
    before: list[AnnotationRevision | None] = [*rows[1:], older]
    return [
        Version(row, _changed(row, previous)) for row, previous in zip(rows, before, strict=True)
    ]


def _changed(row: AnnotationRevision, before: AnnotationRevision | None) -> list[str]:
    if before is None or row.action != AnnotationRevision.Action.UPDATED:
        return []
    old, new = before.snapshot, row.snapshot
    names = {"label_id": "label", "counts": "rle"}
    return [names.get(key, key) for key in new if old.get(key) != new[key]]


def before(row: AnnotationRevision) -> AnnotationRevision | None:
    """The version before this one."""
    rows = AnnotationRevision.objects.filter(annotation=row.annotation, version__lt=row.version)
    return rows.order_by("-version").first()


def deleted(image: Image) -> "QuerySet[AnnotationRevision]":
    """The deletions that nobody took back: one for each object of the image that is gone."""
    later = AnnotationRevision.objects.filter(
        annotation=OuterRef("annotation"), version__gt=OuterRef("version")
    )
    rows = AnnotationRevision.objects.filter(image=image, action=AnnotationRevision.Action.DELETED)
    return rows.exclude(Exists(later)).select_related("image", "user")


def mask(row: AnnotationRevision) -> Rle:
    """The object's mask after this change."""
    return Rle(row.image.height, row.image.width, row.snapshot["counts"])


def restore(
    past: AnnotationRevision, user: Any, version: int, label: int | None = None
) -> Annotation:
    """Makes the object what it was after `past`, as a new version; a deleted one comes back.

    `version` is the newest that whoever asks knows of. `label` is taken where the one of then is
    gone. Raises StaleVersion, Conflict or Invalid.
    """
    if past.image.state == Image.State.REFUSED:
        raise Conflict("refused_image", "A refused image cannot be annotated.")
    fields = _fields(past, label)
    reason = f"Version {past.version} restored"
    with transaction.atomic():
        changed = Annotation.objects.filter(pk=past.annotation, version=version).update(
            **fields, version=version + 1, updated_at=timezone.now()
        )
        current = edit.stored(past.annotation)
        if changed and current is not None:
            edit.record(current, AnnotationRevision.Action.UPDATED, user, reason)
            return current
    if current is not None:
        raise StaleVersion(current)
    return _bring_back(past, user, version, fields, reason)


def _bring_back(
    past: AnnotationRevision, user: Any, version: int, fields: dict[str, Any], reason: str
) -> Annotation:
    stale = Conflict("stale_version", "This object was changed by somebody else.", "version")
    row = Annotation(pk=past.annotation, image=past.image, **fields)
    try:
        with transaction.atomic():
            edit.insert(row)
            # Counted under the row that now is there: nobody else can bring it back as well.
            if row.version != version + 1:
                raise stale
            edit.record(row, AnnotationRevision.Action.CREATED, user, reason)
    except IntegrityError as error:
        raise stale from error
    found = edit.stored(past.annotation)
    if found is None:
        raise stale
    return found


def _fields(past: AnnotationRevision, label: int | None) -> dict[str, Any]:
    """The columns of then."""
    snapshot = past.snapshot
    project = past.image.project_id
    wanted = [snapshot["label_id"], label]
    known = Label.objects.filter(project_id=project, pk__in=[pk for pk in wanted if pk])
    labels = {row.pk: row for row in known}
    chosen = next((labels[pk] for pk in wanted if pk in labels), None)
    if chosen is None:
        raise Invalid(
            "unknown_label", "The label that it had was deleted: name another one.", "label"
        )  # fmt: skip
    plain = {name: snapshot[name] for name in edit.PLAIN if name in snapshot}
    return {**plain, "label_id": chosen.pk, **mask_columns(mask(past))}
