"""The largest body that each address takes, and the shape of the refusal of a larger one."""

import asyncio
import json
from typing import Any

import pytest
from django.urls import get_resolver

from annotations.api.body_limits import BodyLimit, declared

_FILE, _REQUEST, _JSON, _COGNITE = 2_000, 5_000, 33_000_000, 1_000_000
_NATIVE = {"error": {"code": "too_large"}}
_ADDRESSES = [
    ("/api/projects/1/images", _REQUEST, _NATIVE),
    ("/api/images/1/annotations", _JSON, _NATIVE),
    ("/api/images", _JSON, _NATIVE),
    ("/login/", _JSON, _NATIVE),
    ("/nowhere", _JSON, _NATIVE),
    ("/segment", _FILE + 1_000_000, {"status": 413}),
    ("/store", _FILE + 1_000_000, {"status": 413}),
    ("/api/v1/files/content/signed", _FILE, {"error": {"code": 413}}),
    ("/api/v1/projects/birds/files", _COGNITE, {"error": {"code": 413}}),
    ("/api/v1/projects/birds/context/vision/segment", _COGNITE, {"error": {"code": 413}}),
    ("/api/v1/nowhere", _COGNITE, {"error": {"code": 413}}),
]


@pytest.fixture(autouse=True)
def small_files(settings: Any) -> None:
    settings.SEGWEB_MAX_BYTES = _FILE
    settings.SEGWEB_MAX_REQUEST_BYTES = _REQUEST


def _send(path: str, size: int, told: bool) -> tuple[int, dict[str, Any]]:
    """Status and JSON of the answer to a body of `size` bytes, with a Content-Length if `told`."""
    chunks = [size // 2, size - size // 2]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        body = bytes(chunks.pop(0))
        return {"type": "http.request", "body": body, "more_body": bool(chunks)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def reading(_scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["more_body"]:
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    headers = [(b"content-length", str(size).encode())] if told else []
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
    asyncio.run(BodyLimit(reading)(scope, receive, send))
    start, body = sent
    return start["status"], json.loads(body["body"])


@pytest.mark.parametrize("told", [True, False], ids=["told", "counted"])
@pytest.mark.parametrize(("path", "limit", "shape"), _ADDRESSES)
def test_an_address_takes_so_much(path: str, limit: int, shape: Any, told: bool) -> None:
    assert _send(path, limit, told) == (200, {})
    status, answer = _send(path, limit + 1, told)
    assert status == 413
    if "error" in shape:
        assert answer["error"].pop("message")
    else:
        assert answer.pop("error")
    assert answer == shape


def test_a_request_without_a_body_passes() -> None:
    assert _send("/api/me", 0, True) == _send("/api/me", 0, False) == (200, {})


def test_only_what_takes_files_declares_more() -> None:
    def views(resolver: Any, prefix: str = "") -> Any:
        for one in resolver.url_patterns:
            route = f"{prefix}{one.pattern}"
            if hasattr(one, "url_patterns"):
                yield from views(one, route)
            else:
                yield route, one.callback

    large = {
        route
        for route, view in views(get_resolver())
        if (rule := declared(view)) and rule.max_bytes() != _COGNITE
    }
    assert large == {
        "api/projects/<int:project_id>/images",
        "api/v1/files/content/<str:text>",
        "segment",
        "store",
    }
