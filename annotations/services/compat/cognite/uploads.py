"""Content for declared files: whole or in parts, each address good for one upload."""

import tempfile
import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from ....models import Image, SourceFile, now_ms
from ...errors import Conflict, ImageRefused, Invalid, ServiceError
from ...images import upload as image_upload
from ...storage.files import delete_files, delete_files_on_commit, new_key, stored_with
from . import files

MAX_PARTS = 250
_CHUNK = 1 << 20


class Gone(ServiceError):
    """The file that the content is for was deleted."""

    status = 404

    def __init__(self) -> None:
        super().__init__("file_gone", "The file that this address is for was deleted.")


def open_upload(row: SourceFile, parts: int = 0) -> str:
    """Begins an upload of the file's content, in so many parts (0: whole); its name. Addresses
    of earlier uploads of this file end."""
    delete_files_on_commit(row.part_keys)
    row.upload, row.upload_open = uuid.uuid4().hex, True
    row.part_count, row.parts = parts, {}
    with transaction.atomic():
        row.save(update_fields=["upload", "upload_open", "part_count", "parts"])
    return row.upload


def _used() -> Conflict:
    return Conflict(
        "address_used", "This upload address was used already, or a newer one replaced it."
    )


def _claim(pk: int, upload: str) -> None:
    """Closes the upload for all others. Raises Conflict when somebody was first."""
    rows = SourceFile.objects.filter(pk=pk)
    if not rows.filter(upload=upload, upload_open=True).update(upload_open=False):
        raise _used() if rows.exists() else Gone()


def _reopen(pk: int, upload: str, **fields: Any) -> None:
    SourceFile.objects.filter(pk=pk, upload=upload).update(upload_open=True, **fields)


def put_whole(row: SourceFile, upload: str, user: Any, file: File) -> Image:
    """Takes the file's bytes. What is refused leaves the address open for another try.

    Raises Conflict for a used address, Gone, or ImageRefused.
    """
    _claim(row.pk, upload)
    try:
        return _take(row, user, file)
    except BaseException:
        _reopen(row.pk, upload)
        raise


def _take(row: SourceFile, user: Any, file: File) -> Image:
    taken = image_upload.accept(row.project, user, row.name, file)
    with transaction.atomic():
        current = SourceFile.objects.select_for_update().filter(pk=row.pk).first()
        if current is None:
            if not taken.duplicate:
                taken.image.delete()
        else:
            _link(current, taken)
    if current is None:
        raise Gone
    return taken.image


def _link(row: SourceFile, taken: image_upload.Accepted) -> None:
    image = taken.image
    if row.image_id != image.pk:
        files.let_go(row, spare_annotated=True)
        row.image, row.made = image, not taken.duplicate
        if row.made and row.external_id:
            image.external_id = row.external_id
            image.save(update_fields=["external_id"])
    row.uploaded_ms = row.updated_ms = now_ms()
    row.save(update_fields=["image", "made", "uploaded_ms", "updated_ms"])


# --- Parts ---------------------------------------------------------------------------------------


def put_part(row: SourceFile, upload: str, number: int, file: File) -> None:
    """Keeps one part (1 to `part_count`) until the upload is completed.

    Raises Conflict for a used address, Gone, or ImageRefused when all together are too large.
    """
    size = file.size
    key = default_storage.save(new_key("parts"), file)
    with stored_with([key]):
        current = SourceFile.objects.select_for_update().filter(pk=row.pk).first()
        if current is None:
            raise Gone
        used = str(number) in current.parts
        if used or current.upload != upload or not current.upload_open:
            raise _used()
        if size + sum(held for _, held in current.parts.values()) > settings.SEGWEB_MAX_BYTES:
            limit = settings.SEGWEB_MAX_BYTES / 1e6
            raise ImageRefused(
                "too_large", f"The parts are too large together; at most {limit:g} MB are taken."
            )
        current.parts[str(number)] = [key, size]
        current.updated_ms = now_ms()
        current.save(update_fields=["parts", "updated_ms"])


def complete(row: SourceFile, upload: str, user: Any) -> None:
    """Joins the parts in their order. Asked for twice it is done once.

    Raises Invalid for another upload's name or while parts are missing, and ImageRefused.
    """
    if row.part_count == 0 or row.upload != upload:
        raise Invalid("unknown_upload", "The file has no such upload in parts.", "uploadId")
    if not row.upload_open and row.image_id is not None:
        return
    missing = [n for n in range(1, row.part_count + 1) if str(n) not in row.parts]
    if missing:
        named = ", ".join(str(n) for n in missing[:10])
        raise Invalid("missing_parts", f"Parts have not arrived: {named}.", "uploadId")
    _claim(row.pk, upload)
    keys = [row.parts[str(n)][0] for n in range(1, row.part_count + 1)]
    try:
        with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as whole:
            _join(keys, whole)
            _take(row, user, File(whole, row.name))
    except ImageRefused:
        # They are of no use: other bytes may be sent to the same addresses.
        _reopen(row.pk, upload, parts={})
        delete_files(keys)
        raise
    except BaseException:
        _reopen(row.pk, upload)
        raise
    SourceFile.objects.filter(pk=row.pk, upload=upload).update(parts={})
    delete_files(keys)


def _join(keys: Iterable[str], whole: Any) -> None:
    for key in keys:
        with default_storage.open(key, "rb") as part:
            while chunk := part.read(_CHUNK):
                whole.write(chunk)
    whole.seek(0)
