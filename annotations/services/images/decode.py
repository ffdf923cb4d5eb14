"""Full decode of an image into upright RGB. Runs in workers only, under their limits.

The header was judged in the request (`probe`); here every byte is, so a truncated or lying
file ends here at the latest.
"""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from django.conf import settings
from PIL import Image as PILImage
from PIL import ImageCms, ImageFile, ImageOps, UnidentifiedImageError

from ...domain.images import upright_size
from ..errors import ImageRefused
from .probe import FORMATS, check_pixels, damaged, not_an_image, read_header, webp_orientation

ORIENTATION = 0x0112
_LARGE_PIXELS = 30_000_000
# Measured: OpenCV's WebP decoder holds the picture twice.
_WEBP_BYTES = 6
# What Pillow's decoders are known to raise on hostile input, besides what they document.
_DECODER_ERRORS = (
    OSError, ValueError, SyntaxError, KeyError, IndexError, TypeError, struct.error, zlib.error,
    OverflowError, ZeroDivisionError, EOFError, AttributeError, NotImplementedError,
    RuntimeError, AssertionError,
)  # fmt: skip


@dataclass(frozen=True)
class Decoded:
    """`picture`: upright RGB, perhaps smaller than the image. `width` and `height`: the whole
    image's size in pixels, upright."""

    picture: PILImage.Image
    width: int
    height: int


def decode(file: BinaryIO, side: int) -> Decoded:
    """Decodes `file` to a picture whose longest side is at most `side` pixels.

    All of the file is read, but JPEGs are decoded at the nearest larger eighth of their size,
    which costs a fraction of the time and memory. Raises ImageRefused.
    """
    with refusing():
        return _decode_large_webp(file, side) if is_large_webp(file) else _decode(file, side)


@contextmanager
def refusing() -> Iterator[None]:
    """Turns what decoders raise on files that they cannot read into ImageRefused."""
    try:
        yield
    except UnidentifiedImageError as error:
        raise not_an_image() from error
    except MemoryError as error:
        raise ImageRefused(
            "out_of_memory", "Decoding the image needs more memory than is allowed."
        ) from error
    except _DECODER_ERRORS as error:
        if "truncated" in str(error).lower() or isinstance(error, EOFError):
            raise ImageRefused(
                "truncated", "The file ends too early: a part of it is missing."
            ) from error
        raise damaged() from error


def is_large_webp(file: BinaryIO) -> bool:
    """Whether the file is a WebP that Pillow had better not decode. Raises ImageRefused."""
    start = file.read(16)
    file.seek(0)
    if start[:4] != b"RIFF" or start[8:12] != b"WEBP":
        return False
    header = read_header(file, _size(file))
    return header.width * header.height > _LARGE_PIXELS


def _size(file: BinaryIO) -> int:
    size = file.seek(0, 2)
    file.seek(0)
    return size


def open_large_webp(file: BinaryIO) -> tuple[npt.NDArray[np.uint8], int]:
    """A large WebP's pixels and EXIF orientation, by OpenCV, in 3 bytes a pixel: Pillow's
    decoder, made for animations, takes 15. Shape (height, width, 3) as stored; blue, green,
    red; alpha is dropped. Raises ImageRefused, and MemoryError."""
    header = read_header(file, _size(file))
    check_bytes("WebP", header.width, header.height, _WEBP_BYTES)
    import cv2

    orientation = webp_orientation(file)
    file.seek(0)
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        pixels = cv2.imdecode(np.frombuffer(file.read(), np.uint8), flags)
    except cv2.error as error:
        raise MemoryError from error
    if pixels is None:
        raise damaged()
    return pixels.astype(np.uint8, copy=False), orientation


