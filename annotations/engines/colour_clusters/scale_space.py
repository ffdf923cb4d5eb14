"""Regions of one channel: where its histogram has peaks that last over many scales.

Source: Lim and Lee 1990, section 2; Witkin, "Scale-space filtering", IJCAI 1983. Step by step
as ImageMagick does it, whose surprises are told where they occur. All arrays have 256 entries,
one a value of the channel.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Marks = list[int]  # -1, 0 or +1 for each of the 256 values
Region = tuple[int, int]  # first and last value, both included

_LAST = 255
# Coarse to fine; the raw histogram follows as the finest.
_TAUS = tuple(5.2 - 0.5 * step for step in range(10))
_LEVELS = (*_TAUS, 0.0)


@dataclass
class _Interval:
    """A node of the interval tree: values `left` to `right`, which it shares with neighbours."""

    left: int
    right: int
    level: int
    children: list["_Interval"] = field(default_factory=list)

    @property
    def stability(self) -> float:
        """Over how much of the scale it lasts; 0 for what is never divided."""
        if not self.children:
            return 0.0
        return _LEVELS[self.level] - _LEVELS[self.children[0].level]

    @property
    def mean_stability(self) -> float:
        """Of its children; 0 without any."""
        if not self.children:
            return 0.0
        return sum(child.stability for child in self.children) / len(self.children)

    @property
    def is_active(self) -> bool:
        return self.stability >= self.mean_stability


def regions(histogram: Doubles, smoothing_threshold: float) -> list[Region]:
    """The ranges of values around the histogram's lasting peaks, ascending; perhaps none.

    `histogram`: pixel counts, shape (256,), not normalised, so the threshold (0 counts as 1) is
    against counts too.
    """
    threshold = smoothing_threshold or 1.0
    levels = [_marks(_second_derivative(level), threshold) for level in _scales(histogram)]
    for level in range(len(levels) - 2, -1, -1):
        _follow(levels[level], levels[level + 1])
    for marks in levels:
        _close_ends(marks)
    return _peaks(_signs(_tree(levels), levels))


def _scales(histogram: Doubles) -> list[Doubles]:
    """The histogram smoothed by Gaussians of each tau, without padding, and itself."""
    distance = np.abs(np.subtract.outer(np.arange(256), np.arange(256)))
    smooth = []
    for tau in _TAUS:
        weights = np.exp(-(np.arange(256.0) ** 2) / (2.0 * tau * tau))
        smooth.append(weights[distance] @ histogram / (tau * np.sqrt(2.0 * np.pi)))
    return [*smooth, histogram]


def _derivative(values: Doubles) -> Doubles:
    out = np.empty_like(values)
    out[1:-1] = (values[2:] - values[:-2]) / 2.0
    out[0] = -1.5 * values[0] + 2.0 * values[1] - 0.5 * values[2]
    out[-1] = 0.5 * values[-3] - 2.0 * values[-2] + 1.5 * values[-1]
    return out


def _second_derivative(values: Doubles) -> Doubles:
    return _derivative(_derivative(values))


def _marks(curvature: Doubles, threshold: float) -> Marks:
    """The sign of each sample that has the sign of the sample before it, of those that are not
    within the threshold. Named after zero crossings, it marks what lies between them."""
    marks = [0] * 256
    last = 0
    for position, value in enumerate(curvature.tolist()):
        if -threshold <= value < threshold:
            continue
        sign = 1 if value > 0 else -1
        if sign == last:
            marks[position] = sign
        last = sign
    return marks


def _neighbours(marks: Marks) -> tuple[list[int], list[int]]:
    """For each position the nearest marked one below it, else 0, and above it, else 255."""
    below, above = [0] * 256, [_LAST] * 256
    for position in range(1, 256):
        below[position] = position - 1 if marks[position - 1] else below[position - 1]
    for position in range(_LAST - 1, -1, -1):
        above[position] = position + 1 if marks[position + 1] else above[position + 1]
    return below, above


def _follow(coarse: Marks, fine: Marks) -> None:
    """Moves each mark of a level to where the next finer one has it, so that an even number of
    the finer marks lies between neighbours; one that fits nowhere is dropped. In place, and
    what moves right is met again."""
    before = [0]
    for mark in fine:
        before.append(before[-1] + (mark != 0))
    below, above = _neighbours(fine)
    previous = 0  # the nearest mark below, or 0
    for position in range(256):
        value = coarse[position]
        if not value:
            continue
        coarse[position] = 0
        here = [position] if fine[position] else []
        for target in (*here, below[position], above[position]):
            between = before[target] - before[previous + 1] if target > previous else 0
            if target != previous and between % 2 == 0:
                coarse[target] = value
                if target <= position:
                    previous = max(previous, target)
                break


def _close_ends(marks: Marks) -> None:
    """Gives both ends the sign opposite to that of their nearest mark."""
    marks[0] = -next((mark for mark in marks[:_LAST] if mark), marks[_LAST])
    marks[_LAST] = -next((mark for mark in reversed(marks[1:]) if mark), marks[0])


def _tree(levels: list[Marks]) -> _Interval:
    """Intervals between marks, divided further by each finer level."""
    root = _Interval(0, _LAST, 0)
    leaves = [root]
    for level, marks in enumerate(levels):
        leaves = [piece for leaf in leaves for piece in _divide(leaf, level, marks)]
    return root


def _divide(leaf: _Interval, level: int, marks: Marks) -> list[_Interval]:
    cuts = [position for position in range(leaf.left + 1, leaf.right) if marks[position]]
    if not cuts:
        return [leaf]
    ends = [leaf.left, *cuts, leaf.right]
    leaf.children = [_Interval(a, b, level) for a, b in pairwise(ends)]
    return leaf.children


def _active(siblings: list[_Interval]) -> list[_Interval]:
    """Active nodes of the subtrees in the order in which they are written: at a shared end the
    later one counts."""
    found = [node for node in siblings if node.is_active]
    for node in reversed(siblings):
        if not node.is_active:
            found += _active(node.children)
    return found


def _signs(root: _Interval, levels: list[Marks]) -> Marks:
    """+1 over peaks, -1 over valleys, 0 where no active interval lies."""
    signs = [0] * 256
    for node in _active(root.children):
        is_peak = levels[node.level][node.right] == -1
        for position in range(node.left, node.right + 1):
            signs[position] = 1 if is_peak else -1
    return signs


def _peaks(signs: Marks) -> list[Region]:
    """From each first value above a valley to the last one before the next valley."""
    found: list[Region] = []
    start = None
    for position, sign in enumerate(signs):
        if start is None and sign > 0:
            start = position
        elif start is not None and sign < 0:
            found.append((start, position - 1))
            start = None
    if start is not None:
        found.append((start, _LAST))
    return found
