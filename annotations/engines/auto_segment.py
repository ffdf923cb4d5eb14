"""All objects of an image: the masks of a grid of points, without duplicates.

Source of the grid and its thresholds: Segment Anything's automatic mask generator. Ours differs
in what it saves: points within masks that are settled are not asked for, and duplicates are
judged by the masks themselves, not by their boxes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .base import Candidate, Embedding, Engine
from .found import ROUND, Found, Kept, Mask, Progress, View, decode_points
from .spec import POINT, Finder

# What settles the points within it: better than these, and not the scene as a whole.
_SETTLED_SCORE, _SETTLED_STABILITY, _SETTLED_SHARE = 0.92, 0.95, 0.1


@dataclass(frozen=True)
class Query:
    """`points_per_side`: the grid. `score`, `stability`: the least that the model predicts and
    that `domain.logits.stability` says, 0..1. `overlap`: masks whose IoU is above this are
    duplicates. `max_masks`: how many are kept, the best. `every_point`: asks for all points,
    also within masks that are settled."""

    points_per_side: int = 16
    score: float = 0.85
    stability: float = 0.9
    overlap: float = 0.7
    max_masks: int = 300
    every_point: bool = False


def grid(side: int, width: int, height: int) -> list[tuple[float, float]]:
    """`side` × `side` points of an image in pixels, the middles of equal cells; those that
    come early lie all over the image."""
    steps = (np.arange(side) + 0.5) / side
    points = [(float(x * width), float(y * height)) for y in steps for x in steps]
    order = np.random.default_rng(side).permutation(len(points))
    return [points[index] for index in order]


def find(
    engine: Engine, embedding: Embedding, query: Query, progress: Progress = lambda _: None
) -> list[Found]:
    """The masks of a grid of points, the best score first. `progress` hears shares (0..1).
    Raises what `Engine.decode` does."""
    view = View(embedding)
    points = grid(query.points_per_side, embedding.width, embedding.height)
    settled = view.blank()
    kept = Kept(query.overlap, query.max_masks)
    for share, asked in _rounds(points, view, settled, query.every_point):
        answers = decode_points(engine, embedding, asked, query.score)
        for point, candidates in zip(asked, answers, strict=True):
            good = _good(view, candidates, point, query)
            for found in good:
                kept.add(found)
            _settle(settled, view, good)
        progress(share)
    return kept.best()


FINDER = Finder("auto_segment", frozenset({POINT}), find)


def _rounds(
    points: Sequence[tuple[float, float]], view: View, settled: Mask, every: bool
) -> Iterator[tuple[float, list[tuple[float, float]]]]:
    """Points to ask for next, and how far that is through all of them."""
    asked: list[tuple[float, float]] = []
    for count, point in enumerate(points, 1):
        if every or not settled[view.cell(*point)]:
            asked.append(point)
        if len(asked) == ROUND or (asked and count == len(points)):
            yield count / len(points), asked
            asked = []


def _good(
    view: View, candidates: Sequence[Candidate], point: tuple[float, float], query: Query
) -> list[Found]:
    # The score is there already; the stability takes a look at all cells.
    sure = [c for c in candidates if c.score >= query.score]
    stable = [c for c in sure if c.stability >= query.stability]
    return [found for c in stable if (found := view.found(c, point)) is not None]


def _settle(settled: Mask, view: View, good: Sequence[Found]) -> None:
    """Marks the smallest good mask: points within it would ask for the same again. Larger ones
    may well have parts that were not asked for."""
    limit = _SETTLED_SHARE * view.rows * view.columns
    sure = [
        f
        for f in good
        if f.score >= _SETTLED_SCORE and f.stability >= _SETTLED_STABILITY and f.cells <= limit
    ]
    if sure:
        settled |= view.inside(min(sure, key=lambda found: found.cells).logits)
