"""What a file says of itself, read without decoding a pixel.

Nothing here trusts a name or a content type. Pillow is told which formats it may try: its
default would hand PostScript to an interpreter.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings
from PIL import Image as PILImage
from PIL import UnidentifiedImageError

from ..errors import ImageRefused

# The limit in pixels is ours (`SEGWEB_MAX_PIXELS`); Pillow's own only warns.
PILImage.MAX_IMAGE_PIXELS = None

# Multi-picture JPEGs (MPO) are opened by the JPEG plugin.
FORMATS = ("JPEG", "PNG", "BMP", "GIF", "TIFF", "WEBP")
MIME_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "BMP": "image/bmp",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "WEBP": "image/webp",
}
EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/tiff": ".tif",
    "image/webp": ".webp",
}
_ORIENTATION = 0x0112
_SIDE_LIMIT = 65_535
_MAX_EXIF = 1 << 20
# What Pillow's parsers are known to raise on hostile input, besides what they document.
_HEADER_ERRORS = (
    OSError, ValueError, SyntaxError, KeyError, IndexError, TypeError, struct.error,
    OverflowError, MemoryError, ZeroDivisionError, EOFError, AttributeError,
    NotImplementedError, RuntimeError, AssertionError,
)  # fmt: skip


@dataclass(frozen=True)
class Header:
    """Format, MIME type and size in pixels; `width` and `height` are of the upright picture."""

    format: str
    mime_type: str
    width: int
    height: int


def read_header(file: BinaryIO, size: int) -> Header:
    """Judges the first bytes of `file` (`size` bytes long, rewound before and after).

    Raises ImageRefused with a sentence for people.
    """
    if size == 0:
        raise ImageRefused("empty", "The file is empty.")
    if size > settings.SEGWEB_MAX_BYTES:
        limit = settings.SEGWEB_MAX_BYTES / 1e6
        raise ImageRefused(
            "too_large", f"The file has {size / 1e6:.1f} MB; at most {limit:g} MB are taken."
        )
    file.seek(0)
    start = file.read(32)
    file.seek(0)
    is_webp = start[:4] == b"RIFF" and start[8:12] == b"WEBP"
    header = _webp(file, size) if is_webp else _pillow(file)
    file.seek(0)
    check_pixels(header.width, header.height)
    return header


def check_pixels(width: int, height: int) -> None:
    """Raises ImageRefused for no pixels, too many, or a side that no format here has."""
    if width < 1 or height < 1:
        raise ImageRefused("no_pixels", "The image has no pixels.")
    if width * height > settings.SEGWEB_MAX_PIXELS:
        raise ImageRefused(
            "too_many_pixels",
            f"The image has {width} × {height} pixels; at most "
            f"{settings.SEGWEB_MAX_PIXELS / 1e6:g} megapixels are taken.",
        )
    if max(width, height) > _SIDE_LIMIT:
        raise ImageRefused(
            "too_many_pixels", f"No side of an image may be longer than {_SIDE_LIMIT} pixels."
        )


def _pillow(file: BinaryIO) -> Header:
    try:
        with PILImage.open(file, formats=FORMATS) as image:
            name = image.format or ""
            width, height = image.size
            # PNG's getexif() would decode the picture to find a late chunk; the worker does.
            exif = image.getexif() if name != "PNG" or "exif" in image.info else {}
            # Pillow gives a TIFF's size upright already.
            turned = name != "TIFF" and exif.get(_ORIENTATION) in {5, 6, 7, 8}
        if name == "PNG" and not exif:
            turned = png_orientation(file) in {5, 6, 7, 8}
    except UnidentifiedImageError as error:
        raise not_an_image() from error
    except _HEADER_ERRORS as error:
        raise damaged() from error
    if turned:
        width, height = height, width
    return Header(name, MIME_TYPES[name], width, height)


def _webp(file: BinaryIO, size: int) -> Header:
    """Reads a WebP's size by hand: Pillow allocates the whole canvas when it opens one.

    Source: RFC 9649, sections 2.4 to 2.7.
    """
    data = file.read(64)
    if len(data) < 30:
        raise damaged()
    (riff_size,) = struct.unpack("<I", data[4:8])
    if riff_size + 8 > size + 1:
        raise ImageRefused("truncated", "The file ends too early: a part of it is missing.")
    kind, body = data[12:16], data[20:]
    if kind == b"VP8X":
        width = 1 + int.from_bytes(body[4:7], "little")
        height = 1 + int.from_bytes(body[7:10], "little")
    elif kind == b"VP8L" and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    elif kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = (value & 0x3FFF for value in struct.unpack("<HH", body[6:10]))
    else:
        raise damaged()
    if kind == b"VP8X" and webp_orientation(file) in {5, 6, 7, 8}:
        width, height = height, width
    return Header("WEBP", "image/webp", width, height)


def webp_orientation(file: BinaryIO) -> int:
    """The EXIF orientation (1..8) in a WebP's EXIF chunk, 1 without one."""
    position = 12
    while True:
        file.seek(position)
        head = file.read(8)
        if len(head) < 8:
            return 1
        size = int.from_bytes(head[4:], "little")
        if head[:4] == b"EXIF":
            return _orientation_in(file.read(min(size, _MAX_EXIF)))
        position += 8 + size + size % 2


def png_orientation(file: BinaryIO) -> int:
    """The EXIF orientation (1..8) in a PNG's eXIf chunk, which may follow the pixels; 1 without.

    Source: PNG specification, third edition, section 5.3.
    """
    position = 8
    while True:
        file.seek(position)
        head = file.read(8)
        if len(head) < 8 or head[4:] == b"IEND":
            return 1
        size = int.from_bytes(head[:4], "big")
        if head[4:] == b"eXIf":
            return _orientation_in(b"Exif\0\0" + file.read(min(size, _MAX_EXIF)))
        position += 12 + size


def _orientation_in(data: bytes) -> int:
    exif = PILImage.Exif()
    try:
        exif.load(data)
        value = exif.get(_ORIENTATION, 1)
    except _HEADER_ERRORS:
        return 1
    return value if value in range(1, 9) else 1


def not_an_image() -> ImageRefused:
    return ImageRefused(
        "not_an_image",
        "This is not an image that can be read. JPEG, PNG, WebP, BMP, GIF and TIFF are taken.",
    )


def damaged() -> ImageRefused:
    return ImageRefused("damaged", "The image is damaged and cannot be read.")
