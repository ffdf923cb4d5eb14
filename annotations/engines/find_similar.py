"""Objects that look like given ones, found with embeddings that are already there.

An object's feature is the mean of the embedding over its mask. Cells of an image that are like
it have a high cosine similarity; the peaks become points to ask the decoder for, and each mask
that comes back is judged by its own feature, the model's score, and how its size fits. All
features are taken from the mean of their image, which every cell has much of.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..domain.rle import Rle
from .base import Embedding, Engine, Floats
from .found import ROUND, Bits, Found, Kept, Progress, View, decode_points, packed
from .spec import POINT, Finder

# Peaks that are asked for in one image, and what a peak must have of the best similarity.
_MAX_POINTS, _MIN_PEAK = 64, 0.15
# A mask that the model thinks less of is none.
_MIN_SCORE, _MIN_STABILITY = 0.6, 0.6
_OVERLAP = 0.5
# Sizes that differ by this factor halve the likeness of two masks.
_SIZE_FACTOR = 8.0
# A taken mask that is larger than every example by this factor is of another kind of thing, and
# may well hold what is looked for.
_OTHER_SIZE = 3.0


@dataclass(frozen=True)
class Example:
    """An object: its feature (channels,), of length 1, and its share of its image's pixels."""

    feature: Floats
    share: float


@dataclass(frozen=True)
class Query:
    """Masks like the `examples` are looked for, at most `max_masks`, the best, without those
    that are `taken`: objects of the image."""

    examples: Sequence[Example]
    taken: Sequence[Rle]
    max_masks: int


@dataclass(frozen=True, eq=False)
class Similar:
    """A mask, and how like the examples its feature is: the cosine, 0..1."""

    found: Found
    similarity: float
    score: float


def coverage(mask: Rle, view: View) -> npt.NDArray[np.float32]:
    """(rows, columns): which share of each cell of the embedding is inside the mask, which is of
    the image in view."""
    side, cell = view.side, view.cell_pixels
    x, y, w, h = mask.bbox
    pixels = mask.to_mask((x, y, w, h))
    rows, columns = np.nonzero(_thinned(pixels))
    step = _step(pixels.shape)
    across, down = view.frame.to_frame(1, 1)
    at = np.minimum(((rows * step + y + 0.5) * down / cell).astype(int), side - 1)
    along = np.minimum(((columns * step + x + 0.5) * across / cell).astype(int), side - 1)
    counts = np.bincount(at * side + along, minlength=side * side).astype(np.float32)
    return (counts / max(1.0, float(counts.max()))).reshape(side, side)


