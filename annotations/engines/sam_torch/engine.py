"""The engine: pictures to embeddings, prompts to masks, on the device that the settings name."""

import contextlib
import math
import os
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image as PILImage
from torch import Tensor, nn

from ..base import Candidate, DecoderPrompt, Description, Embedding
from ..errors import DeviceOutOfMemory, EngineUnavailable
from ..mobile_sam.shapes import FRAME
from . import model as modules
from .batching import Batches, for_all, lacks_memory
from .settings import TorchSettings

_MEAN = (123.675, 116.28, 103.53)
_DEVIATION = (58.395, 57.12, 57.375)
_MAX_THREADS = 8
# Images a run: a CPU gains nothing from more. Global attention of vit_h takes half a gigabyte
# an image.
_IMAGES = {"mobile_sam": 32, "vit_b": 16, "vit_l": 12, "vit_h": 8}
# Prompts a run: each takes some 40 MB while it is decoded.
_PROMPTS = {"cuda": 64, "cpu": 8}
_CORNERS = (2, 3)


def device_named(name: str) -> torch.device:
    """The device of that name, `auto` for CUDA where there is one. Raises EngineUnavailable."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        if lacks_memory(error):
            raise DeviceOutOfMemory(f"The device {name!r} has no memory left.") from error
        raise EngineUnavailable(f"This machine has no device {name!r} for torch.") from error
    return device


def _half_of(device: torch.device) -> torch.dtype | None:
    """The 16-bit type that the device computes fast in, if any."""
    if device.type == "cuda":
        native = torch.cuda.get_device_capability(device) >= (8, 0)
        return torch.bfloat16 if native else torch.float16
    if device.type == "cpu" and torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return torch.bfloat16
    return None


class SamTorch:
    """Encoder and decoder are loaded apart: a worker that only decodes never holds the encoder.

    `batch` is how many images a run takes at best.
    """

    def __init__(self, description: Description, settings: TorchSettings) -> None:
        self.description = description
        self.device = device_named(settings.device)
        self._settings = settings
        self._dtype = _half_of(self.device) if settings.half else None
        if self.device.type == "cpu":
            torch.set_num_threads(settings.threads or min(os.cpu_count() or 1, _MAX_THREADS))
        # 32 bits mean 32 bits: shortened ones would make embeddings that others cannot share.
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
        on_gpu = self.device.type == "cuda"
        self._images = Batches(_IMAGES[settings.model] if on_gpu else 1, "image")
        self._prompts = Batches(_PROMPTS["cuda" if on_gpu else "cpu"], "prompt")
        self._mean = torch.tensor(_MEAN, device=self.device)
        self._deviation = torch.tensor(_DEVIATION, device=self.device)
        self._last: tuple[Any, Tensor] | None = None

    @property
    def batch(self) -> int:
        return self._images.size

    def _source(self) -> tuple[str, Path, Path | None]:
        settings = self._settings
        return settings.model, settings.models_dir, settings.checkpoint_path

    @cached_property
    def _encoder(self) -> nn.Module:
        with for_all():
            encoder = modules.encoder(*self._source()).to(self.device)
            # 'channels_last' is what convolutions on tensor cores and oneDNN take without copies.
            return encoder.to(memory_format=torch.channels_last)

    @cached_property
    def _decoder(self) -> tuple[Any, Any, Tensor]:
        """Prompt encoder, mask decoder, and the frame's positional encoding."""
        with for_all(), torch.inference_mode():
            prompts, masks = (part.to(self.device) for part in modules.decoder(*self._source()))
            return prompts, masks, prompts.get_dense_pe()

    # --- Images --------------------------------------------------------------------------------

    def embed(
        self, pictures: Sequence[PILImage.Image], sizes: Sequence[tuple[int, int]]
    ) -> list[Embedding]:
        """See `Engine.embed`. Raises EngineUnavailable, DeviceOutOfMemory."""
        return self._images.run(list(zip(pictures, sizes, strict=True)), self._embed)

    @torch.inference_mode()
    def _embed(self, images: Sequence[tuple[PILImage.Image, tuple[int, int]]]) -> list[Embedding]:
        frames = self.frames(images)
        with self._autocast():
            values = self._encoder(frames)
        values = values.float()
        if self._dtype is not None and not bool(values.isfinite().all()):
            # Too large a number for 16 bits: rare, and 32 have room for it.
            values = self._encoder(frames)
        # Contiguous: the encoder's result is in channels-last order.
        arrays = values.contiguous().cpu().numpy()
        return [
            Embedding(self.description, array, FRAME.of(*size))
            for array, (_, size) in zip(arrays, images, strict=True)
        ]

    def _autocast(self) -> Any:
        if self._dtype is None:
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, dtype=self._dtype)

    def frames(self, images: Sequence[tuple[PILImage.Image, tuple[int, int]]]) -> Tensor:
        """The encoder's input (n, 3, 1024, 1024) on the device. Bytes travel there, a quarter
        of what floats would be, from pinned memory so that the host need not wait."""
        frames = torch.zeros((len(images), 3, FRAME.side, FRAME.side), device=self.device)
        frames = frames.contiguous(memory_format=torch.channels_last)
        for frame, (picture, size) in zip(frames, images, strict=True):
            fit = FRAME.of(*size)
            width, height = fit.input_width, fit.input_height
            small = picture.resize((width, height), PILImage.Resampling.BILINEAR)
            pixels = torch.from_numpy(np.array(small))
            if self.device.type == "cuda":
                pixels = pixels.pin_memory().to(self.device, non_blocking=True)
            inner = frame[:, :height, :width].permute(1, 2, 0)
            torch.sub(pixels.float(), self._mean, out=inner)
            inner /= self._deviation
        return frames

    # --- Prompts -------------------------------------------------------------------------------

    def decode(
        self,
        embedding: Embedding,
        prompts: Sequence[DecoderPrompt],
        min_score: float = -math.inf,
    ) -> list[list[Candidate]]:
        """See `Engine.decode`. Prompts with as many rows, all with or all without a mask
        input, go through the model together. Raises EngineUnavailable, DeviceOutOfMemory."""
        groups: dict[tuple[int, bool], list[int]] = defaultdict(list)
        for index, prompt in enumerate(prompts):
            groups[len(prompt.labels), prompt.mask_input is not None].append(index)
        answers: dict[int, list[Candidate]] = {}
        for indexes in groups.values():
            together = [prompts[index] for index in indexes]
            group = self._prompts.run(together, lambda rows: self._decode(embedding, rows))
            answers.update(zip(indexes, group, strict=True))
        return [answers[index] for index in range(len(prompts))]

    @torch.inference_mode()
    def _decode(
        self, embedding: Embedding, prompts: Sequence[DecoderPrompt]
    ) -> list[list[Candidate]]:
        encoder, decoder, positions = self._decoder
        masks, scores = decoder.predict_masks(
            image_embeddings=self._on_device(embedding),
            image_pe=positions,
            sparse_prompt_embeddings=self._sparse(encoder, prompts),
            dense_prompt_embeddings=self._dense(encoder, prompts),
        )
        logits, ious = masks.cpu().numpy(), scores.tolist()
        return [
            [Candidate(index, logits[row, index], ious[row][index]) for index in range(4)]
            for row in range(len(prompts))
        ]

    def _on_device(self, embedding: Embedding) -> Tensor:
        """The embedding's tensor; the last one stays, since clicks come one after another."""
        if self._last is None or self._last[0] is not embedding.values:
            values = torch.from_numpy(np.ascontiguousarray(embedding.values))
            self._last = embedding.values, values[None].to(self.device)
        return self._last[1]

    def _sparse(self, encoder: Any, prompts: Sequence[DecoderPrompt]) -> Tensor:
        """(prompts, points, 256). Corners are rows like the others, which the package's own
        method for points leaves without their embedding."""
        coords = torch.from_numpy(np.stack([prompt.coords for prompt in prompts]))
        labels = torch.from_numpy(np.stack([prompt.labels for prompt in prompts]))
        coords, labels = coords.to(self.device), labels.to(self.device)
        sparse: Tensor = encoder._embed_points(coords, labels, pad=False)
        for label in _CORNERS:
            sparse[labels == label] += encoder.point_embeddings[label].weight
        return sparse

    def _dense(self, encoder: Any, prompts: Sequence[DecoderPrompt]) -> Tensor:
        """(prompts, 256, 64, 64)"""
        masks_in = [prompt.mask_input for prompt in prompts if prompt.mask_input is not None]
        if not masks_in:
            blank: Tensor = encoder.no_mask_embed.weight.reshape(1, -1, 1, 1)
            return blank.expand(len(prompts), -1, *encoder.image_embedding_size)
        planes = np.stack(masks_in).reshape(-1, 1, FRAME.logits_side, FRAME.logits_side)
        dense: Tensor = encoder.mask_downscaling(torch.from_numpy(planes).to(self.device))
        return dense
