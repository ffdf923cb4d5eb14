"""Connected parts of labels: what a person would take as one thing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Component:
    """One connected part (eight neighbours) of a label. `mask`: bool (h, w), the part within its
    smallest rectangle, whose left and top pixel are `x` and `y`; `area`: pixels inside, small
    holes filled."""

    label: int
    x: int
    y: int
    mask: Mask
    area: int


def components(labels: npt.NDArray[Any], least: int, most_labels: int) -> Iterator[Component]:
    """Parts of at least `least` pixels of the `most_labels` largest labels, label by label.

    Holes of fewer than `least` pixels are filled: their content is a part of nothing else.
    """
    sizes = np.bincount(labels.ravel())
    order = np.argsort(-sizes, kind="stable")[:most_labels]
    for label in order[sizes[order] >= least].tolist():
        yield from _parts(labels, label, least)


def _parts(labels: npt.NDArray[Any], label: int, least: int) -> Iterator[Component]:
    inside = (labels == label).astype(np.uint8)
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=8)
    for number in np.flatnonzero(stats[:, cv2.CC_STAT_AREA] >= least).tolist():
        if number == 0:
            continue
        x, y, w, h = (int(value) for value in stats[number, :4])
        mask = _filled(numbers[y : y + h, x : x + w] == number, least)
        yield Component(label, x, y, mask, int(mask.sum()))


def _filled(mask: Mask, least: int) -> Mask:
    """The mask with its small holes filled; what touches the rectangle's edge is no hole."""
    outside = np.pad(~mask, 1, constant_values=True).astype(np.uint8)
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(outside, connectivity=4)
    small = stats[:, cv2.CC_STAT_AREA] < least
    small[[0, numbers[0, 0]]] = False
    filled: Mask = mask | small[numbers[1:-1, 1:-1]]
    return filled
