"""From a decoder's low-resolution logits to a mask of the image, without a raster in between.

The mask is where the bilinear interpolation of the logits is above a threshold. Along a column
of pixels that interpolation is piecewise linear with one node a row of logits, so the places
where its sign changes, and with them the column's runs, are found directly: the cost is the
image's width times the logits' side, whatever its height. The browser computes the same in
`static/js/geometry/logits.js`, in double precision on both sides.
"""

import numpy as np
import numpy.typing as npt

from .frame import ImageFrame, ModelFrame
from .rle import Rle

Logits = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


def sample_positions(length: int, scaled: int, model: ModelFrame) -> Doubles:
    """Where the centres of `length` pixels lie among the logits' nodes (clamped to them);
    `scaled` is the length in the model's frame."""
    centres = (np.arange(length, dtype=np.float64) + 0.5) * scaled / length / model.stride - 0.5
    return np.clip(centres, 0.0, model.logits_side - 1.0)


def rle_from_logits(
    logits: Logits,
    frame: ImageFrame,
    threshold: float = 0.0,
    *,
    offset: tuple[int, int] = (0, 0),
    size: tuple[int, int] | None = None,
) -> Rle:
    """The mask `interpolated logits > threshold` of the image that lies in `frame`.

    `logits` are square, rows first, over the padded frame. Where `frame` shows a part of an
    image alone, `size` is the whole image's (width, height) and `offset` the part's (x, y) in
    it; nothing beyond the part is inside.
    """
    left, top = offset
    width, height = size or (frame.width, frame.height)
    xs = sample_positions(frame.width, frame.input_width, frame.model)
    ys = sample_positions(frame.height, frame.input_height, frame.model)
    positive: npt.NDArray[np.bool_] = np.asarray(logits) > threshold
    rows = _touched_rows(positive, ys)
    columns = _touched_columns(positive[rows], xs)
    if len(columns) == 0:
        return Rle.from_runs(height, width, [height * width])
    nodes = np.asarray(logits[rows], dtype=np.float64) - threshold
    profiles = _profiles(nodes, xs[columns])
    column, row = _changes(profiles, columns, ys - rows.start, frame.height)
    return Rle.from_changes(height, width, np.sort((column + left) * height + row + top))


def _touched_rows(positive: npt.NDArray[np.bool_], ys: Doubles) -> slice:
    """Rows of nodes that have a positive, and one more on each side: beyond them all is outside."""
    shown = positive[: int(np.ceil(ys[-1])) + 1]
    found = np.flatnonzero(shown.any(axis=1))
    if len(found) == 0:
        return slice(0, 1)
    return slice(max(int(found[0]) - 1, 0), min(int(found[-1]) + 2, len(shown)))


def _touched_columns(positive: npt.NDArray[np.bool_], xs: Doubles) -> npt.NDArray[np.int64]:
    """Columns of pixels that can have a pixel inside: one of their two nodes has a positive."""
    some: npt.NDArray[np.bool_] = np.any(positive, axis=0)
    left = np.floor(xs).astype(np.int64)
    right = np.minimum(left + 1, len(some) - 1)
    return np.flatnonzero(some[left] | some[right])


def _profiles(nodes: Doubles, xs: Doubles) -> Doubles:
    """The logits interpolated at columns `xs`: shape (columns, rows of nodes)."""
    left = np.floor(xs).astype(np.int64)
    right = np.minimum(left + 1, nodes.shape[1] - 1)
    share = (xs - left)[:, None]
    by_column = np.ascontiguousarray(nodes.T)
    # In place: these are the largest arrays here, and fresh memory costs more than the sums.
    profiles, beyond = by_column[left], by_column[right]
    profiles *= 1.0 - share
    beyond *= share
    profiles += beyond
    return profiles


def _changes(
    profiles: Doubles, columns: npt.NDArray[np.int64], ys: Doubles, height: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Columns and rows at which the mask changes, in no order; each column ends outside."""
    inside = profiles > 0
    column, node = np.divmod(
        np.flatnonzero(inside[:, 1:] != inside[:, :-1]), inside.shape[1] - 1 or 1
    )
    above, below = profiles[column, node], profiles[column, node + 1]
    crossing = node + above / (above - below)
    # Going in, a pixel must lie beyond the crossing; going out, one on it is outside already.
    entering = below > 0
    rows = np.where(
        entering,
        np.searchsorted(ys, crossing, side="right"),
        np.searchsorted(ys, crossing, side="left"),
    )
    starts = np.flatnonzero(inside[:, 0])
    # A column that is inside at its last row of pixels has an odd number of changes so far.
    crossings = np.bincount(column, weights=rows < height, minlength=len(columns)).astype(int)
    open_ends = np.flatnonzero((crossings + inside[:, 0]) % 2 == 1)
    within = rows < height
    found = np.concatenate((column[within], starts, open_ends))
    ends = np.full(len(open_ends), height)
    return columns[found], np.concatenate((rows[within], np.zeros_like(starts), ends))


def low_res_iou(first: Logits, second: Logits) -> float:
    """Intersection over union of two masks at the logits' own resolution."""
    a, b = first > 0, second > 0
    union = int((a | b).sum())
    return int((a & b).sum()) / union if union else 1.0


def stability(logits: Logits, offset: float = 1.0) -> float:
    """How little a mask depends on its threshold: the IoU of the masks `logits > offset` and
    `logits > -offset`, at the logits' own resolution. 0 for an empty mask.

    Source: the stability score of Segment Anything's automatic mask generator.
    """
    wide = int(np.count_nonzero(logits > -offset))
    return int(np.count_nonzero(logits > offset)) / wide if wide else 0.0


def contains_point(logits: Logits, x: float, y: float, frame: ImageFrame) -> bool:
    """Whether the pixel under the image point (x, y) is inside the mask."""
    u = _position(x, frame.width, frame.input_width, frame.model)
    v = _position(y, frame.height, frame.input_height, frame.model)
    left, top = int(u), int(v)
    last = frame.model.logits_side - 1
    right, low = min(left + 1, last), min(top + 1, last)
    a, b = u - left, v - top
    upper = float(logits[top, left]) * (1 - a) + float(logits[top, right]) * a
    lower = float(logits[low, left]) * (1 - a) + float(logits[low, right]) * a
    return upper * (1 - b) + lower * b > 0


def _position(coordinate: float, length: int, scaled: int, model: ModelFrame) -> float:
    pixel = min(max(int(coordinate), 0), length - 1)
    centre = (pixel + 0.5) * scaled / length / model.stride - 0.5
    return min(max(centre, 0.0), model.logits_side - 1.0)
