"""Run-length encoded masks, held against pycocotools and against plain pixels."""

import json
import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from annotations.domain.errors import DomainError
from annotations.domain.rle import Rle, decode_counts, encode_counts, validate_rle
from tests.support.environment import ROOT

Pixels = npt.NDArray[np.uint8]

_SHARED = json.loads((ROOT / "tests" / "fixtures" / "rle.json").read_text("utf-8"))["cases"]


@st.composite
def pixels(draw: st.DrawFn, height: int | None = None, width: int | None = None) -> Pixels:
    """Masks from sparse to dense."""
    height = height or draw(st.integers(1, 24))
    width = width or draw(st.integers(1, 24))
    share = draw(st.sampled_from([0.0, 0.05, 0.3, 0.5, 0.8, 0.97, 1.0]))
    seed = draw(st.integers(0, 2**32 - 1))
    return (np.random.default_rng(seed).random((height, width)) < share).astype(np.uint8)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Pixels, Pixels]:
    """Two masks of one size."""
    height, width = draw(st.integers(1, 16)), draw(st.integers(1, 16))
    return draw(pixels(height, width)), draw(pixels(height, width))


def encoded(mask: Pixels) -> dict[str, Any]:
    """The mask as pycocotools encodes it."""
    return coco.encode(np.asfortranarray(mask))


@given(pixels())
def test_counts_are_those_of_pycocotools(mask: Pixels) -> None:
    rle = Rle.from_mask(mask)
    assert rle.counts == encoded(mask)["counts"].decode()
    assert (rle.height, rle.width) == mask.shape
    assert np.array_equal(rle.to_mask(), mask)


@given(pixels())
def test_area_and_box_are_those_of_pycocotools(mask: Pixels) -> None:
    rle = Rle.from_mask(mask)
    assert rle.area == int(coco.area(encoded(mask)))
    rows, columns = np.nonzero(mask)
    if len(rows):
        x, y = int(columns.min()), int(rows.min())
        assert rle.bbox == (x, y, int(columns.max()) - x + 1, int(rows.max()) - y + 1)
        assert list(rle.bbox) == coco.toBbox(encoded(mask)).tolist()
    else:
        assert rle.bbox == (0, 0, 0, 0)


@given(pairs())
def test_overlap_is_that_of_pycocotools(masks: tuple[Pixels, Pixels]) -> None:
    first, second = map(Rle.from_mask, masks)
    merged = coco.merge([encoded(masks[0]), encoded(masks[1])], intersect=True)
    assert first.intersection(second) == int(coco.area(merged))
    if masks[0].any() or masks[1].any():
        iou = coco.iou([encoded(masks[0])], [encoded(masks[1])], [0])[0, 0]
        assert first.iou(second) == pytest.approx(float(iou))
    else:
        assert first.iou(second) == 1.0


@given(pixels(), st.data())
def test_a_region_is_a_part_of_the_mask(mask: Pixels, data: st.DataObject) -> None:
    height, width = mask.shape
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    w, h = data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y))
    cut = Rle.from_mask(mask).to_mask((x, y, w, h))
    assert np.array_equal(cut, mask[y : y + h, x : x + w])


@given(st.lists(st.integers(0, 2**45), min_size=1, max_size=30))
def test_long_runs_survive_the_codec(runs: list[int]) -> None:
    assert decode_counts(encode_counts(np.array(runs, dtype=np.int64))).tolist() == runs


@pytest.mark.parametrize("case", _SHARED, ids=lambda case: case["name"])
def test_shared_masks(case: dict[str, Any]) -> None:
    mask = np.array([[int(c) for c in row] for row in case["rows"]], dtype=np.uint8)
    rle = Rle.from_mask(mask)
    assert rle == Rle(*case["size"], case["counts"])
    assert rle.area == case["area"]
    assert list(rle.bbox) == case["bbox"]
    assert np.array_equal(rle.to_mask(), mask)
    assert all(rle.contains(x, y) for x, y in case["inside"])
    for row, column in np.ndindex(mask.shape):
        assert rle.contains(column + 0.9, row) == bool(mask[row, column])
    height, width = mask.shape
    for x, y in ((-0.1, 0.0), (0.0, -0.1), (width, 0.0), (0.0, height)):
        assert not rle.contains(x, y)


# --- What clients send -------------------------------------------------------------------------


