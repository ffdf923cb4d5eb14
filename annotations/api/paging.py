"""Lists: `?limit=` and `?cursor=`, answered with `items` and `next`."""

import base64
import binascii
import json
from collections.abc import Callable
from typing import Annotated, Any

from ninja import Query
from ninja.errors import HttpError
from pydantic import Field

Limit = Annotated[int, Field(ge=1, le=1000)]
LimitParam = Query(100, description="how many items at most, 1 to 1000")
CursorParam = Query(None, max_length=200, description="`next` of the answer before")


def encode(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def decode(cursor: str, kinds: tuple[type, ...]) -> list[Any]:
    """The values within a cursor. Raises HttpError 400 for one that this server did not make."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if len(values) == len(kinds) and all(
            type(value) is kind for value, kind in zip(values, kinds, strict=True)
        ):
            return list(values)
    except (ValueError, TypeError, binascii.Error, RecursionError):
        pass
    raise HttpError(400, "The cursor is not one of this list's.")


def by_id(
    rows: Any, limit: int, cursor: str | None, show: Callable[[list[Any]], list[Any]],
    *, newest_first: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """One page of `rows` in the order of their ids."""
    if cursor:
        (last,) = decode(cursor, (int,))
        if not 0 <= last < 2**63:
            raise HttpError(400, "The cursor is not one of this list's.")
        rows = rows.filter(pk__lt=last) if newest_first else rows.filter(pk__gt=last)
    found = list(rows.order_by("-pk" if newest_first else "pk")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return {"items": show(found), "next": encode(found[-1].pk) if more else None}
