"""From an accepted file to an image that can be shown: the full decode, preview, thumbnail."""

from bisect import bisect
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image as PILImage

from ... import events
from ...models import Embedding, Image, Job
from ...representations.events import image_refused, image_updated
from ..errors import ImageRefused
from ..inference import engine
from ..jobs import lifecycle, registry
from ..storage.files import delete_files_on_commit, new_key, stored_with
from . import encoder_input, tiles
from .decode import Decoded, decode
from .probe import damaged

THUMBNAIL_SIDE = 256
# A preview above this many bytes is packed harder: the page must open quickly.
_PREVIEW_BYTES = 700_000
_QUALITY = 85
_MIN_QUALITY = 50
# Bands of two rows of blocks.
_BANDS, _BAND = 4, 32


def failed(job: Job, code: str, message: str) -> None:
    """An image that cannot be prepared is refused."""
    if job.image is not None:
        refuse(job.image, code, message)


@registry.job_handler(
    Job.Kind.PREPARE,
    queue=Job.Queue.IO,
    title="Reading an image",
    soft_seconds=settings.SEGWEB_DECODE_SECONDS,
    activity="Decoding the image",
    max_attempts=2,  # what kills the process that decodes it is most likely the file itself
    patient=True,
    on_failure=failed,
)
def prepare(job: Job) -> None:
    """The work of a prepare job. Raises ImageRefused when the file does not decode."""
    image = job.image
    assert image is not None
    try:
        file = default_storage.open(image.original, "rb")
    except FileNotFoundError as error:
        raise ImageRefused("missing_file", "The image's file is gone.") from error
    with file:
        decoded = decode(file, settings.SEGWEB_PREVIEW_SIDE)
    if (decoded.width, decoded.height) != (image.width, image.height):
        raise damaged()  # its header told another size than its pixels have
    seen = encoder_input.scaled(decoded)
    # The thumbnail comes from the smaller of the two: it is the cheaper one.
    smaller = min(decoded.picture, seen, key=lambda picture: picture.width)
    made = [_save(preview_bytes(decoded.picture)), _save(thumbnail_bytes(smaller))]
    handed = encoder_input.hand_over(seen)
    old = [image.preview, image.thumbnail]
    with stored_with([*made, handed]):
        _finish(job, image, decoded, made)
        wanted = registry.request(Job.Kind.EMBED, image, user=job.user, picture=handed)
        if wanted is None or wanted.file != handed:
            delete_files_on_commit([handed])
        tiles.prepared(image, job.user)
        delete_files_on_commit(old)


def _finish(job: Job, image: Image, decoded: Decoded, made: list[str]) -> None:
    lifecycle.complete(job, {"width": decoded.width, "height": decoded.height})
    fields = {
        "state": Image.State.READY,
        "width": decoded.width,
        "height": decoded.height,
        "preview": made[0],
        "thumbnail": made[1],
        "error_code": "",
        "error_message": "",
    }
    if not Image.objects.filter(pk=image.pk).update(**fields):
        raise lifecycle.LostLease  # deleted meanwhile, and its job with it
    for name, value in fields.items():
        setattr(image, name, value)
    row = Embedding.objects.of(image.sha256, engine.model_key()).first()
    embedding = row.status if row else Embedding.Status.QUEUED.value
    events.publish(
        image.project_id,
        image_updated(
            id=image.pk, state=str(image.state), embedding=embedding, error=None, prepared=True
        ),
    )


def refuse(image: Image, code: str, message: str) -> None:
    """Marks the image as refused and tells why; its pixels are never shown to anybody."""
    delete_files_on_commit([image.preview, image.thumbnail, image.pyramid])
    Image.objects.filter(pk=image.pk).update(
        state=Image.State.REFUSED,
        error_code=code,
        error_message=message[:500],
        preview="",
        thumbnail="",
        pyramid="",
    )
    events.publish(image.project_id, image_refused(image, code, message))


def _save(data: bytes) -> str:
    return default_storage.save(new_key("derived", ".jpg"), ContentFile(data))


def preview_bytes(picture: PILImage.Image) -> bytes:
    """A JPEG for display, without any metadata, of at most about 700 kB where that can be."""
    quality = _promising(picture)
    while True:
        data = _jpeg(picture, quality)
        if len(data) <= _PREVIEW_BYTES or quality <= _MIN_QUALITY:
            return data
        # A smooth picture's size falls about as fast as this; a grainy one's takes another round.
        share = _PREVIEW_BYTES / len(data)
        quality = max(_MIN_QUALITY, min(quality - 5, int(quality * share**0.55)))


def _promising(picture: PILImage.Image) -> int:
    """The quality that keeps the preview small enough if all of the picture is like some bands of
    it: to try that out costs a fraction of packing the whole."""
    height = picture.height // _BANDS
    if height < 2 * _BAND:
        return _QUALITY
    sample = PILImage.new("RGB", (picture.width, _BANDS * _BAND))
    for band in range(_BANDS):
        top = band * height + (height - _BAND) // 2
        sample.paste(picture.crop((0, top, picture.width, top + _BAND)), (0, band * _BAND))
    room = _PREVIEW_BYTES * sample.height / picture.height
    qualities = range(_MIN_QUALITY + 5, _QUALITY + 1, 5)
    fitting = bisect(qualities, room, key=lambda quality: len(_jpeg(sample, quality)))
    return qualities[fitting - 1] if fitting else _MIN_QUALITY


def thumbnail_bytes(picture: PILImage.Image) -> bytes:
    small = picture.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), reducing_gap=2.0)
    return _jpeg(small, 80)


def _jpeg(picture: PILImage.Image, quality: int) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def prepare_again(image: Image, user: Any) -> Job:
    """Queues the image's preparation once more: preview and thumbnail are made anew."""
    with transaction.atomic():
        return lifecycle.create(Job.Kind.PREPARE, project=image.project, image=image, user=user)
