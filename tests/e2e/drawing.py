"""What the tools should make, from pixels alone: distances, angles and pycocotools."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from pycocotools import mask as coco

Pixels = npt.NDArray[np.bool_]

WIDTH, HEIGHT = 640, 480


def picture() -> bytes:
    """A photo-like PNG of the size that the tests draw on."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    data = np.stack([columns % 256, rows % 256, (rows + columns) // 5 % 256], axis=-1)
    out = io.BytesIO()
    Image.fromarray(data.astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


def centres() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    return columns + 0.5, rows + 0.5


def decoded(row: dict[str, Any]) -> Pixels:
    return np.asarray(coco.decode(row["rle"])).astype(bool)


def encoded(pixels: Pixels) -> dict[str, Any]:
    """RLE as the API takes it."""
    rle = coco.encode(np.asfortranarray(pixels.astype(np.uint8)))
    return {"size": list(rle["size"]), "counts": rle["counts"].decode("ascii")}


def box(x: int, y: int, w: int, h: int) -> Pixels:
    pixels = np.zeros((HEIGHT, WIDTH), bool)
    pixels[y : y + h, x : x + w] = True
    return pixels


def disc(x: float, y: float, radius: float) -> Pixels:
    cx, cy = centres()
    return np.asarray((cx - x) ** 2 + (cy - y) ** 2 <= radius**2)


def distance(ax: float, ay: float, bx: float, by: float) -> npt.NDArray[np.float64]:
    """Of each pixel's centre from the line between two places."""
    cx, cy = centres()
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    share = ((cx - ax) * dx + (cy - ay) * dy) / length if length else np.zeros_like(cx)
    share = np.clip(share, 0, 1)
    return np.asarray(np.hypot(cx - ax - share * dx, cy - ay - share * dy))


def capsule(ax: float, ay: float, bx: float, by: float, width: float) -> Pixels:
    """What a round brush passes over."""
    return np.asarray(distance(ax, ay, bx, by) <= width / 2)


def inside(ring: list[tuple[float, float]]) -> Pixels:
    """The pixels whose centres a ring encloses, by a ray to the left of each."""
    cx, cy = centres()
    found = np.zeros((HEIGHT, WIDTH), bool)
    for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True):
        if ay == by:
            continue
        crosses = (ay <= cy) != (by <= cy)
        met = ax + (cy - ay) / (by - ay) * (bx - ax)
        found ^= crosses & (met <= cx)
    return found


def near(ring: list[tuple[float, float]], reach: float) -> Pixels:
    """Pixels so near to a ring that a hand's rounding decides."""
    edges = zip(ring, ring[1:] + ring[:1], strict=True)
    return np.logical_or.reduce([distance(*a, *b) <= reach for a, b in edges])


def ragged() -> Pixels:
    """A mask of several parts, with holes, an island in one of them, and single pixels."""
    pixels = box(100, 90, 130, 110) & ~box(120, 110, 40, 40) | box(135, 125, 8, 8)
    pixels |= disc(300.5, 200.5, 40) & ~disc(310.5, 195.5, 12)
    for x, y in ((0, 0), (639, 479), (50, 400), (52, 400), (51, 401), (400, 30), (639, 0)):
        pixels[y, x] = True
    return pixels
