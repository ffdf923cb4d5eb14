"""Who asks: a session with its CSRF token, or a bearer token within its scopes.

Every edge that takes tokens comes through `authenticate_bearer`: there a token's expiry, scopes
and rate limit hold.
"""

from typing import Any

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from ..models import ApiToken, Scope
from ..services.errors import Forbidden
from . import throttling

_SAFE = {"GET", "HEAD", "OPTIONS"}


def user_of_token(secret: str) -> Any:
    """The active user a token stands for, or None. Notes the use, at most once a minute.

    This tells only who it is. A request that does something goes through `authenticate_bearer`.
    """
    token = _token(secret)
    return None if token is None else token.user


def authenticate_bearer(request: HttpRequest, secret: str, scope: str = Scope.READ) -> Any:
    """The user that this request's token stands for, or None when it is none, or not any more.

    The token is then `request.api_token`. Raises TooMany when it sends more requests than it
    may, and Forbidden when it lacks `scope`.
    """
    token = _token(secret)
    if token is None:
        return None
    throttling.count(request, f"token:{token.pk}")
    if scope not in token.scopes:
        raise Forbidden(
            "insufficient_scope", f"This token lacks the scope '{scope}', which this needs."
        )
    request.api_token = token  # type: ignore[attr-defined]
    return token.user


def _token(secret: str) -> ApiToken | None:
    token = ApiToken.objects.live().of_secret(secret).first()
    if token is not None:
        token.note_use()
    return token


class SessionOrToken(AuthBase):
    """`Authorization: Bearer <token>`, else the session cookie.

    A request that carries an Authorization header is judged by it alone. An unsafe request by
    token needs `scope`, any other `read`. An unsafe request by session needs the CSRF token,
    whose check also refuses foreign origins.
    """

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = "An API token: `Authorization: Bearer sw_…`."

    def __init__(self, scope: str = Scope.MANAGE) -> None:
        super().__init__()
        # The strongest scope, unless a router or an operation says that a weaker one will do.
        self.scope = str(scope)

    def __call__(self, request: HttpRequest) -> Any:
        request.api_token = None  # type: ignore[attr-defined]
        header = request.headers.get("Authorization")
        user = self._by_session(request) if header is None else self._by_token(request, header)
        if user is not None:
            request.user = user
        return user

    def _by_session(self, request: HttpRequest) -> Any:
        user = request.user
        if not user.is_authenticated:
            return None
        throttling.count(request, f"user:{user.pk}", throttling.SESSION_FACTOR)
        if request.method not in _SAFE and check_csrf(request) is not None:
            raise HttpError(403, "The CSRF token is missing or wrong; reload the page.")
        return user

    def _by_token(self, request: HttpRequest, header: str) -> Any:
        kind, _, secret = header.partition(" ")
        secret = secret.strip()
        if kind.lower() != "bearer":
            return None
        scope = Scope.READ.value if request.method in _SAFE else self.scope
        user = authenticate_bearer(request, secret, scope)
        if user is None and ApiToken.objects.of_secret(secret).exists():
            raise HttpError(401, "This token has expired, or its person may not sign in any more.")
        return user
