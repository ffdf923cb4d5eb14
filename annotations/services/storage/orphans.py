"""Files that no row knows: what a process killed between writing and committing leaves."""

import os
import time
from collections.abc import Iterator

from django.core.files.storage import FileSystemStorage, default_storage
from django.db import transaction

from ...models import Embedding, Image, Job, SourceFile, StoredFile, now_ms
from .files import delete_files, delete_files_on_commit

FOLDERS = (
    "originals", "derived", "pyramids", "work", "embeddings", "exports", "shared", "parts",
)  # fmt: skip
# Far longer than any transaction: what is younger may be about to get its row.
AGE_SECONDS = 24 * 3600
# An upload in parts that nobody has gone on with for so long is over.
_ABANDONED_MS = 48 * 3600 * 1000


def remove_orphans(older_than_s: float = AGE_SECONDS) -> int:
    """Deletes old files in our folders that no row names; how many. Local storage only: other
    stores have rules of their own for this."""
    if not isinstance(default_storage, FileSystemStorage):
        return 0
    old = set(_old_keys(time.time() - older_than_s))
    if not old:
        return 0
    orphans = old - _known_keys()
    delete_files(orphans)
    return len(orphans)


def _old_keys(limit: float) -> Iterator[str]:
    root = default_storage.path("")
    for folder in FOLDERS:
        for parent, _, names in os.walk(os.path.join(root, folder)):
            for name in names:
                path = os.path.join(parent, name)
                try:
                    if os.path.getmtime(path) < limit:
                        yield os.path.relpath(path, root)
                except FileNotFoundError:
                    continue  # deleted meanwhile, as it should be


def _known_keys() -> set[str]:
    """Every storage key that a row holds."""
    keys: set[str] = set()
    columns = ("original", "preview", "thumbnail", "pyramid")
    for row in Image.objects.values_list(*columns).iterator():
        keys.update(row)
    keys.update(Job.objects.exclude(file="").values_list("file", flat=True))
    keys.update(Embedding.objects.exclude(file="").values_list("file", flat=True))
    keys.update(StoredFile.objects.values_list("file", flat=True))
    for source in SourceFile.objects.exclude(parts={}).iterator():
        keys.update(source.part_keys)
    return keys


def drop_abandoned_parts() -> None:
    """Deletes the parts of uploads that nobody has gone on with for long."""
    rows = SourceFile.objects.filter(part_count__gt=0, updated_ms__lt=now_ms() - _ABANDONED_MS)
    for row in rows.exclude(parts={}):
        with transaction.atomic():
            delete_files_on_commit(row.part_keys)
            SourceFile.objects.filter(pk=row.pk, upload=row.upload).update(
                parts={}, upload_open=False
            )
