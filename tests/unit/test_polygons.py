"""Polygons to masks and back, held against testing each pixel's centre."""

import json
import math
import time
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.domain import polygons
from annotations.domain.errors import DomainError
from annotations.domain.polygons import Part, Ring, bridged, contours, rasterise
from annotations.domain.rle import Rle
from tests.support.environment import ROOT

Pixels = npt.NDArray[np.uint8]

_SHARED = json.loads((ROOT / "tests" / "fixtures" / "polygons.json").read_text("utf-8"))["cases"]


@st.composite
def masks(draw: st.DrawFn) -> Pixels:
    """Masks with holes, islands and pixels that touch at corners only."""
    height, width = draw(st.integers(1, 30)), draw(st.integers(1, 30))
    share = draw(st.sampled_from([0.05, 0.3, 0.5, 0.8, 0.97, 1.0]))
    seed = draw(st.integers(0, 2**32 - 1))
    return (np.random.default_rng(seed).random((height, width)) < share).astype(np.uint8)


def listed(rings: list[Ring]) -> list[list[float]]:
    return [ring.ravel().tolist() for ring in rings]


def all_rings(parts: list[Part]) -> list[Ring]:
    return [ring for part in parts for ring in (part.outer, *part.holes)]


def centre_inside(rings: list[list[float]], width: int, height: int) -> Pixels:
    """The even-odd rule at each pixel's centre, by a ray upwards."""
    mask = np.zeros((height, width), dtype=np.uint8)
    for row in range(height):
        for column in range(width):
            x, y = column + 0.5, row + 0.5
            inside = False
            for ring in rings:
                points = list(zip(ring[0::2], ring[1::2], strict=True))
                for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True):
                    if (x0 < x) != (x1 < x):
                        at = y0 + (x - x0) / (x1 - x0) * (y1 - y0)
                        inside ^= at <= y
            mask[row, column] = inside
    return mask


@pytest.mark.parametrize("case", _SHARED, ids=lambda case: case["name"])
def test_the_browser_fills_alike(case: dict[str, Any]):
    height, width = case["size"]
    rle = rasterise(case["rings"], width, height)
    assert (rle.counts, rle.area, list(rle.bbox)) == (case["counts"], case["area"], case["bbox"])


