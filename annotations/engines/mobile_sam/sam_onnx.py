"""MobileSAM on ONNX Runtime: the engine for machines without a GPU.

Preprocessing as in Segment Anything's reference predictor: longest side to 1024 pixels, its
mean and deviation, zeros right and below.
"""

import logging
import math
import os
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as PILImage

from ..base import Candidate, DecoderPrompt, Description, Embedding, Floats
from ..errors import EngineUnavailable
from ..weights import problem
from .files import DECODER, IMAGE_FEATURES, IMAGE_PART, MASKS_PART, PROMPT_FEATURES, SCORES_PART
from .shapes import FRAME

log = logging.getLogger(__name__)

_MEAN = np.array([123.675, 116.28, 103.53], dtype=np.float32)
_DEVIATION = np.array([58.395, 57.12, 57.375], dtype=np.float32)
_MAX_THREADS = 8
# Prompts a run: more together are no faster, and each takes some 20 MB while it is decoded.
_PROMPTS = 4


def frame_input(picture: PILImage.Image, size: tuple[int, int]) -> Floats:
    """The encoder's input (3, 1024, 1024) for an image of `size` (width, height) pixels.

    `picture` is the upright RGB image or a smaller rendering of it.
    """
    frame = FRAME.of(*size)
    small = picture.resize((frame.input_width, frame.input_height), PILImage.Resampling.BILINEAR)
    out = np.zeros((3, FRAME.side, FRAME.side), dtype=np.float32)
    pixels = np.asarray(small, dtype=np.float32)
    inner = out[:, : frame.input_height, : frame.input_width]
    for channel in range(3):
        np.subtract(pixels[..., channel], _MEAN[channel], out=inner[channel])
        inner[channel] /= _DEVIATION[channel]
    return out


def require_whole(path: Path) -> None:
    """Raises EngineUnavailable for a model's file that is not as it was prepared. Most of it are
    numbers, and with some of them wrong it loads as ever, and computes something else."""
    found = problem(path)
    if found:
        raise unusable(path, found)


def unusable(path: Path, why: object) -> EngineUnavailable:
    """What to tell when a model's file does not load."""
    name = f"{path.parent.name}/{path.name}"
    if not path.is_file():
        return EngineUnavailable(f"The file {name} is missing: run manage.py prepare_models.")
    log.error("%s does not load: %s", name, why)
    return EngineUnavailable(f"The file {name} is damaged: run manage.py prepare_models.")


def _adapt(options: Any) -> None:
    """What the encoder's session has beside the decoders'."""
    # A pattern of its memory, made in the first run, has the second take all of it once more:
    # 200 MB that stay, after the worker's warming up, and no time is won by it.
    options.enable_mem_pattern = False
    # Its threads share out smaller and smaller blocks: where writing an embedding or an upload
    # takes a core for a while, the other thread does more. Alone it costs nothing.
    options.add_session_config_entry("session.dynamic_block_base", "4")


