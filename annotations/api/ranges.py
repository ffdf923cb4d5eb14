"""Parts of a representation. Source: RFC 9110, sections 13 (conditions) and 14 (ranges)."""

import re

from django.http import HttpRequest, HttpResponse

_ONE = re.compile(r"\Abytes=\s*(\d{0,18})-(\d{0,18})\s*\Z", re.IGNORECASE)


class Unsatisfiable(ValueError):
    """The range begins behind the end."""


def asked(request: HttpRequest, etag: str, size: int) -> slice | None:
    """The part that the request asks for, or None for the whole: without a range, with one that
    cannot be read, with several (which nobody must answer), or when `If-Range` names another
    version. Raises Unsatisfiable."""
    found = _ONE.match(request.headers.get("Range", ""))
    if found is None or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = found.groups()
    if not first and not last:
        return None
    start = int(first) if first else max(0, size - int(last))
    stop = min(int(last) + 1, size) if first and last else size
    if first and last and int(last) < int(first):
        return None
    if start >= size:
        raise Unsatisfiable
    return slice(start, stop)


def answer(request: HttpRequest, data: bytes, etag: str, headers: dict[str, str]) -> HttpResponse:
    """200 with all of `data`, 206 with the part asked for, or 416."""
    headers = {"ETag": etag, "Accept-Ranges": "bytes", **headers}
    try:
        part = asked(request, etag, len(data))
    except Unsatisfiable:
        told = {name: value for name, value in headers.items() if name != "Content-Encoding"}
        told |= {"Content-Range": f"bytes */{len(data)}", "Cache-Control": "no-store"}
        return HttpResponse(status=416, headers=told)
    kind = "application/octet-stream"
    if part is None:
        return HttpResponse(data, content_type=kind, headers=headers)
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(data)}"
    return HttpResponse(data[part], status=206, content_type=kind, headers=headers)


def accepts_gzip(request: HttpRequest) -> bool:
    """Whether the client takes a gzip-compressed answer."""
    for item in request.headers.get("Accept-Encoding", "").lower().split(","):
        name, _, weight = item.partition(";")
        if name.strip() in {"gzip", "*"}:
            return not re.fullmatch(r"\s*q=0(\.0*)?\s*", weight)
    return False
