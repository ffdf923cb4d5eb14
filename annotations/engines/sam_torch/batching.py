"""Batches that shrink until they fit the device's memory."""

import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import torch

from ..errors import DeviceOutOfMemory

log = logging.getLogger(__name__)

# What the errors say that are no kind of their own: the allocator for the CPU, the CUDA driver
# beside PyTorch's own allocator (pinned memory, kernels that are loaded), cuBLAS and cuDNN.
_NO_ROOM = ("not enough memory", "allocate memory", "out of memory", "alloc_failed")

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batches:
    """Runs work in batches of at most `size` items; one that did not fit is tried again in
    halves, and `size` stays small afterwards."""

    def __init__(self, size: int, what: str) -> None:
        self.size = size
        self._what = what

    def run(
        self, items: Sequence[Item], work: Callable[[Sequence[Item]], Sequence[Result]]
    ) -> list[Result]:
        """The results in the items' order. Raises DeviceOutOfMemory when one does not fit."""
        results: list[Result] = []
        while len(results) < len(items):
            batch = items[len(results) : len(results) + self.size]
            done = _attempt(batch, work)
            if done is not None:
                results += done
            elif len(batch) == 1:
                raise DeviceOutOfMemory(
                    f"The device's memory does not suffice for one {self._what}. Free some of "
                    "it, or choose a smaller model."
                )
            else:
                self.size = len(batch) // 2
                log.warning("out of memory: %d %ss at a time from now on", self.size, self._what)
        return results


def lacks_memory(error: BaseException) -> bool:
    """Whether the device's or the host's memory did not suffice."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    said = str(error).lower()
    return isinstance(error, RuntimeError) and any(words in said for words in _NO_ROOM)


@contextmanager
def for_all() -> Iterator[None]:
    """For what every batch needs, the model itself: no smaller one helps where that does not
    fit. Raises DeviceOutOfMemory."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not lacks_memory(error):
            raise
        raise DeviceOutOfMemory(
            "The device's memory does not suffice for the model. Free some of it, or choose a "
            "smaller model."
        ) from error


def _attempt(
    batch: Sequence[Item], work: Callable[[Sequence[Item]], Sequence[Result]]
) -> Sequence[Result] | None:
    """The work's results; None when the memory did not suffice."""
    try:
        return work(batch)
    except (RuntimeError, MemoryError) as error:
        if not lacks_memory(error):
            raise
    # Here the error is gone, and with it the frames that held the batch's tensors.
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return None
