"""Masks that nobody pointed at: those of a grid of points, and those of chosen points, without
duplicates.

All selection is on the decoder's low-resolution logits; full-size masks are made of survivors
alone, by who asks. Source of the grid and its thresholds: Segment Anything's automatic mask
generator. Ours differs in what it saves: points within masks that are settled are not asked
for, and duplicates are judged by the masks themselves, not by their boxes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..domain.images import LOGITS_SIDE, SamFrame
from ..domain.prompts import Point
from .base import Candidate, Embedding, Engine, Floats
from .session import decoder_prompt

Bits = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]

# Prompts that are decoded before it is looked which points they settled.
_ROUND = 8
# What settles the points within it: better than these, and not the scene as a whole.
_SETTLED_SCORE, _SETTLED_STABILITY, _SETTLED_SHARE = 0.92, 0.95, 0.1
# Two masks can only be one where their boxes overlap at least so much.
_LEAST_BOX_IOU = 0.5
# The smallest mask, in cells of the logits; and more than this much of the image is no object.
_LEAST_CELLS, _MOST_SHARE = 6, 0.95


@dataclass(frozen=True)
class Options:
    """`points_per_side`: the grid. `score`, `stability`: the least that the model predicts and
    that `domain.logits.stability` says, 0..1. `overlap`: masks whose IoU is above this are
    duplicates. `most`: how many are kept, the best. `every_point`: asks for all points, also
    within masks that are settled."""

    points_per_side: int = 16
    score: float = 0.85
    stability: float = 0.9
    overlap: float = 0.7
    most: int = 300
    every_point: bool = False


@dataclass(frozen=True, eq=False)
class Found:
    """A mask: `logits` (256, 256) as in `Candidate`, the `point` that it was asked for with, in
    image pixels, the decoder's `token` and `score`, and `stability`. `box`: x0, y0, x1, y1
    (exclusive) in cells of the logits, `cells`: how many are inside."""

    point: tuple[float, float]
    token: int
    score: float
    stability: float
    logits: Floats
    bits: Bits
    box: tuple[int, int, int, int]
    cells: int


def grid(side: int, width: int, height: int) -> list[tuple[float, float]]:
    """`side` × `side` points of an image in pixels, the middles of equal cells; those that
    come early lie all over the image."""
    steps = (np.arange(side) + 0.5) / side
    points = [(float(x * width), float(y * height)) for y in steps for x in steps]
    order = np.random.default_rng(side).permutation(len(points))
    return [points[index] for index in order]


class View:
    """Where the logits of an embedding show the image."""

    def __init__(self, image: Embedding) -> None:
        self.frame = SamFrame(image.width, image.height)
        self.columns = -(-self.frame.input_width // 4)
        self.rows = -(-self.frame.input_height // 4)

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Row and column of the logits at an image point."""
        u, v = self.frame.to_frame(x, y)
        return min(int(v / 4), self.rows - 1), min(int(u / 4), self.columns - 1)

    def inside(self, logits: Floats) -> Mask:
        """The mask, False beyond the image."""
        mask = np.zeros((LOGITS_SIDE, LOGITS_SIDE), dtype=bool)
        np.greater(logits[: self.rows, : self.columns], 0, out=mask[: self.rows, : self.columns])
        return mask

    def found(self, candidate: Candidate, point: tuple[float, float]) -> Found | None:
        """The candidate's mask; None for one that is too small, or everything."""
        mask = self.inside(candidate.logits)
        cells = int(np.count_nonzero(mask))
        if not _LEAST_CELLS <= cells <= _MOST_SHARE * self.rows * self.columns:
            return None
        down, across = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        return Found(
            point=point,
            token=candidate.token,
            score=candidate.score,
            stability=candidate.stability,
            logits=candidate.logits.copy(),  # the others of its run need not stay for it
            bits=packed(mask),
            box=(int(across[0]), int(down[0]), int(across[-1]) + 1, int(down[-1]) + 1),
            cells=cells,
        )


def packed(mask: Mask) -> Bits:
    """A mask (256, 256), 64 cells a number."""
    return np.packbits(mask).view(np.uint64)


