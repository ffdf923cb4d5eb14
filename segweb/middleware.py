"""Headers for every answer."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

GetResponse = Callable[[HttpRequest], HttpResponse]

_ISOLATION = {
    # Together with COOP these give the page shared memory: WebAssembly threads.
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class IsolationMiddleware:
    """Makes every page cross-origin isolated and keeps every file for our own pages."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in _ISOLATION.items():
            response.headers.setdefault(name, value)
        return response


class RateHeadersMiddleware:
    """Tells who is counted how much is left, on every answer that the API gives."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in getattr(request, "rate_headers", {}).items():
            response.headers[name] = value
        return response


class MethodMiddleware:
    """Tells of a method that an address of the native API does not have in the shape of all its
    refusals: django-ninja answers in plain text."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if response.status_code != 405 or match is None or "native" not in match.namespaces:
            return response
        allowed = ", ".join(sorted(response.headers.get("Allow", "").replace(" ", "").split(",")))
        message = f"{request.method} is not possible here, only {allowed}."
        error = {"code": "method_not_allowed", "message": message}
        return JsonResponse({"error": error}, status=405, headers={"Allow": allowed})


def peer_address(request: HttpRequest) -> str:
    """The address of the connection itself; what a client claims in headers never counts."""
    return str(request.META.get("REMOTE_ADDR") or "0.0.0.0")
