"""Work on many things, a few at once, with results in the order of the things."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from .transport import Transport

T = TypeVar("T")
R = TypeVar("R")

IN_FLIGHT = 4
# Things that are begun ahead of the oldest one that is not done.
_AHEAD = 16


def in_order(
    work: Callable[[T], R], things: Iterable[T], transport: Transport, workers: int = IN_FLIGHT
) -> Iterator[tuple[T, R]]:
    """(thing, result) for each, never more than a few ahead of the caller. What `work` raises is
    raised here, and the rest is called off."""
    pool = ThreadPoolExecutor(workers, thread_name_prefix="segweb")
    begun: deque[tuple[T, Future[R]]] = deque()
    patient = True
    try:
        for thing in things:
            begun.append((thing, pool.submit(work, thing)))
            if len(begun) >= workers + _AHEAD:
                yield _oldest(begun)
        while begun:
            yield _oldest(begun)
    except KeyboardInterrupt:
        patient = False
        raise
    finally:
        if begun:
            transport.stop()
        # After Ctrl+C nobody waits for an answer that may take a minute.
        pool.shutdown(wait=patient, cancel_futures=True)
        if patient:
            transport.stopped.clear()


def _oldest(begun: "deque[tuple[T, Future[R]]]") -> tuple[T, R]:
    thing, future = begun[0]
    result = future.result()
    begun.popleft()
    return thing, result
