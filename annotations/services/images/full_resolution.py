"""The full pixels of an image, a part at a time: upright RGB, as the preview shows them.

The file is decoded whole, once, in the few bytes a pixel that its format needs; what would
multiply that (turning upright, colour profiles, alpha) is done to the parts. Workers only.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from django.conf import settings
from PIL import Image as PILImage

from ...domain.images import upright_size
from ..errors import ImageRefused
from .decode import (
    ORIENTATION,
    check_memory,
    is_large_webp,
    open_large_webp,
    refusing,
    resizable,
    scaled_to_eight_bits,
    to_rgb,
    upright,
    value_range,
)
from .probe import FORMATS, check_pixels

Box = tuple[int, int, int, int]

_JPEGS = {"JPEG", "MPO"}
# A JPEG is decoded at 1, 1/2, 1/4 or 1/8 of its size.
_COARSEST = 3
_STRIP = 512


@dataclass(frozen=True)
class Original:
    """`width`, `height`: upright, in pixels of the level that was decoded; level n has the
    image's size divided by 2ⁿ, rounded up."""

    width: int
    height: int
    level: int
    _stored: tuple[int, int]
    _orientation: int
    _cut: Callable[[Box], PILImage.Image]

    def part(self, x0: int, y0: int, x1: int, y1: int) -> PILImage.Image:
        """The pixels of [x0, x1) × [y0, y1). Raises ImageRefused."""
        box = _stored_box((x0, y0, x1, y1), self._stored, self._orientation)
        with refusing():
            return upright(self._cut(box), self._orientation)


@contextmanager
def opened(file: BinaryIO) -> Iterator[Original]:
    """The image in `file`. A JPEG that would take more memory than SEGWEB_DECODE_MEMORY_MB is
    decoded at a lower level; other files are refused then. Raises ImageRefused."""
    level = 0
    while True:
        try:
            with refusing():
                original = _opened(file, level)
            break
        except _TooMuch as error:
            level = error.level + 1
            file.seek(0)
            if level > _COARSEST:
                raise ImageRefused(
                    "out_of_memory", "Decoding the image needs more memory than is allowed."
                ) from error
    yield original


class _TooMuch(Exception):
    """A JPEG that does not fit at this level."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.level = level


def _opened(file: BinaryIO, level: int) -> Original:
    if is_large_webp(file):
        pixels, orientation = open_large_webp(file)
        height, width = pixels.shape[:2]
        return _original((width, height), 0, orientation, lambda box: _of_array(pixels, box))
    image = PILImage.open(file, formats=FORMATS)
    size = image.size
    check_pixels(*size)
    if image.format in _JPEGS:
        level = _loaded_jpeg(image, level)
    else:
        check_memory(image)
        image.load()
    orientation = image.getexif().get(ORIENTATION, 1)
    return _original(image.size, level, orientation, _cutter(image))


def _loaded_jpeg(image: PILImage.Image, level: int) -> int:
    """Loads the JPEG at the finest level from `level` on that fits; that level."""
    width, height = image.size
    while _megabytes(image.mode, width, height, level) > settings.SEGWEB_DECODE_MEMORY_MB:
        level += 1
    if level > _COARSEST:
        raise _TooMuch(level)
    if level:
        image.draft(image.mode, (width >> level, height >> level))
    try:
        image.load()
    except (MemoryError, OSError) as error:
        # A progressive one keeps its coefficients too, and the decoder that finds no memory for
        # them says the same of the file as if that were broken.
        if level == _COARSEST or "truncated" in str(error):
            raise
        raise _TooMuch(level) from error
    return level


def _megabytes(mode: str, width: int, height: int, level: int) -> float:
    each = 1 if mode == "L" else 4
    return each * (width >> level) * (height >> level) / 1e6


def _original(
    stored: tuple[int, int], level: int, orientation: int, cut: Callable[[Box], PILImage.Image]
) -> Original:
    width, height = upright_size(*stored, orientation)
    return Original(width, height, level, stored, orientation, cut)


def _of_array(pixels: npt.NDArray[np.uint8], box: Box) -> PILImage.Image:
    """A part of blue, green, red pixels."""
    x0, y0, x1, y1 = box
    return PILImage.fromarray(np.ascontiguousarray(pixels[y0:y1, x0:x1, ::-1]))


def _cutter(image: PILImage.Image) -> Callable[[Box], PILImage.Image]:
    if not image.mode.startswith(("I", "F")):
        return lambda box: to_rgb(resizable(image.crop(box)), image)
    # What is black and what is white follows from the whole picture.
    ranges = [value_range(np.asarray(image.crop(box))) for box in _strips(image)]
    whole = min(low for low, _ in ranges), max(high for _, high in ranges)

    def cut(box: Box) -> PILImage.Image:
        values = np.asarray(image.crop(box))
        return to_rgb(scaled_to_eight_bits(values, image.mode, *whole), image)

    return cut


def _strips(image: PILImage.Image) -> Iterator[Box]:
    for top in range(0, image.height, _STRIP):
        yield 0, top, image.width, min(top + _STRIP, image.height)


def _stored_box(box: Box, stored: tuple[int, int], orientation: int) -> Box:
    """Where the upright part `box` lies in the stored picture, whose (width, height) is
    `stored`. Source: TIFF 6.0, tag 274."""
    x0, y0, x1, y1 = box
    width, height = stored
    if orientation in {5, 6, 7, 8}:
        x0, y0, x1, y1 = y0, x0, y1, x1
    if orientation in {2, 3, 7, 8}:
        x0, x1 = width - x1, width - x0
    if orientation in {3, 4, 6, 7}:
        y0, y1 = height - y1, height - y0
    return x0, y0, x1, y1
