"""Small pictures as files, for tests that send some."""

from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image


def picture(width: int = 40, height: int = 30, seed: int = 0) -> Image.Image:
    """A picture that is unlike itself in every turn and mirror: four quarters and a gradient.
    Each `seed` below 8192 gives another one.
    """
    rows, columns = np.mgrid[0:height, 0:width]
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = columns * 255 // max(1, width - 1)
    pixels[..., 1] = np.where(rows < height // 2, 220, 30) + (seed >> 8) % 32
    pixels[..., 2] = (np.where(columns < width // 2, 200, 20) + seed) % 256
    return Image.fromarray(pixels)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png(width: int = 40, height: int = 30, seed: int = 0) -> bytes:
    """Another `seed` is another content."""
    return encoded(picture(width, height, seed), "PNG")
