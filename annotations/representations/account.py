"""People, what they set for themselves, and their tokens."""

from typing import Annotated

from typing_extensions import TypedDict

from ..models import Scope as ScopeChoices
from .fields import Choice, Given, Of, example, ms
from .values import MADE, Next

Scope = Annotated[str, Choice(ScopeChoices)]


class Me(TypedDict):
    id: Annotated[int, Of("id", 7)]
    username: Annotated[str, Of(lambda user: user.get_username(), "ann")]
    email: Annotated[str, Of("email", "ann@example.org")]
    isStaff: Annotated[bool, Of("is_staff", False)]


class Preferences(TypedDict):
    """`keys`: the keys that I gave to actions of the annotate page."""

    keys: Annotated[dict[str, list[str]], Given({"tool-brush": ["W"]})]


class Token(TypedDict):
    id: Annotated[int, Of("id", 2)]
    name: Annotated[str, Of("name", "Nightly export")]
    prefix: Annotated[str, Of("prefix", "sw_Ab3dE")]
    scopes: Annotated[list[Scope], Of("scopes", ["read", "export"])]
    createdTime: Annotated[int, Of(ms("created_at"), MADE)]
    expiresTime: Annotated[int | None, Of(ms("expires_at"), MADE + 90 * 86_400_000)]
    lastUsedTime: Annotated[int | None, Of(ms("last_used_at"), None)]


class NewToken(Token):
    token: Annotated[str, Given("sw_Ab3dE…shown-this-once")]


class TokenPage(TypedDict):
    items: Annotated[list[Token], Given([example(Token)])]
    next: Next
