"""Masks as run lengths of COCO, in plain Python, so that the client needs no NumPy.

The string form is that of `pycocotools` (`rleToString` in its `maskApi.c`): from the third run on
the difference to the run two before, in groups of five bits, least first, the sixth bit telling
that more follow, plus 48.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .answers import pick
from .errors import BadAnswer


@dataclass(frozen=True, slots=True)
class Rle:
    """A mask of `height` × `width` pixels as compressed COCO counts."""

    height: int
    width: int
    counts: str

    @classmethod
    def parse(cls, data: Any) -> "Rle":
        size = pick(data, "size", list)
        if len(size) != 2 or not all(type(side) is int and side > 0 for side in size):
            raise BadAnswer("The server's answer lacks a proper 'rle.size'; is this segweb?")
        return cls(size[0], size[1], pick(data, "counts", str))

    def as_json(self) -> dict[str, Any]:
        return {"size": [self.height, self.width], "counts": self.counts}


def decode_counts(counts: str) -> list[int]:
    """Run lengths, zeros first. Raises ValueError for what is no such string."""
    runs: list[int] = []
    value = shift = 0
    for character in counts:
        group = ord(character) - 48
        if not 0 <= group < 64:
            raise ValueError("holds characters that COCO's counts do not use")
        value |= (group & 31) << shift
        shift += 5
        if shift > 50:
            raise ValueError("holds a number that is too large")
        if group & 32:
            continue
        if group & 16:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    if shift:
        raise ValueError("ends within a number")
    return runs


def encode_counts(runs: Iterable[int]) -> str:
    """The string of run lengths that start with zeros."""
    out = bytearray()
    listed = list(runs)
    for index, run in enumerate(listed):
        value = run - listed[index - 2] if index > 2 else run
        more = True
        while more:
            group = value & 31
            value >>= 5
            more = value != -1 if group & 16 else value != 0
            out.append(group + (32 if more else 0) + 48)
    return out.decode("ascii")


def canonical(runs: Iterable[int]) -> list[int]:
    """The same mask with no empty run but the first, and none at the end without need."""
    out = [0]
    ones = False
    for index, run in enumerate(runs):
        if run == 0:
            continue
        if (index % 2 == 1) == ones:
            out[-1] += run
        else:
            out.append(run)
            ones = not ones
    return out


def spans(runs: Iterable[int]) -> Iterable[tuple[int, int]]:
    """Start and end (exclusive) of each run of ones, as column-major positions."""
    position = 0
    for index, run in enumerate(runs):
        if index % 2 and run:
            yield position, position + run
        position += run
