"""A project's news as they happen, over its websocket."""

import importlib
import json
import random
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from .api import Client
from .errors import BadAnswer, Forbidden, SegwebError, Unavailable
from .values import Event, Project

_MAX_BYTES = 1_000_000
_LONGEST_PAUSE = 30.0
_SILENCE = 20.0


def _websockets() -> Any:
    try:
        return importlib.import_module("websockets.sync.client"), importlib.import_module(
            "websockets.exceptions"
        )
    except ImportError as error:
        raise SegwebError("Watching needs one more package: pip install websockets.") from error


def events(
    client: Client, project: Project | int, *, retries: int = 8,
    on_open: Callable[[], None] | None = None,
) -> Iterator[Event]:  # fmt: skip
    """Each event of the project from now on; never ends by itself.

    A lost connection is opened anew with growing pauses, after `retries` failures in a row
    Unavailable is raised. What happens in between is not told: an event named `reconnected`
    stands for it. `on_open` is called when the first connection is there. Raises NotSignedIn or
    NotFound when the token or the membership ends.
    """
    pk = project if isinstance(project, int) else project.id
    failures, before = 0, False
    while True:
        client.transport.check()
        # Says clearly what a handshake that is refused, or a socket that closes, cannot.
        client.project(pk)
        opened = False
        try:
            for event in _session(client, pk):
                if event is None:
                    opened = True
                    if before:
                        yield Event("reconnected")
                    elif on_open is not None:
                        on_open()
                    before = True
                else:
                    yield event
        except Unavailable as error:
            failures = 1 if opened else failures + 1
            if failures > retries:
                raise
            pause = min(_LONGEST_PAUSE, 0.5 * 2.0**failures) * random.uniform(0.75, 1.25)
            client.transport.tell(error.message, pause)
            client.transport.stopped.wait(pause)


def _session(client: Client, pk: int) -> Iterator[Event | None]:
    """None once the socket is open, then its events until it closes. Raises Unavailable when it
    does, and Forbidden when it is not opened for this token."""
    library, exceptions = _websockets()
    parts = urlsplit(client.url)
    address = parts._replace(
        scheme="wss" if parts.scheme == "https" else "ws",
        path=f"{parts.path}/ws/projects/{pk}/",
    ).geturl()
    try:
        with library.connect(
            address,
            additional_headers={"Authorization": f"Bearer {client.token}"},
            origin=f"{parts.scheme}://{parts.netloc}",
            open_timeout=20,
            close_timeout=2,
            ping_interval=_SILENCE,
            ping_timeout=_SILENCE,
            max_size=_MAX_BYTES,
        ) as socket:
            yield None
            for text in socket:
                client.transport.check()
                yield _event(text)
    except exceptions.InvalidStatus as error:
        status = error.response.status_code
        if status in {401, 403}:
            raise Forbidden("The server refuses to tell this token its news.") from error
        raise Unavailable(f"The server does not open its socket (it answers {status}).") from error
    except exceptions.ConnectionClosed as error:
        raise Unavailable("The connection was lost.") from error
    except (OSError, TimeoutError, exceptions.WebSocketException, EOFError) as error:
        raise Unavailable(f"Cannot open the socket of {client.url}: {error}.") from error
    raise Unavailable("The server closed the socket.")


def _event(text: Any) -> Event:
    try:
        data = json.loads(text)
        kind, more = data["type"], data["data"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise BadAnswer("The server's socket does not speak segweb's events.") from error
    if not isinstance(kind, str) or not isinstance(more, dict):
        raise BadAnswer("The server's socket does not speak segweb's events.")
    return Event(kind, more)


def stamp() -> int:
    """Now, in epoch milliseconds."""
    return int(time.time() * 1000)
