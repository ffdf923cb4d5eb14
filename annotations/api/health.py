"""Is it alive, is it ready: for operators, proxies and `deploy/up`. No login needed."""

from django.http import HttpRequest, JsonResponse

from ..services import health


def healthz(_request: HttpRequest) -> JsonResponse:
    """200 while the process answers and its database does."""
    return _answer({"database": health.database()})


def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when everything that a user needs is there, else 503 with the reasons."""
    return _answer(health.everything())


def _answer(parts: dict[str, str]) -> JsonResponse:
    good = all(state == "ok" for state in parts.values())
    response = JsonResponse(parts, status=200 if good else 503)
    response["Cache-Control"] = "no-store"
    return response