def _step(shape: tuple[int, ...]) -> int:
    return max(1, int(min(shape) // 256))


def _thinned(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A large mask need not be counted pixel by pixel."""
    step = _step(pixels.shape)
    return pixels[::step, ::step]


def features(embedding: Embedding) -> Floats:
    """(cells, channels): the embedding's cells from their mean over the image; 0 beyond it."""
    view = View(embedding)
    values = embedding.values.reshape(len(embedding.values), -1).T.copy()
    rows, columns = view.shown
    shown = np.zeros((view.side, view.side), dtype=bool)
    shown[:rows, :columns] = True
    inside = shown.ravel()
    values -= values[inside].mean(axis=0)
    values[~inside] = 0
    return values


def _unit(vector: Floats) -> Floats:
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length if length > 0 else vector, dtype=np.float32)


def example(embedding: Embedding, mask: Rle) -> Example:
    """What is looked for. The mask is of the embedding's image and not empty."""
    weights = coverage(mask, View(embedding)).ravel()
    return Example(_unit(weights @ features(embedding)), mask.area / (mask.width * mask.height))


def find(
    engine: Engine, embedding: Embedding, query: Query, progress: Progress = lambda _: None
) -> list[Similar]:
    """Masks like the examples, the best score (similarity times the model's) first. `progress`
    hears shares (0..1). Raises what `Engine.decode` does."""
    examples, taken = query.examples, query.taken
    view, cells = View(embedding), features(embedding)
    wanted = np.stack([each.feature for each in examples])
    lengths = np.linalg.norm(cells, axis=1, keepdims=True)
    likeness = ((cells / np.maximum(lengths, 1e-6)) @ wanted.T).max(axis=1)
    likeness = likeness.reshape(view.side, view.side)
    points = _peaks(likeness, view, [mask for mask in taken if not _much_larger(mask, examples)])
    sums: dict[Found, tuple[float, float]] = {}
    kept = Kept(_OVERLAP, query.max_masks, lambda found: sums[found][1])
    for start in range(0, len(points), ROUND):
        asked = points[start : start + ROUND]
        answers = decode_points(engine, embedding, asked, _MIN_SCORE)
        for point, candidates in zip(asked, answers, strict=True):
            for candidate in candidates:
                if candidate.score < _MIN_SCORE or candidate.stability < _MIN_STABILITY:
                    continue
                found = view.found(candidate, point)
                if found is not None:
                    sums[found] = _judged(found, view, cells, examples)
                    kept.add(found)
        progress(min(1.0, (start + len(asked)) / len(points)))
    best = [Similar(found, *sums[found]) for found in kept.best()]
    old = [_bits(mask, view) for mask in taken]
    return [each for each in best if not any(_same(each.found, *mask) for mask in old)]


FINDER = Finder("find_similar", frozenset({POINT}), find)


def _judged(
    found: Found, view: View, cells: Floats, examples: Sequence[Example]
) -> tuple[float, float]:
    """Similarity and score of a mask."""
    mask = view.inside(found.logits)
    by_cell = mask.reshape(view.side, view.cell_logits, view.side, view.cell_logits)
    weights = by_cell.sum(axis=(1, 3)).astype(np.float32).ravel()
    feature = _unit(weights @ cells)
    share = found.cells / (view.rows * view.columns)
    best = (0.0, 0.0)
    for each in examples:
        similarity = max(0.0, min(1.0, float(feature @ each.feature)))
        apart = abs(np.log(share / each.share)) / np.log(_SIZE_FACTOR)
        score = similarity * max(0.0, min(1.0, found.score)) * float(0.5**apart)
        best = max(best, (similarity, score), key=lambda pair: pair[1])
    return best


def _much_larger(mask: Rle, examples: Sequence[Example]) -> bool:
    """Whether the mask is larger than every example by a factor."""
    share = mask.area / (mask.width * mask.height)
    return all(share > each.share * _OTHER_SIZE for each in examples)


def _peaks(likeness: Floats, view: View, taken: Sequence[Rle]) -> list[tuple[float, float]]:
    """Image points where the likeness is the highest around, but for those under `taken` masks;
    the best first."""
    (rows, columns), side = view.shown, view.side
    shown = np.full((side + 2, side + 2), -2.0, dtype=np.float32)
    shown[1 : rows + 1, 1 : columns + 1] = likeness[:rows, :columns]
    for mask in taken:
        shown[1:-1, 1:-1][coverage(mask, view) > 0.5] = -2.0
    middle = shown[1:-1, 1:-1]
    around = [shown[1 + dy :, 1 + dx :][:side, :side] for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    top = float(middle.max())
    lowest = max(_MIN_PEAK, 0.5 * top)
    peaks = np.argwhere((middle >= np.max(around, axis=0)) & (middle >= lowest))
    ranked = sorted(peaks, key=lambda cell: -float(middle[cell[0], cell[1]]))[:_MAX_POINTS]
    across, down = view.frame.to_frame(1, 1)
    width, height = view.frame.width, view.frame.height
    cell, half = view.cell_pixels, view.cell_pixels // 2
    return [
        (
            min((int(column) * cell + half) / across, width - 0.5),
            min((int(row) * cell + half) / down, height - 0.5),
        )
        for row, column in ranked
    ]


def _bits(mask: Rle, view: View) -> tuple[Bits, int]:
    """A mask of the image in cells of the logits, and how many are inside."""
    (across, down), stride = view.frame.to_frame(1, 1), view.model.stride
    xs = np.minimum(((np.arange(view.columns) + 0.5) * stride / across).astype(int), mask.width - 1)
    ys = np.minimum(((np.arange(view.rows) + 0.5) * stride / down).astype(int), mask.height - 1)
    x, y, w, h = mask.bbox
    part = mask.to_mask((x, y, w, h))
    right, low = (xs >= x) & (xs < x + w), (ys >= y) & (ys < y + h)
    cells = view.blank()
    inner = part[ys[low] - y][:, xs[right] - x] != 0
    cells[np.ix_(np.flatnonzero(low), np.flatnonzero(right))] = inner
    return packed(cells), int(np.count_nonzero(cells))


def _same(found: Found, bits: Bits, cells: int) -> bool:
    both = int(np.bitwise_count(found.bits & bits).sum())
    return both > _OVERLAP * (found.cells + cells - both)
