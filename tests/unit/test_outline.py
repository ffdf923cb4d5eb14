"""Outlines from run lengths: exact without a limit, close with one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from annotations.domain import polygons
from annotations.domain.outline import outline, signed_area, thinned
from annotations.domain.polygons import Part, Ring
from annotations.domain.rle import Rle

masks = arrays(
    np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=14), elements=st.integers(0, 1)
)


def filled(parts: list[Part], rle: Rle) -> Rle:
    rings = [ring.ravel().tolist() for part in parts for ring in (part.outer, *part.holes)]
    if not rings:
        return Rle.from_runs(rle.height, rle.width, [rle.height * rle.width])
    return polygons.rasterise(rings, rle.width, rle.height)


def wavy(width: int, height: int) -> Rle:
    """An ellipse with a hole and a rim of many corners."""
    y, x = np.mgrid[:height, :width]
    u, v = (x - width / 2) / width, (y - height / 2) / height
    angle = np.arctan2(v, u)
    radius = np.hypot(u, v)
    return Rle.from_mask((radius < 0.4 + 0.03 * np.sin(60 * angle)) & (radius > 0.1))


@given(masks)
def test_filling_the_rings_gives_the_mask(mask: np.ndarray) -> None:
    rle = Rle.from_mask(mask)
    assert filled(outline(rle), rle).counts == rle.counts


@given(masks)
def test_pieces_are_what_touches_at_a_side(mask: np.ndarray) -> None:
    import cv2

    rle = Rle.from_mask(mask)
    parts = outline(rle)
    count, _ = cv2.connectedComponents(mask, connectivity=4)
    assert len(parts) == count - 1
    for part in parts:
        one = filled([part], rle)
        assert cv2.connectedComponents(one.to_mask(), connectivity=4)[0] == 2
        assert signed_area(part.outer) > 0
        assert all(signed_area(hole) < 0 for hole in part.holes)


def test_a_mask_without_pixels_has_no_outline() -> None:
    assert outline(Rle.from_runs(3, 4, [12])) == []


def test_the_whole_image_is_one_cornersof_four_corners() -> None:
    (part,) = outline(Rle.from_runs(3, 4, [0, 12]))
    assert sorted(map(tuple, part.outer.tolist())) == [(0, 0), (0, 3), (4, 0), (4, 3)]


def test_many_corners_become_few_with_little_change() -> None:
    rle = wavy(3000, 2000)
    exact, few = outline(rle), outline(rle, 1000)
    assert max(len(ring) for p in exact for ring in (p.outer, *p.holes)) > 5000
    assert max(len(ring) for p in few for ring in (p.outer, *p.holes)) <= 1000
    assert filled(few, rle).iou(rle) > 0.997
    assert abs(filled(few, rle).area - rle.area) / rle.area < 0.0005


def greedy(ring: Ring, most: int) -> Ring:
    """One corner at a time, that of the smallest triangle, as it was published."""
    points = ring.tolist()
    while len(points) > most:
        corners = np.array(points)
        a, b = corners - np.roll(corners, 1, axis=0), np.roll(corners, -1, axis=0) - corners
        areas = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
        points.pop(int(np.argmin(areas)))
    return np.array(points)


@pytest.mark.parametrize("most", [60, 120, 250])
def test_rounds_are_as_good_as_one_at_a_time(most: int) -> None:
    rle = wavy(300, 200)
    (part,) = outline(rle)
    ours, theirs = thinned(part.outer, most), greedy(part.outer, most)
    assert len(ours) == len(theirs) == most

    def lost(ring: Ring) -> float:
        kept = filled([Part(ring, part.holes)], rle)
        return 1 - kept.iou(rle)

    assert lost(ours) <= 1.2 * lost(theirs)


def test_a_triangle_is_left() -> None:
    (part,) = outline(wavy(300, 200), 3)
    assert len(part.outer) == 3
