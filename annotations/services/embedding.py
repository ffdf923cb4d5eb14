"""Embeddings: one for a content, a model and a preprocessing version, whoever asks."""

from io import BytesIO
from typing import Any

import numpy as np
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image as PILImage

from .. import events
from ..domain.images import SamFrame
from ..models import Embedding, Image, Job
from . import engine, jobs
from .decoding import Decoded, decode
from .errors import Conflict, ServiceError
from .files import delete_files, delete_files_on_commit, new_key


def row_for(image: Image) -> Embedding | None:
    """The current model's embedding of the image's content, in whatever state, or None."""
    model, version = engine.model_key()
    return Embedding.objects.filter(sha256=image.sha256, model=model, version=version).first()


def status_of(image: Image, status: str | None) -> str:
    """`missing|queued|running|ready|failed` for the API, from the embedding row's status."""
    if image.state == Image.State.PREPARING:
        return "queued"
    return status or "missing"


def request(
    image: Image, user: Any = None, *, urgent: bool = False, picture: str = ""
) -> Job | None:
    """Asks for the image's embedding; None when it is there already. `picture` is what
    `hand_over` gave; a new job takes it as its file.

    `urgent` puts it before the batch: somebody has the image open. Asked for twice it is one
    job, but an urgent wish overtakes a job that still waits in the batch. Raises Conflict for
    an image that cannot be embedded.
    """
    if image.state != Image.State.READY:
        raise Conflict("not_ready", "The image is not ready yet, or was refused.")
    model, version = engine.model_key()
    with transaction.atomic():
        row, _ = Embedding.objects.select_for_update().get_or_create(
            sha256=image.sha256, model=model, version=version
        )
        if row.status == Embedding.Status.READY and default_storage.exists(row.file):
            return None
        waiting = _unfinished_job(image, urgent)
        if waiting is not None:
            return waiting
        if row.status != Embedding.Status.RUNNING:
            row.status, row.error = Embedding.Status.QUEUED, ""
            row.save(update_fields=["status", "error"])
        return jobs.create(
            Job.Kind.EMBED,
            project=image.project,
            image=image,
            user=user,
            queue="interactive" if urgent else "batch",
            file=picture,
        )


def wanted(image: Image, user: Any) -> Job | None:
    """Somebody has the image open and needs its embedding: the job to wait for, or None when
    it is there. An image that is still being prepared gives the job that prepares it."""
    if image.state == Image.State.PREPARING:
        job = image.jobs.unfinished().filter(kind=Job.Kind.PREPARE).first()
        if job is not None:
            return job
        image.refresh_from_db()
    return request(image, user, urgent=True)


def _unfinished_job(image: Image, urgent: bool) -> Job | None:
    running = Job.objects.unfinished().filter(kind=Job.Kind.EMBED, image=image)
    if urgent:
        overtaken = running.filter(status=Job.Status.QUEUED, queue="batch")
        if overtaken.exists():
            running = running.exclude(status=Job.Status.QUEUED, queue="batch")
    return running.first()


def tell(image: Image, status: str, error: str = "") -> None:
    """Publishes the embedding's state to every project that holds the content."""
    for pk, project in Image.objects.filter(sha256=image.sha256).values_list("pk", "project"):
        problem = {"code": "embedding_failed", "message": error} if error else None
        events.publish(
            project,
            "image.updated",
            {"id": pk, "state": Image.State.READY, "embedding": status, "error": problem},
        )


def hand_over(decoded: Decoded) -> str:
    """Stores what the encoder will look at, so that nobody decodes the image a second time;
    its storage key."""
    out = BytesIO()
    np.save(out, np.asarray(_for_model(decoded)))
    return default_storage.save(new_key("work", ".npy"), ContentFile(out.getvalue()))


def _for_model(decoded: Decoded) -> PILImage.Image:
    frame = SamFrame(decoded.width, decoded.height)
    size = (frame.input_width, frame.input_height)
    return decoded.picture.resize(size, PILImage.Resampling.BILINEAR)


def _picture(image: Image, key: str) -> PILImage.Image:
    """What was handed over, or the same made from the original."""
    if key and default_storage.exists(key):
        with default_storage.open(key, "rb") as file:
            return PILImage.fromarray(np.load(file, allow_pickle=False))
    with default_storage.open(image.original, "rb") as file:
        return _for_model(decode(file, settings.SEGWEB_PREVIEW_SIDE))


def embed(job: Job) -> None:
    """The work of an embed job. Done before by another job, it only completes."""
    image = job.image
    assert image is not None
    handed = job.file
    row = ready_row(image) or compute(image, handed)
    try:
        with transaction.atomic():
            stored = _store(row, image)
            jobs.complete(job, {"embedding": stored.pk, "bytes": stored.bytes})
            delete_files_on_commit([handed])
    finally:
        _drop_if_unused(row)


def ready_row(image: Image) -> Embedding | None:
    """The current model's embedding of the image if it is there, file and all."""
    row = row_for(image)
    if row is None or row.status != Embedding.Status.READY or not default_storage.exists(row.file):
        return None
    return row


def compute(image: Image, picture: str = "") -> Embedding:
    """Runs the encoder and writes the file. The row that is returned is not saved."""
    model, version = engine.model_key()
    Embedding.objects.filter(sha256=image.sha256, model=model, version=version).update(
        status=Embedding.Status.RUNNING
    )
    tell(image, Embedding.Status.RUNNING)
    pixels = _picture(image, picture)
    arrays = engine.current().embed([pixels], [(image.width, image.height)])[0]
    key, size = engine.write(arrays)
    return Embedding(sha256=image.sha256, model=model, version=version, file=key, bytes=size)


def _store(row: Embedding, image: Image) -> Embedding:
    """Makes `row` the content's embedding, unless another job was first: then that one is."""
    first = ready_row(image)
    if first is None:
        first, _ = Embedding.objects.update_or_create(
            sha256=row.sha256,
            model=row.model,
            version=row.version,
            defaults={
                "status": Embedding.Status.READY,
                "error": "",
                "file": row.file,
                "bytes": row.bytes,
            },
        )
    tell(image, Embedding.Status.READY)
    return first


def _drop_if_unused(row: Embedding) -> None:
    """Deletes a computed file that no row took: another job was first, or the lease was lost."""
    if not Embedding.objects.filter(file=row.file).exists():
        delete_files([row.file])


def failed(image: Image, message: str) -> None:
    """Notes that the embedding could not be made, and tells."""
    model, version = engine.model_key()
    Embedding.objects.filter(sha256=image.sha256, model=model, version=version).exclude(
        status=Embedding.Status.READY
    ).update(status=Embedding.Status.FAILED, error=message[:500])
    tell(image, Embedding.Status.FAILED, message)


def ensure(image: Image) -> Embedding:
    """A ready embedding, computed here and now when there is none. Workers only.

    Raises ServiceError when the image cannot be embedded.
    """
    if image.state != Image.State.READY:
        raise ServiceError("not_ready", "The image is not ready yet, or was refused.")
    row = ready_row(image)
    if row is not None:
        return row
    row = compute(image)
    try:
        with transaction.atomic():
            return _store(row, image)
    finally:
        _drop_if_unused(row)
