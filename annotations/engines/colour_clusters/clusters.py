"""Boxes of colours: products of the channels' regions, the pixels in them, and who gets the rest.

A value is taken to lie in a region up to `SAFE_MARGIN` beyond its ends, so boxes overlap; a
colour belongs to the first of its boxes, with the first channel outermost. As boxes are a full
product, the first box is the product of the first regions of each channel.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .scale_space import Region

Bytes = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.integer]
Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]

SAFE_MARGIN = 3
_AT_ONCE = 1 << 18
_NONE = -1
_COMPARED_AT_ONCE = 1 << 14


@dataclass(frozen=True)
class Clusters:
    """`labels`: int32 (n,), the cluster of each colour. `centres`: uint8 (k, 3), the rounded
    means of the clusters' boxes in the working space; none at all when no box has pixels."""

    labels: Integers
    centres: Bytes


def cluster(
    values: Bytes, counts: Integers, regions: list[list[Region]], threshold: float
) -> Clusters:
    """Clusters of the colours `values` (n, 3), which occur `counts` (n,) times.

    A box is kept when it holds pixels, and at least `threshold` percent of those that any box
    holds. Colours in no kept box go to the nearest centre, the first of equals.
    """
    boxes = _Boxes(regions)
    sizes, sums = _contents(boxes, values, counts)
    kept = np.flatnonzero((sizes > 0) & (sizes >= threshold / 100.0 * sizes.sum()))
    labels = np.zeros(len(values), np.int32)
    if not len(kept):
        return Clusters(labels, np.empty((0, 3), np.uint8))
    centres = np.floor(sums[:, kept] / sizes[kept] + 0.5).T.astype(np.uint8)
    for part in _parts(len(values)):
        labels[part] = _labels(boxes, values[part], kept, centres)
    return Clusters(labels, centres)


def _parts(length: int) -> list[slice]:
    """So many colours at once that the working memory stays small."""
    return [slice(start, start + _AT_ONCE) for start in range(0, length, _AT_ONCE)]


def _contents(boxes: "_Boxes", values: Bytes, counts: Integers) -> tuple[Doubles, Doubles]:
    """Pixels of each box (boxes,), and the sums of their channels (3, boxes)."""
    sizes, sums = np.zeros(boxes.count), np.zeros((3, boxes.count))
    for part in _parts(len(values)):
        first = boxes.first(values[part])
        inside = np.flatnonzero(first != _NONE)
        owners, n = first[inside], counts[part][inside]
        sizes += np.bincount(owners, n, boxes.count)
        for channel in range(3):
            weights = n * values[part][inside, channel].astype(np.float64)
            sums[channel] += np.bincount(owners, weights, boxes.count)
    return sizes, sums


def _labels(boxes: "_Boxes", values: Bytes, kept: Integers, centres: Bytes) -> Integers:
    all_kept = len(kept) == boxes.count
    labels = boxes.first(values) if all_kept else boxes.first_of(values, kept)
    rest = np.flatnonzero(labels == _NONE)
    if len(rest):
        labels[rest] = _nearest_of_repeated(values[rest], centres)
    return labels


class _Boxes:
    """All products of three lists of regions, numbered in scan order."""

    def __init__(self, regions: list[list[Region]]) -> None:
        self.regions = _one_box(regions) or regions
        self.shape = tuple(len(channel) for channel in self.regions)
        self.count = int(np.prod(self.shape))

    def first(self, values: Bytes) -> Integers:
        """The first box of each colour, or -1."""
        places = [
            np.array([matches[0] if matches else _NONE for matches in _matches(channel)])
            for channel in self.regions
        ]
        return self._number([places[c][values[:, c]] for c in range(3)])

    def first_of(self, values: Bytes, kept: Integers) -> Integers:
        """The first box of each colour among `kept`, as its place in `kept`; or -1.

        Values that match the same regions are one kind, and few combinations of kinds occur.
        """
        place = np.full(self.count + 1, _NONE, np.int64)
        place[kept] = np.arange(len(kept))
        kinds = [_kinds(channel) for channel in self.regions]
        codes = np.zeros(len(values), np.int64)
        for channel, kind in enumerate(kinds):
            codes = codes * len(kind.matches) + kind.of_value[values[:, channel]]
        combinations, inverse = np.unique(codes, return_inverse=True)
        digits = np.unravel_index(combinations, tuple(len(kind.matches) for kind in kinds))
        choices = [kinds[c].matches[digits[c]] for c in range(3)]
        found = np.full(len(combinations), _NONE, np.int64)
        for ranks in itertools.product(*(range(choice.shape[1]) for choice in choices)):
            box = self._number([choices[c][:, ranks[c]] for c in range(3)])
            found = np.where(found == _NONE, place[box], found)
        return found[inverse]

    def _number(self, places: list[Integers]) -> Integers:
        """Numbers of boxes from the places of their regions; -1 where one of these is."""
        one, two, three = places
        number = (one * self.shape[1] + two) * self.shape[2] + three
        return np.where((one < 0) | (two < 0) | (three < 0), _NONE, number)


