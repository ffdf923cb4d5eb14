"""Prompts and bodies that are no request for a segmentation: each is refused, and at once."""

import gzip
import json
import time
from typing import Any

import httpx
import psutil
import pytest

from tests.api.cognite.conftest import BETA, Room, refusal
from tests.api.cognite.test_segment import BOX, PATH, POINT

FILE = [{"fileId": 1}]
BAD: list[tuple[Any, str]] = [
    ({}, "items"),
    ({"points": [POINT]}, "items"),
    ({"items": [], "points": [POINT]}, "items"),
    ({"items": FILE * 2, "points": [POINT]}, "items"),
    ({"items": FILE[0], "points": [POINT]}, "items"),
    ({"items": [5], "points": [POINT]}, "items.0"),
    ({"items": [{}], "points": [POINT]}, "items.0"),
    ({"items": [{"fileId": 1, "fileExternalId": "x"}], "points": [POINT]}, "items.0"),
    ({"items": [{"fileId": "1"}], "points": [POINT]}, "items.0.fileId"),
    ({"items": [{"fileId": True}], "points": [POINT]}, "items.0.fileId"),
    ({"items": [{"fileId": 1.0}], "points": [POINT]}, "items.0.fileId"),
    ({"items": [{"fileId": 2**63}], "points": [POINT]}, "items.0.fileId"),
    ({"items": [{"fileExternalId": 5}], "points": [POINT]}, "items.0.fileExternalId"),
    ({"items": [{"fileExternalId": "x" * 256}], "points": [POINT]}, "items.0.fileExternalId"),
    ({"items": [{"fileInstanceId": "x"}], "points": [POINT]}, "items.0.fileInstanceId"),
    ({"items": [{"fileInstanceId": {"space": "s"}}], "points": [POINT]},
     "items.0.fileInstanceId.externalId"),
    ({"items": [{"fileId": 1, "more": 1}], "points": [POINT]}, "items.0.more"),
    ({"items": FILE}, "points"),
    ({"items": FILE, "points": []}, "points"),
    ({"items": FILE, "points": None, "boundingBox": None}, "points"),
    ({"items": FILE, "points": POINT}, "points"),
    ({"items": FILE, "points": "x"}, "points"),
    ({"items": FILE, "points": [[0.5, 0.5]]}, "points.0"),
    ({"items": FILE, "points": [{"x": 0.5}]}, "points.0.y"),
    ({"items": FILE, "points": [POINT, {**POINT, "x": 1.5}]}, "points.1.x"),
    ({"items": FILE, "points": [{**POINT, "x": -0.1}]}, "points.0.x"),
    ({"items": FILE, "points": [{**POINT, "x": True}]}, "points.0.x"),
    ({"items": FILE, "points": [{**POINT, "x": "0.5"}]}, "points.0.x"),
    ({"items": FILE, "points": [{**POINT, "x": None}]}, "points.0.x"),
    ({"items": FILE, "points": [{**POINT, "x": 10**400}]}, "points.0.x"),
    ({"items": FILE, "points": [{**POINT, "label": 2}]}, "points.0.label"),
    ({"items": FILE, "points": [{**POINT, "label": True}]}, "points.0.label"),
    ({"items": FILE, "points": [{**POINT, "label": 1.0}]}, "points.0.label"),
    ({"items": FILE, "points": [{**POINT, "label": "1"}]}, "points.0.label"),
    ({"items": FILE, "points": [{**POINT, "candidate": 1}]}, "points.0.candidate"),
    ({"items": FILE, "points": [POINT, POINT]}, "points"),
    ({"items": FILE, "points": [POINT, {"x": 0.5, "y": 0.5}]}, "points"),
    ({"items": FILE, "points": [{"x": n / 2000, "y": 0.5} for n in range(1001)]}, "points"),
    ({"items": FILE, "boundingBox": []}, "boundingBox"),
    ({"items": FILE, "boundingBox": {}}, "boundingBox.xMin"),
    ({"items": FILE, "boundingBox": {**BOX, "xMax": 1.1}}, "boundingBox.xMax"),
    ({"items": FILE, "boundingBox": {**BOX, "yMin": False}}, "boundingBox.yMin"),
    ({"items": FILE, "boundingBox": {**BOX, "xMax": 0.1}}, "boundingBox"),
    ({"items": FILE, "boundingBox": {**BOX, "yMin": 0.95}}, "boundingBox"),
    ({"items": FILE, "boundingBox": {**BOX, "zMin": 0}}, "boundingBox.zMin"),
    ({"items": FILE, "points": [POINT], "surprise": 1}, "surprise"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "named"), BAD, ids=[f"{n}" for n in range(len(BAD))])
