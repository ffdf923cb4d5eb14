"""Embedding what waits in the batch, several at once: each job with its own lease and outcome.

A message starts a run with its job; the run takes further jobs as long as there are some, so
that a batch grows with the queue. Pictures are loaded in threads while the encoder works on
those before, and files are written while it works on those after. The encoder has a thread of
its own, too: jobs are claimed and ended beside it.
"""

import os
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field

from PIL import Image as PILImage

from ...engines.base import Embedding as EmbeddingArrays
from ...models import Embedding, Image, Job
from ..images import encoder_input
from ..inference import engine
from ..jobs import leases as job_leases
from ..jobs import lifecycle, registry
from . import compute, eviction, leases
from .leases import ContentLease

# A run ends after this long at the latest, so that its worker can be stopped and asked.
_RUN_SECONDS = 3.0
_LOADERS = 4
# The writer fills what an encoder on the same cores leaves of them. Not the last of all: what is
# written ends jobs, and an encoder on a GPU must not wait for that.
_BEHIND = 15


@dataclass(eq=False)
class _Item:
    """A claimed job on its way: the picture, then the embedding's row; either may fail."""

    job: Job
    image: Image
    held: ExitStack
    picture: "Future[PILImage.Image]"
    row: "Future[Embedding]" = field(default_factory=Future)


class _Run:
    def __init__(self, size: int, stack: ExitStack) -> None:
        self._size = size
        # Whatever ends the run, nothing stays held: another worker must be able to go on.
        self._open = stack.enter_context(ExitStack())
        self._loaders = stack.enter_context(ThreadPoolExecutor(min(size, _LOADERS), "load"))
        self._writer = stack.enter_context(ThreadPoolExecutor(1, "write", _go_behind))
        self._encoder = stack.enter_context(ThreadPoolExecutor(1, "encode"))

    def work(self, first: Job) -> None:
        size = self._size
        end = time.monotonic() + _RUN_SECONDS
        # What stopped a worker before may do it again: alone, it takes no others with it.
        alone = first.attempt > 1
        group = self._taken([first, *([] if alone else lifecycle.claim_more(first, size - 1))])
        done: list[_Item] = []
        while group or done:
            encoding = self._encoder.submit(self._embed, group)
            for item in done:
                self._finish(item)
            more = [] if alone or time.monotonic() > end else lifecycle.claim_more(first, size)
            following = self._taken(more)
            encoding.result()
            done, group = group, following

    def _taken(self, claimed: Iterable[Job]) -> list[_Item]:
        """The jobs for which there is something to compute; the others are ended."""
        return [item for job in claimed if (item := self._begin(job)) is not None]

    def _begin(self, job: Job) -> _Item | None:
        held = self._open.enter_context(ExitStack())
        held.enter_context(job_leases.holding(job))
        begun: list[ContentLease] = []

        def work(job: Job) -> None:
            image = job.image
            assert image is not None
            row = compute.ready_row(image)
            if row is not None:
                compute.finish(job, row)
            elif (lease := leases.take(image, alone=job.attempt > 1)) is not None:
                begun.append(held.enter_context(closing(lease)))
            else:
                raise lifecycle.RetryLater  # another worker is about to have it ready

        lifecycle.execute(job, work)
        if not begun:
            held.close()
            return None
        image = job.image
        assert image is not None
        picture = self._loaders.submit(encoder_input.picture_of, image, job.file)
        return _Item(job, image, held, picture)

    def _embed(self, group: Sequence[_Item]) -> None:
        loaded = [item for item in group if _usable(item)]
        for items in _parts(loaded, self._size):
            self._encode(items)

    def _encode(self, items: Sequence[_Item]) -> None:
        """One run of the encoder; where it fails, each image has a run of its own."""
        try:
            arrays = engine.current().embed(
                [item.picture.result() for item in items],
                [(item.image.width, item.image.height) for item in items],
            )
        except Exception as error:
            if len(items) == 1:
                items[0].row.set_exception(error)
                return
            for item in items:
                self._encode([item])
            return
        for item, each in zip(items, arrays, strict=True):
            item.row = self._writer.submit(_write, item.image, each)

    def _finish(self, item: _Item) -> None:
        def work(job: Job) -> None:
            compute.finish(job, item.row.result())

        with item.held:
            lifecycle.execute(item.job, work)


def _go_behind() -> None:
    """Lets the encoder's threads go first. On Linux a niceness is the thread's own."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _BEHIND)


def _write(image: Image, arrays: EmbeddingArrays) -> Embedding:
    return compute.written(image, arrays)


def _usable(item: _Item) -> bool:
    """Waits for the picture; what keeps it from loading becomes the job's outcome."""
    error = item.picture.exception()
    if error is not None:
        item.row.set_exception(error)
    return error is None


def _parts(items: Sequence[_Item], size: int) -> list[Sequence[_Item]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _size() -> int:
    """How many images the device likes at once."""
    try:
        return max(1, engine.current().batch)
    except Exception:  # told on each job, when it comes to its image
        return 1


@registry.job_handler(
    Job.Kind.EMBED,
    queue=Job.Queue.BATCH,
    title="Embedding",
    patient=True,
    on_failure=compute.failed,
    holds_lease=True,
)
def embed(first: Job) -> None:
    """The work behind an embed job's message: that job, and where nobody waits for it, what
    else is in the batch."""
    if first.queue == Job.Queue.BATCH:
        with ExitStack() as stack:
            _Run(_size(), stack).work(first)
    else:
        with job_leases.holding(first):
            lifecycle.execute(first, compute.embed)
    eviction.evict()
