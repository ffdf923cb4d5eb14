"""From a decoder's low-resolution logits to a mask of the image, without a raster in between.

The mask is where the bilinear interpolation of the logits is above a threshold. Along a column
of pixels that interpolation is piecewise linear with one node a row of logits, so the places
where its sign changes, and with them the column's runs, are found directly: the cost is the
image's width times 256, whatever its height. The browser computes the same in
`static/js/geometry/logits.js`, in double precision on both sides.
"""

import numpy as np
import numpy.typing as npt

from .images import FRAME_SIDE, LOGITS_SIDE, SamFrame
from .rle import Rle

Logits = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

# Logits are a quarter of the frame's resolution.
_STRIDE = FRAME_SIDE // LOGITS_SIDE


def sample_positions(length: int, scaled: int) -> Doubles:
    """Where the centres of `length` pixels lie among the logits' nodes (clamped to them);
    `scaled` is the length in the frame."""
    centres = (np.arange(length, dtype=np.float64) + 0.5) * scaled / length / _STRIDE - 0.5
    return np.clip(centres, 0.0, LOGITS_SIDE - 1.0)


def rle_from_logits(logits: Logits, width: int, height: int, threshold: float = 0.0) -> Rle:
    """The mask `interpolated logits > threshold` of an image of this size.

    `logits` has shape (256, 256), rows first, over the padded frame.
    """
    frame = SamFrame(width, height)
    nodes = np.asarray(logits, dtype=np.float64) - threshold
    xs = sample_positions(width, frame.input_width)
    ys = sample_positions(height, frame.input_height)
    columns = _touched_columns(nodes, xs, ys)
    if len(columns) == 0:
        return Rle.from_runs(height, width, [height * width])
    profiles = _profiles(nodes, xs[columns])
    return Rle.from_changes(height, width, _changes(profiles, columns, ys, height))


def _touched_columns(nodes: Doubles, xs: Doubles, ys: Doubles) -> npt.NDArray[np.int64]:
    """Columns of pixels that can have a pixel inside: one of their two nodes has a positive."""
    rows = int(np.ceil(ys[-1])) + 1
    positive: npt.NDArray[np.bool_] = np.any(nodes[:rows] > 0, axis=0)
    left = np.floor(xs).astype(np.int64)
    right = np.minimum(left + 1, LOGITS_SIDE - 1)
    return np.flatnonzero(positive[left] | positive[right])


def _profiles(nodes: Doubles, xs: Doubles) -> Doubles:
    """The logits interpolated at columns `xs`: shape (columns, 256)."""
    left = np.floor(xs).astype(np.int64)
    right = np.minimum(left + 1, LOGITS_SIDE - 1)
    share = (xs - left)[:, None]
    by_column = np.ascontiguousarray(nodes.T)
    return by_column[left] * (1.0 - share) + by_column[right] * share


def _changes(
    profiles: Doubles, columns: npt.NDArray[np.int64], ys: Doubles, height: int
) -> npt.NDArray[np.int64]:
    """Column-major positions at which the mask changes, sorted; each column ends outside."""
    inside = profiles > 0
    column, node = np.nonzero(inside[:, 1:] != inside[:, :-1])
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
    base = columns * height
    positions = np.concatenate(
        (
            base[column[rows < height]] + rows[rows < height],
            base[starts],
            base[open_ends] + height,
        )
    )
    return np.sort(positions).astype(np.int64)


def low_res_iou(first: Logits, second: Logits) -> float:
    """Intersection over union of two masks at the logits' own resolution."""
    a, b = first > 0, second > 0
    union = int((a | b).sum())
    return int((a & b).sum()) / union if union else 1.0


def contains_point(logits: Logits, x: float, y: float, width: int, height: int) -> bool:
    """Whether the pixel under the image point (x, y) is inside the mask."""
    frame = SamFrame(width, height)
    u = _position(x, width, frame.input_width)
    v = _position(y, height, frame.input_height)
    left, top = int(u), int(v)
    right, low = min(left + 1, LOGITS_SIDE - 1), min(top + 1, LOGITS_SIDE - 1)
    a, b = u - left, v - top
    upper = float(logits[top, left]) * (1 - a) + float(logits[top, right]) * a
    lower = float(logits[low, left]) * (1 - a) + float(logits[low, right]) * a
    return upper * (1 - b) + lower * b > 0


def _position(coordinate: float, length: int, scaled: int) -> float:
    pixel = min(max(int(coordinate), 0), length - 1)
    centre = (pixel + 0.5) * scaled / length / _STRIDE - 0.5
    return min(max(centre, 0.0), LOGITS_SIDE - 1.0)