def _decode_large_webp(file: BinaryIO, side: int) -> Decoded:
    pixels, orientation = open_large_webp(file)
    import cv2

    height, width = pixels.shape[:2]
    scale = min(1.0, side / max(width, height))
    target = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.cvtColor(
        cv2.resize(pixels, target, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB
    )
    picture = upright(PILImage.fromarray(small), orientation)
    return Decoded(picture, *upright_size(width, height, orientation))


def _decode(file: BinaryIO, side: int) -> Decoded:
    with PILImage.open(file, formats=FORMATS) as image:
        width, height = image.size
        check_pixels(width, height)
        scale = min(1.0, side / max(width, height))
        target = (max(1, round(width * scale)), max(1, round(height * scale)))
        if image.format in {"JPEG", "MPO"}:
            image.draft(None, target)
        else:
            check_memory(image)
        image.load()
        orientation = image.getexif().get(ORIENTATION, 1)
        width, height = image.size if image.format == "TIFF" else (width, height)
        picture = _shrink(resizable(image), target)
        picture = upright(to_rgb(picture, image), orientation)
    return Decoded(picture, *upright_size(width, height, orientation))


def check_memory(image: PILImage.Image) -> None:
    """Refuses what is decoded whole and would not fit; Pillow takes 4 bytes a colour pixel."""
    each = 1 if image.mode in {"1", "L", "P"} else 4
    check_bytes(image.format or "image", *image.size, each)


def check_bytes(kind: str, width: int, height: int, each: int) -> None:
    """Raises ImageRefused when decoding at `each` bytes a pixel takes more than is allowed."""
    needed, allowed = each * width * height / 1e6, settings.SEGWEB_DECODE_MEMORY_MB
    if needed > allowed:
        raise ImageRefused(
            "out_of_memory",
            f"Decoding this {kind} of {width} × {height} pixels needs {needed:.0f} MB of "
            f"memory; at most {allowed} MB are allowed. A JPEG of this size is taken.",
        )


def upright(picture: PILImage.Image, orientation: int) -> PILImage.Image:
    """`picture` turned as this EXIF value says, without its metadata; it is not used any more."""
    # What is open goes with its file; all else was made on the way here.
    plain = picture.copy() if isinstance(picture, ImageFile.ImageFile) else picture
    plain.info = {}
    exif = plain.getexif()
    exif.clear()
    if orientation in range(2, 9):
        exif[ORIENTATION] = orientation
        ImageOps.exif_transpose(plain, in_place=True)
    return plain


def resizable(image: PILImage.Image) -> PILImage.Image:
    """The image in a mode whose values can be averaged: no palettes, no 16-bit greys."""
    if image.mode in {"P", "1"} and image.width * image.height > _LARGE_PIXELS:
        # In colours the whole would take four times the memory: thin it out before.
        image = image.resize(
            (max(1, image.width // 2), max(1, image.height // 2)), PILImage.Resampling.NEAREST
        )
    if image.mode in {"P", "PA"}:
        transparent = image.mode == "PA" or "transparency" in image.info
        return image.convert("RGBA" if transparent else "RGB")
    if image.mode == "1":
        return image.convert("L")
    if image.mode in {"RGB", "L"} and "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode.startswith(("I", "F")):
        return eight_bits(image)
    return image


def eight_bits(image: PILImage.Image) -> PILImage.Image:
    """16- and 32-bit greys as 8-bit. The full 16-bit range is scaled as it is; values that use
    only a low part of it (12-bit cameras), and floats, are stretched so that they can be seen."""
    values = np.asarray(image)
    return scaled_to_eight_bits(values, image.mode, *value_range(values))


def _finite(values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    return np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)


def value_range(values: npt.NDArray[Any]) -> tuple[float, float]:
    """The least and the greatest of the greys; what is not finite counts as 0."""
    finite = _finite(values)
    return float(finite.min()), float(finite.max())


def scaled_to_eight_bits(
    values: npt.NDArray[Any], mode: str, low: float, high: float
) -> PILImage.Image:
    """Greys of a picture of Pillow's `mode` whose range is `low` to `high`: see `eight_bits`."""
    if mode.startswith("I;16") or (low >= 0 and 4095 < high <= 65535):
        low, high = 0.0, 65535.0 if high > 4095 else max(high, 1.0)
    span = high - low or 1.0
    return PILImage.fromarray(((_finite(values) - low) * (255.0 / span)).astype(np.uint8), "L")


def _shrink(image: PILImage.Image, target: tuple[int, int]) -> PILImage.Image:
    if image.size == target:
        return image
    return image.resize(target, PILImage.Resampling.LANCZOS, reducing_gap=2.0)


def to_rgb(picture: PILImage.Image, source: PILImage.Image) -> PILImage.Image:
    """sRGB without alpha: transparent parts on white, colour profiles applied."""
    if picture.mode in {"RGBA", "LA", "RGBa", "La"}:
        rgba = picture.convert("RGBA")
        ground = PILImage.new("RGBA", rgba.size, (255, 255, 255, 255))
        return PILImage.alpha_composite(ground, rgba).convert("RGB")
    profile = source.info.get("icc_profile")
    if profile and picture.mode in {"RGB", "CMYK"}:
        converted = _from_profile(picture, profile)
        if converted is not None:
            return converted
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _from_profile(picture: PILImage.Image, profile: bytes) -> PILImage.Image | None:
    """The picture in sRGB, or None for a profile that is sRGB already or cannot be used."""
    try:
        given = ImageCms.ImageCmsProfile(BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(given).lower():
            return None
        return ImageCms.profileToProfile(
            picture, given, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
