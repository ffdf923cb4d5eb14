"""Modules with their weights, ready for inference."""

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from ..errors import EngineUnavailable
from ..mobile_sam.files import DECODER, ENCODER
from ..mobile_sam.files import MODEL as MOBILE_SAM
from . import weights
from .tiny_vit import TinyViT

_ALIAS = "_segweb_segment_anything"
_PARTS = ("prompt_encoder", "mask_decoder")


def builders() -> dict[str, Callable[[], Any]]:
    """The `segment_anything` package's builders by model.

    Its `__init__` is left out: that imports torchvision, for tools that are not used here, and
    torchvision loads only beside the one build of torch that it was made with.
    """
    package = sys.modules.get(_ALIAS)
    if package is None:
        spec = find_spec("segment_anything")
        if spec is None or spec.submodule_search_locations is None:
            raise EngineUnavailable("segment_anything is not installed: pip install 'segweb[gpu]'.")
        package = ModuleType(_ALIAS)
        package.__path__ = list(spec.submodule_search_locations)
        sys.modules[_ALIAS] = package
    registry: dict[str, Callable[[], Any]] = import_module(".build_sam", _ALIAS).sam_model_registry
    return registry


def _skeleton(model: str) -> Any:
    """The model without memory for its weights, which come from a file."""
    with torch.device("meta"):
        return builders()[model]()


def encoder(model: str, models_dir: Path, checkpoint: Path | None) -> nn.Module:
    """(n, 3, 1024, 1024) to (n, 256, 64, 64). Raises EngineUnavailable."""
    if checkpoint is None:
        with torch.device("meta"):
            tiny = TinyViT()
        path = models_dir / MOBILE_SAM / ENCODER
        return _filled(tiny, weights.encoder_from_onnx(path), path)
    state = weights.checkpoint(checkpoint, model)
    return _filled(_skeleton(model).image_encoder, _part(state, "image_encoder"), checkpoint)


def decoder(model: str, models_dir: Path, checkpoint: Path | None) -> tuple[Any, Any]:
    """`segment_anything`'s PromptEncoder and MaskDecoder. Raises EngineUnavailable."""
    if checkpoint is None:
        path = models_dir / MOBILE_SAM / DECODER
        # MobileSAM changed nothing but the encoder.
        sam, state = _skeleton("vit_b"), weights.decoder_from_onnx(path)
    else:
        path = checkpoint
        sam, state = _skeleton(model), weights.checkpoint(checkpoint, model)
    prompts, masks = (_filled(getattr(sam, part), _part(state, part), path) for part in _PARTS)
    return prompts, masks


def _part(state: weights.State, name: str) -> weights.State:
    prefix = f"{name}."
    return {key.removeprefix(prefix): row for key, row in state.items() if key.startswith(prefix)}


def _filled(module: nn.Module, state: weights.State, path: Path) -> nn.Module:
    try:
        module.load_state_dict(state, strict=True, assign=True)
    except RuntimeError as error:
        first = str(error).splitlines()[1:2]
        detail = first[0].strip()[:200] if first else "its weights have other shapes"
        raise EngineUnavailable(f"{path.name} does not fit the model: {detail}") from error
    return module.eval().requires_grad_(False).float()
