"""Answers that are ready: serialised once, without a second validation on the hot paths."""

from typing import Any

from django.http import HttpResponse, JsonResponse

from ..representations.values import Error

# What any call may answer besides its own success; `openapi` adds what follows from its kind.
REFUSALS: dict[int, Any] = {code: Error for code in (401, 429, 503)}
# Of calls that may be at odds with what is stored.
CONFLICT: dict[int, Any] = {409: Error}


def created(data: Any) -> JsonResponse:
    return JsonResponse(data, status=201)


def accepted(data: Any) -> JsonResponse:
    return JsonResponse(data, status=202)


def ok(data: Any) -> JsonResponse:
    return JsonResponse(data)


def nothing() -> HttpResponse:
    return HttpResponse(status=204)