# Off the pixels' centres, where rounding would decide.
_COORDINATES = st.integers(-400, 1400).map(lambda n: n / 100 + 0.00317)
_RINGS = st.lists(
    st.lists(st.tuples(_COORDINATES, _COORDINATES), min_size=3, max_size=9).map(
        lambda points: [value for point in points for value in point]
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=150)
@given(_RINGS, st.integers(1, 12), st.integers(1, 12))
def test_a_pixel_is_inside_when_its_centre_is(
    rings: list[list[float]], width: int, height: int
) -> None:
    mask = rasterise(rings, width, height).to_mask()
    assert np.array_equal(mask, centre_inside(rings, width, height))


def test_rings_within_rings_are_holes() -> None:
    outer, hole, island = ([a, a, b, a, b, b, a, b] for a, b in ((0, 10), (2, 8), (4, 6)))
    assert rasterise([outer, hole, island], 10, 10).area == 100 - 36 + 4


def test_what_lies_outside_the_image_is_cut_off() -> None:
    assert rasterise([[-5, -5, 100, -5, 100, 100, -5, 100]], 7, 4).area == 28
    assert rasterise([[20, 20, 30, 20, 30, 30]], 7, 4).area == 0


def test_a_ring_without_width_covers_nothing() -> None:
    assert rasterise([[1, 1, 5, 5, 1, 1]], 7, 7).area == 0
    assert rasterise([[3, 3, 3, 3, 3, 3]], 7, 7).area == 0


# --- Masks to rings ------------------------------------------------------------------------------


@given(masks())
def test_contours_lose_nothing(mask: Pixels) -> None:
    height, width = mask.shape
    rle = Rle.from_mask(mask)
    parts = contours(rle)
    if not parts:
        assert rle.area == 0
        return
    assert rasterise(listed(all_rings(parts)), width, height) == rle
    assert rasterise(listed([bridged(part) for part in parts]), width, height) == rle


def test_pieces_have_their_own_holes() -> None:
    mask = np.zeros((20, 30), dtype=np.uint8)
    mask[2:10, 3:12] = 1
    mask[4:6, 5:7] = 0
    mask[15:18, 20:25] = 1
    ringed, plain = sorted(contours(Rle.from_mask(mask)), key=lambda part: len(part.holes))[::-1]
    assert sorted(map(tuple, ringed.outer)) == [(3, 2), (3, 10), (12, 2), (12, 10)]
    assert len(ringed.holes) == 1
    assert plain.holes == ()
    assert sorted(map(tuple, plain.outer)) == [(20, 15), (20, 18), (25, 15), (25, 18)]


@given(masks())
def test_many_holes_are_bridged_without_loss(mask: Pixels) -> None:
    height, width = mask.shape
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(polygons, "_MAX_DISTANCES", 0)
        rings = [bridged(part) for part in contours(Rle.from_mask(mask))]
    if rings:
        assert rasterise(listed(rings), width, height) == Rle.from_mask(mask)


def test_noise_is_bridged_in_time() -> None:
    mask = np.random.default_rng(5).random((300, 300)) < 0.8
    rle = Rle.from_mask(mask)
    start = time.process_time()
    rings = [bridged(part) for part in contours(rle)]
    # The shortest cuts between thousands of holes would take minutes.
    assert time.process_time() - start < 10
    assert rasterise(listed(rings), 300, 300) == rle


# --- What clients send ---------------------------------------------------------------------------

_GOOD = [0, 0, 5, 0, 5, 5]
_BAD: dict[str, tuple[Any, str]] = {
    "null": (None, "polygons"),
    "a text": ("0,0 1,1", "polygons"),
    "an object": ({"0": _GOOD}, "polygons"),
    "no ring": ([], "polygons"),
    "too many rings": ([_GOOD] * 10_001, "polygons"),
    "too many points": ([_GOOD * 20_000, _GOOD * 20_000], "polygons"),
    "a ring too long": ([[0, 1] * 100_001], "polygons.0"),
    "a number for a ring": ([_GOOD, 5], "polygons.1"),
    "two points": ([[0, 0, 5, 5]], "polygons.0"),
    "an odd length": ([[0, 0, 5, 0, 5, 5, 7]], "polygons.0"),
    "a text for a number": ([[0, 0, "5", 0, 5, 5]], "polygons.0.2"),
    "a boolean": ([[0, 0, True, 0, 5, 5]], "polygons.0.2"),
    "nothing for a number": ([[0, 0, 5, None, 5, 5]], "polygons.0.3"),
    "not a number": ([[0, 0, 5, 0, math.nan, 5]], "polygons.0.4"),
    "infinity": ([[0, 0, 5, 0, math.inf, 5]], "polygons.0.4"),
    "a huge integer": ([[0, 0, 5, 0, 10**400, 5]], "polygons.0.4"),
    "far outside": ([[0, 0, 5, 0, 5, 1e300]], "polygons.0.5"),
}


@pytest.mark.parametrize(("rings", "field"), _BAD.values(), ids=_BAD.keys())
def test_bad_polygons_are_refused_by_name(rings: Any, field: str) -> None:
    with pytest.raises(DomainError) as caught:
        rasterise(rings, 10, 10)
    assert caught.value.field == field
    assert len(caught.value.message) < 200


def test_edges_that_cross_too_many_columns_are_refused() -> None:
    zigzag = [value for k in range(3000) for value in ((k % 2) * 20_000, k)]
    with pytest.raises(DomainError) as caught:
        rasterise([zigzag], 20_000, 20)
    assert caught.value.field == "polygons"
