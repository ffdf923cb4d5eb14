"""Embeddings of crops of large images: what is small on the whole is large there.

They lie in the same store as those of whole images, with the same limits. Their pixels come from
the image's tiles, so that no worker decodes a large file for them.
"""

from typing import Any

from django.db import transaction
from PIL import Image as PILImage

from ...domain.crops import CropWindow, parse
from ...domain.frame import ImageFrame
from ...domain.logits import Logits, rle_from_logits
from ...domain.rle import Rle
from ...models import Embedding, Image, Job, now_ms
from ..errors import Conflict, ServiceError
from ..images import tiles
from ..inference import engine
from ..jobs import lifecycle, memory_limit, registry
from ..storage.files import delete_files
from . import compute, eviction

_RETRY_MS = 300


def window_of(image: Image, value: Any) -> CropWindow:
    """The window that a client named. Raises DomainError, or Conflict for an image that is too
    small for crops."""
    window = parse(value, image.width, image.height)
    if not tiles.worth(image):
        raise Conflict("small_image", "The image is too small for regions of its own.", "region")
    return window


def row_for(image: Image, window: CropWindow) -> Embedding | None:
    """The current model's embedding of the crop if it is there."""
    row = compute.row_for(image, window.key)
    return row if row is not None and row.status == Embedding.Status.READY else None


def request(image: Image, user: Any, window: CropWindow) -> Job | None:
    """Asks for the crop's embedding; None when it is there. Whoever asks looks at it now: what
    they asked for before and still waits is dropped, unless others wait for it, too. Raises
    Conflict for an image that is not ready."""
    if image.state != Image.State.READY:
        raise Conflict("not_ready", "The image is not ready yet, or was refused.")
    if row_for(image, window) is not None:
        return None
    wanted, same = window.to_json(), None
    with transaction.atomic():
        # Locked: no worker takes one of them between the look at it and its end.
        waiting = image.jobs.unfinished().filter(kind=Job.Kind.CLOSEUP)
        for job in waiting.select_for_update():
            if job.params["region"] == wanted:
                same = job
            elif job.status == Job.Status.QUEUED:
                _leave(job, user.pk)
        if same is not None:
            _join(same, user.pk)
            return same
        return lifecycle.create(
            Job.Kind.CLOSEUP, project=image.project, image=image, user=user,
            params={"region": wanted, "askers": [user.pk]}, ephemeral=True,
        )  # fmt: skip


def _askers(job: Job) -> list[int]:
    """The ids of those who wait for it."""
    return list(job.params.get("askers", [job.user_id]))


def _join(job: Job, asker: int) -> None:
    """It is of use for as long as to the one who asked last."""
    job.params["askers"] = [*(each for each in _askers(job) if each != asker), asker]
    job.expires_ms = now_ms() + lifecycle.EPHEMERAL_MS
    job.save(update_fields=["params", "expires_ms"])


def _leave(job: Job, asker: int) -> None:
    """Somebody looks elsewhere; what nobody waits for any more goes."""
    left = [each for each in _askers(job) if each != asker]
    if not left:
        job.delete()
    elif asker in _askers(job):
        job.params["askers"] = left
        job.save(update_fields=["params"])


@registry.job_handler(Job.Kind.CLOSEUP, queue=Job.Queue.INTERACTIVE, title="Close-up")
def make(job: Job) -> None:
    """The work of a job that embeds a crop."""
    image = job.image
    assert image is not None
    window = CropWindow(*job.params["region"])
    row = row_for(image, window) or _made(image, window, job.user)
    with transaction.atomic():
        lifecycle.complete(job, {"embedding": row.pk, "bytes": row.bytes})
    eviction.evict()


def ensure(image: Image, window: CropWindow, user: Any) -> Embedding:
    """A ready embedding, computed here and now when there is none. Workers only. Raises
    ServiceError, and lifecycle.RetryLater while the image's tiles are made."""
    row = row_for(image, window)
    if row is None:
        row = _made(image, window, user)
        eviction.evict()
    return row


def mask_of(logits: Logits, frame: ImageFrame, image: Image, window: CropWindow | None) -> Rle:
    """The mask on the whole image of low-resolution logits over `frame`, which shows the window,
    or all of it."""
    offset = (0, 0) if window is None else (window.x, window.y)
    return rle_from_logits(logits, frame, offset=offset, size=(image.width, image.height))


def _made(image: Image, window: CropWindow, user: Any) -> Embedding:
    picture = picture_of(image, window, user)
    size = (window.width, window.height)
    with memory_limit.lifted():
        arrays = engine.current().embed([picture], [size])[0]
    row = compute.written(image, arrays)
    row.region = window.key
    return _stored(row, image)


def picture_of(image: Image, window: CropWindow, user: Any) -> PILImage.Image:
    """What the encoder looks at. Raises ServiceError, and lifecycle.RetryLater while the image's
    tiles are made."""
    try:
        image.refresh_from_db(fields=["pyramid"])
    except Image.DoesNotExist as error:
        raise _gone() from error
    model = engine.frame()
    # At least as many pixels as the encoder takes, where the image has them.
    step = max(1, max(window.width, window.height) // model.side)
    try:
        found = tiles.part(image, window.x, window.y, window.width, window.height, step)
    except tiles.NoTile:
        _want_tiles(image, user)
    frame = model.of(window.width, window.height)
    return found.resize((frame.input_width, frame.input_height), PILImage.Resampling.BILINEAR)


def _gone() -> ServiceError:
    return ServiceError("image_gone", "The image was deleted meanwhile.")


def _want_tiles(image: Image, user: Any) -> None:
    """Raises lifecycle.RetryLater until there are tiles, ServiceError where there will be none."""
    last = image.jobs.filter(kind=Job.Kind.PYRAMID).order_by("-pk").first()
    if last is not None and last.status == Job.Status.FAILED:
        raise ServiceError("no_tiles", f"The image has no tiles: {last.error_message}")
    tiles.request(image, user)
    raise lifecycle.RetryLater(_RETRY_MS)


def _stored(row: Embedding, image: Image) -> Embedding:
    """Makes `row` the crop's embedding, unless another worker was first."""
    kept: Embedding | None = None
    try:
        with transaction.atomic():
            if Image.objects.select_for_update().filter(pk=image.pk).exists():
                kept, _ = Embedding.objects.get_or_create(
                    sha256=row.sha256, model=row.model, version=row.version, region=row.region,
                    defaults={
                        "status": Embedding.Status.READY, "file": row.file, "bytes": row.bytes,
                    },
                )  # fmt: skip
    finally:
        if kept is None or kept.file != row.file:
            delete_files([row.file])
    if kept is None:
        raise _gone()
    return kept
