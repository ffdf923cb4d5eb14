"""Files that no row knows go after a day; all others stay."""

import os
import time

import pytest
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from annotations.models import Embedding, Image, Job, Project, SourceFile, StoredFile, now_ms
from annotations.services.storage import orphans
from annotations.services.storage.files import new_key


def _stored(folder: str, age_s: float = 2 * orphans.AGE_SECONDS) -> str:
    key = default_storage.save(new_key(folder), ContentFile(b"x"))
    old = time.time() - age_s
    os.utime(default_storage.path(key), (old, old))
    return key


@pytest.mark.django_db
def test_only_old_files_without_a_row_are_removed() -> None:
    original, preview, embedding = (_stored(f) for f in ("originals", "derived", "embeddings"))
    project = Project.objects.create(name="Kept")
    Image.objects.create(
        project=project, name="a", sha256="0" * 64, width=1, height=1, bytes=1,
        mime_type="image/png", original=original, preview=preview,
    )  # fmt: skip
    Embedding.objects.create(sha256="0" * 64, model="m", version=1, file=embedding)
    user = get_user_model().objects.create_user("owner")
    stored, painted = _stored("shared"), _stored("shared")
    StoredFile.objects.create(user=user, file=stored, mime_type="image/png", bytes=1)
    Job.objects.create(kind=Job.Kind.COLOUR, queue="io", user=user, file=painted)
    young = _stored("work", age_s=60)
    lost = [_stored("work"), _stored("derived"), _stored("originals"), _stored("shared")]
    assert orphans.remove_orphans() >= len(lost)
    assert not any(default_storage.exists(key) for key in lost)
    kept = (original, preview, embedding, stored, painted, young)
    assert all(default_storage.exists(key) for key in kept)


@pytest.mark.django_db(transaction=True)
def test_parts_of_uploads_that_nobody_goes_on_with_are_removed() -> None:
    project = Project.objects.create(name="Parts")
    rows = []
    for age_ms in (49 * 3600 * 1000, 60_000):
        parts = {"1": [_stored("parts"), 1]}
        rows.append(
            SourceFile.objects.create(
                project=project,
                name="a.png",
                upload="u",
                upload_open=True,
                part_count=2,
                parts=parts,
                updated_ms=now_ms() - age_ms,
            )
        )
    orphans.remove_orphans()
    assert all(default_storage.exists(row.part_keys[0]) for row in rows)
    orphans.drop_abandoned_parts()
    assert [default_storage.exists(row.part_keys[0]) for row in rows] == [False, True]
    rows[0].refresh_from_db()
    assert (rows[0].parts, rows[0].upload_open) == ({}, False)
    project.delete()
    assert not default_storage.exists(rows[1].part_keys[0])
