"""SEGMENT with parameters, bodies and files that cannot be taken."""

import gzip
import json
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image as PILImage

from tests.api.test_pixlab import GOOD, PHOTO, linked, pixels, refused
from tests.conftest import StartServer
from tests.support.pictures import encoded, picture, png
from tests.support.server import Server

ADDRESS = "http://pictures.example.org/a.png"


@pytest.fixture(scope="module")
def server(fake_server: Server) -> Server:
    return fake_server


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    return server.create_token(name="hostile")


@pytest.fixture(scope="module")
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


BAD = [
    ("ct", "NaN"), ("ct", "inf"), ("ct", "-inf"), ("ct", "-0.1"), ("ct", "1e999"), ("ct", "five"),
    ("ct", "1,5"), ("ct", "1_0"), ("ct", "0x1"), ("ct", "9" * 5000), ("ct", "٣"),
    ("st", "0"), ("st", "0.99"), ("st", "255.01"), ("st", "NaN"), ("st", "-3"), ("st", "one"),
    ("cs", "0"), ("cs", "23"), ("cs", "-1"), ("cs", "1.5"), ("cs", "1.0"), ("cs", "RGB"),
    ("cs", "1e1"), ("cs", "9" * 5000), ("blob", "maybe"), ("blob", "2"),
    ("img", "a.png"), ("img", "file:///etc/passwd"), ("img", "ftp://example.org/a.png"),
    ("img", "data:image/png;base64,AAAA"), ("img", "//example.org/a.png"),
    ("img", "http://example.org/" + "a" * 5000),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD, ids=[f"{n}-{v[:12]}" for n, v in BAD])
def test_values_out_of_range(http: httpx.Client, key: str, name: str, value: str) -> None:
    given = {"img": ADDRESS, "key": key, **GOOD, name: value}
    refused(http.get("/segment", params=given), 422, f"{name}:")
    refused(http.post("/segment", json=given), 422, f"{name}:")
    if name != "img":
        files = {"file": ("a.png", png())}
        refused(http.post("/segment", data=given, files=files), 422, f"{name}:")


@pytest.mark.parametrize("name", ["img", "ct", "st", "cs"])
@pytest.mark.parametrize("value", [None, ""])
def test_each_parameter_is_required(
    http: httpx.Client, key: str, name: str, value: str | None
) -> None:
    given = {"img": ADDRESS, "key": key, **GOOD, name: value}
    given = {k: v for k, v in given.items() if v is not None}
    refused(http.get("/segment", params=given), 400, f"{name}:")
    refused(http.post("/segment", json=given), 400, f"{name}:")


@pytest.mark.parametrize("name", ["img", "ct", "st", "cs"])
@pytest.mark.parametrize("value", [True, [], {}, [1], {"a": 1}, 10**400, "\u0000x", -1, 1e300])
def test_values_of_another_type(http: httpx.Client, key: str, name: str, value: Any) -> None:
    given = {"img": ADDRESS, "key": key, "ct": 1, "cs": 1, "st": 1, name: value}
    answer = http.post("/segment", content=json.dumps(given), headers=JSON)
    if name == "ct" and value == 1e300:
        refused(answer, 422)
    else:
        assert answer.status_code in {400, 422}, answer.text
        refused(answer, answer.status_code)


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b'"a"', b"1", b"{", b"{'a': 1}", b"\xff\xfe", b'{"ct": NaN}',
        b'{"ct": 1e999}', b"[" * 100_000, b'{"a":' * 100_000, b"\x1f\x8b\x08",
        gzip.compress(b"{}", mtime=0), b'{"key": "\\ud800"}',
    ],
)  # fmt: skip
def test_bodies_that_are_no_json_object(http: httpx.Client, body: bytes) -> None:
    refused(http.post("/segment", content=body, headers=JSON), 400)


@pytest.mark.parametrize(
    "type_", [None, "text/plain", "application/x-www-form-urlencoded", "application/xml", "\u00e9"]
)
def test_bodies_of_another_type(http: httpx.Client, key: str, type_: str | None) -> None:
    headers = {} if type_ is None else {"Content-Type": type_.encode("latin-1")}
    answer = http.post("/segment", content=b"key=" + key.encode(), headers=headers)
    refused(answer, 415)
    refused(http.post("/store", content=b"x", headers=headers), 415)


@pytest.mark.parametrize(
    "type_",
    [
        "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=a",
        "multipart/form-data; boundary=" + "x" * 500, "multipart/form-data; boundary=\u00e9",
    ],
)  # fmt: skip
def test_forms_that_cannot_be_read(http: httpx.Client, type_: str) -> None:
    for path in ("/segment", "/store"):
        headers = {"Content-Type": type_.encode("latin-1")}
        answer = http.post(path, content=b"--a\r\nnonsense", headers=headers)
        assert answer.status_code in {400, 401}, answer.text
        refused(answer, answer.status_code)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods(http: httpx.Client, method: str) -> None:
    answer = http.request(method, "/segment")
    refused(answer, 405)
    assert answer.headers["allow"] == "GET, POST"
    refused(http.request(method, "/store"), 405)
    refused(http.get("/store"), 405)


