"""Crops: parts of a large image that have embeddings of their own, so that small things are seen.

They lie on a grid that everybody shares: their sides are those of `SIDES`, and they begin at
multiples of a quarter of their side, or end with the image. The browser chooses among the same
in `static/js/geometry/crop_window.js`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .errors import DomainError
from .prompts import Box, Point, Prompts

# Pixels, √2 from one to the next: a view is at most so much smaller than its window.
SIDES = (
    256, 360, 512, 720, 1024, 1448, 2048, 2896, 4096, 5792, 8192, 11584, 16384, 23168, 32768,
)  # fmt: skip
# A window that is nearly as large as the image shows hardly more than the whole.
MIN_GAIN = 1.5
_STEPS = 4


@dataclass(frozen=True)
class CropWindow:
    """[x, x + width) × [y, y + height) of the upright image, in its pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def key(self) -> str:
        """As embeddings are keyed and addresses are written."""
        return f"{self.x},{self.y},{self.width},{self.height}"

    def to_json(self) -> list[int]:
        return [self.x, self.y, self.width, self.height]

    def inside(self, prompts: Prompts) -> Prompts:
        """The prompts in pixels of the window. Raises DomainError for one that lies outside."""
        points = tuple(
            Point(*self._moved(p.x, p.y, f"points.{n}"), p.label, p.candidate)
            for n, p in enumerate(prompts.points)
        )
        box = prompts.box
        if box is None:
            return Prompts(points)
        corners = (*self._moved(box.x0, box.y0, "box"), *self._moved(box.x1, box.y1, "box"))
        return Prompts(points, Box(*corners, box.candidate))

    def _moved(self, x: float, y: float, field: str) -> tuple[float, float]:
        if not (0 <= x - self.x <= self.width and 0 <= y - self.y <= self.height):
            raise DomainError(field, "must lie within the region")
        return x - self.x, y - self.y


def parse(value: Any, width: int, height: int) -> CropWindow:
    """The window that a client named for an image of this size: `[x, y, width, height]`, or the
    same as text with commas. Raises DomainError unless it is one of the grid's."""
    if isinstance(value, str):
        parts = value.split(",")
        # Longer ones are no coordinates, and slow to read as numbers.
        fits = all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts)
        value = [int(part) for part in parts] if fits else None
    if not isinstance(value, Sequence) or len(value) != 4 or any(type(n) is not int for n in value):
        raise DomainError("region", "must be four whole numbers: x, y, width, height")
    window = CropWindow(*value)
    for side in SIDES:
        if side * MIN_GAIN <= max(width, height) and _is_of(window, side, width, height):
            return window
    raise DomainError("region", "must be a region of the grid")


def _is_of(window: CropWindow, side: int, width: int, height: int) -> bool:
    return _fits(window.x, window.width, side, width) and _fits(
        window.y, window.height, side, height
    )


def _fits(start: int, size: int, side: int, length: int) -> bool:
    last = length - size
    return size == min(side, length) and (
        start == last or (0 <= start < last and start % (side // _STEPS) == 0)
    )
