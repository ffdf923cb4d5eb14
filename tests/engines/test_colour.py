"""Colour segmentation by what it promises, without a reference program."""

import tracemalloc
from io import BytesIO

import numpy as np
import pytest
from PIL import Image as PILImage

from annotations.engines.colour_clusters import (
    ColourSpace,
    Segmentation,
    clusters,
    scale_space,
    segment,
    segmentation,
    spaces,
)
from tests.support.environment import ROOT


def cut(pixels: np.ndarray, ct: float = 0, st: float = 1.5, cs: int = 13) -> Segmentation:
    return segment(
        np.asarray(pixels, np.uint8),
        cluster_threshold=ct,
        smoothing_threshold=st,
        space=ColourSpace(cs),
    )


def photo(name: str = "coffee") -> np.ndarray:
    with PILImage.open(ROOT / "static" / "demo" / f"{name}.jpg") as image:
        return np.asarray(image.convert("RGB"))


def many_colours(height: int, width: int) -> np.ndarray:
    """Narrow peaks with scattered values between them: thousands of boxes."""
    random = np.random.default_rng(2)
    near = random.integers(0, 16, (height, width, 3)) * 16 + 8 + random.integers(-1, 2, (3,))
    apart = random.random((height, width, 3)) < 0.3
    mixed = np.where(apart, random.integers(0, 256, (height, width, 3)), near)
    return np.clip(mixed, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("cs", range(1, 23))
@pytest.mark.parametrize("size", [(1, 1), (1, 5), (7, 1), (20, 30)])
def test_one_colour_is_one_label_of_that_colour(size: tuple[int, int], cs: int) -> None:
    colour = (10, 200, 30)
    found = cut(np.full((*size, 3), colour), cs=cs)
    assert found.labels.shape == size
    assert not found.labels.any()
    assert found.palette.shape == (1, 3)
    if cs not in {2, 17, 19}:  # a grey cannot be that colour
        assert np.abs(found.palette[0].astype(int) - colour).max() <= 4


def test_no_cluster_means_the_mean_colour() -> None:
    found = cut(np.array([[[0, 10, 255], [255, 20, 0]]]), ct=1000)
    assert found.palette.tolist() == [[128, 15, 128]]


def test_black_pixels_have_a_place_in_every_space() -> None:
    pixels = photo()[:100, :100].copy()
    pixels[:30] = 0
    for cs in range(1, 23):
        found = cut(pixels, cs=cs)
        assert len(np.unique(found.labels[:30])) == 1


@pytest.mark.parametrize("cs", range(1, 23))
def test_labels_are_places_in_the_palette(cs: int) -> None:
    found = cut(photo("rocket")[100:300, 100:300], cs=cs)
    assert found.labels.dtype == np.uint8
    assert found.labels.max() < len(found.palette)
    assert found.palette.dtype == np.uint8


def test_a_cluster_threshold_is_a_share_of_the_matched_pixels() -> None:
    pixels = photo()
    before = len(cut(pixels).palette)
    counts = [len(cut(pixels, ct=ct).palette) for ct in (0.1, 1, 5, 20, 60)]
    assert before > counts[0]
    assert counts == sorted(counts, reverse=True)
    # Of boxes with at least 20 % there are at most five.
    assert 1 <= counts[3] <= 5


def test_rows_and_columns_do_not_matter() -> None:
    pixels = photo()[:200, :300]
    found = cut(pixels, ct=1)
    order = np.random.default_rng(0).permutation(200 * 300)
    shuffled = cut(pixels.reshape(-1, 3)[order].reshape(300, 200, 3), ct=1)
    assert np.array_equal(found.labels.ravel()[order], shuffled.labels.ravel())
    assert np.array_equal(found.palette, shuffled.palette)


def test_large_pictures_are_cut_as_small_ones_are(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = photo("astronaut")
    whole = cut(pixels, ct=0.5, cs=5)
    monkeypatch.setattr(segmentation, "_PIXELS_AT_ONCE", 5_000)
    monkeypatch.setattr(clusters, "_AT_ONCE", 999)
    monkeypatch.setattr(clusters, "_COMPARED_AT_ONCE", 777)
    monkeypatch.setattr(spaces, "_AT_ONCE", 1_001)
    parts = cut(pixels, ct=0.5, cs=5)
    assert np.array_equal(whole.labels, parts.labels)
    assert np.array_equal(whole.palette, parts.palette)


def test_memory_is_bounded_by_the_picture() -> None:
    """The worst there is: every pixel another colour."""
    pixels = np.random.default_rng(1).integers(0, 256, (2000, 2000, 3), dtype=np.uint8)
    tracemalloc.start()
    try:
        cut(pixels, cs=5)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 260e6


def test_the_png_is_the_picture() -> None:
    found = cut(photo(), ct=1)
    with PILImage.open(BytesIO(found.to_png())) as image:
        assert image.mode == "P"
        assert image.info.get("transparency") is None
        assert np.array_equal(np.asarray(image.convert("RGB")), found.palette[found.labels])
    assert found.to_png()[24] == 8  # the header's bit depth


def test_more_than_256_labels_are_a_png_too() -> None:
    pixels = many_colours(600, 600)
    found = cut(pixels)
    assert len(found.palette) > 256
    assert found.labels.dtype == np.uint16
    with PILImage.open(BytesIO(found.to_png())) as image:
        assert np.array_equal(np.asarray(image.convert("RGB")), found.palette[found.labels])


@pytest.mark.parametrize("cs", sorted(set(range(1, 23)) - spaces.ONE_WAY - {2, 19}))
def test_colours_come_back(cs: int) -> None:
    """As near as 8-bit channels of the space allow: light ones in all, dark ones not in light."""
    colours = np.random.default_rng(4).integers(120, 200, (5000, 3)).astype(np.uint8)
    space = ColourSpace(cs)
    back = spaces.to_srgb(spaces.from_srgb(colours, space), space).astype(int)
    assert np.abs(back - colours).max() <= 8


def test_regions_of_plain_histograms() -> None:
    values = np.arange(256.0)
    two = 1000 * (np.exp(-((values - 60) ** 2) / 200) + np.exp(-((values - 190) ** 2) / 200))
    found = scale_space.regions(two, 1.5)
    assert found[0][0] < 60 < found[0][1] < found[1][0] < 190 < found[1][1]
    assert scale_space.regions(np.zeros(256), 1.5) == []
