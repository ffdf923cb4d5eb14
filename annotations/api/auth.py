"""Who asks: a session with its CSRF token, or a bearer token."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import HttpError
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from ..models import ApiToken, hash_token

_SAFE = {"GET", "HEAD", "OPTIONS"}


def user_of_token(secret: str) -> Any:
    """The active user a token stands for, or None. Notes the use, at most once a minute."""
    token = (
        ApiToken.objects.select_related("user")
        .filter(digest=hash_token(secret), user__is_active=True)
        .first()
    )
    if token is None:
        return None
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - timedelta(minutes=1))
    if token.last_used_at is None or token.last_used_at < now - timedelta(minutes=1):
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    return token.user


class SessionOrToken(AuthBase):
    """`Authorization: Bearer <token>`, else the session cookie.

    A request that carries an Authorization header is judged by it alone. An unsafe request by
    session needs the CSRF token, whose check also refuses foreign origins.
    """

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> Any:
        header = request.headers.get("Authorization")
        if header is not None:
            kind, _, secret = header.partition(" ")
            user = user_of_token(secret.strip()) if kind.lower() == "bearer" else None
        else:
            user = request.user if request.user.is_authenticated else None
            if user is not None and request.method not in _SAFE:
                self._check_origin(request)
        if user is None:
            return None
        request.user = user
        return user

    @staticmethod
    def _check_origin(request: HttpRequest) -> None:
        if check_csrf(request) is not None:
            raise HttpError(403, "The CSRF token is missing or wrong; reload the page.")
