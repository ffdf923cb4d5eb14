"""Segment Anything on PyTorch: the engine for hosts with a GPU. Importing this loads no torch."""

from pathlib import Path
from typing import TYPE_CHECKING

from ..base import Description
from .options import TorchOptions, describe, files, missing

if TYPE_CHECKING:
    from .engine import SamTorch

__all__ = ["TorchOptions", "create", "describe", "files", "missing"]


def create(
    description: Description, *, models_dir: Path, threads: int, torch: TorchOptions
) -> "SamTorch":
    """The engine; encoder and decoder are loaded when they are first needed.

    Raises EngineUnavailable when a library, the device or the weights are not there.
    """
    from ..errors import EngineUnavailable

    problem = missing(models_dir, torch)
    if problem:
        raise EngineUnavailable(f"The model cannot be loaded: {problem}.")
    from .engine import SamTorch

    return SamTorch(description, models_dir=models_dir, threads=threads, options=torch)
