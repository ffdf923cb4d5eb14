"""Who I am, and my tokens."""

from functools import partial
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from .. import access
from ..models import ApiToken
from ..representations.account import Me, NewToken, Preferences, Scope, Token, TokenPage
from ..representations.fields import represent, represent_each
from ..services.accounts import preferences, tokens
from .bodies import Body, Text, Whole
from .paging import CursorParam, Limit, LimitParam, by_id
from .responding import REFUSALS, created, nothing, ok

router = Router(tags=["Account"])

# As `keyName` of the pages' shortcuts writes them: "Ctrl+Shift+Z", "F1", "[".
_KEY = r"^(Ctrl\+)?(Alt\+)?(Shift\+)?(\S|[A-Z][A-Za-z0-9]{1,19})$"
_ACTION = r"^[a-z0-9][a-z0-9-]{0,59}$"
KeyName = Annotated[str, Field(max_length=40, pattern=_KEY)]
ActionName = Annotated[str, Field(max_length=60, pattern=_ACTION)]
Keys = Annotated[
    dict[ActionName, Annotated[list[KeyName], Field(min_length=1, max_length=4)]],
    Field(max_length=200),
]


class PreferencesPatch(Body):
    """`keys` replaces all that were given before; actions that are left out have their own."""

    keys: Keys | None = None


class TokenIn(Body):
    """`scopes` left out: all that the maker has. `expiresTime` left out: until it is revoked."""

    name: Text
    scopes: Annotated[list[Scope], Field(max_length=20)] | None = None
    expiresTime: Annotated[int, Field(ge=1, le=2**53, strict=True), Whole] | None = None


@router.get("/me", response={200: Me, **REFUSALS})
def get_me(request: HttpRequest) -> HttpResponse:
    """The person this session or token stands for."""
    return ok(represent(Me, request.user))


@router.get("/me/preferences", response={200: Preferences, **REFUSALS})
def get_preferences(request: HttpRequest) -> HttpResponse:
    """What I set for myself."""
    return ok(Preferences(keys=preferences.keys_of(request.user)))


@router.patch("/me/preferences", response={200: Preferences, **REFUSALS})
def change_preferences(request: HttpRequest, payload: PreferencesPatch) -> HttpResponse:
    """Changes what is sent. A key that is given to two actions is refused."""
    if payload.keys is not None:
        preferences.set_keys(request.user, payload.keys)
    return ok(Preferences(keys=preferences.keys_of(request.user)))


@router.get("/tokens", response={200: TokenPage, **REFUSALS})
def list_tokens(
    request: HttpRequest, limit: Limit = LimitParam, cursor: str | None = CursorParam
) -> HttpResponse:
    """My tokens, the newest first. Their secrets are not kept."""
    rows = ApiToken.objects.filter(user_id=request.user.pk)
    show = partial(represent_each, Token)
    return ok(by_id(rows, limit, cursor, show, newest_first=True))


@router.post("/tokens", response={201: NewToken, **REFUSALS})
def create_token(request: HttpRequest, payload: TokenIn) -> HttpResponse:
    """Makes a token; the secret is in this answer and never again.

    A token that makes another gives at most its own scopes and lifetime.
    """
    maker: ApiToken | None = request.api_token  # type: ignore[attr-defined]
    row, secret = tokens.issue(
        request.user, payload.name, payload.scopes, payload.expiresTime, maker
    )
    return created(represent(NewToken, row, token=secret))


@router.delete("/tokens/{int:token_id}", response={204: None, **REFUSALS})
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """Revokes a token at once."""
    access.token_for(request.user, token_id).delete()
    return nothing()
