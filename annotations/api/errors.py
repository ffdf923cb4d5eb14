"""One shape for every refusal: {"error": {"code", "message", "field"?}}."""

import errno
import logging
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from ..domain.errors import DomainError
from ..representations.annotations import Annotation
from ..representations.fields import represent
from ..services.errors import ServiceError, StaleVersion, TooMany

log = logging.getLogger(__name__)

_CODES = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    416: "range_not_satisfiable",
    429: "too_many_requests",
    503: "unavailable",
    507: "disk_full",
}
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


def answer(status: int, message: str, code: str = "", field: str | None = None,
           **more: Any) -> JsonResponse:  # fmt: skip
    error: dict[str, Any] = {"code": code or _CODES.get(status, "error"), "message": message}
    if field:
        error["field"] = field
    response = JsonResponse({"error": error, **more}, status=status)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def field_of(location: tuple[Any, ...]) -> str:
    """The path within the body, without the names that only our functions know."""
    parts = [str(part) for part in location]
    if parts and parts[0] in {"body", "query", "path", "form", "file", "header"}:
        skip = 2 if parts[0] in {"body", "form"} and len(parts) > 2 else 1
        skip = 2 if parts[0] == "body" and parts[1:2] == ["payload"] else skip
        parts = parts[skip:]
    return ".".join(parts) or "body"


def _validation(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0] if error.errors else {"loc": (), "msg": "The request is not valid."}
    message = str(first.get("msg", "")).removeprefix("Value error, ")
    return answer(422, message, "invalid", field_of(tuple(first.get("loc", ()))))


def _service(_request: HttpRequest, error: ServiceError) -> HttpResponse:
    if isinstance(error, StaleVersion):
        current = represent(Annotation, error.current)
        return answer(409, error.message, error.code, error.field, current=current)
    response = answer(error.status, error.message, error.code, error.field)
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after)
    return response


def _os_error(_request: HttpRequest, error: OSError) -> HttpResponse:
    if error.errno in _NO_SPACE:
        return answer(507, "The server's disk is full; nothing was stored.")
    log.exception("request failed", exc_info=error)
    return answer(500, "Something went wrong on the server; nothing was changed.", "internal")


def _database(_request: HttpRequest, error: OperationalError) -> HttpResponse:
    text = str(error).lower()
    if "full" in text or "no space" in text:
        return answer(507, "The server's disk is full; nothing was stored.")
    log.warning("database: %s", error)
    return answer(503, "The database is busy; try again in a moment.", "database_busy")


def _integrity(_request: HttpRequest, error: IntegrityError) -> HttpResponse:
    # Of two at once one deleted what the other referred to: nothing else ends here.
    log.warning("database: %s", error)
    return answer(409, "This was changed or deleted by somebody else meanwhile.", "changed")


def _any(_request: HttpRequest, error: Exception) -> HttpResponse:
    log.exception("request failed", exc_info=error)
    return answer(500, "Something went wrong on the server; nothing was changed.", "internal")


def install(api: NinjaAPI) -> None:
    """Registers the handlers of every kind of refusal."""
    table: dict[Any, Any] = {
        ValidationError: _validation,
        ServiceError: _service,
        DomainError: lambda _r, e: answer(422, e.message, "invalid", e.field),
        AuthenticationError: lambda _r, _e: answer(401, "Sign in, or send a valid API token."),
        HttpError: lambda _r, e: answer(e.status_code, str(e)),
        Http404: lambda _r, e: answer(404, str(e) or "There is no such thing."),
        PermissionDenied: lambda _r, e: answer(403, str(e) or "You may not do this."),
        RequestDataTooBig: lambda _r, _e: answer(413, "The request body is too large."),
        SuspiciousOperation: lambda _r, _e: answer(400, "The request cannot be read."),
        MultiPartParserError: lambda _r, _e: answer(400, "The form data cannot be read."),
        OperationalError: _database,
        IntegrityError: _integrity,
        OSError: _os_error,
        Exception: _any,
    }
    for kind, handler in table.items():
        api.add_exception_handler(kind, handler)
