"""Files by the names that programs give them: declared, found, listed, deleted.

An image that was added elsewhere is a file too, known by its own id.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q

from ....models import FIRST_FILE_ID, Image, Project, SourceFile, now_ms
from ...errors import ServiceError
from ...transactions import retried

_MAX_ID = 2**53


@dataclass(frozen=True)
class Ref:
    """How a request names a file: by one of the two."""

    id: int | None = None
    external_id: str | None = None


@dataclass(frozen=True)
class Filed:
    """A file as clients see it: declared by one (`row`), or an image that came otherwise."""

    row: SourceFile | None
    image: Image | None

    @property
    def id(self) -> int:
        return self._image.pk if self.row is None else self.row.public_id

    @property
    def _image(self) -> Image:
        assert self.image is not None
        return self.image

    @property
    def name(self) -> str:
        return self._image.name if self.row is None else self.row.name

    @property
    def external_id(self) -> str | None:
        return (self._image.external_id or None) if self.row is None else self.row.external_id

    @property
    def mime_type(self) -> str | None:
        """The declared one, else the content's."""
        declared = "" if self.row is None else self.row.mime_type
        return declared or (None if self.image is None else self.image.mime_type)

    @property
    def metadata(self) -> dict[str, str] | None:
        return None if self.row is None else self.row.metadata

    @property
    def created_ms(self) -> int:
        return self._image_ms if self.row is None else self.row.created_ms

    @property
    def updated_ms(self) -> int:
        return self._image_ms if self.row is None else self.row.updated_ms

    @property
    def uploaded_ms(self) -> int | None:
        return self._image_ms if self.row is None else self.row.uploaded_ms

    @property
    def _image_ms(self) -> int:
        return int(self._image.created_at.timestamp() * 1000)


class UnknownFiles(ServiceError):
    """Some of the files that a request names are not there; `refs` are those."""

    def __init__(self, refs: Sequence[Ref]) -> None:
        super().__init__("unknown_files", "There are no such files in this project.", "items")
        self.refs = refs


class DuplicateFile(ServiceError):
    """Another file of the project has the external id already."""

    status = 409

    def __init__(self, external_id: str) -> None:
        message = "The project has a file with this external id already."
        super().__init__("duplicate_external_id", message, "externalId")
        self.external_id = external_id


@dataclass(frozen=True)
class Declared:
    """What a client tells of a file before it sends it."""

    name: str
    external_id: str | None = None
    mime_type: str = ""
    metadata: dict[str, str] | None = None


@dataclass(frozen=True)
class Filter:
    """What listed files must be; None: whatever."""

    name: str | None = None
    mime_type: str | None = None
    external_id_prefix: str | None = None
    uploaded: bool | None = None
    # Of created, updated and uploaded: the least and the most epoch milliseconds.
    times: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)


# --- Finding -------------------------------------------------------------------------------------


def find(project: Project, refs: Sequence[Ref]) -> dict[Ref, Filed]:
    """The project's files of these names. Raises nothing: those that are not there are left out."""
    ids = {ref.id for ref in refs if ref.id is not None and 0 < ref.id < _MAX_ID}
    names = {ref.external_id for ref in refs if ref.external_id is not None}
    declared = [pk - FIRST_FILE_ID for pk in ids if pk > FIRST_FILE_ID]
    native = [pk for pk in ids if pk < FIRST_FILE_ID]
    found: dict[Ref, Filed] = {}
    images = Image.objects.filter(project=project)
    for image in images.filter(Q(pk__in=native) | Q(external_id__in=names)).order_by("-pk"):
        found[Ref(id=image.pk)] = Filed(None, image)
        found[Ref(external_id=image.external_id)] = Filed(None, image)
    rows = SourceFile.objects.filter(project=project).select_related("image")
    for row in rows.filter(Q(pk__in=declared) | Q(external_id__in=names)):
        found[Ref(id=row.public_id)] = Filed(row, row.image)
        found[Ref(external_id=row.external_id)] = Filed(row, row.image)
    return {ref: found[ref] for ref in refs if ref in found}


def find_all(project: Project, refs: Sequence[Ref]) -> list[Filed]:
    """The files in the order of `refs`. Raises UnknownFiles unless all of them are there."""
    found = find(project, refs)
    if missing := [ref for ref in refs if ref not in found]:
        raise UnknownFiles(missing)
    return [found[ref] for ref in refs]


def page(project: Project, wanted: Filter, after: int, limit: int) -> tuple[list[Filed], bool]:
    """At most `limit` files with ids above `after`, by id, and whether more follow. An image
    with declared files is listed as those alone."""
    found: list[Filed] = []
    if after < FIRST_FILE_ID:
        images = _images(project, wanted).filter(pk__gt=after).order_by("pk")
        found = [Filed(None, image) for image in images[: limit + 1]]
    if len(found) <= limit:
        rows = _rows(project, wanted).filter(pk__gt=max(0, after - FIRST_FILE_ID)).order_by("pk")
        found += [Filed(row, row.image) for row in rows[: limit + 1 - len(found)]]
    return found[:limit], len(found) > limit


