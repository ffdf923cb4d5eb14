"""Embeddings: one for a content, a model and a preprocessing version, whoever asks."""

import math
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction

from ...engines.base import Embedding as EmbeddingArrays
from ...models import Embedding, Image, Job
from ..errors import Conflict, ServiceError
from ..images import encoder_input
from ..inference import engine
from ..jobs import lifecycle, memory_limit, registry
from ..storage.files import delete_files, delete_files_on_commit
from . import eviction, files, leases

# How often a worker looks whether another one has what it needs ready.
_LOOK_SECONDS = 0.03
# For so many seconds those who want something else of a worker wait with it for another one:
# longer than an encoder takes that has begun, not as long as a whole batch.
PATIENCE = 1.0


def row_for(image: Image, region: str = "", key: tuple[str, int] | None = None) -> Embedding | None:
    """The embedding of the image's content, or of the crop of that key, in whatever state, or
    None; by the model of `key` (id, version), else by the current one."""
    return Embedding.objects.of(image.sha256, key or engine.model_key(), region).first()


@registry.requester(Job.Kind.EMBED)
def request(
    image: Image, user: Any = None, *, urgent: bool = False, picture: str = ""
) -> Job | None:
    """Asks for the image's embedding; None when it is there already. `picture` is what
    `encoder_input.hand_over` gave; a new job takes it as its file.

    `urgent` puts it before the batch: somebody has the image open. Asked for twice it is one
    job; an urgent wish moves one that still waits in the batch. Raises Conflict for an image
    that cannot be embedded.
    """
    if image.state != Image.State.READY:
        raise Conflict("not_ready", "The image is not ready yet, or was refused.")
    model, version = engine.model_key()
    with transaction.atomic():
        row, _ = Embedding.objects.select_for_update().get_or_create(
            sha256=image.sha256, model=model, version=version, region=""
        )
        if row.status == Embedding.Status.READY and default_storage.exists(row.file):
            return None
        waiting = _unfinished_job(image, urgent)
        if waiting is not None:
            return waiting
        if row.status != Embedding.Status.RUNNING:
            row.status, row.error = Embedding.Status.QUEUED, ""
            row.save(update_fields=["status", "error"])
        return lifecycle.create(
            Job.Kind.EMBED,
            project=image.project,
            image=image,
            user=user,
            queue=Job.Queue.INTERACTIVE if urgent else Job.Queue.BATCH,
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
    job = image.jobs.unfinished().filter(kind=Job.Kind.EMBED).first()
    if job is not None and urgent:
        lifecycle.prioritize(job)
    return job


def embed(job: Job) -> None:
    """The work of an embed job. Done before by another job, it only completes."""
    image = job.image
    assert image is not None
    # An earlier attempt's worker is gone, and what it was computing with it.
    with _found_or_made(image, job.file, alone=job.attempt > 1, patience=PATIENCE) as row:
        finish(job, row)


def finish(job: Job, row: Embedding) -> None:
    """Stores what was computed for the job and completes it."""
    image, handed = job.image, job.file
    assert image is not None
    try:
        with transaction.atomic():
            stored = _store(row, image)
            lifecycle.complete(job, {"embedding": stored.pk, "bytes": stored.bytes})
            delete_files_on_commit([handed])
    except lifecycle.LostLease:
        # Deleted meanwhile, perhaps: then nothing holds the row that was made any more.
        with transaction.atomic():
            eviction.drop_unheld_of([image.sha256])
        raise
    finally:
        _drop_if_unused(row)


def ready_row(image: Image) -> Embedding | None:
    """The current model's embedding of the image if it is there, file and all."""
    row = row_for(image)
    if row is None or row.status != Embedding.Status.READY:
        return None
    if not default_storage.exists(row.file):
        eviction.forget(row)
        return None
    return row


@contextmanager
def _found_or_made(
    image: Image, picture: str = "", *, alone: bool = False, patience: float = math.inf
) -> Iterator[Embedding]:
    """The ready embedding, or the row (not saved) of one that is computed here and now; in the
    block nobody else begins with it. Waits for another worker that is computing it, unless
    `alone`; after `patience` seconds it raises lifecycle.RetryLater, so that what others want
    goes on."""
    end = time.monotonic() + patience
    while True:
        row = ready_row(image)
        if row is not None:
            yield row
            return
        lease = leases.take(image, alone=alone)
        if lease is not None:
            with closing(lease):
                yield _compute(image, picture)
            return
        if time.monotonic() > end:
            raise lifecycle.RetryLater
        time.sleep(_LOOK_SECONDS)


def _compute(image: Image, picture: str) -> Embedding:
    pixels = encoder_input.picture_of(image, picture)
    with memory_limit.lifted():
        arrays = engine.current().embed([pixels], [(image.width, image.height)])[0]
    return written(image, arrays)


def written(image: Image, arrays: EmbeddingArrays) -> Embedding:
    """Writes the file. The row that is returned is not saved."""
    model, version = arrays.description.model_id, arrays.description.version
    key, size = files.write(arrays)
    return Embedding(sha256=image.sha256, model=model, version=version, file=key, bytes=size)


def _store(row: Embedding, image: Image) -> Embedding:
    """Makes `row` the content's embedding, unless another job was first: then that one is."""
    first = ready_row(image)
    if first is None:
        first, _ = Embedding.objects.update_or_create(
            sha256=row.sha256,
            model=row.model,
            version=row.version,
            region="",
            defaults={
                "status": Embedding.Status.READY,
                "error": "",
                "file": row.file,
                "bytes": row.bytes,
                "used_at": row.used_at,
                "lease_ms": 0,
            },
        )
    eviction.publish(image.sha256, Embedding.Status.READY)
    return first


def _drop_if_unused(row: Embedding) -> None:
    """Deletes a computed file that no row took: another job was first, or the lease was lost."""
    if not Embedding.objects.filter(file=row.file).exists():
        delete_files([row.file])


def failed(job: Job, code: str, message: str) -> None:
    """Notes that the embedding could not be made, and tells."""
    if job.image is None:
        return
    leases.of_content(job.image).exclude(status=Embedding.Status.READY).update(
        status=Embedding.Status.FAILED, error=message[:500], lease_ms=0
    )
    eviction.publish(job.image.sha256, Embedding.Status.FAILED, message)
    delete_files_on_commit([job.file])


def ensure(image: Image, patience: float = math.inf) -> Embedding:
    """A ready embedding, computed here and now when there is none. Workers only.

    Raises ServiceError when the image cannot be embedded, or was deleted meanwhile, and
    lifecycle.RetryLater when another worker computes it for longer than `patience` seconds.
    """
    if image.state != Image.State.READY:
        raise ServiceError("not_ready", "The image is not ready yet, or was refused.")
    with _found_or_made(image, patience=patience) as row:
        if row.pk is not None:
            return row
        row = _stored_while_there(row, image)
    eviction.evict()
    return row


def _stored_while_there(row: Embedding, image: Image) -> Embedding:
    try:
        with transaction.atomic():
            if Image.objects.select_for_update().filter(pk=image.pk).exists():
                return _store(row, image)
    finally:
        _drop_if_unused(row)
    with transaction.atomic():
        eviction.drop_unheld_of([image.sha256])
    raise ServiceError("image_gone", "The image was deleted meanwhile.")
