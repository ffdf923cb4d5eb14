"""Large images in tiles, so that a page fetches only what it shows: one file an image.

Layout `SWP1`, little endian: `SWP1`, uint32 n, n bytes of JSON (`width` and `height` of the
image, `finest`: the first level), then for each tile uint64 offset and uint32 bytes, by level,
row and column, then the tiles, JPEG of at most 512 × 512 pixels.
"""

import json
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import IO, Any, BinaryIO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image as PILImage

from ...domain.pyramid import TILE, Level, level_of, levels_of
from ...models import Image, Job
from ..errors import Conflict, ServiceError
from ..jobs import lifecycle, registry
from ..storage.files import delete_files_on_commit, new_key, stored_with
from . import full_resolution

_MAGIC = b"SWP1"
_HEAD = struct.Struct("<4sI")
_ENTRY = struct.Struct("<QI")
_QUALITY = 90
# From so many times the preview's side on, tiles show more than it does; and from so many on,
# they are made before anybody asks.
_WORTH = 1.25
_AT_ONCE = 2.0
# Whoever waits for an image to be prepared goes first.
_YIELD_MS = 2_000


class NoTile(Exception):
    """The pyramid has no such tile, or is gone."""


# --- Asking --------------------------------------------------------------------------------------


def _side(image: Image) -> float:
    """The image's longest side, in sides of the preview."""
    return max(image.width, image.height) / settings.SEGWEB_PREVIEW_SIDE


def prepared(image: Image, user: Any) -> None:
    """Queues the tiles of an image that is much larger than its preview."""
    if _side(image) > _AT_ONCE and not image.pyramid:
        request(image, user)


def worth(image: Image) -> bool:
    """Whether the image has more to show than its preview."""
    return _side(image) > _WORTH


def request(image: Image, user: Any) -> Job | None:
    """Asks for the image's tiles; None when they are there. Asked for twice it is one job.

    Raises Conflict for an image that is not ready, or that its preview shows in full.
    """
    if image.state != Image.State.READY:
        raise Conflict("not_ready", "The image is not ready yet, or was refused.")
    if not worth(image):
        raise Conflict("small_image", "The image has no tiles: its preview shows it in full.")
    if ready(image):
        return None
    with transaction.atomic():
        # Two who ask at once must not both find that nobody has.
        Image.objects.select_for_update().filter(pk=image.pk).first()
        waiting = image.jobs.unfinished().filter(kind=Job.Kind.PYRAMID).first()
        if waiting is not None:
            return waiting
        return lifecycle.create(Job.Kind.PYRAMID, project=image.project, image=image, user=user)


def ready(image: Image) -> bool:
    """Whether the tiles are there, file and all."""
    if image.pyramid and not default_storage.exists(image.pyramid):
        forget(image)
    return bool(image.pyramid)


def forget(image: Image) -> None:
    """The file is gone or damaged: it is made anew when it is wanted."""
    if Image.objects.filter(pk=image.pk, pyramid=image.pyramid).update(pyramid=""):
        delete_files_on_commit([image.pyramid])
    image.pyramid = ""


# --- Making --------------------------------------------------------------------------------------


@registry.job_handler(
    Job.Kind.PYRAMID,
    queue=Job.Queue.IO,
    title="Tiles of a large image",
    soft_seconds=settings.SEGWEB_DECODE_SECONDS,
    activity="Cutting the image into tiles",
    max_attempts=2,  # what kills the process that decodes it is most likely the file itself
    brief=True,
    patient=True,
)
def make(job: Job) -> None:
    """The work of a pyramid job. Raises ImageRefused when the file does not decode."""
    image = job.image
    assert image is not None
    if _others_wait():
        raise lifecycle.RetryLater(_YIELD_MS)
    try:
        file = default_storage.open(image.original, "rb")
    except FileNotFoundError as error:
        raise ServiceError("missing_file", "The image's file is gone.") from error
    with file, tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as packed:
        with full_resolution.opened(file) as original:
            found = level_of(image.width, image.height, original.level)
            if (found.width, found.height) != (original.width, original.height):
                raise ServiceError("damaged", "The image's file is not what it was.")
            write(original, image.width, image.height, packed)
        size = packed.tell()
        packed.seek(0)
        key = default_storage.save(new_key("pyramids", ".swp"), File(packed))
    with stored_with([key]):
        _store(job, image, key)
        lifecycle.complete(job, {"bytes": size})


