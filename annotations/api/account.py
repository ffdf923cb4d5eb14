"""Who I am, and my tokens."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from .. import access
from ..models import ApiToken
from ..services.accounts import preferences, tokens
from . import account_schemas, serialise
from .paging import CursorParam, Limit, LimitParam, by_id
from .responding import REFUSALS, created, nothing, ok

router = Router(tags=["Account"])


@router.get("/me", response={200: account_schemas.Me, **REFUSALS})
def get_me(request: HttpRequest) -> HttpResponse:
    """The person this session or token stands for."""
    user: Any = request.user
    return ok(
        {"id": user.pk, "username": user.get_username(), "email": user.email,
         "isStaff": user.is_staff}
    )  # fmt: skip


@router.get("/me/preferences", response={200: account_schemas.Preferences, **REFUSALS})
def get_preferences(request: HttpRequest) -> HttpResponse:
    """What I set for myself."""
    return ok({"keys": preferences.keys_of(request.user)})


@router.patch("/me/preferences", response={200: account_schemas.Preferences, **REFUSALS})
def change_preferences(
    request: HttpRequest, payload: account_schemas.PreferencesPatch
) -> HttpResponse:
    """Changes what is sent. A key that is given to two actions is refused."""
    if payload.keys is not None:
        preferences.set_keys(request.user, payload.keys)
    return ok({"keys": preferences.keys_of(request.user)})


@router.get("/tokens", response={200: account_schemas.TokenPage, **REFUSALS})
def list_tokens(
    request: HttpRequest, limit: Limit = LimitParam, cursor: str | None = CursorParam
) -> HttpResponse:
    """My tokens, the newest first. Their secrets are not kept."""
    rows = ApiToken.objects.filter(user_id=request.user.pk)
    show = lambda found: [serialise.token(row) for row in found]  # noqa: E731
    return ok(by_id(rows, limit, cursor, show, newest_first=True))


@router.post("/tokens", response={201: account_schemas.NewToken, **REFUSALS})
def create_token(request: HttpRequest, payload: account_schemas.TokenIn) -> HttpResponse:
    """Makes a token; the secret is in this answer and never again.

    A token that makes another gives at most its own scopes and lifetime.
    """
    maker: ApiToken | None = request.api_token  # type: ignore[attr-defined]
    row, secret = tokens.issue(
        request.user, payload.name, payload.scopes, payload.expiresTime, maker
    )
    return created(serialise.token(row) | {"token": secret})


@router.delete("/tokens/{int:token_id}", response={204: None, **REFUSALS})
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """Revokes a token at once."""
    access.token_for(request.user, token_id).delete()
    return nothing()
