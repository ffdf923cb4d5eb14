"""Engines by name. Importing this module loads none of them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .base import Description, Engine, EngineError


@dataclass(frozen=True)
class _Entry:
    description: Description
    # Files below the models folder that the engine needs.
    files: tuple[str, ...]
    load: Callable[[Path, int], Engine]


def _sam_onnx(models_dir: Path, threads: int) -> Engine:
    from .sam_onnx import SamOnnx

    return SamOnnx(models_dir / "mobile_sam", _describe("sam_onnx"), threads=threads)


def _fake(_models_dir: Path, _threads: int) -> Engine:
    from .fake import Fake

    return Fake(_describe("fake"))


_ENTRIES = {
    "sam_onnx": _Entry(
        Description("mobile_sam", 1),
        ("mobile_sam/encoder.onnx", "mobile_sam/decoder.onnx"),
        _sam_onnx,
    ),
    "fake": _Entry(Description("fake", 1), (), _fake),
}


def names() -> list[str]:
    """The engines that can be set."""
    return sorted(_ENTRIES)


def _entry(name: str) -> _Entry:
    try:
        return _ENTRIES[name]
    except KeyError:
        known = ", ".join(names())
        raise EngineError(f"There is no engine {name!r}; known are {known}.") from None


def _describe(name: str) -> Description:
    return _entry(name).description


def describe(name: str) -> Description:
    """The model id and preprocessing version of an engine, without loading it."""
    return _describe(name)


def missing(name: str, models_dir: Path) -> str:
    """Why the engine could not work, or "" when all its files are there."""
    try:
        files = _entry(name).files
    except EngineError as error:
        return str(error)
    absent = [file for file in files if not (models_dir / file).is_file()]
    return f"model files are missing: {', '.join(absent)}" if absent else ""


def load(name: str, *, models_dir: Path, threads: int = 0) -> Engine:
    """A new engine. Its models are read when they are first needed.

    `threads` of one run; 0 takes the machine's cores, at most 8. Raises EngineError.
    """
    return _entry(name).load(models_dir, threads)
