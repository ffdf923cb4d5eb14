"""Websockets: which origins may open one, and where each address leads."""

from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import validate_host
from django.urls import path


def _header(scope: dict[str, Any], name: bytes) -> str:
    return next((v.decode("latin-1") for k, v in scope["headers"] if k == name), "")


def origin_allowed(origin: str, host: str) -> bool:
    """True for the server's own origin and the trusted ones; a missing origin is refused.

    `host` is the request's Host header, itself one of ALLOWED_HOSTS.
    """
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    parts = urlsplit(origin)
    name = urlsplit(f"//{host}").hostname or ""
    bracketed = f"[{name}]" if ":" in name else name
    allowed = settings.ALLOWED_HOSTS or (["localhost"] if settings.DEBUG else [])
    return (
        parts.scheme in {"http", "https"}
        and parts.netloc == host
        and validate_host(bracketed, allowed)
    )


def by_program(scope: dict[str, Any]) -> bool:
    """True for a handshake that no page can make: it shows a token and names no origin. Its
    token alone is judged, so no cookie of ours is of use to it."""
    return bool(_header(scope, b"authorization")) and not _header(scope, b"origin")


class SameOriginValidator:
    """Refuses websocket handshakes that another site's page makes with our cookies."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        origin, host = _header(scope, b"origin"), _header(scope, b"host")
        if by_program(scope) or origin_allowed(origin, host):
            return await self.application(scope, receive, send)
        return await WebsocketDenier()(scope, receive, send)


class _NotFound:
    """Unknown websocket addresses are refused instead of raising."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        return await WebsocketDenier()(scope, receive, send)


_routes = URLRouter(
    [
        *import_module(settings.SEGWEB_SOCKET_URLCONF).urlpatterns,
        path("<path:rest>", _NotFound()),
        path("", _NotFound()),
    ]
)
websocket_application = SameOriginValidator(AuthMiddlewareStack(_routes))