def decoded(
    engine: Engine,
    embedding: Embedding,
    points: Sequence[tuple[float, float]],
    least_score: float,
) -> list[list[Candidate]]:
    """The three masks of each point: part, whole and more. None of a point for which no mask
    reaches `least_score`, where the engine saves time so."""
    frame = SamFrame(embedding.width, embedding.height)
    prompts = [decoder_prompt(frame, None, (Point(x, y, 1),), None) for x, y in points]
    return [tokens[1:] for tokens in engine.decode(embedding, prompts, least_score)]


def everything(
    engine: Engine,
    embedding: Embedding,
    options: Options,
    progress: Callable[[float], None] = lambda _: None,
) -> list[Found]:
    """The masks of a grid of points, the best score first. `progress` hears shares (0..1).
    Raises what `Engine.decode` does."""
    view = View(embedding)
    points = grid(options.points_per_side, embedding.width, embedding.height)
    settled = np.zeros((LOGITS_SIDE, LOGITS_SIDE), dtype=bool)
    kept = Kept(options.overlap, options.most)
    for share, asked in _rounds(points, view, settled, options.every_point):
        answers = decoded(engine, embedding, asked, options.score)
        for point, candidates in zip(asked, answers, strict=True):
            good = _good(view, candidates, point, options)
            for found in good:
                kept.add(found)
            _settle(settled, view, good)
        progress(share)
    return kept.best()


def _rounds(
    points: Sequence[tuple[float, float]], view: View, settled: Mask, every: bool
) -> Iterator[tuple[float, list[tuple[float, float]]]]:
    """Points to ask for next, and how far that is through all of them."""
    asked: list[tuple[float, float]] = []
    for count, point in enumerate(points, 1):
        if every or not settled[view.cell(*point)]:
            asked.append(point)
        if len(asked) == _ROUND or (asked and count == len(points)):
            yield count / len(points), asked
            asked = []


def _good(
    view: View, candidates: Sequence[Candidate], point: tuple[float, float], options: Options
) -> list[Found]:
    # The score is there already; the stability takes a look at all cells.
    sure = [c for c in candidates if c.score >= options.score]
    stable = [c for c in sure if c.stability >= options.stability]
    return [found for c in stable if (found := view.found(c, point)) is not None]


def _settle(settled: Mask, view: View, good: Sequence[Found]) -> None:
    """Marks the smallest good mask: points within it would ask for the same again. Larger ones
    may well have parts that were not asked for."""
    most = _SETTLED_SHARE * view.rows * view.columns
    sure = [
        f
        for f in good
        if f.score >= _SETTLED_SCORE and f.stability >= _SETTLED_STABILITY and f.cells <= most
    ]
    if sure:
        settled |= view.inside(min(sure, key=lambda found: found.cells).logits)


class Kept:
    """The masks that are kept so far: of two that are one, the one of the better rank."""

    def __init__(
        self, overlap: float, most: int, rank: Callable[[Found], float] = lambda f: f.score
    ) -> None:
        self._overlap, self._most, self._rank = overlap, most, rank
        self._found: list[Found] = []

    def add(self, new: Found) -> None:
        same = [old for old in self._found if iou(old, new) > self._overlap]
        rank = self._rank(new)
        if any(self._rank(old) >= rank for old in same):
            return
        self._found = [old for old in self._found if old not in same] + [new]
        if len(self._found) > 2 * self._most:
            self._found = self.best()

    def best(self) -> list[Found]:
        """At most `most`, the best first."""
        return sorted(self._found, key=self._rank, reverse=True)[: self._most]


def iou(first: Found, second: Found) -> float:
    """Intersection over union of the masks in cells of the logits; 0 where the boxes tell that
    it cannot be much."""
    if _box_iou(first.box, second.box) < _LEAST_BOX_IOU:
        return 0.0
    both = int(np.bitwise_count(first.bits & second.bits).sum())
    return both / (first.cells + second.cells - both)


def _box_iou(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return both / (areas - both)
