"""Exports: a dataset as a file, made by a job."""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.text import slugify

from ...exporters import base
from ...exporters import registry as formats
from ...models import Annotation, Image, Job, Project
from ..errors import Invalid
from ..jobs import lifecycle, registry
from ..storage.files import new_key, stored_with

_PROGRESS_STEP = 0.02
_IMAGES_AT_ONCE = 20


def request(project: Project, user: Any, options: dict[str, Any]) -> Job:
    """Queues an export. `options`: `format`, `segmentation`, `images`, `ids` (None: all)."""
    ids = options.get("ids")
    if ids is not None:
        known = set(Image.objects.filter(project=project, pk__in=ids).values_list("pk", flat=True))
        if missing := set(ids) - known:
            raise Invalid("unknown_image", f"The project has no image {min(missing)}.", "ids")
    with transaction.atomic():
        return lifecycle.create(Job.Kind.EXPORT, project=project, user=user, params=options)


def images_of(job: Job) -> Any:
    rows = Image.objects.filter(project_id=job.project_id, state=Image.State.READY)
    ids = job.params.get("ids")
    return (rows if ids is None else rows.filter(pk__in=ids)).order_by("pk")


@registry.job_handler(Job.Kind.EXPORT, queue=Job.Queue.IO, title="Export")
def export(job: Job) -> None:
    """The work of an export job."""
    with tempfile.TemporaryFile() as file:
        _write(job, file)
        size, digest = _size_and_digest(file)
        key = default_storage.save(new_key("exports"), File(file))
    zipped = bool(job.params.get("images"))
    name = f"{slugify(job.project.name) or 'project'}-coco{'.zip' if zipped else '.json'}"
    result = {
        "url": f"/api/jobs/{job.pk}/download",
        "bytes": size,
        "sha256": digest,
        "name": name,
        "mimeType": "application/zip" if zipped else "application/json",
    }
    with stored_with([key]):
        lifecycle.complete(job, result, file=key)


def _write(job: Job, file: BinaryIO) -> None:
    names = file_names(images_of(job).values_list("pk", "name"))
    dataset = _dataset(job, names)
    tell = _teller(job)
    if not job.params.get("images"):
        formats.write(job.params["format"], dataset, file, tell)
        return
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("annotations.json", "w", force_zip64=True) as entry:
            formats.write(job.params["format"], dataset, entry, lambda p: tell(p / 2))
        _add_images(job, archive, names, lambda p: tell(0.5 + p / 2))


def _add_images(
    job: Job, archive: zipfile.ZipFile, names: dict[int, str], tell: Callable[[float], None]
) -> None:
    for done, image in enumerate(list(images_of(job)), 1):
        info = zipfile.ZipInfo(f"images/{names[image.pk]}")
        # Pictures are compressed already.
        info.compress_type = zipfile.ZIP_STORED
        with _original(image) as source, archive.open(info, "w", force_zip64=True) as entry:
            while chunk := source.read(1 << 20):
                entry.write(chunk)
        tell(done / max(1, len(names)))


@contextmanager
def _original(image: Image) -> Iterator[Any]:
    with default_storage.open(image.original, "rb") as file:
        yield file


def _teller(job: Job) -> Callable[[float], None]:
    last = 0.0

    def tell(share: float) -> None:
        nonlocal last
        if share - last >= _PROGRESS_STEP:
            last = share
            lifecycle.progress(job, min(share, 0.99))

    return tell


def file_names(rows: Any) -> dict[int, str]:
    """A file name for each image, unique and safe inside an archive; the id tells twins apart."""
    taken: set[str] = set()
    names: dict[int, str] = {}
    for pk, name in rows:
        plain = name.replace("/", "_").replace("\\", "_").lstrip(".") or f"image-{pk}"
        if plain.lower() in taken:
            stem, dot, suffix = plain.rpartition(".")
            plain = f"{stem}-{pk}.{suffix}" if dot else f"{plain}-{pk}"
        taken.add(plain.lower())
        names[pk] = plain
    return names


def _dataset(job: Job, names: dict[int, str]) -> base.Dataset:
    labels = list(job.project.labels.all())
    category = {label.pk: number for number, label in enumerate(labels, 1)}
    return base.Dataset(
        name=job.project.name,
        categories=[base.Category(category[label.pk], label.name) for label in labels],
        images=lambda: _images(job, names),
        annotations=lambda: _annotations(job, category),
        annotation_count=Annotation.objects.filter(image__in=images_of(job)).count(),
        segmentation=job.params["segmentation"],
    )


def _images(job: Job, names: dict[int, str]) -> Iterator[base.ImageRecord]:
    for pk, width, height in images_of(job).values_list("pk", "width", "height"):
        yield base.ImageRecord(pk, names[pk], width, height)


def _annotations(job: Job, category: dict[int, int]) -> Iterator[base.AnnotationRecord]:
    """Image by image. No cursor stays open in between: the job's progress is written meanwhile,
    and SQLite refuses to write behind a reader whose view has become old."""
    columns = (
        "image_id", "label_id", "image__height", "image__width", "counts",
        "attributes", "bbox_x", "bbox_y", "bbox_w", "bbox_h", "area",
    )  # fmt: skip
    ids = list(images_of(job).values_list("pk", flat=True))
    for start in range(0, len(ids), _IMAGES_AT_ONCE):
        some = Annotation.objects.filter(image_id__in=ids[start : start + _IMAGES_AT_ONCE])
        for row in list(some.order_by("image_id", "created_at", "id").values_list(*columns)):
            image, label, height, width, counts, attributes, *bbox, area = row
            yield base.AnnotationRecord(
                image, category[label], height, width, counts, bbox, area, attributes
            )


def _size_and_digest(file: BinaryIO) -> tuple[int, str]:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return size, digest
