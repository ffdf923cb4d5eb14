"""Polygons to masks and back.

A pixel is inside when its centre is (even-odd rule over all rings together), so rings that lie
within others are holes. Contours follow the border pixel by pixel on corners, which that rule
fills to the very same mask.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import DomainError
from .rle import Rle

Ring = npt.NDArray[np.float64]

MAX_POINTS = 100_000
MAX_RINGS = 10_000
# Column crossings of all edges together: bounds time and memory of one polygon however long its
# edges (an outline crosses about as many columns as it has pixels).
_MAX_CROSSINGS = 3_000_000
# Pairs of corners that are looked at for the shortest cuts to a piece's holes.
_MAX_DISTANCES = 2_000_000


def parse(polygons: Any, field: str = "polygons") -> list[Ring]:
    """Rings of shape (n, 2) from `[[x, y, x, y, …], …]`. Raises DomainError."""
    if isinstance(polygons, str | bytes) or not isinstance(polygons, Sequence):
        raise DomainError(field, "must be a list of rings [x, y, x, y, …]")
    if not polygons:
        raise DomainError(field, "holds no ring")
    if len(polygons) > MAX_RINGS:
        raise DomainError(field, f"at most {MAX_RINGS} rings are taken")
    rings = [_ring(ring, f"{field}.{index}") for index, ring in enumerate(polygons)]
    if sum(len(ring) for ring in rings) > MAX_POINTS:
        raise DomainError(field, f"at most {MAX_POINTS} points are taken")
    return rings


def _ring(ring: Any, field: str) -> Ring:
    if isinstance(ring, str | bytes) or not isinstance(ring, Sequence):
        raise DomainError(field, "must be a list of numbers x, y, x, y, …")
    if len(ring) % 2:
        raise DomainError(field, "has an odd number of coordinates")
    if len(ring) < 6:
        raise DomainError(field, "needs at least three points")
    if len(ring) > 2 * MAX_POINTS:
        raise DomainError(field, f"at most {MAX_POINTS} points are taken")
    for index, value in enumerate(ring):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise DomainError(f"{field}.{index}", "must be a number")
        if not -1e9 <= value <= 1e9 or not math.isfinite(value):
            raise DomainError(f"{field}.{index}", "is too far outside the image")
    return np.array(ring, dtype=np.float64).reshape(-1, 2)


def rasterise(polygons: Any, width: int, height: int, field: str = "polygons") -> Rle:
    """The mask of the pixels whose centres the rings enclose; what lies outside the image is cut
    off. Raises DomainError for what is no polygon."""
    columns, crossings = _crossings(parse(polygons, field), width, field)
    # The first row whose centre (row + 0.5) lies at or below the crossing.
    rows = np.clip(np.ceil(crossings - 0.5), 0, height).astype(np.int64)
    # Crossings at a column's end close what it opened, or cancel out in pairs.
    return Rle.from_changes(height, width, np.sort(columns * height + rows))


def _crossings(
    rings: list[Ring], width: int, field: str
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """(column, y) wherever an edge crosses the line through a column's pixel centres."""
    starts = np.concatenate(rings)
    ends = np.concatenate([np.roll(ring, -1, axis=0) for ring in rings])
    swap = starts[:, 0] > ends[:, 0]
    left = np.where(swap[:, None], ends, starts)
    right = np.where(swap[:, None], starts, ends)
    first = np.clip(np.ceil(left[:, 0] - 0.5), 0, width).astype(np.int64)
    last = np.clip(np.ceil(right[:, 0] - 0.5), 0, width).astype(np.int64)
    counts = last - first
    if int(counts.sum()) > _MAX_CROSSINGS:
        raise DomainError(field, "is too intricate for an image of this size")
    edge = np.repeat(np.arange(len(counts)), counts)
    offset = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
    columns = first[edge] + offset
    run = right[edge, 0] - left[edge, 0]
    share = (columns + 0.5 - left[edge, 0]) / run
    return columns, left[edge, 1] + share * (right[edge, 1] - left[edge, 1])


# --- Masks to rings ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One connected piece: its outer ring and its holes, corners of pixels, (n, 2) each."""

    outer: Ring
    holes: tuple[Ring, ...]


def contours(rle: Rle) -> list[Part]:
    """The mask's pieces with their holes. Filling all rings by the rule above gives the mask."""
    x, y, w, h = rle.bbox
    if w == 0:
        return []
    return parts_of(rle.to_mask((x, y, w, h)), x, y)


def parts_of(mask: npt.NDArray[np.uint8], x: int = 0, y: int = 0) -> list[Part]:
    """The pieces of an array (height, width) whose top left pixel is (x, y).

    The mask is doubled, so that OpenCV's contours, which run through the centres of the
    outermost pixels, tell on which corner of the real pixels they turn.
    """
    import cv2

    doubled = np.repeat(np.repeat(mask, 2, axis=0), 2, axis=1)
    # A border keeps the pieces off the edge, where a contour could not turn around them.
    padded = np.pad(doubled, 1)
    found, hierarchy = cv2.findContours(padded, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if not len(found):
        return []
    rings = [np.add(_to_corners(np.asarray(c).reshape(-1, 2) - 1), (x, y)) for c in found]
    parents = hierarchy.reshape(-1, 4)[:, 3]
    children: dict[int, list[Ring]] = {}
    for index, parent in enumerate(parents):
        if parent >= 0:
            children.setdefault(int(parent), []).append(rings[index])
    return [
        Part(rings[index], tuple(children.get(index, ())))
        for index, parent in enumerate(parents)
        if parent < 0
    ]


def _to_corners(contour: npt.NDArray[Any]) -> Ring:
    """Points on the doubled grid to corners of real pixels: an even coordinate is the first
    half of a pixel, an odd one its second half."""
    corners: Ring = np.ceil(contour / 2.0).astype(np.float64)
    # Two points of the doubled grid often fall on one corner.
    turns: npt.NDArray[np.bool_] = np.any(corners != np.roll(corners, 1, axis=0), axis=1)
    return corners[turns]


def bridged(part: Part) -> Ring:
    """One ring that walks the outer border and, along cuts without width, each hole. For
    formats whose readers fill every ring: they cannot tell a hole."""
    corners = sum(len(hole) for hole in part.holes)
    if corners * (len(part.outer) + corners) > _MAX_DISTANCES:
        return _chained(part)
    ring = part.outer
    for hole in sorted(part.holes, key=lambda h: float(h[:, 0].min())):
        distance = ((ring[:, None, :] - hole[None, :, :]) ** 2).sum(axis=2)
        i, j = np.unravel_index(int(distance.argmin()), distance.shape)
        loop = np.concatenate((np.roll(hole, -int(j), axis=0), hole[j : j + 1]))
        ring = np.concatenate((ring[: i + 1], loop, ring[i:]))
    return ring


def _chained(part: Part) -> Ring:
    """The holes one after the other, in the time it takes to write them down: there and back
    along the same cuts, which therefore enclose nothing. The cuts are longer than they need be."""
    holes = sorted(part.holes, key=lambda hole: (float(hole[0, 0]), float(hole[0, 1])))
    loops = [np.concatenate((hole, hole[:1])) for hole in holes]
    way_back = np.array([hole[0] for hole in holes[-2::-1]], dtype=np.float64).reshape(-1, 2)
    return np.concatenate((part.outer, part.outer[:1], *loops, way_back, part.outer[:1]))
