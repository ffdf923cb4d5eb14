"""ImageMagick and GraphicsMagick asked to segment, and how alike two label maps are."""

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image as PILImage

# ImageMagick's names of the colour spaces 1 to 22.
NAMES = (
    "RGB", "Gray", "Transparent", "OHTA", "Lab", "XYZ", "YCbCr", "YCC", "YIQ", "YPbPr", "YUV",
    "CMYK", "sRGB", "HSB", "HSL", "HWB", "Rec601Luma", "Rec601YCbCr", "Rec709Luma",
    "Rec709YCbCr", "Log", "CMY",
)  # fmt: skip


class Reference(NamedTuple):
    """`pixels`: uint8 (height, width, 3). `clusters`: how many the program says it found."""

    pixels: np.ndarray
    clusters: int


def imagemagick(
    pixels: np.ndarray, folder: Path, ct: float, st: float, cs: int, seconds: float = 120
) -> Reference:
    """What `convert -segment` makes of 8-bit sRGB pixels."""
    arguments = ["-colorspace", NAMES[cs - 1], "-segment", f"{ct}x{st}", "-colorspace", "sRGB"]
    answer = _run(["convert", "-verbose", _saved(pixels, folder), *arguments], seconds)
    found = re.search(rb"Total Number of Clusters = (\d+)", answer)
    assert found is not None, answer[:500]
    return Reference(_pixels(answer, pixels.shape), int(found[1]))


def graphicsmagick(pixels: np.ndarray, folder: Path, ct: float, st: float) -> Reference:
    """What `gm convert -segment` makes of them in sRGB. With one thread it would reorder its
    boxes while it labels pixels."""
    command = ["gm", "convert", _saved(pixels, folder), "-segment", f"{ct}x{st}"]
    painted = _pixels(_run(command, 120, OMP_NUM_THREADS="2"), pixels.shape)
    return Reference(painted, len(np.unique(painted.reshape(-1, 3), axis=0)))


def converted(pixels: np.ndarray, folder: Path, cs: int) -> np.ndarray:
    """The channels of a colour space as 16-bit numbers, (height, width, 3)."""
    raw = ["cmyk:-"] if NAMES[cs - 1] == "CMYK" else ["-set", "colorspace", "sRGB", "rgb:-"]
    command = ["convert", _saved(pixels, folder), "-colorspace", NAMES[cs - 1]]
    command += [*raw[:-1], "-depth", "16", "-endian", "LSB", raw[-1]]
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    return np.frombuffer(done.stdout, "<u2").reshape(*pixels.shape[:2], -1)[..., :3]


def _saved(pixels: np.ndarray, folder: Path) -> str:
    path = folder / "picture.png"
    PILImage.fromarray(pixels).save(path)
    return str(path)


def _run(command: list[str], seconds: float, **variables: str) -> bytes:
    """Standard output with the picture's bytes last."""
    command = [*command, "-depth", "8", "rgb:-"]
    environment = os.environ | variables
    done = subprocess.run(
        command, capture_output=True, timeout=seconds, check=True, env=environment
    )
    return done.stdout


def _pixels(answer: bytes, shape: tuple[int, ...]) -> np.ndarray:
    size = int(np.prod(shape))
    return np.frombuffer(answer[-size:], np.uint8).reshape(shape)


def labels_of(painted: np.ndarray) -> np.ndarray:
    """Labels from colours: (height, width) integers."""
    rgb = painted.astype(np.int64)
    keys = rgb[..., 0] << 16 | rgb[..., 1] << 8 | rgb[..., 2]
    return np.unique(keys, return_inverse=True)[1].reshape(keys.shape)


def adjusted_rand(one: np.ndarray, other: np.ndarray) -> float:
    """Agreement of two label maps: 1 for the same partition, about 0 for chance.

    Source: Hubert and Arabie, "Comparing partitions", Journal of Classification 2 (1985).
    """

    def pairs(counts: np.ndarray) -> float:
        return float((counts * (counts - 1.0) / 2.0).sum())

    a = np.unique(one, return_inverse=True)[1].ravel()
    b = np.unique(other, return_inverse=True)[1].ravel()
    together = pairs(np.bincount(a * (int(b.max()) + 1) + b).astype(float))
    of_a, of_b = pairs(np.bincount(a).astype(float)), pairs(np.bincount(b).astype(float))
    expected = of_a * of_b / max(1.0, len(a) * (len(a) - 1) / 2)
    most = (of_a + of_b) / 2
    return 1.0 if most == expected else (together - expected) / (most - expected)
