"""One shape for every refusal: {"error": {"code": HTTP status, "message", …}}."""

import errno
import logging
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import IntegrityError, OperationalError
from django.http import Http404, JsonResponse
from ninja.errors import HttpError
from pydantic import ValidationError

from ...domain.errors import DomainError
from ...services.compat.cognite.files import DuplicateFile, Ref, UnknownFiles
from ...services.errors import ServiceError

log = logging.getLogger(__name__)

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


class Refused(Exception):
    """An answer that is no success; `more` joins `code` and `message`."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.message, self.more = status, message, more


def answer(status: int, message: str, **more: Any) -> JsonResponse:
    body = {"code": status, "message": message, **more}
    response = JsonResponse({"error": body}, status=status)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def ref_json(ref: Ref) -> dict[str, Any]:
    return {"externalId": ref.external_id} if ref.id is None else {"id": ref.id}


def of(error: Exception) -> JsonResponse:
    """The answer that a failed call gets."""
    if isinstance(error, Refused):
        return answer(error.status, error.message, **error.more)
    if isinstance(error, ServiceError):
        return _service(error)
    if isinstance(error, ValidationError):
        return _validation(error)
    if isinstance(error, DomainError):
        return answer(400, f"{error.field}: {error.message}")
    return _framework(error) or _failure(error)


def _service(error: ServiceError) -> JsonResponse:
    if isinstance(error, UnknownFiles):
        return answer(400, error.message, missing=[ref_json(ref) for ref in error.refs])
    if isinstance(error, DuplicateFile):
        return answer(409, error.message, duplicated=[{"externalId": error.external_id}])
    # What is wrong with a value is 400 here.
    status = 400 if error.status == 422 else error.status
    if error.code == "too_large":
        status = 413
    message = f"{error.field}: {error.message}" if error.field else error.message
    response = answer(status, message)
    if (seconds := getattr(error, "retry_after", None)) is not None:
        response["Retry-After"] = str(seconds)
    return response


def _validation(error: ValidationError) -> JsonResponse:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])[:200]
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        message = "is not known here"
    return answer(400, f"{field}: {message}" if field else message)


def _framework(error: Exception) -> JsonResponse | None:
    if isinstance(error, HttpError):
        return answer(error.status_code, str(error))
    if isinstance(error, Http404):
        return answer(404, str(error) or "There is no such thing.")
    if isinstance(error, PermissionDenied):
        return answer(403, str(error) or "You may not do this.")
    if isinstance(error, RequestDataTooBig):
        return answer(413, "The request body is too large.")
    if isinstance(error, SuspiciousOperation):
        return answer(400, "The request cannot be read.")
    return None


def _failure(error: Exception) -> JsonResponse:
    if isinstance(error, IntegrityError):
        # Of two at once one deleted what the other referred to: nothing else ends here.
        log.warning("database: %s", error)
        return answer(409, "This was changed or deleted by somebody else meanwhile.")
    text = str(error).lower()
    database = isinstance(error, OperationalError)
    no_space = isinstance(error, OSError) and error.errno in _NO_SPACE
    if no_space or (database and ("full" in text or "no space" in text)):
        return answer(507, "The server's disk is full; nothing was stored.")
    if database:
        log.warning("database: %s", error)
        return answer(503, "The database is busy; try again in a moment.")
    log.exception("request failed", exc_info=error)
    return answer(500, "Something went wrong on the server; nothing was changed.")
