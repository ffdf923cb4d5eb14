"""What the API takes and gives of a person: who they are, their preferences and tokens."""

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from .schemas import Body, Text, Whole


class Me(Schema):
    id: int
    username: str
    email: str
    isStaff: bool


# As `keyName` of the pages' shortcuts writes them: "Ctrl+Shift+Z", "F1", "[".
_KEY = r"^(Ctrl\+)?(Alt\+)?(Shift\+)?(\S|[A-Z][A-Za-z0-9]{1,19})$"
_ACTION = r"^[a-z0-9][a-z0-9-]{0,59}$"
KeyName = Annotated[str, Field(max_length=40, pattern=_KEY)]
ActionName = Annotated[str, Field(max_length=60, pattern=_ACTION)]
Keys = Annotated[
    dict[ActionName, Annotated[list[KeyName], Field(min_length=1, max_length=4)]],
    Field(max_length=200),
]


class Preferences(Schema):
    """`keys`: the keys that I gave to actions of the annotate page."""

    keys: dict[str, list[str]]


class PreferencesPatch(Body):
    """`keys` replaces all that were given before; actions that are left out have their own."""

    keys: Keys | None = None


Scope = Literal["read", "annotate", "upload", "export", "manage"]


class TokenIn(Body):
    """`scopes` left out: all that the maker has. `expiresTime` left out: until it is revoked."""

    name: Text
    scopes: Annotated[list[Scope], Field(max_length=20)] | None = None
    expiresTime: Annotated[int, Field(ge=1, le=2**53, strict=True), Whole] | None = None


class Token(Schema):
    id: int
    name: str
    prefix: str
    scopes: list[Scope]
    createdTime: int
    expiresTime: int | None
    lastUsedTime: int | None


class NewToken(Token):
    token: str


class TokenPage(Schema):
    items: list[Token]
    next: str | None
