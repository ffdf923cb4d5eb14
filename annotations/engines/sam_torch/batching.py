"""Batches that shrink until they fit the device's memory."""

import gc
import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

from ..errors import DeviceOutOfMemory

log = logging.getLogger(__name__)

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


def _attempt(
    batch: Sequence[Item], work: Callable[[Sequence[Item]], Sequence[Result]]
) -> Sequence[Result] | None:
    """The work's results; None when the memory did not suffice."""
    try:
        return work(batch)
    except (torch.OutOfMemoryError, MemoryError):
        pass
    except RuntimeError as error:
        # The allocator for the CPU raises this plain kind.
        if "not enough memory" not in str(error) and "allocate memory" not in str(error):
            raise
    # Here the error is gone, and with it the frames that held the batch's tensors.
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return None
