"""Reads fields of the server's answers."""

from collections.abc import Mapping
from typing import Any, TypeVar

from .errors import BadAnswer

T = TypeVar("T")


def pick(data: Any, name: str, kind: type[T], *, at: str = "") -> T:
    """`data[name]`, which must be of `kind`. Raises BadAnswer."""
    value = data.get(name) if isinstance(data, Mapping) else None
    if kind is float and type(value) is int:
        value = float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        where = f"{at}.{name}" if at else name
        raise BadAnswer(f"The server's answer lacks a proper {where!r}; is this segweb?")
    return value
