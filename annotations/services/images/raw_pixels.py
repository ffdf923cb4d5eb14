"""The pixels of a picture as its file has them, for methods that turn on single levels.

Not what people see: nothing is resized, turned upright, blended or moved to another profile.
"""

from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from django.conf import settings
from PIL import Image as PILImage

from ..errors import TooLarge
from .decode import check_bytes, eight_bits, refusing
from .probe import FORMATS, check_pixels

Pixels = npt.NDArray[np.uint8]

# Bytes a pixel while decoding. Pillow's WebP decoder, made for animations, keeps whole canvases.
_WEBP_BYTES = 15


def read_pixels(file: BinaryIO) -> Pixels:
    """8-bit RGB, shape (height, width, 3), without alpha; of the first frame. 16-bit colours
    lose their lower byte, 16-bit greys are rounded.

    Raises ImageRefused, or TooLarge for more than SEGWEB_PIXLAB_MAX_PIXELS.
    """
    with refusing(), PILImage.open(file, formats=FORMATS) as image:
        check_size(*image.size)
        each = _WEBP_BYTES if image.format == "WEBP" else 4
        check_bytes(image.format or "image", *image.size, each)
        image.load()
        return np.asarray(_rgb(image))


def check_size(width: int, height: int) -> None:
    """Raises ImageRefused or TooLarge for a size that is not segmented by its colours."""
    check_pixels(width, height)
    most = settings.SEGWEB_PIXLAB_MAX_PIXELS
    if width * height > most:
        raise TooLarge(
            "too_many_pixels",
            f"The picture has {width} × {height} pixels; at most {most / 1e6:g} megapixels are "
            "segmented by their colours.",
        )


def _rgb(image: PILImage.Image) -> PILImage.Image:
    if image.mode.startswith("I;16"):
        values = np.asarray(image).astype(np.uint32)
        return PILImage.fromarray(((values * 2 + 257) // 514).astype(np.uint8)).convert("RGB")
    if image.mode.startswith(("I", "F")):
        return eight_bits(image).convert("RGB")
    if image.mode in {"LA", "La", "PA", "RGBa"}:
        return image.convert("RGBA").convert("RGB")
    # Pillow would make a transparent colour of these a mask.
    image.info.pop("transparency", None)
    return image if image.mode == "RGB" else image.convert("RGB")
