"""From pixels to labels and a palette, in time and memory that grow with the different colours."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as PILImage

from . import scale_space, spaces
from .clusters import Clusters, cluster
from .spaces import Bytes, ColourSpace

Integers = npt.NDArray[np.integer]

_PIXELS_AT_ONCE = 1 << 20
_KEYS = 1 << 24


@dataclass(frozen=True)
class Segmentation:
    """`labels`: (height, width), unsigned integers, places in `palette`: uint8 (k, 3), sRGB.

    Labels are numbered in the order of their boxes; k is at least 1.
    """

    labels: npt.NDArray[Any]
    palette: Bytes

    def to_png(self) -> bytes:
        """The picture painted with its palette: an 8-bit palette PNG up to 256 labels."""
        out = BytesIO()
        if len(self.palette) <= 256:
            picture = PILImage.fromarray(self.labels.astype(np.uint8), "P")
            # With 16 entries or fewer Pillow would pack pixels into fewer than 8 bits.
            spare = np.repeat(self.palette[-1:], max(0, 17 - len(self.palette)), axis=0)
            picture.putpalette(np.concatenate([self.palette, spare]).tobytes(), "RGB")
            picture.save(out, "PNG")
        else:
            PILImage.fromarray(self.palette[self.labels], "RGB").save(out, "PNG")
        return out.getvalue()


def segment(
    pixels: Bytes,
    *,
    cluster_threshold: float,
    smoothing_threshold: float,
    space: ColourSpace,
) -> Segmentation:
    """Segments 8-bit sRGB pixels, shape (height, width, 3).

    `cluster_threshold`: percent of the pixels in any box that a box must hold, 0 or more.
    `smoothing_threshold`: curvature of the histograms, in pixels, that counts as noise.
    `space`: where the histograms are made. The result turns on single levels: scale or compress
    the picture and it is another one.
    """
    keys, counts = _different_colours(pixels)
    colours = np.empty((len(keys), 3), np.uint8)
    for channel in range(3):
        colours[:, channel] = keys >> 8 * (2 - channel) & 255
    values = spaces.from_srgb(colours, space)
    weights = counts.astype(np.float64)
    histograms = [np.bincount(values[:, c], weights, 256).astype(np.float64) for c in range(3)]
    regions = [scale_space.regions(h, smoothing_threshold) for h in histograms]
    clusters = cluster(values, counts, regions, cluster_threshold)
    palette = _palette(clusters, colours, counts, space)
    return Segmentation(_spread(pixels, keys, clusters.labels, len(palette)), palette)


def _rows(pixels: Bytes) -> Iterator[tuple[slice, Integers]]:
    """Bands of rows, and their pixels as 24-bit keys, shape (n,)."""
    height, width = pixels.shape[:2]
    step = max(1, _PIXELS_AT_ONCE // max(1, width))
    for start in range(0, height, step):
        band = slice(start, min(height, start + step))
        rgb = pixels[band].reshape(-1, 3).astype(np.int32)
        yield band, rgb[:, 0] << 16 | rgb[:, 1] << 8 | rgb[:, 2]


def _different_colours(pixels: Bytes) -> tuple[Integers, Integers]:
    """The different colours as ascending 24-bit keys, and how often each occurs."""
    height, width = pixels.shape[:2]
    if height * width <= _PIXELS_AT_ONCE:
        ((_, keys),) = _rows(pixels)
        different, times = np.unique(keys, return_counts=True)
        return different, times.astype(np.int32)
    table = np.zeros(_KEYS, np.int32)
    for _, keys in _rows(pixels):
        found, times = np.unique(keys, return_counts=True)
        table[found] += times.astype(np.int32)
    different = np.flatnonzero(table).astype(np.int32)
    return different, table[different]


def _palette(clusters: Clusters, colours: Bytes, counts: Integers, space: ColourSpace) -> Bytes:
    if not len(clusters.centres):
        return _means(np.zeros(len(colours), np.int32), 1, colours, counts)
    if space in spaces.ONE_WAY:
        return _means(clusters.labels, len(clusters.centres), colours, counts)
    return spaces.to_srgb(clusters.centres, space)


def _means(labels: Integers, k: int, colours: Bytes, counts: Integers) -> Bytes:
    """Mean sRGB colours of the labels' pixels; black for a label that lost all of its own."""
    total = np.maximum(np.bincount(labels, counts, k), 1)
    sums = [np.bincount(labels, counts * colours[:, c].astype(np.float64), k) for c in range(3)]
    return np.floor(np.stack(sums, axis=1) / total[:, None] + 0.5).astype(np.uint8)


def _spread(pixels: Bytes, keys: Integers, labels: Integers, k: int) -> npt.NDArray[Any]:
    """The labels of the pixels from those of their colours."""
    kind = np.uint8 if k <= 1 << 8 else np.uint16 if k <= 1 << 16 else np.uint32
    # Only the entries that are written take memory.
    of_key = np.empty(_KEYS, kind)
    of_key[keys] = labels
    out = np.empty(pixels.shape[:2], kind)
    for band, band_keys in _rows(pixels):
        out[band] = of_key[band_keys].reshape(out[band].shape)
    return out
