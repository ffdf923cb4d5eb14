"""What is taken as an image and what it becomes; what is refused, with which words."""

import contextlib
import random
import struct
import time
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from annotations.services.errors import ImageRefused
from annotations.services.images.decode import Decoded, decode
from annotations.services.images.prepare import preview_bytes
from annotations.services.images.probe import Header, read_header
from tests.support.pictures import encoded, picture

KINDS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
SIDE = 2048

# Pillow's readers speak of oddities in files that are made odd here.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")


def header(data: bytes) -> Header:
    return read_header(BytesIO(data), len(data))


def judge(data: bytes, side: int = SIDE) -> Decoded:
    """The picture, after the header in the request and the decode in the worker agree on it."""
    told = header(data)
    decoded = decode(BytesIO(data), side)
    assert (told.width, told.height) == (decoded.width, decoded.height)
    assert decoded.picture.mode == "RGB"
    return decoded


def refusal(data: bytes) -> str:
    """The code of the refusal, be it by header or by decode; its words name no inside."""
    with pytest.raises(ImageRefused) as caught:
        judge(data)
    message = caught.value.message
    assert message.endswith(".")
    assert not {"/", "Traceback", "PIL", "0x"} & set(message.split()), message
    return caught.value.code


def differs(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures' values."""
    a, b = (np.asarray(p.convert("RGB"), np.float32) for p in (one, other))
    assert a.shape == b.shape
    return float(np.abs(a - b).mean())


# --- Formats -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_each_format_keeps_size_and_picture(kind: str) -> None:
    made = picture(61, 43)
    data = encoded(made, kind)
    assert header(data).mime_type == f"image/{kind.lower()}"
    decoded = judge(data)
    assert decoded.picture.size == (61, 43)
    assert differs(decoded.picture, made) < 12


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (3000, 1), (2, 3)])
def test_odd_sizes(size: tuple[int, int]) -> None:
    for kind in KINDS:
        assert judge(encoded(picture(*size), kind)).width == size[0]


def test_a_large_picture_is_shrunk_but_keeps_its_size_in_pixels() -> None:
    for kind in ("JPEG", "PNG"):
        decoded = judge(encoded(picture(1600, 901), kind), 400)
        assert (decoded.width, decoded.height) == (1600, 901)
        assert decoded.picture.size == (400, 225)


# What to do with the upright picture to get what a camera stores with this orientation.
STORED = {
    1: [],
    2: [Image.Transpose.FLIP_LEFT_RIGHT],
    3: [Image.Transpose.ROTATE_180],
    4: [Image.Transpose.FLIP_TOP_BOTTOM],
    5: [Image.Transpose.TRANSPOSE],
    6: [Image.Transpose.ROTATE_90],
    7: [Image.Transpose.TRANSVERSE],
    8: [Image.Transpose.ROTATE_270],
}


def grain(share: float, *bands: tuple[int, int]) -> Image.Image:
    """Three megapixels whose left `share` is noise, but for smooth bands from row to row."""
    pixels = np.full((1500, 2000, 3), 128, np.uint8)
    width = int(2000 * share)
    noise = np.random.default_rng(3).integers(0, 256, (1500, width, 3), dtype=np.uint8)
    pixels[:, :width] = noise
    for top, bottom in bands:
        pixels[top:bottom] = 128
    return Image.fromarray(pixels)


def quality(data: bytes) -> int:
    """What a JPEG's first table of divisors says, as Pillow makes it: 50 is the standard's own."""
    with Image.open(BytesIO(data)) as picture:
        tables: dict[int, list[int]] = picture.quantization  # type: ignore[attr-defined]
    return 50 if tables[0][0] == 16 else round(100 - tables[0][0] * 50 / 16)


def test_a_preview_is_packed_no_harder_than_it_must_be() -> None:
    smooth = Image.linear_gradient("L").resize((2000, 1500)).convert("RGB")
    assert quality(preview_bytes(smooth)) > 80
    some = preview_bytes(grain(0.35))
    assert 500_000 < len(some) <= 700_000
    assert 50 < quality(some) < 80
    # What no quality makes small enough has the least.
    assert quality(preview_bytes(grain(1))) == 50


