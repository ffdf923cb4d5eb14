"""The one way out: HTTP requests to addresses that somebody gave.

The name is resolved once, every answer is judged, and the connection goes to the judged address
itself, so that a name which answers differently the next time changes nothing. What is refused
and what cannot be reached are told in the same words: they tell nothing of the network inside.
"""

import ipaddress
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpcore
import httpx
from django.conf import settings

from ...domain.addresses import Address, AllowList, Target, is_public
from ..errors import FetchRefused

log = logging.getLogger(__name__)

IDLE_SECONDS = 10.0
_MAX_ADDRESSES = 3
_AGENT = "segweb"

Resolver = Callable[[str, int], list[str]]


def unreachable() -> FetchRefused:
    """What is said of every address that is not fetched from."""
    return FetchRefused("not_reached", "The address cannot be reached, or is not allowed here.")


def too_slow() -> FetchRefused:
    return FetchRefused("too_slow", "The other side took too long to answer.")


def broken() -> FetchRefused:
    return FetchRefused("broken_answer", "The other side broke off, or did not speak HTTP.")


@dataclass(frozen=True)
class Deadline:
    """A moment on the monotonic clock by which everything has to be done."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        return cls(time.monotonic() + seconds)

    def left(self, at_most: float | None = None) -> float:
        """Seconds left, at most so many. Raises httpcore.ReadTimeout when there are none."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if at_most is None else min(left, at_most)


# --- Names ------------------------------------------------------------------------------------


def system_resolver(host: str, port: int) -> list[str]:
    """Addresses of a name, as the system knows them."""
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(row[4][0]) for row in rows]


def _resolve(target: Target, deadline: Deadline, resolver: Resolver) -> list[Address]:
    """The target's addresses. The system's resolver knows no deadline, so it is left behind in
    its thread when it is slow. Raises FetchRefused."""
    if target.literal is not None:
        return [target.literal]
    found: list[Any] = []

    def look_up() -> None:
        try:
            found.append(resolver(target.host, target.port))
        except (OSError, UnicodeError) as error:
            found.append(error)

    thread = threading.Thread(target=look_up, name="resolver", daemon=True)
    thread.start()
    thread.join(deadline.left(IDLE_SECONDS))
    if not found or not isinstance(found[0], list):
        raise unreachable()
    try:
        # A zone belongs to a link-local address, which is refused with or without it.
        addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in found[0]]
    except ValueError as error:
        raise unreachable() from error
    return list(dict.fromkeys(addresses))[:_MAX_ADDRESSES]


@cache
def _allow_list(entries: tuple[str, ...]) -> AllowList:
    return AllowList.parse(list(entries))


def _is_outside(address: Address) -> bool:
    """True for a public address that is not this machine's own: behind its own firewall it would
    answer what it answers nobody outside.

    Only a machine's own addresses can be bound; unless it may bind any, which one that is kept
    for documentation tells.
    """
    if not is_public(address):
        return False
    nobody = "192.0.2.1" if address.version == 4 else "2001:db8::1"
    return not _can_bind(str(address)) or _can_bind(nobody)


def _can_bind(address: str) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True


def judge_literal(target: Target) -> None:
    """Raises FetchRefused for a target that names an inner address itself; asks nobody."""
    if target.literal is not None:
        judged(target, Deadline.after(IDLE_SECONDS), system_resolver)


def judged(target: Target, deadline: Deadline, resolver: Resolver) -> list[Address]:
    """The addresses to connect to. Raises FetchRefused if a single one lies inside: a name with
    such an answer is a trap, or not meant for us."""
    allow = _allow_list(tuple(settings.SEGWEB_FETCH_ALLOW))
    addresses = _resolve(target, deadline, resolver)
    named = [address for address in addresses if allow.allows(target, address)]
    if addresses and len(named) == len(addresses):
        return addresses
    good = bool(addresses) and all(_is_outside(a) or a in named for a in addresses)
    if not good or not target.has_web_port:
        log.info("refused to fetch from %s", target.authority)
        raise unreachable()
    return addresses


# --- Connections ------------------------------------------------------------------------------


class _TimedStream(httpcore.NetworkStream):
    """A stream none of whose reads and writes passes the deadline: a server that sends a byte
    now and then never trips a limit on each of them."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout)
        return _TimedStream(
            self._stream.start_tls(ssl_context, server_hostname, left), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _ToAddresses(httpcore.NetworkBackend):
    """Connects to the judged addresses whatever host it is asked for."""

    def __init__(self, addresses: list[Address], deadline: Deadline) -> None:
        self._addresses, self._deadline = addresses, deadline
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        problem: Exception = httpcore.ConnectError()
        for address in self._addresses:
            left = self._deadline.left(timeout)
            try:
                stream = self._backend.connect_tcp(str(address), port, left)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
                continue
            return _TimedStream(stream, self._deadline)
        raise problem


@cache
def _tls() -> ssl.SSLContext:
    """Verifies by the packaged roots and the system's (or those that SSL_CERT_FILE names). Made
    once: reading the roots takes longer than many a fetch."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


@dataclass(frozen=True)
class Answer:
    """The head of an answer; `body` gives its bytes as they come."""

    status: int
    headers: dict[str, str]
    body: Iterator[bytes]


@contextmanager
def exchange(
    method: str,
    target: Target,
    deadline: Deadline,
    *,
    headers: dict[str, str] | None = None,
    content: bytes = b"",
    resolver: Resolver = system_resolver,
) -> Iterator[Answer]:
    """One request and its answer; redirects are the caller's. Header names are lower case.

    Raises FetchRefused, also while the body is read.
    """
    with _told():
        addresses = judged(target, deadline, resolver)
    # No proxy, no cookies, no kept connection: nothing of one request serves another.
    pool = httpcore.ConnectionPool(
        ssl_context=_tls(),
        network_backend=_ToAddresses(addresses, deadline),
        max_connections=1,
        retries=0,
    )
    sent = {"Host": target.authority, "User-Agent": _AGENT, "Accept-Encoding": "identity"}
    if content:
        sent["Content-Length"] = str(len(content))
    timeouts = dict.fromkeys(("connect", "read", "write", "pool"), IDLE_SECONDS)
    with _told(), pool, pool.stream(
        method,
        target.url,
        headers=list((sent | (headers or {})).items()),
        content=content,
        extensions={"timeout": timeouts},
    ) as response:  # fmt: skip
        heads = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in response.headers}
        yield Answer(response.status, heads, _chunks(response, deadline))


def _chunks(response: httpcore.Response, deadline: Deadline) -> Iterator[bytes]:
    for chunk in response.iter_stream():
        yield chunk
        deadline.left()


@contextmanager
def _told() -> Iterator[None]:
    """What the network raises, in words that say no more than they may."""
    try:
        yield
    except (httpcore.ReadTimeout, httpcore.WriteTimeout) as error:
        raise too_slow() from error
    except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
        raise unreachable() from error
    except (httpcore.ProtocolError, httpcore.NetworkError, ssl.SSLError, OSError) as error:
        raise broken() from error
