"""What a person points at: points in the order of the clicks, and a box.

Coordinates are image pixels. `candidate` is the index of the decoder's mask (0: the single mask,
1 to 3: part, whole, more) that the person chose after that prompt, or None.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import DomainError

MAX_POINTS = 64
MASK_COUNT = 4


@dataclass(frozen=True)
class Point:
    """A click: `label` 1 for foreground, 0 for background."""

    x: float
    y: float
    label: int
    candidate: int | None = None


@dataclass(frozen=True)
class Box:
    """A rectangle, x0 < x1 and y0 < y1."""

    x0: float
    y0: float
    x1: float
    y1: float
    candidate: int | None = None


@dataclass(frozen=True)
class Prompts:
    """At least one of points and box. The box counts as given before the points."""

    points: tuple[Point, ...] = ()
    box: Box | None = None

    @property
    def steps(self) -> int:
        """How many times the decoder is asked to replay them."""
        return len(self.points) + (self.box is not None)

    def to_json(self) -> dict[str, Any]:
        """As the API and the stored annotations have it."""
        points = [_plain(x=p.x, y=p.y, label=p.label, candidate=p.candidate) for p in self.points]
        box = self.box
        if box is None:
            return {"points": points, "box": None}
        return {
            "points": points,
            "box": _plain(x0=box.x0, y0=box.y0, x1=box.x1, y1=box.y1, candidate=box.candidate),
        }

    @classmethod
    def from_json(cls, data: Any, width: int, height: int) -> "Prompts":
        """Parses what a client sent for an image of this size. Raises DomainError."""
        if not isinstance(data, Mapping):
            raise DomainError("prompts", "must be an object")
        points, box = data.get("points"), data.get("box")
        if points is None:
            points = []
        if isinstance(points, str | bytes) or not isinstance(points, Sequence):
            raise DomainError("points", "must be a list")
        if len(points) > MAX_POINTS:
            raise DomainError("points", f"at most {MAX_POINTS} points are taken")
        if not points and box is None:
            raise DomainError("points", "give at least one point or a box")
        return cls(
            tuple(_point(p, f"points.{i}", width, height) for i, p in enumerate(points)),
            None if box is None else _box(box, width, height),
        )


def _plain(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _known(data: Any, field: str, names: set[str]) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise DomainError(field, "must be an object")
    for name in data:
        if name not in names:
            raise DomainError(f"{field}.{name}"[:200], "is not known")
    return data


def _number(data: Mapping[str, Any], name: str, field: str, maximum: int) -> float:
    value = data.get(name)
    path = f"{field}.{name}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DomainError(path, "must be a number")
    if isinstance(value, float) and not math.isfinite(value):
        raise DomainError(path, "must be finite")
    if not 0 <= value <= maximum:
        raise DomainError(path, f"must lie within the image, 0 to {maximum}")
    return float(value)


def _candidate(data: Mapping[str, Any], field: str) -> int | None:
    value = data.get("candidate")
    if value is None:
        return None
    if type(value) is not int or not 0 <= value < MASK_COUNT:
        raise DomainError(f"{field}.candidate", f"must be an integer from 0 to {MASK_COUNT - 1}")
    return value


def _point(data: Any, field: str, width: int, height: int) -> Point:
    data = _known(data, field, {"x", "y", "label", "candidate"})
    label = data.get("label")
    if type(label) is not int or label not in (0, 1):
        raise DomainError(f"{field}.label", "must be 1 (foreground) or 0 (background)")
    x, y = _number(data, "x", field, width), _number(data, "y", field, height)
    return Point(x, y, label, _candidate(data, field))


def _box(data: Any, width: int, height: int) -> Box:
    data = _known(data, "box", {"x0", "y0", "x1", "y1", "candidate"})
    x0, x1 = (_number(data, name, "box", width) for name in ("x0", "x1"))
    y0, y1 = (_number(data, name, "box", height) for name in ("y0", "y1"))
    if x0 >= x1:
        raise DomainError("box.x1", "must be greater than x0")
    if y0 >= y1:
        raise DomainError("box.y1", "must be greater than y0")
    return Box(x0, y0, x1, y1, _candidate(data, "box"))
