"""JSON bodies, plain or gzipped, as clients of this API send them."""

import zlib
from typing import Any, TypeVar

from django.http import HttpRequest
from pydantic import BaseModel

from ..parsing import load_json
from .errors import Refused

# Both before and after unpacking. The largest request that means something has about 300 kB.
MAX_BYTES = 1_000_000
_GZIP = 16 + zlib.MAX_WBITS

M = TypeVar("M", bound=BaseModel)


def read(request: HttpRequest) -> dict[str, Any]:
    """The body's object. Raises Refused or HttpError."""
    data = request.body
    if len(data) > MAX_BYTES:
        raise _too_large()
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding in {"gzip", "x-gzip"}:
        data = unpacked(data)
    elif encoding not in {"", "identity"}:
        raise Refused(415, "Content-Encoding: only gzip is understood.")
    value = load_json(data)
    if not isinstance(value, dict):
        raise Refused(400, "The body must be a JSON object.")
    return value


def unpacked(data: bytes) -> bytes:
    """What was gzipped; no more of it is unpacked than is taken. Raises Refused."""
    reader = zlib.decompressobj(_GZIP)
    try:
        plain = reader.decompress(data, MAX_BYTES + 1)
    except zlib.error as error:
        raise Refused(400, "The body is not gzip, though Content-Encoding says so.") from error
    if len(plain) > MAX_BYTES:
        raise _too_large()
    if not reader.eof or reader.unused_data:
        raise Refused(400, "The gzipped body is cut short or has something behind it.")
    return plain


def parse(request: HttpRequest, model: type[M]) -> M:
    """The body as `model`. Raises Refused, HttpError or ValidationError."""
    return model.model_validate(read(request))


def _too_large() -> Refused:
    return Refused(413, f"The request body is too large: at most {MAX_BYTES} bytes are taken.")
