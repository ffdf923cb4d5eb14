"""Masks from logits, held against sampling every pixel."""

import hashlib
import json
import tracemalloc
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.domain.frame import ModelFrame
from annotations.domain.logits import contains_point, low_res_iou, rle_from_logits, stability
from tests.fixtures.make_fixtures import logits_of
from tests.support.environment import ROOT

Doubles = npt.NDArray[np.float64]

FRAME = ModelFrame(side=1024, logits_side=256)

_SHARED = json.loads((ROOT / "tests" / "fixtures" / "logits.json").read_text("utf-8"))["cases"]


def sampled(logits: npt.NDArray[np.float32], width: int, height: int) -> Doubles:
    """The bilinear sample of the logits at every pixel's centre."""
    frame = FRAME.of(width, height)
    u = np.clip((np.arange(width) + 0.5) * frame.input_width / width / 4 - 0.5, 0, 255)
    v = np.clip((np.arange(height) + 0.5) * frame.input_height / height / 4 - 0.5, 0, 255)
    values = logits.astype(np.float64)
    left, top = np.floor(u).astype(int), np.floor(v).astype(int)
    right, low = np.minimum(left + 1, 255), np.minimum(top + 1, 255)
    across = values[:, left] * (1 - (u - left)) + values[:, right] * (u - left)
    share = (v - top)[:, None]
    return across[top] * (1 - share) + across[low] * share


def agree(logits: npt.NDArray[np.float32], width: int, height: int, threshold: float) -> None:
    """The mask is right wherever the sample is not a tie but for rounding."""
    mask = rle_from_logits(logits, FRAME.of(width, height), threshold).to_mask()
    values = sampled(logits, width, height) - threshold
    clear = np.abs(values) > 1e-9 * float(np.abs(logits).max() + 1)
    assert np.array_equal(mask[clear] == 1, values[clear] > 0)
    assert mask.shape == (height, width)


@st.composite
def fields(draw: st.DrawFn) -> npt.NDArray[np.float32]:
    """Logits from smooth blobs to noise."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    step = draw(st.sampled_from([1, 4, 32]))
    coarse = random.normal(draw(st.sampled_from([-2.0, 0.0, 2.0])), 1.5, (256 // step,) * 2)
    return np.kron(coarse, np.ones((step, step))).astype(np.float32)


@settings(max_examples=60)
@given(fields(), st.integers(1, 320), st.integers(1, 320), st.sampled_from([0.0, 0.7, -1.0]))
def test_a_mask_is_what_sampling_each_pixel_gives(
    logits: npt.NDArray[np.float32], width: int, height: int, threshold: float
) -> None:
    agree(logits, width, height, threshold)


@pytest.mark.parametrize(
    "case", _SHARED, ids=lambda c: f"{c['formula']}-{c['width']}x{c['height']}-{c['threshold']}"
)
def test_shared_masks(case: dict[str, Any]) -> None:
    logits = logits_of(case["formula"])
    width, height = case["width"], case["height"]
    rle = rle_from_logits(logits, FRAME.of(width, height), case["threshold"])
    assert rle.counts == case.get("counts", rle.counts)
    assert hashlib.sha256(rle.counts.encode()).hexdigest() == case["sha256"]
    assert rle.area == case["area"]
    assert list(rle.bbox) == case["bbox"]
    for x, y, inside in case["points"]:
        assert rle.contains(x, y) == bool(inside)
        if case["threshold"] == 0:
            assert contains_point(logits, x, y, FRAME.of(width, height)) == bool(inside)
    if width * height < 2_000_000:
        agree(logits, width, height, case["threshold"])


def test_nothing_and_everything() -> None:
    nothing = np.full((256, 256), -3, dtype=np.float32)
    assert rle_from_logits(nothing, FRAME.of(31, 17)).area == 0
    assert rle_from_logits(-nothing, FRAME.of(31, 17)).area == 31 * 17
    # At the threshold itself is outside.
    assert rle_from_logits(np.zeros((256, 256), dtype=np.float32), FRAME.of(31, 17)).area == 0


def test_what_lies_in_the_padding_is_not_seen() -> None:
    logits = np.full((256, 256), -5, dtype=np.float32)
    logits[200:, :] = 5
    assert rle_from_logits(logits, FRAME.of(1000, 500)).area == 0


def test_overlap_at_low_resolution() -> None:
    first, second = (np.full((256, 256), -1, dtype=np.float32) for _ in range(2))
    first[:100, :50] = 1
    second[50:150, :50] = 1
    assert low_res_iou(first, second) == pytest.approx(1 / 3)
    assert low_res_iou(-np.ones((256, 256), np.float32), -np.ones((256, 256), np.float32)) == 1.0


def test_no_raster_of_the_image_is_made() -> None:
    logits = logits_of("disc")
    tracemalloc.start()
    try:
        rle_from_logits(logits, FRAME.of(4000, 3000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Twelve megapixels interpolated in doubles would be 96 MB.
    assert peak < 48_000_000


def test_stability_is_the_iou_of_a_stricter_and_a_looser_mask() -> None:
    ramp = np.tile(np.linspace(-4, 4, 256, dtype=np.float32), (256, 1))
    strict, loose = ramp > 1, ramp > -1
    expected = (strict & loose).sum() / (strict | loose).sum()
    assert stability(ramp) == pytest.approx(expected)
    assert stability(ramp, 0.0) == 1.0
    assert stability(ramp * 1000) > 0.99
    assert stability(np.full((256, 256), -9, np.float32)) == 0.0
