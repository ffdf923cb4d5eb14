"""MobileSAM's engines: one decoder, and an encoder for each precision."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from ..base import Description, Engine
from ..spec import PROMPTS, EngineSpec, Values
from ..weights import problem
from . import precisions
from .files import DECODER, ENCODER, ENCODER_INT8, MODEL, PARTS
from .shapes import CODEC

# Raised when preprocessing changes.
VERSION = 1


@dataclass(frozen=True)
class MobileSamSettings:
    """`models_dir`: the folder of the prepared models. `threads`: 0 leaves them to the engine."""

    models_dir: Path = Path()
    threads: int = 0

    @classmethod
    def parse(cls, values: Values) -> "MobileSamSettings":
        return cls(
            Path(values.get("SEGWEB_MODELS_DIR", "")), int(values.get("SEGWEB_ENGINE_THREADS", 0))
        )

    @property
    def folder(self) -> Path:
        return self.models_dir / MODEL


Load = Callable[[Description, MobileSamSettings], Engine]


def _load_onnx(encoder: str, description: Description, settings: MobileSamSettings) -> Engine:
    from .sam_onnx import SamOnnx

    return SamOnnx(description, settings.folder, settings.threads, encoder)


def _load_openvino(description: Description, settings: MobileSamSettings) -> Engine:
    from .sam_openvino import SamOpenVino

    return SamOpenVino(description, settings.folder, settings.threads, ENCODER)


def _spec(
    precision: str, model_id: str, encoder: str, load: Load, package: str = ""
) -> EngineSpec[MobileSamSettings]:
    """The engine of a precision. `package`: an optional one that it needs."""
    description = Description(model_id, VERSION)
    files = tuple(f"{MODEL}/{name}" for name in (encoder, DECODER, *PARTS))

    def missing(settings: MobileSamSettings) -> str:
        if package and find_spec(package) is None:
            return f"{package} is not installed"
        return ", ".join(filter(None, (problem(settings.models_dir / name) for name in files)))

    return EngineSpec(
        name=precisions.ENGINES[precision],
        capabilities=PROMPTS,
        codec=CODEC,
        parse=MobileSamSettings.parse,
        describe=lambda _: description,
        missing=missing,
        files=lambda _: files,
        load=partial(load, description),
        model_settings=(precisions.SETTING,),
        family=precisions.FAMILY,
        precision=precision,
        choose=precisions.choose if precisions.ENGINES[precision] == precisions.FAMILY else None,
        not_chosen=partial(precisions.not_chosen, precision),
    )


SPECS = (
    _spec("f32", MODEL, ENCODER, partial(_load_onnx, ENCODER)),
    _spec("int8", f"{MODEL}-int8", ENCODER_INT8, partial(_load_onnx, ENCODER_INT8)),
    _spec("bf16", f"{MODEL}-bf16", ENCODER, _load_openvino, package="openvino"),
)
