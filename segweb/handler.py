"""How HTTP requests reach Django: from start to end in one thread of a pool."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.urls import set_script_prefix

T = TypeVar("T")

# Requests are short and most of their time is Python's, which one thread runs at a time: more
# threads than this would only wait for each other.
_THREADS = 8


class PooledASGIHandler(ASGIHandler):
    """Django's own handler starts a thread for each request, opens a database connection in it
    and goes to and fro between thread and event loop for every middleware and signal. Here
    middleware, view and signals of a request run in one visit to a thread that keeps its
    connection.

    `python -m tests.bench.bench_handler` decides that this class stays (10 % more would not): for a
    small request (`/api/me`, 1.6 to 2.0 ms here) Django's own handler takes 3.2 to 3.5 times the
    CPU time, for a larger one (`/api/projects/1`, 6 to 7 ms) 1.7 to 1.8 times; with threads that
    keep their connections 3.0 to 3.4 and 1.5 to 1.6 times.

    For synchronous views. An asynchronous one would hold its thread while it waits; what waits
    for a job is asked twice instead (`SEGWEB_ASGI_WRAPPERS`).
    """

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="request")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            response = await self._in_thread(lambda: self._respond(scope, body))
            if response.streaming:
                await self._stream(response, receive, send)
            else:
                await self.send_response(response, send)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._pool, context.run, work)

    def _respond(self, scope: Any, body: Any) -> Any:
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response = refusal if request is None else self.get_response(request)
        response._handler_class = self.__class__
        if not response.streaming:
            # The content is there already; the connection is given back in the thread that has it.
            response.close()
        return response

    async def _stream(self, response: Any, receive: Any, send: Any) -> None:
        """Sends until the end, or until the client is gone."""
        sending = asyncio.create_task(self.send_response(response, send))
        gone = asyncio.create_task(receive())
        try:
            await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            for task in (sending, gone):
                task.cancel()
            await asyncio.gather(sending, gone, return_exceptions=True)
            await self._in_thread(response.close)