def _one_box(regions: list[list[Region]]) -> list[list[Region]] | None:
    """What there is when a channel has no region: whole channels up to that one, and the value
    0 of the channels behind it, which are never scanned."""
    for channel in range(3):
        if not regions[channel]:
            return [[(0, 255)] if c <= channel else [(0, 0)] for c in range(3)]
    return None


def _matches(regions: list[Region]) -> list[tuple[int, ...]]:
    """For each value the places of the regions that it lies in, ascending."""
    return [
        tuple(
            place
            for place, (low, high) in enumerate(regions)
            if low - SAFE_MARGIN <= value <= high + SAFE_MARGIN
        )
        for value in range(256)
    ]


@dataclass(frozen=True)
class _Kinds:
    """`of_value`: (256,), the kind of each value. `matches`: (kinds, most), the regions of each
    kind, filled up with -1."""

    of_value: Integers
    matches: Integers


def _kinds(regions: list[Region]) -> _Kinds:
    matches = _matches(regions)
    distinct = sorted(set(matches))
    number = {match: kind for kind, match in enumerate(distinct)}
    longest = max(1, *(len(match) for match in distinct))
    filled = [match + (_NONE,) * (longest - len(match)) for match in distinct]
    return _Kinds(np.array([number[match] for match in matches]), np.array(filled, np.int64))


def _nearest_of_repeated(values: Bytes, centres: Bytes) -> Integers:
    """As `_nearest`, comparing each different value once: many colours can share one."""
    keys = values[:, 0].astype(np.int64) << 16 | values[:, 1].astype(np.int64) << 8 | values[:, 2]
    distinct, inverse = np.unique(keys, return_inverse=True)
    different = np.stack([distinct >> 16, distinct >> 8 & 255, distinct & 255], axis=1)
    return _nearest(different, centres)[inverse]


def _nearest(values: Integers, centres: Bytes) -> Integers:
    """The place of the centre with the least squared distance, the first of equals.

    This is what the highest membership of fuzzy c-means comes to, whatever its exponent. The
    numbers are integers below 2^24: single precision holds them exactly.
    """
    out = np.zeros(len(values), np.int64)
    # Centre by centre over as many colours as the processor's cache holds.
    for start in range(0, len(values), _COMPARED_AT_ONCE):
        part = values[start : start + _COMPARED_AT_ONCE].astype(np.float32)
        _compare(part, centres.astype(np.float32), out[start : start + _COMPARED_AT_ONCE])
    return out


def _compare(colours: Floats, centres: Floats, place: Integers) -> None:
    """Writes the place of the nearest centre of each colour. A colour's own square is left out
    of its distances: it is the same in all of them."""
    one, two, three = np.ascontiguousarray(colours.T)
    nearest = np.full(len(colours), np.inf, np.float32)
    distance, term = np.empty_like(nearest), np.empty_like(nearest)
    nearer = np.empty(len(colours), np.bool_)
    for number, centre in enumerate(centres):
        np.multiply(one, -2 * centre[0], out=distance)
        for channel, weight in ((two, centre[1]), (three, centre[2])):
            np.multiply(channel, -2 * weight, out=term)
            np.add(distance, term, out=distance)
        np.add(distance, (centre * centre).sum(), out=distance)
        np.less(distance, nearest, out=nearer)
        np.copyto(nearest, distance, where=nearer)
        np.copyto(place, number, where=nearer)