def _others_wait() -> bool:
    waiting = Job.objects.filter(status=Job.Status.QUEUED, queue=Job.Queue.IO)
    return waiting.exclude(kind=Job.Kind.PYRAMID).exists()


def _store(job: Job, image: Image, key: str) -> None:
    before = Image.objects.filter(pk=image.pk).values_list("pyramid", flat=True).first()
    if not Image.objects.filter(pk=image.pk).update(pyramid=key):
        raise lifecycle.LostLease  # deleted meanwhile, and its job with it
    delete_files_on_commit([before or ""])


def write(original: full_resolution.Original, width: int, height: int, out: IO[bytes]) -> None:
    """Writes the layout for an image of `width` × `height` pixels; leaves `out` at its end.

    Rows of tiles are cut one after the other, and each goes on at half its size to the next
    level, so that no level is ever in memory as a whole.
    """
    levels = levels_of(width, height, original.level)
    head = _head({"width": width, "height": height, "finest": original.level})
    out.write(head)
    out.write(bytes(_ENTRY.size * sum(level.tiles for level in levels)))
    entries: list[dict[tuple[int, int], tuple[int, int]]] = [{} for _ in levels]
    makers = [_Rows(level) for level in levels]
    for strip in _strips(original):
        _descend(strip, makers, entries, out)
    end = out.tell()
    out.seek(len(head))
    for level, found in zip(levels, entries, strict=True):
        for row in range(level.rows):
            for column in range(level.columns):
                out.write(_ENTRY.pack(*found[row, column]))
    out.seek(end)


def _head(fields: dict[str, int]) -> bytes:
    text = json.dumps(fields, separators=(",", ":")).encode()
    return _HEAD.pack(_MAGIC, len(text)) + text


def _strips(original: full_resolution.Original) -> Iterator[PILImage.Image]:
    for top in range(0, original.height, TILE):
        yield original.part(0, top, original.width, min(top + TILE, original.height))


class _Rows:
    """Collects strips of one level, from the top, until they make a row of tiles."""

    def __init__(self, level: Level) -> None:
        self.level = level
        self.row = 0
        self._strips: list[PILImage.Image] = []

    def take(self, strip: PILImage.Image) -> PILImage.Image | None:
        """The row of tiles that is complete with this strip, or None."""
        self._strips.append(strip)
        tall = sum(each.height for each in self._strips)
        if tall < min(TILE, self.level.height - self.row * TILE):
            return None
        if len(self._strips) == 1:
            whole = self._strips[0]
        else:
            whole = PILImage.new("RGB", (self.level.width, tall))
            top = 0
            for each in self._strips:
                whole.paste(each, (0, top))
                top += each.height
        self._strips = []
        return whole


def _descend(
    strip: PILImage.Image,
    makers: list[_Rows],
    entries: list[dict[tuple[int, int], tuple[int, int]]],
    out: IO[bytes],
) -> None:
    """Adds the strip to the first level, and what becomes of it to those below."""
    for maker, found in zip(makers, entries, strict=True):
        row = maker.take(strip)
        if row is None:
            return
        for column in range(maker.level.columns):
            left = column * TILE
            tile = row.crop((left, 0, min(left + TILE, row.width), row.height))
            found[maker.row, column] = _append(out, tile)
        maker.row += 1
        strip = row.reduce(2)


