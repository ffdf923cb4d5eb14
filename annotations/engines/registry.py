"""Engines by name. Importing this loads none of them: a web process only asks for names."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from . import sam_torch
from .base import Description, Engine
from .mobile_sam.files import DECODER, PARTS
from .sam_torch import TorchOptions
from .weights import problem

TORCH = "sam_torch"

_FAMILY = "annotations.engines.mobile_sam"
_ENGINES = {
    "sam_onnx": (Description("mobile_sam", 1), f"{_FAMILY}.sam_onnx"),
    "sam_onnx_int8": (Description("mobile_sam-int8", 1), f"{_FAMILY}.sam_onnx"),
    "sam_openvino": (
        Description("mobile_sam-bf16", 1),
        f"{_FAMILY}.sam_openvino",
    ),
    "fake": (Description("fake", 1), "annotations.engines.fake"),
}
_DECODER = tuple(f"mobile_sam/{name}" for name in (DECODER, *PARTS))
_FILES: dict[str, tuple[str, ...]] = {
    "sam_onnx": ("mobile_sam/encoder.onnx", *_DECODER),
    "sam_onnx_int8": ("mobile_sam/encoder-int8.onnx", *_DECODER),
    "sam_openvino": ("mobile_sam/encoder.onnx", *_DECODER),
    "fake": (),
}
_PACKAGES = {"sam_openvino": "openvino"}
_NAMES = (*_ENGINES, TORCH)
_DEFAULT = TorchOptions()


def names() -> tuple[str, ...]:
    return _NAMES


def files(name: str, torch: TorchOptions = _DEFAULT) -> tuple[str, ...]:
    """The engine's files, below the models' folder unless they have a place of their own."""
    return sam_torch.files(torch) if name == TORCH else _FILES[name]


class UnknownEngine(ValueError):
    """The setting names no engine."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no engine {name!r}; choose one of {', '.join(_NAMES)}")


def describe(name: str, models_dir: Path = Path(), torch: TorchOptions = _DEFAULT) -> Description:
    """Model id and preprocessing version of the engine. Raises UnknownEngine."""
    if name == TORCH:
        return sam_torch.describe(models_dir, torch)
    try:
        return _ENGINES[name][0]
    except KeyError as error:
        raise UnknownEngine(name) from error


def load(name: str, *, models_dir: Path, threads: int, torch: TorchOptions = _DEFAULT) -> Engine:
    """The engine, ready to be asked. `threads` 0 leaves the number to the engine; `torch` is
    for the torch engine alone. Raises UnknownEngine, EngineUnavailable."""
    description = describe(name, models_dir, torch)
    if name == TORCH:
        return sam_torch.create(description, models_dir=models_dir, threads=threads, torch=torch)
    module = import_module(_ENGINES[name][1])
    engine: Engine = module.create(description, models_dir=models_dir, threads=threads)
    return engine


def missing(name: str, models_dir: Path, torch: TorchOptions = _DEFAULT) -> str:
    """What keeps the engine from loading, in a few words; empty when nothing does."""
    if name == TORCH:
        return sam_torch.missing(models_dir, torch)
    try:
        describe(name)
    except UnknownEngine as error:
        return str(error)
    package = _PACKAGES.get(name)
    if package and find_spec(package) is None:
        return f"{package} is not installed"
    found = [problem(models_dir / file) for file in _FILES[name]]
    return ", ".join(filter(None, found))