@given(pixels(), st.booleans())
def test_a_good_mask_is_taken_in_either_form(mask: Pixels, listed: bool) -> None:
    height, width = mask.shape
    rle = Rle.from_mask(mask)
    counts = rle.runs.tolist() if listed else rle.counts
    assert validate_rle([height, width], counts, width, height) == rle


def test_a_mask_has_one_spelling() -> None:
    plain = Rle.from_runs(2, 5, [3, 4, 3])
    for runs in ([3, 4, 3, 0], [3, 2, 0, 2, 3], [3, 4, 0, 0, 3], [0, 0, 3, 4, 3]):
        assert validate_rle([2, 5], runs, 5, 2) == plain
        counts = encode_counts(np.array(runs, dtype=np.int64))
        assert validate_rle([2, 5], counts, 5, 2) == plain


_HUGE = 10**400
_BAD_COUNTS: dict[str, Any] = {
    "nothing": "",
    "no runs": [],
    "null": None,
    "a number": 10,
    "a boolean": True,
    "bytes": b"73",
    "an object": {"0": 10},
    "foreign characters": "7 3",
    "characters beyond ASCII": "7é3",
    "a lone surrogate": "7\ud800",
    "a null character": "7\0",
    "an unfinished number": "7P",
    "a number of 10 groups": "o" * 9 + "O",
    "a number without end": "P" * 5000 + "1",
    "a negative run": [-1, 11],
    "a negative compressed run": "O",
    "booleans": [True, 9],
    "floats": [5.0, 5],
    "not a number": [math.nan, 10],
    "infinity": [math.inf],
    "texts": ["10"],
    "lists": [[10]],
    "nulls": [None, 10],
    "huge numbers": [_HUGE, -_HUGE],
    "numbers that wrap around to the right sum": [2**62, 2**62, 2**62, 2**62, 10],
    "numbers beyond 64 bits": [2**64 + 10],
    "too few pixels": [4, 5],
    "too many pixels": [5, 6],
    "too few pixels, compressed": "45",
    "a million runs": [0] * 1_000_000 + [10],
    "a million compressed runs": "0" * 1_000_000 + ":",
    "a huge text": "0" * 4_000_001,
    "a huge list": [0] * 4_000_001,
}


@pytest.mark.parametrize("counts", _BAD_COUNTS.values(), ids=_BAD_COUNTS.keys())
def test_bad_counts_are_refused_by_name(counts: Any) -> None:
    with pytest.raises(DomainError) as caught:
        validate_rle([2, 5], counts, 5, 2)
    assert caught.value.field == "rle.counts"
    assert len(caught.value.message) < 200


_BAD_SIZES: dict[str, Any] = {
    "swapped": [5, 2],
    "null": None,
    "a number": 10,
    "a text": "25",
    "one side": [2],
    "three sides": [2, 5, 1],
    "floats": [2.0, 5.0],
    "not a number": [math.nan, 5],
    "texts": ["2", "5"],
    "huge": [2, _HUGE],
    "an object": {"height": 2, "width": 5},
}


@pytest.mark.parametrize("size", _BAD_SIZES.values(), ids=_BAD_SIZES.keys())
def test_bad_sizes_are_refused_by_name(size: Any) -> None:
    with pytest.raises(DomainError) as caught:
        validate_rle(size, "73", 5, 2)
    assert caught.value.field == "rle.size"


def test_a_boolean_is_no_side() -> None:
    with pytest.raises(DomainError):
        validate_rle([True, 5], [5], 5, 1)


def _refused_or_sound(counts: Any, width: int, height: int) -> None:
    refused = None
    try:
        rle = validate_rle([height, width], counts, width, height)
    except DomainError as error:
        refused = error
    if refused is not None:
        assert refused.field == "rle.counts"
        return
    runs = rle.runs
    assert int(runs.sum()) == width * height
    assert (runs[1:] > 0).all()
    assert runs[0] >= 0


@settings(max_examples=400)
@given(st.one_of(st.text(), st.text(st.characters(min_codepoint=48, max_codepoint=111))))
def test_any_text_is_refused_or_sound(counts: str) -> None:
    _refused_or_sound(counts, 3, 2)


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=8,
)


@settings(max_examples=400)
@given(st.one_of(_JSON, st.lists(st.integers(-2, 7), max_size=8), st.lists(st.integers())))
def test_any_json_is_refused_or_sound(counts: Any) -> None:
    _refused_or_sound(counts, 3, 2)
