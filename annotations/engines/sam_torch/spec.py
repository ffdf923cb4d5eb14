"""What there is to know of the torch engine without loading it."""

from dataclasses import replace

from ..base import Engine
from ..errors import EngineUnavailable
from ..mobile_sam.shapes import CODEC
from ..spec import PROMPTS, EngineSpec
from .settings import MODELS, TorchSettings, describe, files, missing

NAME = "sam_torch"


def load(settings: TorchSettings) -> Engine:
    """The engine; encoder and decoder are loaded when they are first needed.

    Raises EngineUnavailable when a library, the device or the weights are not there.
    """
    problem = missing(settings)
    if problem:
        raise EngineUnavailable(f"The model cannot be loaded: {problem}.")
    from .engine import SamTorch

    return SamTorch(describe(settings), settings)


def _models(settings: TorchSettings) -> dict[str, TorchSettings]:
    """All models by name. A checkpoint's path is that of the model which the settings name."""
    return {
        f"{NAME}:{model}": settings
        if model == settings.model
        else replace(settings, model=model, checkpoint=None)
        for model in MODELS
    }


SPEC = EngineSpec(
    name=NAME,
    capabilities=PROMPTS,
    codec=CODEC,
    parse=TorchSettings.parse,
    describe=describe,
    missing=missing,
    files=files,
    load=load,
    device=lambda settings: settings.device,
    models=_models,
    model_settings=(
        "SEGWEB_TORCH_MODEL",
        "SEGWEB_TORCH_CHECKPOINT",
        "SEGWEB_TORCH_PRECISION",
    ),
    other_settings=("SEGWEB_TORCH_DEVICE",),
)