class SamOnnx:
    """Encoder and decoder in two sessions, each loaded when it is first needed: a worker that
    only decodes never holds the encoder. `encoder`: its file in `folder`."""

    # The packaged encoder takes one image a run; on a CPU more at once would be no faster.
    batch = 1

    def __init__(self, description: Description, folder: Path, threads: int, encoder: str) -> None:
        self.description = description
        self._folder, self._encoder_file = folder, encoder
        self._threads = threads or min(os.cpu_count() or 1, _MAX_THREADS)
        self._last: tuple[Floats, dict[str, Floats]] | None = None

    def _session(self, name: str, *, encoder: bool = False) -> Any:
        path = self._folder / name
        require_whole(path)
        try:
            return self._load(path, encoder)
        except Exception as error:  # ONNX Runtime has a kind of its own for each mishap
            raise unusable(path, error) from error

    def _load(self, path: Path, encoder: bool) -> Any:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.log_severity_level = 3
        # Threads that spin would take the cores from the other session, and from the web process.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if encoder:
            _adapt(options)
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    @cached_property
    def _encoder(self) -> Any:
        return self._session(self._encoder_file, encoder=True)

    @cached_property
    def _decoder(self) -> Any:
        """For prompts with a mask input."""
        return self._session(DECODER)

    @cached_property
    def _parts(self) -> tuple[Any, Any, Any]:
        """For prompts without one: what is computed once an image, scores, and masks."""
        return self._session(IMAGE_PART), self._session(SCORES_PART), self._session(MASKS_PART)

    def embed(
        self, pictures: Sequence[PILImage.Image], sizes: Sequence[tuple[int, int]]
    ) -> list[Embedding]:
        """See `Engine.embed`. The packaged encoder takes one image a run."""
        return [
            self._embed_one(picture, size) for picture, size in zip(pictures, sizes, strict=True)
        ]

    def _embed_one(self, picture: PILImage.Image, size: tuple[int, int]) -> Embedding:
        values = self._encode(frame_input(picture, size))
        return Embedding(self.description, values, FRAME.of(*size))

    def _encode(self, tensor: Floats) -> Floats:
        (values,) = self._encoder.run(None, {"input": tensor[None]})
        encoded: Floats = values[0]
        return encoded

    def decode(
        self,
        embedding: Embedding,
        prompts: Sequence[DecoderPrompt],
        min_score: float = -math.inf,
    ) -> list[list[Candidate]]:
        """See `Engine.decode`. Prompts with as many rows, all with or all without a mask
        input, go through the model together: rows of padding to a common length would change the
        answer."""
        groups: dict[tuple[int, bool], list[int]] = defaultdict(list)
        for index, prompt in enumerate(prompts):
            groups[len(prompt.labels), prompt.mask_input is not None].append(index)
        answers: dict[int, list[Candidate]] = {}
        for indexes in groups.values():
            for start in range(0, len(indexes), _PROMPTS):
                part = indexes[start : start + _PROMPTS]
                asked = [prompts[index] for index in part]
                group = self._decode_together(embedding, asked, min_score)
                answers.update(zip(part, group, strict=True))
        return [answers[index] for index in range(len(prompts))]

    def _decode_together(
        self, embedding: Embedding, prompts: Sequence[DecoderPrompt], min_score: float
    ) -> list[list[Candidate]]:
        inputs = {
            "point_coords": np.stack([prompt.coords for prompt in prompts]),
            "point_labels": np.stack([prompt.labels for prompt in prompts]),
        }
        masks_in = [prompt.mask_input for prompt in prompts if prompt.mask_input is not None]
        if not masks_in:
            return self._without_mask_input(inputs | self._image_part(embedding.values), min_score)
        inputs["image_embeddings"] = embedding.values[None]
        inputs["mask_input"] = np.stack(masks_in)[:, None]
        inputs["has_mask_input"] = np.ones(1, dtype=np.float32)
        masks, scores = self._decoder.run(["low_res_masks", "scores"], inputs)
        return [_candidates(*row) for row in zip(masks, scores, strict=True)]

    def _without_mask_input(
        self, inputs: dict[str, Floats], min_score: float
    ) -> list[list[Candidate]]:
        scores, *features = self._parts[1].run(["scores", *PROMPT_FEATURES], inputs)
        wanted = np.flatnonzero(scores.max(axis=1) >= min_score)
        answers: list[list[Candidate]] = [[] for _ in scores]
        if len(wanted) == 0:
            return answers
        if len(wanted) < len(scores):
            features = [values[wanted] for values in features]
        (masks,) = self._parts[2].run(
            ["low_res_masks"], dict(zip(PROMPT_FEATURES, features, strict=True))
        )
        for row, planes in zip(wanted, masks, strict=True):
            answers[row] = _candidates(planes, scores[row])
        return answers

    def _image_part(self, values: Floats) -> dict[str, Floats]:
        """The last one stays, since prompts on one image come one after another."""
        if self._last is None or self._last[0] is not values:
            found = self._parts[0].run(list(IMAGE_FEATURES), {"image_embeddings": values[None]})
            self._last = values, dict(zip(IMAGE_FEATURES, found, strict=True))
        return self._last[1]


def _candidates(masks: Floats, scores: Floats) -> list[Candidate]:
    return [Candidate(index, masks[index], float(scores[index])) for index in range(4)]
