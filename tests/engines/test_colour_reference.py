"""Colour segmentation against the programs that define it: ImageMagick and GraphicsMagick.

On identical pixels only: the method turns on single levels.
"""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from annotations.engines.colour_clusters import ColourSpace, segment, spaces
from tests.support.environment import ROOT
from tests.support.magick import (
    NAMES,
    adjusted_rand,
    converted,
    graphicsmagick,
    imagemagick,
    labels_of,
)

_PHOTOS = ("astronaut", "cat", "coffee", "rocket")
SPACES = [pytest.param(cs, id=NAMES[cs - 1]) for cs in range(1, 23)]


def photo(name: str, side: int = 256) -> np.ndarray:
    """The middle of a photo, `side` pixels square."""
    with PILImage.open(ROOT / "static" / "demo" / f"{name}.jpg") as image:
        left, top = (image.width - side) // 2, (image.height - side) // 2
        return np.asarray(image.convert("RGB").crop((left, top, left + side, top + side)))


def made(name: str) -> np.ndarray:
    random = np.random.default_rng(11)
    rows, columns = np.mgrid[0:96, 0:144]
    pictures = {
        "noise": random.integers(0, 256, (96, 144, 3)),
        "soft": random.normal(128, 20, (96, 144, 3)),
        "pastel": np.stack(
            [180 + 40 * np.sin(columns / 20), 170 + 60 * np.cos(rows / 15), 210 - rows], axis=-1
        )
        + random.normal(0, 4, (96, 144, 3)),
        "dark": np.stack([columns // 12, rows // 12, (columns + rows) // 20], axis=-1)
        + random.integers(0, 3, (96, 144, 3)),
        "stripes": np.stack([columns // 16 * 40, rows // 16 * 56, (columns + rows) // 24 * 90], -1)
        % 256,
        "row": random.integers(0, 256, (1, 300, 3)),
        "column": random.integers(0, 256, (300, 1, 3)),
    }
    return np.clip(np.round(pictures[name]), 0, 255).astype(np.uint8)


def agreement(pixels: np.ndarray, folder: Path, st: float, cs: int) -> None:
    ours = segment(pixels, cluster_threshold=0, smoothing_threshold=st, space=ColourSpace(cs))
    theirs = imagemagick(pixels, folder, 0, st, cs)
    assert len(ours.palette) == max(1, theirs.clusters)
    assert adjusted_rand(ours.labels, labels_of(theirs.pixels)) >= 0.98
    if theirs.clusters and cs not in spaces.ONE_WAY:
        painted = ours.palette[ours.labels].astype(int)
        assert np.abs(painted - theirs.pixels).max() <= 1


@pytest.mark.parametrize("cs", SPACES)
@pytest.mark.parametrize("name", _PHOTOS)
def test_photos_agree_with_imagemagick(name: str, cs: int, tmp_path: Path) -> None:
    agreement(photo(name), tmp_path, 1.5, cs)


@pytest.mark.parametrize("st", [1, 4, 25.5, 255])
@pytest.mark.parametrize("cs", [5, 13, 15])
def test_smoothing_thresholds_agree_with_imagemagick(cs: int, st: float, tmp_path: Path) -> None:
    agreement(photo("coffee", 384), tmp_path, st, cs)


@pytest.mark.parametrize("cs", [1, 2, 5, 8, 12, 13, 14, 15, 16, 21])
@pytest.mark.parametrize("name", ["noise", "soft", "pastel", "dark", "stripes", "row", "column"])
def test_made_pictures_agree_with_imagemagick(name: str, cs: int, tmp_path: Path) -> None:
    agreement(made(name), tmp_path, 1.5, cs)


@pytest.mark.parametrize("cs", SPACES)
def test_colour_spaces_are_those_of_imagemagick(cs: int, tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    grey = random.integers(0, 256, (20_480, 1))
    colours = np.concatenate(
        [
            random.integers(0, 256, (51_200, 3)),
            random.integers(0, 20, (20_480, 3)),
            np.clip(grey + random.integers(-3, 4, (20_480, 3)), 0, 255),
            np.repeat(np.arange(256)[:, None], 3, axis=1),
        ]
    ).astype(np.uint8)
    theirs = converted(colours.reshape(-1, 256, 3), tmp_path, cs).reshape(-1, 3)
    rounded = np.floor(theirs / 257 + 0.5).astype(np.uint8)
    assert np.array_equal(spaces.from_srgb(colours, ColourSpace(cs)), rounded)


@pytest.mark.parametrize("ct", [0.5, 1, 2, 3.5, 5])
@pytest.mark.parametrize("name", _PHOTOS)
def test_cluster_thresholds_agree_with_graphicsmagick(name: str, ct: float, tmp_path: Path) -> None:
    for st in (1, 1.5, 3):
        pixels = photo(name)
        ours = segment(pixels, cluster_threshold=ct, smoothing_threshold=st, space=ColourSpace.SRGB)
        theirs = graphicsmagick(pixels, tmp_path, ct, st)
        assert len(ours.palette) == theirs.clusters
        assert adjusted_rand(ours.labels, labels_of(theirs.pixels)) >= 0.95