def bomb() -> bytes:
    """A PNG of 30,000 x 30,000 pixels in a few kilobytes."""
    head = png()[:16] + (30_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    crc = zlib.crc32(head[12:29]).to_bytes(4, "big")
    data = zlib.compress(bytes(1 << 20))
    chunk = b"IDAT" + data
    return head + crc + len(data).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")


FILES = {
    "empty": (b"", 415),
    "text": (b"<script>alert(1)</script>", 415),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", 415),
    "half a photo": (PHOTO.read_bytes()[:9_000], 415),
    "a photo's head": (PHOTO.read_bytes()[:300], 415),
    "bomb": (bomb(), 413),
}


@pytest.mark.parametrize("name", FILES)
def test_files_that_are_no_pictures(http: httpx.Client, key: str, name: str) -> None:
    data, status = FILES[name]
    sent = {"data": {**GOOD, "key": key}, "files": {"file": ("a.png", data, "image/png")}}
    refused(http.post("/segment", **sent), status)
    # A picture that only decoding finds damaged, or large, may be stored.
    if name not in {"half a photo", "bomb"}:
        refused(http.post("/store", **sent), status)


def test_a_field_is_no_file(http: httpx.Client, key: str) -> None:
    parts = {**GOOD, "key": key, "file": "text"}
    sent = {name: (None, value) for name, value in parts.items()}
    refused(http.post("/segment", files=sent), 400, "file:")
    refused(http.post("/store", files=sent), 400, "file:")


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 1), (2, 2)])
def test_tiny_pictures(http: httpx.Client, key: str, size: tuple[int, int]) -> None:
    for cs in (1, 5, 12, 14, 17, 22):
        sent = {"data": {**GOOD, "cs": str(cs), "key": key, "blob": "1"}}
        answer = http.post("/segment", files={"file": ("a.png", png(*size))}, **sent)
        assert pixels(answer.content).shape == (size[1], size[0], 3)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("1", "PNG"), ("L", "PNG"), ("P", "PNG"), ("P", "GIF"), ("LA", "PNG"), ("RGBA", "PNG"),
        ("I;16", "PNG"), ("I;16", "TIFF"), ("CMYK", "JPEG"), ("CMYK", "TIFF"), ("L", "JPEG"),
        ("RGB", "BMP"), ("RGBA", "WEBP"), ("F", "TIFF"), ("I", "TIFF"), ("LAB", "TIFF"),
    ],
)  # fmt: skip
def test_every_kind_of_picture(http: httpx.Client, key: str, mode: str, kind: str) -> None:
    source = picture(60, 40)
    if mode == "I;16":
        values = np.arange(2400, dtype=np.uint16).reshape(40, 60) * 27
        source = PILImage.fromarray(values)
    else:
        source = source.convert(mode)
    sent = {"data": {**GOOD, "key": key, "blob": "1"}}
    answer = http.post("/segment", files={"file": ("a", encoded(source, kind))}, **sent)
    assert answer.status_code == 200, answer.text
    assert pixels(answer.content).shape == (40, 60, 3)


def test_a_transparent_colour_is_a_colour(http: httpx.Client, key: str) -> None:
    source = picture(60, 40)
    sent = {"data": {**GOOD, "key": key, "blob": "1"}}
    answers = [
        http.post("/segment", files={"file": ("a.png", encoded(source, "PNG", **more))}, **sent)
        for more in ({}, {"transparency": source.getpixel((0, 0))})
    ]
    assert np.array_equal(pixels(answers[0].content), pixels(answers[1].content))


def test_greys_of_16_bits_are_rounded(http: httpx.Client, key: str) -> None:
    values = np.repeat(np.arange(0, 65536, 128, dtype=np.uint16)[None], 8, axis=0)
    eight = np.floor(values / 257 + 0.5).astype(np.uint8)
    sent = {"data": {**GOOD, "key": key, "blob": "1"}}
    answers = [
        http.post(
            "/segment", files={"file": ("a.png", encoded(PILImage.fromarray(v), "PNG"))}, **sent
        )
        for v in (values, eight)
    ]
    assert np.array_equal(pixels(answers[0].content), pixels(answers[1].content))


def test_limits(start_server: StartServer) -> None:
    server = start_server(SEGWEB_PIXLAB_MAX_PIXELS="5000", SEGWEB_MAX_BYTES="200000")
    key = server.create_token()

    def send(data: bytes, path: str = "/segment") -> httpx.Response:
        return httpx.post(
            server.url + path, data={**GOOD, "key": key}, files={"file": data}, timeout=60
        )

    linked(send(png(100, 50)))
    refused(send(png(101, 50)), 413, "megapixels")
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    heavy = encoded(PILImage.fromarray(noise), "PNG")
    assert 200_000 < len(heavy) < 1_000_000
    refused(send(heavy), 413)
    refused(send(heavy, "/store"), 413)
    refused(send(bytes(2_000_000)), 413)
    refused(send(bytes(2_000_000), "/store"), 413)
    # A stored picture is held to the same limit when it is segmented.
    stored = linked(send(png(200, 50), "/store"))
    params = {**GOOD, "key": key, "img": stored}
    refused(httpx.get(f"{server.url}/segment", params=params, timeout=60), 413, "megapixels")


def test_more_than_256_clusters(http: httpx.Client, key: str) -> None:
    random = np.random.default_rng(2)
    near = random.integers(0, 16, (300, 300, 3)) * 16 + 8
    mixed = np.where(random.random(near.shape) < 0.3, random.integers(0, 256, near.shape), near)
    data = encoded(PILImage.fromarray(mixed.astype(np.uint8)), "PNG")
    sent = {"data": {**GOOD, "ct": "0", "key": key, "blob": "1"}, "files": {"file": data}}
    found = pixels(http.post("/segment", **sent).content)
    assert len(np.unique(found.reshape(-1, 3), axis=0)) > 256


def test_metadata_does_not_come_back(http: httpx.Client, key: str) -> None:
    data = encoded(picture(60, 40), "PNG", dpi=(99, 99))
    sent = {"data": {**GOOD, "key": key, "blob": "1"}, "files": {"file": data}}
    with PILImage.open(BytesIO(http.post("/segment", **sent).content)) as image:
        assert not image.info
