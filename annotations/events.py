"""The one publisher of a project's events.

Events carry ids and small fields; clients fetch the rest. They are hints: a lost one costs a
refetch, so publishing never delays or fails the change that it tells of.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from channels.layers import get_channel_layer
from django.db import transaction

log = logging.getLogger(__name__)

VERSION = 1
_SEND_SECONDS = 2.0
_MAX_WAITING = 10_000

# Its type and its data, as `representations.events` makes them.
Event = tuple[str, Mapping[str, Any]]


def project_group(project_id: int) -> str:
    return f"project.{project_id}"


def job_group(job_id: int) -> str:
    return f"job.{job_id}"


def user_group(user_id: int) -> str:
    return f"user.{user_id}"


class _Publisher:
    """One event loop in one thread a process; messages leave in the order they came.

    The channel layer keeps a Redis connection for each event loop, so a loop made for each
    message would open one each time; and a caller would wait for it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._queue: asyncio.Queue[tuple[str, dict[str, Any]]] | None = None

    def put(self, group: str, message: dict[str, Any]) -> None:
        with self._lock:
            if self._loop is None:
                self._start()
            assert self._loop is not None
            self._loop.call_soon_threadsafe(self._offer, group, message)

    def _offer(self, group: str, message: dict[str, Any]) -> None:
        assert self._queue is not None
        if self._queue.qsize() < _MAX_WAITING:
            self._queue.put_nowait((group, message))

    def _start(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._queue = asyncio.Queue()
        threading.Thread(target=self._run, name="events", daemon=True).start()

    def _run(self) -> None:
        assert self._loop is not None
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._send_all())

    async def _send_all(self) -> None:
        assert self._queue is not None
        layer = get_channel_layer()
        while True:
            group, message = await self._queue.get()
            try:
                await asyncio.wait_for(layer.group_send(group, message), _SEND_SECONDS)
            except Exception as error:
                log.warning("event not sent: %s", error.__class__.__name__)


_publisher = _Publisher()


def _forget() -> None:
    """A forked child has no copy of the thread: it starts its own."""
    global _publisher
    _publisher = _Publisher()


def _register_fork_hook() -> None:
    import os

    os.register_at_fork(after_in_child=_forget)


_register_fork_hook()


Recorder = Callable[[int, Event], None]
_recorders: list[Recorder] = []


def record_with(recorder: Recorder) -> None:
    """Calls `recorder` with every event that a whole project is told, within the transaction of
    its change."""
    if recorder not in _recorders:
        _recorders.append(recorder)


def publish(project_id: int, event: Event, only: int | None = None) -> None:
    """Tells the project's members, or `only` the one with that id, once the current transaction
    is committed."""
    if only is None:
        for recorder in _recorders:
            recorder(project_id, event)
    kind, data = event
    message = {
        "type": "project.event",
        "project": project_id,
        "event": {"v": VERSION, "type": kind, "data": data},
    }
    group = project_group(project_id) if only is None else user_group(only)
    transaction.on_commit(lambda: _publisher.put(group, message))


def job_ended(job_id: int) -> None:
    """Wakes the request that waits for this job, once the current transaction is committed."""
    transaction.on_commit(
        lambda: _publisher.put(job_group(job_id), {"type": "job.ended", "job": job_id})
    )


def recheck(user_id: int) -> None:
    """Makes the user's open sockets check their right to be open, at once."""
    transaction.on_commit(lambda: _publisher.put(user_group(user_id), {"type": "access.recheck"}))
