"""Run-length encoded masks, as COCO defines them.

Column-major, the first run is zeros. Compressed counts are the string form of `pycocotools`
(`rleToString` in its `maskApi.c`): from the third run on the difference to the run two before,
in groups of five bits, least first, the sixth bit telling that more follow, plus 48.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import DomainError

Runs = npt.NDArray[np.int64]
Mask = npt.NDArray[np.uint8]

# Runs of one mask, and characters of its counts: bounds the memory that one request can take. A
# mask that a person or a model drew has some thousands of runs.
_MAX_RUNS = 4_000_000


def encode_counts(runs: Runs) -> str:
    """The compressed string of run lengths."""
    values = runs.astype(np.int64).copy()
    values[3:] -= runs[1:-2]
    # As many groups of five bits as the largest takes, its sign included.
    largest = max(int(values.max(initial=0)), -int(values.min(initial=0)))
    groups = largest.bit_length() // 5 + 1
    out = np.zeros((len(values), groups), dtype=np.uint8)
    used = np.zeros((len(values), groups), dtype=bool)
    active = np.ones(len(values), dtype=bool)
    for group in range(groups):
        bits = values & 0x1F
        values = values >> 5
        more = np.where(bits & 0x10, values != -1, values != 0)
        out[:, group] = bits | (more << 5)
        used[:, group] = active
        active = active & more
        if not active.any():
            break
    return bytes(out[used] + 48).decode("ascii")


def decode_counts(counts: str, field: str = "rle.counts") -> Runs:
    """Run lengths of a compressed string. Raises DomainError for what is none."""
    try:
        characters = np.frombuffer(counts.encode("ascii"), dtype=np.uint8)
    except UnicodeEncodeError as error:
        raise DomainError(field, "holds characters that COCO's counts do not use") from error
    if len(characters) == 0:
        raise DomainError(field, "is empty")
    if characters.min() < 48 or characters.max() > 111:
        raise DomainError(field, "holds characters that COCO's counts do not use")
    data = characters - np.uint8(48)
    if data[-1] & 0x20:
        raise DomainError(field, "ends within a number")
    ends = np.flatnonzero((data & 0x20) == 0)
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts + 1
    longest = int(lengths.max())
    if longest > 10:
        raise DomainError(field, "holds a number that is too large")
    values = (data[starts] & 0x1F).astype(np.int64)
    for group in range(1, longest):
        longer = np.flatnonzero(lengths > group)
        bits = (data[starts[longer] + group] & 0x1F).astype(np.int64)
        values[longer] |= bits << (5 * group)
    negative = np.flatnonzero(data[ends] & 0x10)
    values[negative] -= np.int64(1) << (5 * lengths[negative])
    return _undo_differences(values)


def _undo_differences(values: Runs) -> Runs:
    runs = values.copy()
    # Each run from the fourth on is stored as the difference to the one two before.
    runs[1::2] = np.cumsum(values[1::2])
    if len(values) > 2:
        runs[2::2] = np.cumsum(values[2::2])
    return runs


@dataclass(frozen=True)
class Rle:
    """A mask of `height` × `width` pixels as compressed column-major counts."""

    height: int
    width: int
    counts: str

    @classmethod
    def from_runs(cls, height: int, width: int, runs: Iterable[int] | Runs) -> "Rle":
        """From run lengths, zeros first, that add up to height × width."""
        values = np.asarray(runs if isinstance(runs, np.ndarray) else list(runs), dtype=np.int64)
        rle = cls(height, width, encode_counts(values))
        rle.__dict__["runs"] = values  # known: the string need not be read for them
        return rle

    @classmethod
    def from_changes(cls, height: int, width: int, changes: Runs) -> "Rle":
        """From the sorted positions (column-major, 0..h*w) at which the value changes; pairs
        of equal positions cancel out."""
        total = height * width
        changes = changes[changes < total]
        if len(changes) and not bool((np.diff(changes) > 0).all()):
            values, times = np.unique(changes, return_counts=True)
            changes = values[times % 2 == 1]
        edges = np.concatenate(([0], changes, [total])).astype(np.int64)
        return cls.from_runs(height, width, np.diff(edges))

    @classmethod
    def from_mask(cls, mask: npt.NDArray[Any]) -> "Rle":
        """From an array (height, width); what is not zero is inside."""
        flat = (np.asarray(mask) != 0).ravel(order="F")
        changes = np.flatnonzero(np.diff(flat, prepend=False))
        return cls.from_changes(mask.shape[0], mask.shape[1], changes)

    @classmethod
    def from_part(cls, part: npt.NDArray[Any], x: int, y: int, height: int, width: int) -> "Rle":
        """From the rectangle of a mask of `height` × `width` pixels that holds all that is
        inside: an array whose first column is `x` and whose first row is `y`."""
        rows = part.shape[0] + 1
        edges = np.diff(np.asarray(part) != 0, axis=0, prepend=False, append=False)
        places = np.flatnonzero(edges.T)
        return cls.from_changes(height, width, (places // rows + x) * height + places % rows + y)

    @cached_property
    def runs(self) -> Runs:
        """Run lengths, zeros first."""
        return decode_counts(self.counts)

    @cached_property
    def _spans(self) -> tuple[Runs, Runs]:
        """Starts and ends (exclusive) of the runs of ones, as column-major positions."""
        edges = np.cumsum(self.runs)
        starts, ends = edges[0::2], edges[1::2]
        starts = starts[: len(ends)]
        keep = ends > starts
        return starts[keep], ends[keep]

    @property
    def area(self) -> int:
        """Pixels inside."""
        return int(self.runs[1::2].sum())

    @property
    def bbox(self) -> tuple[int, int, int, int]:
        """(x, y, width, height) in pixels; zeros for an empty mask."""
        starts, ends = self._spans
        if len(starts) == 0:
            return 0, 0, 0, 0
        first, last = starts // self.height, (ends - 1) // self.height
        top, bottom = starts % self.height, (ends - 1) % self.height
        x0, x1 = int(first.min()), int(last.max())
        if bool((first != last).any()):
            # A run over a column's end touches the image's bottom and its top.
            y0, y1 = 0, self.height - 1
        else:
            y0, y1 = int(top.min()), int(bottom.max())
        return x0, y0, x1 - x0 + 1, y1 - y0 + 1

    def contains(self, x: float, y: float) -> bool:
        """Whether the pixel under the point is inside."""
        column, row = int(np.floor(x)), int(np.floor(y))
        if not (0 <= column < self.width and 0 <= row < self.height):
            return False
        starts, ends = self._spans
        position = column * self.height + row
        index = int(np.searchsorted(starts, position, side="right")) - 1
        return index >= 0 and position < int(ends[index])

    def to_mask(self, region: tuple[int, int, int, int] | None = None) -> Mask:
        """Array (height, width) of 0 and 1, or that of `region` (x, y, w, h) alone."""
        x, y, w, h = region or (0, 0, self.width, self.height)
        starts, ends = self._spans
        low, high = x * self.height, (x + w) * self.height
        starts, ends = np.clip(starts, low, high), np.clip(ends, low, high)
        columns = starts // self.height
        if h < self.height and bool((ends <= (columns + 1) * self.height).all()):
            # No run goes over a column's end, so the rows outside need not be looked at.
            first = (columns - x) * h
            starts = first + np.clip(starts - columns * self.height - y, 0, h)
            ends = first + np.clip(ends - columns * self.height - y, 0, h)
            return _filled(starts, ends, w, h)
        return _filled(starts - low, ends - low, w, self.height)[y : y + h]

    def intersection(self, other: "Rle") -> int:
        """Pixels inside both."""
        mine, theirs = self._spans, other._spans
        edges = np.unique(np.concatenate((*mine, *theirs)))
        if len(edges) < 2:
            return 0
        inside = _covered(mine, edges[:-1]) & _covered(theirs, edges[:-1])
        return int(np.diff(edges)[inside].sum())

    def iou(self, other: "Rle") -> float:
        """Intersection over union; 1 for two empty masks."""
        both = self.intersection(other)
        union = self.area + other.area - both
        return both / union if union else 1.0


def _filled(starts: Runs, ends: Runs, width: int, height: int) -> Mask:
    """Array (height, width) with ones from each start to its end, counted down the columns."""
    delta = np.zeros(width * height + 1, dtype=np.int8)
    np.add.at(delta, starts, 1)
    np.add.at(delta, ends, -1)
    columns = np.cumsum(delta[:-1], dtype=np.int8).reshape(width, height)
    return np.ascontiguousarray(columns.T).view(np.uint8)


def _covered(spans: tuple[Runs, Runs], positions: Runs) -> npt.NDArray[np.bool_]:
    starts, ends = spans
    if len(starts) == 0:
        return np.zeros(len(positions), dtype=bool)
    index = np.searchsorted(starts, positions, side="right") - 1
    return (index >= 0) & (positions < ends[np.maximum(index, 0)])


def validate_rle(size: Any, counts: Any, width: int, height: int) -> Rle:
    """The mask that a client sent for an image of this size, in the one spelling we store.

    `counts` is a compressed string or a list of run lengths. Raises DomainError.
    """
    if not _is_size(size) or list(size) != [height, width]:
        raise DomainError("rle.size", f"must be [{height}, {width}], the image's height and width")
    if not isinstance(counts, Sequence) or isinstance(counts, bytes):
        raise DomainError("rle.counts", "must be a compressed string or a list of run lengths")
    if len(counts) > _MAX_RUNS:
        raise DomainError("rle.counts", f"is too long: at most {_MAX_RUNS} are taken")
    runs = decode_counts(counts) if isinstance(counts, str) else _listed(counts)
    total = height * width
    if len(runs) > total + 1:
        raise DomainError("rle.counts", "has more runs than the image has pixels")
    if int(runs.min()) < 0 or int(runs.max()) > total:
        raise DomainError("rle.counts", "holds a run that is negative or longer than the image")
    if int(runs.sum()) != total:
        raise DomainError(
            "rle.counts", f"the runs add up to {int(runs.sum())} pixels, the image has {total}"
        )
    return Rle.from_changes(height, width, np.cumsum(runs)[:-1])


def _is_size(size: Any) -> bool:
    return (
        isinstance(size, list | tuple)
        and len(size) == 2
        and all(type(side) is int for side in size)
    )


def _listed(counts: Sequence[Any]) -> Runs:
    if len(counts) == 0:
        raise DomainError("rle.counts", "is empty")
    if not all(type(run) is int and -1 <= run < 2**62 for run in counts):
        raise DomainError("rle.counts", "must hold integers only")
    return np.asarray(counts, dtype=np.int64)
