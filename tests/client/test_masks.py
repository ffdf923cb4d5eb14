"""Masks and polygons in plain Python, held against the server's own."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from annotations.domain.polygons import rasterise
from annotations.domain.rle import Rle as Reference
from segweb_client import BadAnswer, Rle
from segweb_client import rle as runs_of
from segweb_client.pictures import save_png
from segweb_client.rings import fill

MASKS = st.integers(0, 2**32).map(np.random.default_rng).flatmap(
    lambda random: st.tuples(st.integers(1, 40), st.integers(1, 40)).map(
        lambda size: (random.random(size) < random.random()).astype(np.uint8)
    )
)  # fmt: skip
NUMBERS = st.one_of(
    st.integers(-5, 30).map(float), st.floats(-20, 50), st.sampled_from([0.5, 7.5, 1e9, -1e9])
)
RINGS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=12).map(
    lambda points: [number for point in points for number in point]
)


def counts(runs: list[int]) -> str:
    return runs_of.encode_counts(runs_of.canonical(runs))


@given(MASKS)
def test_counts_are_the_servers(mask: np.ndarray) -> None:
    expected = Reference.from_mask(mask)
    runs = runs_of.decode_counts(expected.counts)
    assert runs == expected.runs.tolist()
    assert runs_of.encode_counts(runs) == expected.counts


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30))
def test_one_spelling_for_one_mask(runs: list[int]) -> None:
    total = sum(runs)
    if total == 0:
        return
    expected = Reference.from_changes(1, total, np.cumsum(runs)[:-1])
    assert runs_of.canonical(runs) == expected.runs.tolist()


@pytest.mark.parametrize("text", ["é", " ", "P", "P" * 20 + "0", "o" * 12])
def test_counts_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"holds|ends"):
        runs_of.decode_counts(text)


@settings(max_examples=300)
@given(RINGS, st.integers(1, 30), st.integers(1, 30))
def test_a_ring_is_filled_as_on_the_server(ring: list[float], width: int, height: int) -> None:
    assert counts(fill([ring], width, height)) == rasterise([ring], width, height).counts


@given(st.lists(RINGS, min_size=1, max_size=4), st.integers(1, 30), st.integers(1, 30))
def test_parts_are_joined(rings: list[list[float]], width: int, height: int) -> None:
    """COCO's parts of one object: what two of them cover is inside, too."""
    each = [rasterise([ring], width, height).to_mask() for ring in rings]
    expected = Reference.from_mask(np.maximum.reduce(each))
    assert counts(fill(rings, width, height)) == expected.counts


@given(MASKS)
def test_a_png_shows_the_mask(mask: np.ndarray) -> None:
    reference = Reference.from_mask(mask)
    out = io.BytesIO()
    save_png(Rle(reference.height, reference.width, reference.counts), out)
    picture = Image.open(out)
    assert picture.mode == "L"
    assert (np.asarray(picture) == mask * 255).all()


@pytest.mark.parametrize("counts", ["", "é", "0", "o14", "nnnnnnnn"])
def test_a_mask_that_is_none_is_no_picture(counts: str) -> None:
    with pytest.raises(BadAnswer):
        save_png(Rle(3, 4, counts), io.BytesIO())
