"""How a request gets to its function: token, project, method; and every failure to its shape."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from ... import access
from ...models import Project, Scope
from ..auth import authenticate_bearer
from ..body_limits import body_limit
from . import errors

View = Callable[..., HttpResponse]
# Only signed addresses take files.
_JSON_BYTES = 1_000_000
_SAFE = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True)
class Caller:
    """Who asks, by which token, and for which project."""

    user: Any
    token: int
    project: Project | None = None

    @property
    def in_project(self) -> Project:
        assert self.project is not None
        return self.project


def caller(request: HttpRequest, slug: str | None, scope: str) -> Caller:
    """Raises Refused 401, Forbidden for a token that lacks `scope`, TooMany for one that asks too
    often, or Http404 for a project that the token's owner does not belong to."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    secret = secret.strip()
    bears = kind.lower() == "bearer" and secret
    user = authenticate_bearer(request, secret, scope) if bears else None
    if user is None:
        raise errors.Refused(401, "Send a valid API token: Authorization: Bearer <token>.")
    request.user = user
    token: int = request.api_token.pk  # type: ignore[attr-defined]
    return Caller(user, token, None if slug is None else access.project_named(user, slug))


def route(scope: str = Scope.READ, **methods: View) -> View:
    """A view that calls `methods[request.method](request, caller, **path)`. A token needs
    `scope` for a POST, and for a GET that it may read."""

    def serve(request: HttpRequest, slug: str | None, parts: dict[str, Any]) -> Any:
        needed = Scope.READ if request.method in _SAFE else scope
        who = caller(request, slug, needed)
        return _method(request, methods)(request, who, **parts)

    @body_limit(lambda: _JSON_BYTES, errors.answer)
    @csrf_exempt
    def view(request: HttpRequest, project: str | None = None, **parts: Any) -> HttpResponse:
        return _answered(lambda: serve(request, project, parts))

    return view


def signed(**methods: View) -> View:
    """A view for addresses that authorise themselves: calls `methods[…](request, **path)`."""

    @body_limit(lambda: settings.SEGWEB_MAX_BYTES, errors.answer)
    @csrf_exempt
    def view(request: HttpRequest, **parts: Any) -> HttpResponse:
        return _answered(lambda: _method(request, methods)(request, **parts))

    return view


def _method(request: HttpRequest, methods: dict[str, View]) -> View:
    found = methods.get(request.method or "")
    if found is None:
        raise errors.Refused(405, f"Not with {request.method}: use {' or '.join(methods)} here.")
    return found


def _answered(work: Callable[[], Any]) -> HttpResponse:
    try:
        made = work()
    except Exception as error:
        return errors.of(error)
    return made if isinstance(made, HttpResponseBase) else JsonResponse(made)


@body_limit(lambda: _JSON_BYTES, errors.answer)
@csrf_exempt
def unknown(_request: HttpRequest) -> HttpResponse:
    """Whatever else is asked for under this API's base."""
    return errors.answer(404, "There is no such address in this API.")
