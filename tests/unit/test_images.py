"""How images lie in the models' frame."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.images import upright_size
from annotations.engines.mobile_sam.shapes import FRAME

SIDES = st.integers(1, 20_000)


def reference_size(width: int, height: int) -> tuple[int, int]:
    """`ResizeLongestSide.get_preprocess_shape` of Segment Anything, for 1024."""
    scale = 1024 * 1.0 / max(height, width)
    return int(width * scale + 0.5), int(height * scale + 0.5)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((683, 1024), (683, 1024)),
        ((4000, 3000), (1024, 768)),
        ((3000, 4000), (768, 1024)),
        ((37, 211), (180, 1024)),
        ((1, 1), (1024, 1024)),
        ((2048, 1), (1024, 1)),
        ((10_000, 1), (1024, 1)),
    ],
)
def test_known_sizes(size: tuple[int, int], expected: tuple[int, int]) -> None:
    frame = FRAME.of(*size)
    assert (frame.input_width, frame.input_height) == expected


@given(SIDES, SIDES)
def test_sizes_are_the_reference_ones(width: int, height: int) -> None:
    frame = FRAME.of(width, height)
    theirs = reference_size(width, height)
    # A side that the reference would round away keeps one pixel. Where a side falls on a half,
    # the reference multiplies by a scale that is rounded already: there it may lie one below.
    for mine, reference, side in zip(
        (frame.input_width, frame.input_height), theirs, (width, height), strict=True
    ):
        on_half = side * 2048 % (2 * max(width, height)) == max(width, height)
        assert mine in ({reference, reference + 1} if on_half else {max(1, reference)})
        assert 1 <= mine <= 1024
    assert max(frame.input_width, frame.input_height) == 1024


@given(SIDES, SIDES)
def test_corners_go_to_corners(width: int, height: int) -> None:
    frame = FRAME.of(width, height)
    assert frame.to_frame(0, 0) == (0, 0)
    assert frame.to_frame(width, height) == (frame.input_width, frame.input_height)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_quarter_turns_swap_the_sides(orientation: int) -> None:
    expected = (20, 30) if orientation >= 5 else (30, 20)
    assert upright_size(30, 20, orientation) == expected
