"""Formats by name."""

from collections.abc import Callable
from typing import BinaryIO

from . import coco
from .base import Dataset, Progress

_FORMATS: dict[str, Callable[[Dataset, BinaryIO, Progress], None]] = {"coco": coco.write}


def names() -> list[str]:
    return list(_FORMATS)


def write(name: str, dataset: Dataset, file: BinaryIO, progress: Progress) -> None:
    """Writes `dataset` to `file` in the format `name`. Raises KeyError for an unknown one."""
    _FORMATS[name](dataset, file, progress)