def test_bad_prompts(room: Room, body: Any, named: str) -> None:
    answer = room.post(PATH, body, headers=BETA)
    status, message = refusal(answer)
    assert status == 400
    assert message.startswith(named) or (named == "points" and "points" in message)


RAW = {
    "NaN": b'{"items": [{"fileId": 1}], "points": [{"x": NaN, "y": 0.5}]}',
    "Infinity": b'{"items": [{"fileId": 1}], "points": [{"x": -Infinity, "y": 0.5}]}',
    "1e999": b'{"items": [{"fileId": 1}], "points": [{"x": 1e999, "y": 0.5}]}',
    "empty": b"",
    "words": b"hello",
    "half": b'{"items": ',
    "list": b"[]",
    "latin": b'{"items": "\xe9"}',
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "NUL": b'{"items": [{"fileExternalId": "a\\u0000b"}], "points": []}',
    "surrogate": b'{"items": [{"fileExternalId": "\\ud800"}], "points": []}',
    "digits": b'{"items": [{"fileId": ' + b"9" * 10_000 + b"}]}",
}


@pytest.mark.parametrize("name", RAW)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_bodies_that_are_no_request(room: Room, name: str, packed: bool) -> None:
    data, headers = RAW[name], {**BETA, "Content-Type": "application/json"}
    if packed:
        data, headers = gzip.compress(data), {**headers, "Content-Encoding": "gzip"}
    for call in (PATH, "files", "files/byids", "files/list"):
        answer = room.api.post(room.path(call), content=data, headers=headers)
        assert refusal(answer)[0] == 400


def test_gzip(room: Room) -> None:
    body = json.dumps({"items": [{"fileId": room.upload()}], "points": [POINT]}).encode()
    path = room.path(PATH)
    packed = {**BETA, "Content-Encoding": "gzip"}

    def send(data: bytes, headers: dict[str, str] = packed) -> httpx.Response:
        return room.api.post(path, content=data, headers=headers)

    assert send(gzip.compress(body)).status_code == 200
    assert send(body, {**BETA, "Content-Encoding": "identity"}).status_code == 200
    assert refusal(send(body))[0] == 400
    assert refusal(send(gzip.compress(body)[:-5]))[0] == 400
    assert refusal(send(gzip.compress(body) + gzip.compress(body)))[0] == 400
    assert refusal(send(body, {**BETA, "Content-Encoding": "br"}))[0] == 415


def test_bombs_and_floods_end_at_once(room: Room) -> None:
    bomb = gzip.compress(b" " * 500_000_000)
    assert len(bomb) < 1_000_000
    packed = {**BETA, "Content-Encoding": "gzip"}
    many = json.dumps({"items": FILE, "points": [POINT] * 1_000_000}).encode()
    web = next(
        child
        for child in psutil.Process(room.server.pid).children(recursive=True)
        if "uvicorn" in child.cmdline()
    )
    before = web.memory_info().rss
    start = time.monotonic()
    path = room.path(PATH)
    for data, headers in ((bomb, packed), (many, BETA), (gzip.compress(many, 1), packed)):
        answer = room.api.post(path, content=data, headers=headers)
        assert refusal(answer)[0] == 413
    assert time.monotonic() - start < 10
    assert web.memory_info().rss - before < 100_000_000
    assert room.segment(room.upload()).status_code == 200
