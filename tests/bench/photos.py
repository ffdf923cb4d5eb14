"""Photos for benchmarks: made, not shipped. Each has its own content and about 1.1 MB."""

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from tests.support.environment import ROOT

_SOURCES = sorted((ROOT / "static" / "demo").glob("*.jpg"))
SIZE = (2000, 1500)
# The grain that makes these as heavy as a camera's pictures.
_GRAIN = 22.0


def make(count: int) -> list[bytes]:
    """`count` JPEGs of 2000 × 1500 pixels."""
    random = np.random.default_rng(7)
    grain = random.normal(0, _GRAIN, (SIZE[1], SIZE[0], 3)).astype(np.float32)
    bases = [_encode(path, grain) for path in _SOURCES]
    # A comment makes a file another content without another picture to encode.
    return [_with_comment(bases[n % len(bases)], f"photo {n}") for n in range(count)]


def _encode(path: Path, grain: np.ndarray) -> bytes:
    with Image.open(path) as source:
        picture = source.convert("RGB").resize(SIZE, Image.Resampling.BICUBIC)
    pixels = np.asarray(picture.filter(ImageFilter.GaussianBlur(1)), dtype=np.float32) + grain
    out = BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=82)
    return out.getvalue()


def _with_comment(data: bytes, text: str) -> bytes:
    comment = text.encode()
    return data[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + data[2:]