def test_a_preview_is_small_where_its_sample_is_smoother_than_the_rest() -> None:
    # The rows that are looked at first lie in the middle of each quarter.
    middles = [(quarter * 375 + 150, quarter * 375 + 225) for quarter in range(4)]
    data = preview_bytes(grain(0.4, *middles))
    # Packed a second time, and no harder than it has to be.
    assert 600_000 < len(data) <= 700_000
    assert quality(data) < 84


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_every_orientation_gives_the_same_upright_picture(kind: str, orientation: int) -> None:
    upright = picture(64, 40)
    stored = upright
    for step in STORED[orientation]:
        stored = stored.transpose(step)
    exif = Image.Exif()
    exif[0x0112] = orientation
    decoded = judge(encoded(stored, kind, exif=exif))
    assert (decoded.width, decoded.height) == (64, 40)
    assert differs(decoded.picture, upright) < 12
    assert not decoded.picture.getexif()


@pytest.mark.parametrize("orientation", [0, 9, 255, 65535])
def test_an_orientation_that_is_none_changes_nothing(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert judge(encoded(picture(64, 40), "JPEG", exif=exif)).width == 64


def test_broken_exif_is_no_reason_to_refuse() -> None:
    for junk in (b"Exif\0\0", b"Exif\0\0MM\0*", b"Exif\0\0II*\0\xff\xff\xff\xff", b"\xff" * 50):
        assert judge(encoded(picture(64, 40), "JPEG", exif=junk)).width == 64


# --- Modes -------------------------------------------------------------------------------------


def raw_png(width: int, height: int, depth: int, kind: int, rows: bytes) -> bytes:
    """A PNG by hand, for what Pillow does not write. Source: PNG, second edition."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def test_cmyk_looks_like_its_colours() -> None:
    made = picture(64, 40)
    assert differs(judge(encoded(made.convert("CMYK"), "JPEG")).picture, made) < 15
    assert differs(judge(encoded(made.convert("CMYK"), "TIFF")).picture, made) < 5


def test_sixteen_bit_grey_is_scaled_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None, :].repeat(20, axis=0)
    for kind in ("PNG", "TIFF"):
        values = np.asarray(judge(encoded(Image.fromarray(ramp), kind)).picture)[0, :, 0]
        assert np.abs(values.astype(int) - np.arange(256)).max() <= 1


def test_sixteen_bit_colour() -> None:
    row = b"\0" + struct.pack(">HHH", 65535, 32768, 0) * 8
    pixel = judge(raw_png(8, 4, 16, 2, row * 4)).picture.getpixel((3, 2))
    assert pixel == pytest.approx((255, 128, 0), abs=1)


def test_transparent_parts_are_white() -> None:
    half = Image.new("RGBA", (10, 10), (200, 0, 0, 255))
    half.paste((0, 0, 0, 0), (0, 0, 5, 10))
    palette = half.convert("RGB").quantize(4)
    for image, kind, options in (
        (half, "PNG", {}),
        (half, "WEBP", {"lossless": True}),
        (half.convert("LA"), "PNG", {}),
        (palette, "PNG", {"transparency": palette.getpixel((1, 1))}),
        (palette, "GIF", {"transparency": palette.getpixel((1, 1))}),
    ):
        seen = judge(encoded(image, kind, **options)).picture
        assert seen.getpixel((1, 5)) == (255, 255, 255), (image.mode, kind)
        assert seen.getpixel((8, 5)) != (255, 255, 255), (image.mode, kind)


def test_one_bit_and_grey() -> None:
    grey = picture(64, 40).convert("L")
    assert differs(judge(encoded(grey, "PNG")).picture, grey) < 1
    for kind in ("PNG", "BMP", "TIFF", "GIF"):
        bits = grey.point(lambda v: 255 if v > 100 else 0).convert("1")
        assert differs(judge(encoded(bits, kind)).picture, bits) < 1


def test_the_first_of_many_frames_is_taken() -> None:
    first, second = Image.new("RGB", (12, 8), "red"), Image.new("RGB", (12, 8), "blue")
    for kind in ("GIF", "TIFF", "WEBP", "PNG"):
        data = encoded(first, kind, save_all=True, append_images=[second])
        red, _, blue = judge(data).picture.getpixel((5, 5))
        assert red > 200 > 50 > blue, kind


# --- Refused -----------------------------------------------------------------------------------

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n(x) print\n"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"hello", "not_an_image"),
        (b"h", "not_an_image"),
        (b"<!DOCTYPE html><script>alert(1)</script>" * 9, "not_an_image"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "not_an_image"),
        (EPS, "not_an_image"),
        (b"%PDF-1.7\n" * 20, "not_an_image"),
        (b"PK\x03\x04" + b"\0" * 200, "not_an_image"),
        (b"RIFF\x10\0\0\0WAVEfmt " + b"\0" * 50, "not_an_image"),
        (b"\0" * 5000, "not_an_image"),
    ],
)
def test_what_is_no_image_is_said_to_be_none(data: bytes, code: str) -> None:
    assert refusal(data) == code


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.6, 0.9, 0.98])
def test_a_file_that_ends_too_early_is_refused(kind: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (90, 120, 3), np.uint8)
    data = encoded(Image.fromarray(noise), kind)
    assert refusal(data[: int(len(data) * share)]) in {"truncated", "damaged", "not_an_image"}


def vp8x(width: int, height: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + size + b"\0" * 100
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_a_size_that_is_a_lie_costs_nothing() -> None:
    lossless = b"WEBPVP8L" + struct.pack("<I", 5) + b"\x2f" + b"\xff\xff\xff\x0f" + b"\0" * 50
    lies = [
        vp8x(16383, 16383),
        vp8x(1 << 24, 1 << 24),
        b"RIFF" + struct.pack("<I", len(lossless)) + lossless,
        raw_png(60_000, 60_000, 8, 2, b"\0" * 100),
        raw_png(2**31 - 1, 2**31 - 1, 1, 0, b"\0"),
        raw_png(9000, 9000, 8, 2, b"\0" * 100),
        b"GIF89a\xff\xff\xff\xff\0\0\0" + b"," + b"\0" * 40,
        b"BM" + struct.pack("<IIIIiiHHIIiiII", 99, 0, 54, 40, 2**30, 2**30, 1, 24, *[0] * 6),
    ]
    for lie in lies:
        start = time.monotonic()
        assert refusal(lie) in {"too_many_pixels", "damaged", "truncated", "not_an_image"}, lie[:30]
        assert time.monotonic() - start < 5


def test_no_pixels_at_all() -> None:
    for data in (raw_png(0, 5, 8, 2, b""), raw_png(5, 0, 8, 2, b""), b"GIF89a" + b"\0" * 30):
        assert refusal(data) in {"no_pixels", "damaged", "not_an_image", "truncated"}


# --- Fuzz --------------------------------------------------------------------------------------


def mutated(data: bytes, chance: random.Random) -> bytes:
    """`data` with some bytes changed, cut out, doubled or set to extremes."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 12)):
        # Headers matter most.
        place = chance.randrange(min(len(out), 80) if chance.random() < 0.6 else len(out))
        kind = chance.randrange(4)
        if kind == 0:
            out[place] = chance.randrange(256)
        elif kind == 1:
            out[place : place + 4] = chance.choice((b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff"))
        elif kind == 2 and len(out) > 40:
            del out[place : place + chance.randint(1, 9)]
        else:
            out[place:place] = out[place : place + chance.randint(1, 30)]
    return bytes(out)


@pytest.mark.parametrize("kind", KINDS)
def test_damage_anywhere_is_refused_in_words_or_harmless(kind: str) -> None:
    chance = random.Random(f"damage {kind}")
    data = encoded(picture(48, 32), kind)
    for number in range(80):
        broken = mutated(data, chance)
        start = time.monotonic()
        with contextlib.suppress(ImageRefused):
            header(broken)
            decoded = decode(BytesIO(broken), SIDE)
            assert decoded.width * decoded.height <= 200_000_000
        assert time.monotonic() - start < 10, (kind, number)


def test_random_bytes_are_refused() -> None:
    chance = random.Random(7)
    starts = [encoded(picture(), kind)[:16] for kind in KINDS]
    for number in range(200):
        junk = chance.randbytes(chance.randint(1, 400))
        refusal(junk if number % 2 else chance.choice(starts) + junk)