def _append(out: IO[bytes], tile: PILImage.Image) -> tuple[int, int]:
    data = BytesIO()
    # Colours in full resolution: an outline is drawn along them.
    tile.save(data, "JPEG", quality=_QUALITY, subsampling=0)
    offset = out.tell()
    out.write(data.getbuffer())
    return offset, data.tell()


# --- Reading -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pyramid:
    """What a stored file holds: `levels` from the finest; `table` is where their entries lie."""

    key: str
    width: int
    height: int
    levels: tuple[Level, ...]
    table: int

    @property
    def version(self) -> str:
        """Names the tiles' bytes for ever."""
        return self.key.rsplit("/", 1)[-1].split(".")[0]

    def index(self, level: int, column: int, row: int) -> int:
        """The tile's place in the table. Raises NoTile."""
        before = 0
        for each in self.levels:
            if each.number == level:
                if not (0 <= column < each.columns and 0 <= row < each.rows):
                    break
                return before + row * each.columns + column
            before += each.tiles
        raise NoTile


def of(image: Image) -> Pyramid | None:
    """The image's pyramid, or None while there is none."""
    if not image.pyramid:
        return None
    try:
        return _described(image.pyramid)
    except (FileNotFoundError, ValueError, KeyError, struct.error):
        forget(image)
        return None


@lru_cache(maxsize=256)
def _described(key: str) -> Pyramid:
    """Keys are never used again, so what is read once stays true."""
    with default_storage.open(key, "rb") as file:
        magic, length = _HEAD.unpack(file.read(_HEAD.size))
        if magic != _MAGIC:
            raise ValueError("this is no SWP1 pyramid")
        head = json.loads(file.read(length))
    levels = levels_of(head["width"], head["height"], head["finest"])
    return Pyramid(key, head["width"], head["height"], tuple(levels), _HEAD.size + length)


def tile(image: Image, level: int, column: int, row: int) -> bytes:
    """The tile's JPEG. Raises NoTile."""
    pyramid = of(image)
    if pyramid is None:
        raise NoTile
    index = pyramid.index(level, column, row)
    try:
        with default_storage.open(pyramid.key, "rb") as file:
            return _read(file, pyramid, index)
    except (FileNotFoundError, struct.error) as error:
        forget(image)
        raise NoTile from error


def part(image: Image, x: int, y: int, width: int, height: int, step: int) -> PILImage.Image:
    """The RGB pixels of a part of the image, at the level whose pixels are `step` of the image's
    a side, or the finest there is. Raises NoTile."""
    pyramid = of(image)
    if pyramid is None:
        raise NoTile
    fitting = [level for level in pyramid.levels if 1 << level.number <= step]
    level = fitting[-1] if fitting else pyramid.levels[0]
    size = 1 << level.number
    x0, y0 = x // size, y // size
    x1, y1 = min(-(-(x + width) // size), level.width), min(-(-(y + height) // size), level.height)
    found = PILImage.new("RGB", (x1 - x0, y1 - y0))
    for row in range(y0 // TILE, -(-y1 // TILE)):
        for column in range(x0 // TILE, -(-x1 // TILE)):
            piece = _picture(image, tile(image, level.number, column, row))
            found.paste(piece, (column * TILE - x0, row * TILE - y0))
    return found


def _picture(image: Image, data: bytes) -> PILImage.Image:
    """A tile's pixels. Raises NoTile when the file is damaged."""
    try:
        piece = PILImage.open(BytesIO(data), formats=["JPEG"])
        piece.load()
    except (OSError, SyntaxError) as error:
        forget(image)
        raise NoTile from error
    return piece


def _read(file: BinaryIO, pyramid: Pyramid, index: int) -> bytes:
    file.seek(pyramid.table + index * _ENTRY.size)
    offset, length = _ENTRY.unpack(file.read(_ENTRY.size))
    file.seek(offset)
    return file.read(length)
