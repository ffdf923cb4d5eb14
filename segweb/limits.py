"""Refuses bodies that are too large before they reach the disk."""

import json
from typing import Any

from django.conf import settings


class _TooLarge(Exception):
    pass


_MESSAGE = "The request is larger than this server takes."
# These addresses answer in PixLab's shape.
_PIXLAB = {"/segment", "/store"}
# Here codes are numbers, and JSON bodies small; only the signed addresses take files.
_COGNITE = "/api/v1/"
_COGNITE_BYTES = 1_000_000


def _answer(path: str) -> bytes:
    """The refusal in the shape that the address's API has."""
    if path in _PIXLAB:
        return json.dumps({"status": 413, "error": _MESSAGE}).encode()
    code = 413 if path.startswith(_COGNITE) else "too_large"
    return json.dumps({"error": {"code": code, "message": _MESSAGE}}).encode()


class BodyLimit:
    """ASGI wrapper. Django writes a whole body to disk before any view sees it, so the limit
    must stand in front: by Content-Length where there is one, else by counting."""

    def __init__(self, application: Any) -> None:
        self.application = application

    @staticmethod
    def limit(scope: dict[str, Any]) -> int:
        """Bytes that the address takes: files go to `…/images`, to PixLab's addresses and to
        signed ones."""
        if scope["path"].startswith(_COGNITE):
            if scope["path"].startswith(f"{_COGNITE}files/content/"):
                return int(settings.SEGWEB_MAX_BYTES)
            return _COGNITE_BYTES
        if scope["path"].rstrip("/").endswith("/images"):
            return int(settings.SEGWEB_MAX_REQUEST_BYTES)
        if scope["path"] in _PIXLAB:
            # One file, its form, and nothing else.
            return int(settings.SEGWEB_MAX_BYTES) + 1_000_000
        return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE) + 1_000_000

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        limit = self.limit(scope)
        length = next((v for k, v in scope["headers"] if k == b"content-length"), b"0")
        if length.isdigit() and int(length) > limit:
            await self._refuse(scope, send)
            return
        seen = 0

        async def counted() -> Any:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _TooLarge
            return message

        try:
            await self.application(scope, counted, send)
        except _TooLarge:
            await self._refuse(scope, send)

    @staticmethod
    async def _refuse(scope: dict[str, Any], send: Any) -> None:
        headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": _answer(scope["path"])})
