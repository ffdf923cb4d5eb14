"""Requests that wait for a job, without a thread each.

Django's middleware runs in threads here, and so would a view that waits. Instead a view
answers `when_ended(job)`; the wrapper keeps that answer back, waits in the event loop, and asks
the view once more for the outcome: then `waited(request)` names the job.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .. import events
from ..models import Job

_HEADER = "X-Segweb-Wait"
_SENT_HEADER = _HEADER.lower().encode()
_SCOPE_KEY = "segweb.waited"
# Events are hints: a lost one costs this many seconds.
_LOOK_SECONDS = 2.0


@dataclass(frozen=True)
class Waited:
    """A job that has ended, or was waited for long enough; `note` is what the view left itself."""

    job: int
    note: str


def when_ended(job: Job, note: str = "") -> HttpResponse:
    """The answer of a view that is to be asked again once `job` has ended."""
    return HttpResponse(status=202, headers={_HEADER: f"{job.pk} {note}"})


def waited(request: HttpRequest) -> Waited | None:
    """The job that this request waited for; None at its first asking."""
    found: Waited | None = getattr(request, "scope", {}).get(_SCOPE_KEY)
    return found


class Waiting:
    """ASGI wrapper around Django. A client that leaves ends its waiting; the job goes on."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        kept = _Kept(send)
        await self.application(scope, receive, kept)
        if kept.value is None:
            return
        job, _, note = kept.value.decode().partition(" ")
        if await _while_connected(_ended(int(job)), receive):
            again = _again(scope, Waited(int(job), note))
            await self.application(again, _after_an_empty_body(receive), send)


class _Kept:
    """Passes an answer on, but for one that carries the header: its value is kept instead."""

    def __init__(self, send: Any) -> None:
        self.send = send
        self.value: bytes | None = None

    async def __call__(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = message.get("headers", ())
            self.value = next((v for k, v in headers if k.lower() == _SENT_HEADER), None)
        if self.value is None:
            await self.send(message)


def _again(scope: dict[str, Any], waited: Waited) -> dict[str, Any]:
    """The same request without what was read of it already."""
    body = {b"content-type", b"content-length", b"transfer-encoding"}
    headers = [(k, v) for k, v in scope["headers"] if k.lower() not in body]
    return {**scope, "method": "GET", "query_string": b"", "headers": headers,
            _SCOPE_KEY: waited}  # fmt: skip


def _after_an_empty_body(receive: Any) -> Any:
    """The real body was read already; what is still to come is that the client leaves."""
    messages = [{"type": "http.request", "body": b"", "more_body": False}]

    async def next_message() -> Any:
        return messages.pop() if messages else await receive()

    return next_message


async def _while_connected(work: Any, receive: Any) -> bool:
    """Does `work` unless the client leaves before; whether it was done."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
            return True
        return False
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _left(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _ended(job: int) -> None:
    """Returns once the job has ended, or when the waiting has taken long enough."""
    layer, group = get_channel_layer(), events.job_group(job)
    channel = await layer.new_channel()
    # Without Redis there are no events, but the database still tells.
    with suppress(Exception):
        await asyncio.wait_for(layer.group_add(group, channel), _LOOK_SECONDS)
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(settings.SEGWEB_PIXLAB_WAIT_SECONDS):
                while not await _has_ended(job):
                    await _event(layer, channel)
    finally:
        with suppress(Exception):
            await asyncio.wait_for(layer.group_discard(group, channel), _LOOK_SECONDS)


async def _event(layer: Any, channel: str) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time() + _LOOK_SECONDS
    try:
        await asyncio.wait_for(layer.receive(channel), _LOOK_SECONDS)
    except TimeoutError:
        return
    except Exception:
        await asyncio.sleep(max(0.0, due - loop.time()))


@database_sync_to_async
def _has_ended(job: int) -> bool:
    return not Job.objects.unfinished().filter(pk=job).exists()
