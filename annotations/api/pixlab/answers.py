"""PixLab's shape of answers: `status` within the body equals the HTTP code."""

import errno
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt
from ninja.errors import HttpError

from ...services.errors import Forbidden, ServiceError, TooMany

log = logging.getLogger(__name__)

View = Callable[..., HttpResponse]

INVALID_KEY = "Missing/Invalid PixLab API Key"
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
# Retry after so many seconds.
_PAUSE = "5"


class Refused(Exception):
    """A request that is answered with this status and sentence."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers


def error(status: int, message: str, **more: Any) -> HttpResponse:
    response = JsonResponse({"status": status, "error": message, **more}, status=status)
    if status in {429, 503}:
        response["Retry-After"] = _PAUSE
    return response


def link(address: str, name: str) -> HttpResponse:
    return JsonResponse({"status": 200, "link": address, "id": name})


# What a failed job was about, by its code; all others are the server's own trouble.
_TOO_LARGE = {"too_large", "too_many_pixels", "out_of_memory"}
_NOT_READABLE = {"not_an_image", "damaged", "truncated", "empty", "no_pixels"}
_PARAMETER = {"img_refused", "img_gone", "link_expired", "too_slow"}


def status_of(code: str) -> int:
    """The HTTP status for the code that a service or a job refused with."""
    if code in _TOO_LARGE:
        return 413
    if code in _NOT_READABLE:
        return 415
    if code in _PARAMETER:
        return 422
    return {"too_many_jobs": 429, "disk_full": 507}.get(code, 503)


def answering(*methods: str) -> Callable[[View], View]:
    """A view whose refusals, whatever they are, have PixLab's shape."""

    def decorate(view: View) -> View:
        @csrf_exempt  # nothing here looks at the session
        @wraps(view)
        def answer(request: HttpRequest, **parts: Any) -> HttpResponse:
            if request.method not in methods:
                allowed = ", ".join(methods)
                refusal = error(405, f"The method is not allowed here; use {allowed}.")
                refusal["Allow"] = allowed
                return refusal
            try:
                return view(request, **parts)
            except Exception as problem:
                return _refusal(problem)

        return answer

    return decorate


def _refusal(problem: Exception) -> HttpResponse:
    if isinstance(problem, Refused):
        response = error(problem.status, problem.message)
        for name, value in problem.headers.items():
            response[name] = value
        return response
    if isinstance(problem, Forbidden):
        return error(403, problem.message)
    if isinstance(problem, TooMany):
        response = error(429, problem.message)
        response["Retry-After"] = str(problem.retry_after)
        return response
    if isinstance(problem, ServiceError):
        return error(status_of(problem.code), problem.message)
    if isinstance(problem, HttpError):
        return error(problem.status_code, str(problem))
    if isinstance(problem, Http404):
        return error(404, "The picture is there no more.")
    if isinstance(problem, RequestDataTooBig):
        return error(413, "The request body is too large.")
    if isinstance(problem, MultiPartParserError | SuspiciousOperation | UnreadablePostError):
        return error(400, "The request cannot be read.")
    if isinstance(problem, OSError) and problem.errno in _NO_SPACE:
        return error(507, "The server's disk is full; nothing was stored.")
    if isinstance(problem, OperationalError):
        return _database(problem)
    log.exception("request failed", exc_info=problem)
    return error(500, "Something went wrong on the server; nothing was changed.")


def _database(problem: OperationalError) -> HttpResponse:
    text = str(problem).lower()
    if "full" in text or "no space" in text:
        return error(507, "The server's disk is full; nothing was stored.")
    log.warning("database: %s", problem)
    return error(503, "The database is busy; try again in a moment.")
