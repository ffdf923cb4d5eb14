"""Masks as rings of few corners, from the run lengths alone: no raster, no OpenCV.

Every vertical run of ones has a top and a bottom edge, one pixel wide. On the line between two
columns the ends of those edges, sorted by height, pair up: between the first and the second of
a pair the two columns differ, so the outline runs vertically from one to the other. Following
the pairs walks each ring; the cost is that of sorting the runs, whatever the image's size.

Outer rings run clockwise as seen on the screen (y down), holes the other way round. Pixels that
touch at a corner only belong to different pieces.
"""

import numpy as np
import numpy.typing as npt

from .polygons import Part, Ring
from .rle import Rle

Ints = npt.NDArray[np.int64]

# Spreads the corners of equal weight over the ring and over both its sides (Knuth's
# multiplicative hash): taken in their order, a staircase would lose all its outer corners.
_SPREAD = 2_654_435_761


def outline(rle: Rle, most: int | None = None) -> list[Part]:
    """The mask's pieces with their holes, in pixels; each ring of at most `most` corners.

    Without `most`, or where the rings are shorter, filling them gives the very same mask.
    """
    column, edge_y = _edges(rle)
    if len(column) == 0:
        return []
    ring_of, walks = _walk(column, edge_y)
    rings = _corners(column, edge_y, walks)
    outer, holes = _nested(rings, ring_of, walks, edge_y)
    thin = [ring if most is None else thinned(ring, most) for ring in rings]
    return [Part(thin[o], tuple(thin[h] for h in holes.get(o, ()))) for o in outer]


def _edges(rle: Rle) -> tuple[Ints, Ints]:
    """Column and height of each horizontal edge: top and bottom of each run in turn."""
    ends = np.cumsum(rle.runs)
    starts, stops = ends[0::2], ends[1::2]
    starts = starts[: len(stops)]
    keep = stops > starts
    starts, stops = starts[keep], stops[keep]
    # A run may go on over the foot of its column into the next ones.
    first, last = starts // rle.height, (stops - 1) // rle.height
    counts = last - first + 1
    run = np.repeat(np.arange(len(starts)), counts)
    column = first[run] + np.arange(len(run)) - np.repeat(np.cumsum(counts) - counts, counts)
    top = np.maximum(starts[run] - column * rle.height, 0)
    bottom = np.minimum(stops[run] - column * rle.height, rle.height)
    return np.repeat(column, 2), np.column_stack((top, bottom)).ravel()


def _walk(column: Ints, edge_y: Ints) -> tuple[Ints, list[Ints]]:
    """The ring of each edge, and the edges of each ring in their order. Top edges (even) are
    walked to the right, bottom edges (odd) to the left."""
    count = len(column)
    is_top = np.arange(count) % 2 == 0
    # Ends 2e (left) and 2e + 1 (right) of edge e. Of two on one point a run's bottom comes first:
    # so the runs that it parts stay apart.
    line = np.column_stack((column, column + 1)).ravel()
    order = np.lexsort((np.repeat(is_top, 2), np.repeat(edge_y, 2), line))
    partner = np.empty(2 * count, dtype=np.int64)
    partner[order[0::2]], partner[order[1::2]] = order[1::2], order[0::2]
    following = (partner[2 * np.arange(count) + is_top] // 2).tolist()
    ring_of = np.full(count, -1, dtype=np.int64)
    walks: list[Ints] = []
    seen = bytearray(count)
    for start in range(count):
        if seen[start]:
            continue
        walk, edge = [], start
        while not seen[edge]:
            seen[edge] = 1
            walk.append(edge)
            edge = following[edge]
        walks.append(np.array(walk, dtype=np.int64))
        ring_of[walks[-1]] = len(walks) - 1
    return ring_of, walks


def _corners(column: Ints, edge_y: Ints, walks: list[Ints]) -> list[Ring]:
    """Each ring's corners; edges that go on at the same height are one."""
    lengths = np.array([len(walk) for walk in walks])
    ends = np.cumsum(lengths)
    walk = np.concatenate(walks)
    following = np.arange(1, len(walk) + 1)
    following[ends - 1] = ends - lengths  # the last of a ring goes on with its first
    y = edge_y[walk]
    turns = np.flatnonzero(y != y[following])
    x = column[walk[turns]] + (walk[turns] % 2 == 0)
    above, below = np.column_stack((x, y[turns])), np.column_stack((x, y[following[turns]]))
    corners = np.stack((above, below), axis=1).reshape(-1, 2).astype(np.float64)
    return np.split(corners, 2 * np.searchsorted(turns, ends[:-1]))


def signed_area(ring: Ring) -> float:
    """Square pixels; positive for a ring that runs clockwise on the screen."""
    x, y = ring[:, 0], ring[:, 1]
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) / 2


def _signed_areas(rings: list[Ring]) -> Ring:
    """`signed_area` of each, all at once."""
    lengths = np.array([len(ring) for ring in rings])
    ends = np.cumsum(lengths)
    x, y = np.concatenate(rings).T
    following = np.arange(1, len(x) + 1)
    following[ends - 1] = ends - lengths
    crosses = x * y[following] - x[following] * y
    areas: Ring = np.add.reduceat(crosses, ends - lengths) / 2
    return areas


def _nested(
    rings: list[Ring], ring_of: Ints, walks: list[Ints], edge_y: Ints
) -> tuple[list[int], dict[int, list[int]]]:
    """Numbers of the outer rings, and of the holes within each."""
    outer = np.flatnonzero(_signed_areas(rings) > 0).tolist()
    # A hole's highest edge is the bottom of a run whose top belongs to the same piece: to its
    # outer ring, or to a hole that lies higher.
    above: dict[int, int] = {}
    for number in set(range(len(rings))) - set(outer):
        walk = walks[number]
        highest = int(walk[int(edge_y[walk].argmin())])
        above[number] = int(ring_of[highest - 1])
    holes: dict[int, list[int]] = {}
    for number in sorted(above):
        parent = above[number]
        while parent in above:
            parent = above[parent]
        holes.setdefault(parent, []).append(number)
    return outer, holes


def thinned(ring: Ring, most: int) -> Ring:
    """At most `most` (3 or more) of the ring's corners, in their order: again and again those go
    whose triangle with their neighbours is the smallest, a round of far-apart ones at a time.

    Source: Visvalingam and Whyatt, Line generalisation by repeated elimination of points, 1993.
    """
    while len(ring) > most:
        before, after = np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0)
        a, b = ring - before, after - ring
        weight = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
        spread = np.arange(len(ring)) * _SPREAD % 2**32
        rank = np.empty(len(ring), dtype=np.int64)
        rank[np.lexsort((spread, weight))] = np.arange(len(ring))
        excess = len(ring) - most
        # Neighbours never go together: the second one's triangle is another by then.
        goes = (rank < np.roll(rank, 1)) & (rank < np.roll(rank, -1))
        goes &= rank < max(1, min(excess, len(ring) // 4))
        ring = ring[~goes]
    return ring
