"""What a person points at: a box, clicks, and the candidates chosen along the way.

A session of prompts is a list of steps in their order: the box first, where there is one, then
the clicks. Each step can hold the candidate that the person chose after it (a decoder token).
Coordinates are pixels of the upright image.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .errors import DomainError

# Tokens of a Segment Anything decoder: 0 is its single-mask answer, 1..3 part, whole and more.
TOKENS = 4
MOST_POINTS = 1000


@dataclass(frozen=True)
class Point:
    """A click at (x, y): `label` 1 for the object, 0 for what is not part of it.

    `candidate` is the token that the person chose after this click, if any.
    """

    x: float
    y: float
    label: int
    candidate: int | None = None

    def to_json(self) -> dict[str, Any]:
        """As stored with an annotation, and as the API takes it."""
        data: dict[str, Any] = {"x": self.x, "y": self.y, "label": self.label}
        return _with_candidate(data, self.candidate)


@dataclass(frozen=True)
class Box:
    """A rectangle around the object from (x0, y0) to (x1, y1), x0 < x1 and y0 < y1."""

    x0: float
    y0: float
    x1: float
    y1: float
    candidate: int | None = None

    def to_json(self) -> dict[str, Any]:
        """As stored with an annotation, and as the API takes it."""
        data: dict[str, Any] = {"x0": self.x0, "y0": self.y0, "x1": self.x1, "y1": self.y1}
        return _with_candidate(data, self.candidate)


PromptStep = Box | Point


@dataclass(frozen=True)
class Prompts:
    """All prompts of one object: at least one point or a box."""

    points: tuple[Point, ...] = ()
    box: Box | None = None

    @property
    def steps(self) -> tuple[PromptStep, ...]:
        """The prompts in the order in which they are replayed."""
        return (self.box, *self.points) if self.box else self.points

    def to_json(self) -> dict[str, Any]:
        """As stored with an annotation, and as the API takes it."""
        return {
            "points": [point.to_json() for point in self.points],
            "box": self.box.to_json() if self.box else None,
        }

    @classmethod
    def from_json(cls, data: Any, width: int, height: int) -> "Prompts":
        """From what a client sent for an image of this size. Raises DomainError."""
        if not isinstance(data, dict):
            raise DomainError("prompts", "must be an object with points and/or a box")
        points = _points(data.get("points"), width, height)
        box = _box(data.get("box"), width, height)
        if not points and box is None:
            raise DomainError("points", "at least one point or a box is needed")
        return cls(points, box)


def _with_candidate(data: dict[str, Any], candidate: int | None) -> dict[str, Any]:
    return data if candidate is None else {**data, "candidate": candidate}


def _points(value: Any, width: int, height: int) -> tuple[Point, ...]:
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise DomainError("points", "must be a list")
    if len(value) > MOST_POINTS:
        raise DomainError("points", f"must hold at most {MOST_POINTS} points")
    return tuple(_point(item, f"points.{i}", width, height) for i, item in enumerate(value))


def _point(value: Any, field: str, width: int, height: int) -> Point:
    data = _object(value, field)
    return Point(
        _coordinate(data, "x", field, width),
        _coordinate(data, "y", field, height),
        _choice(data, "label", field, 2),
        _candidate(data, field),
    )


def _box(value: Any, width: int, height: int) -> Box | None:
    if value is None:
        return None
    data = _object(value, "box")
    x0, x1 = (_coordinate(data, name, "box", width) for name in ("x0", "x1"))
    y0, y1 = (_coordinate(data, name, "box", height) for name in ("y0", "y1"))
    if x0 >= x1:
        raise DomainError("box.x1", "must be greater than x0")
    if y0 >= y1:
        raise DomainError("box.y1", "must be greater than y0")
    return Box(x0, y0, x1, y1, _candidate(data, "box"))


def _object(value: Any, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DomainError(field, "must be an object")
    return value


def _coordinate(data: dict[str, Any], name: str, field: str, most: int) -> float:
    value: Any = data.get(name)
    path = f"{field}.{name}"
    # Booleans are integers in Python; integers may be too large for a float.
    if type(value) not in (int, float):
        raise DomainError(path, "must be a number")
    if type(value) is float and not math.isfinite(value):
        raise DomainError(path, "must be finite")
    if not 0 <= value <= most:
        raise DomainError(path, f"must lie inside the image, between 0 and {most}")
    return float(value)


def _choice(data: dict[str, Any], name: str, field: str, count: int) -> int:
    value = data.get(name)
    if type(value) is not int or not 0 <= value < count:
        raise DomainError(f"{field}.{name}", f"must be an integer between 0 and {count - 1}")
    return value


def _candidate(data: dict[str, Any], field: str) -> int | None:
    if data.get("candidate") is None:
        return None
    return _choice(data, "candidate", field, TOKENS)