def _images(project: Project, wanted: Filter) -> Any:
    declared = SourceFile.objects.filter(image=OuterRef("pk"))
    rows = Image.objects.filter(~Exists(declared), project=project)
    if wanted.uploaded is False:
        return rows.none()
    if wanted.mime_type is not None:
        rows = rows.filter(mime_type=wanted.mime_type)
    for low, high in wanted.times.values():
        if low is not None:
            rows = rows.filter(created_at__gte=_moment(low))
        if high is not None:
            rows = rows.filter(created_at__lt=_moment(high + 1))
    return _named(rows, wanted)


def _rows(project: Project, wanted: Filter) -> Any:
    rows = SourceFile.objects.filter(project=project).select_related("image")
    if wanted.uploaded is not None:
        rows = rows.filter(image__isnull=not wanted.uploaded)
    if wanted.mime_type is not None:
        own = Q(mime_type=wanted.mime_type)
        rows = rows.filter(own | Q(mime_type="", image__mime_type=wanted.mime_type))
    for name, (low, high) in wanted.times.items():
        if low is not None:
            rows = rows.filter(**{f"{name}_ms__gte": low})
        if high is not None:
            rows = rows.filter(**{f"{name}_ms__lte": high})
    return _named(rows, wanted)


def _named(rows: Any, wanted: Filter) -> Any:
    if wanted.name is not None:
        rows = rows.filter(name=wanted.name)
    if wanted.external_id_prefix is not None:
        rows = rows.filter(external_id__startswith=wanted.external_id_prefix)
    return rows


def _moment(ms: int) -> Any:
    from datetime import UTC, datetime

    # The year 9999 is as far as a moment goes.
    return datetime.fromtimestamp(min(ms, 253_402_300_799_000) / 1000, UTC)


# --- Declaring and deleting ----------------------------------------------------------------------


def declare(project: Project, declared: Declared, *, overwrite: bool) -> SourceFile:
    """A file that waits for its content. With `overwrite` one of the same external id is
    changed instead: it keeps its content until another one has arrived.

    Raises DuplicateFile.
    """
    try:
        with transaction.atomic():
            row = _existing(project, declared.external_id, overwrite)
            if row is None:
                row = SourceFile(project=project, external_id=declared.external_id)
            row.name, row.mime_type = declared.name, declared.mime_type
            if declared.metadata is not None:
                row.metadata = declared.metadata
            row.updated_ms = now_ms()
            row.save()
    except IntegrityError:
        # Two of one external id at the same moment: the other one was first.
        raise DuplicateFile(declared.external_id or "") from None
    return row


def _existing(project: Project, external_id: str | None, overwrite: bool) -> SourceFile | None:
    if external_id is None:
        return None
    row = SourceFile.objects.filter(project=project, external_id=external_id).first()
    image = Image.objects.filter(project=project, external_id=external_id).first()
    if (row or image) and not overwrite:
        raise DuplicateFile(external_id)
    if row is None and image is not None:
        at = Filed(None, image).created_ms
        row = SourceFile(
            project=project, external_id=external_id, image=image, uploaded_ms=at, created_ms=at
        )
    return row


def delete(files: Iterable[Filed]) -> None:
    """Deletes the files, and the images that came by them unless another file has them too."""
    # One file may be named by its id and by its external id.
    named = {filed.id: filed for filed in files}

    def work() -> None:
        rows = {n: filed.row.pk for n, filed in named.items() if filed.row is not None}
        for row in SourceFile.objects.filter(pk__in=rows.values()).order_by("pk"):
            let_go(row)
            row.delete()
        bare = [filed.image.pk for n, filed in named.items() if n not in rows and filed.image]
        for image in Image.objects.filter(pk__in=bare).order_by("pk"):
            image.delete()

    retried(work)


def let_go(row: SourceFile, *, spare_annotated: bool = False) -> None:
    """The row's image is no longer its content: it goes when it came by this file and no other
    has it. `spare_annotated`: not when people have worked on it."""
    image = row.image
    if image is None:
        return
    row.image = None
    other = image.sources.exclude(pk=row.pk).first()
    keep = spare_annotated and image.annotations.exists()
    if row.made and other is None and not keep:
        # The row itself would go with its image.
        SourceFile.objects.filter(pk=row.pk).update(image=None)
        image.delete()
        return
    if row.made and other is not None:
        SourceFile.objects.filter(pk=other.pk).update(made=True)
    if row.external_id and image.external_id == row.external_id:
        image.external_id = (other.external_id if other else None) or ""
        image.save(update_fields=["external_id"])
