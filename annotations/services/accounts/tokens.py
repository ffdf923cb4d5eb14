"""API tokens: made within what their maker may do, and never stronger than that."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from ...models import ApiToken, Scope
from ..errors import Forbidden, Invalid
from ..text import clean_text

# Later moments are mistakes in the unit, and beyond the calendar of some databases.
_LAST_YEAR = 9999


def issue(
    user: Any,
    name: str,
    scopes: Sequence[str] | None = None,
    expires_ms: int | None = None,
    maker: ApiToken | None = None,
) -> tuple[ApiToken, str]:
    """A new token of `user` and its secret, which is kept nowhere.

    `scopes` None means all; `expires_ms` (epoch milliseconds) None means that it lasts until it
    is revoked. A `maker`, the token that asks, gives at most its own scopes and lifetime, which
    are then also what None means. Raises Invalid or Forbidden.
    """
    name = clean_text(name, "name", 100)
    expires_at = None if expires_ms is None else moment(expires_ms)
    for scope in scopes or ():
        if scope not in Scope.values:
            known = ", ".join(Scope.values)
            raise Invalid("unknown_scope", f"There is no scope {scope!r}; take {known}.", "scopes")
    if maker is not None:
        scopes = list(maker.scopes) if scopes is None else scopes
        expires_at = expires_at or maker.expires_at
        _no_stronger(scopes, expires_at, maker)
    return ApiToken.issue(user, name, scopes, expires_at)


def moment(expires_ms: int) -> datetime:
    """The time an expiry names. Raises Invalid for one that is past or beyond the calendar."""
    try:
        time = datetime.fromtimestamp(expires_ms / 1000, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Invalid("bad_time", "Give epoch milliseconds.", "expiresTime") from error
    if time.year >= _LAST_YEAR:
        raise Invalid("bad_time", "Give epoch milliseconds.", "expiresTime")
    if time <= timezone.now():
        raise Invalid("past_time", "The expiry must be in the future.", "expiresTime")
    return time


def _no_stronger(scopes: Sequence[str], expires_at: datetime | None, maker: ApiToken) -> None:
    for scope in scopes:
        if scope not in maker.scopes:
            raise Forbidden(
                "stronger_token",
                f"This token lacks the scope '{scope}' and cannot give it.",
                "scopes",
            )
    if maker.expires_at is not None and (expires_at is None or expires_at > maker.expires_at):
        raise Forbidden(
            "stronger_token",
            "A token cannot make one that outlives it.",
            "expiresTime",
        )
