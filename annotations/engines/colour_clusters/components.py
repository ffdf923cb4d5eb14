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


def components(labels: npt.NDArray[Any], min_pixels: int, max_labels: int) -> Iterator[Component]:
    """Parts of at least `min_pixels` pixels of the `max_labels` largest labels, label by label.

    Holes of fewer than `min_pixels` pixels are filled: their content is a part of nothing else.
    """
    sizes = np.bincount(labels.ravel())
    order = np.argsort(-sizes, kind="stable")[:max_labels]
    for label in order[sizes[order] >= min_pixels].tolist():
        yield from _parts(labels, label, min_pixels)


def _parts(labels: npt.NDArray[Any], label: int, min_pixels: int) -> Iterator[Component]:
    inside = (labels == label).astype(np.uint8)
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=8)
    for number in np.flatnonzero(stats[:, cv2.CC_STAT_AREA] >= min_pixels).tolist():
        if number == 0:
            continue
        x, y, w, h = (int(value) for value in stats[number, :4])
        mask = _filled(numbers[y : y + h, x : x + w] == number, min_pixels)
        yield Component(label, x, y, mask, int(mask.sum()))


def _filled(mask: Mask, min_pixels: int) -> Mask:
    """The mask with its small holes filled; what touches the rectangle's edge is no hole."""
    outside = np.pad(~mask, 1, constant_values=True).astype(np.uint8)
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(outside, connectivity=4)
    small = stats[:, cv2.CC_STAT_AREA] < min_pixels
    small[[0, numbers[0, 0]]] = False
    filled: Mask = mask | small[numbers[1:-1, 1:-1]]
    return filled
