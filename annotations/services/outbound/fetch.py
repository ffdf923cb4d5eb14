"""Files from addresses: fetched through `http`, redirects judged one by one, all bounded."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import IO
from urllib.parse import unquote, urljoin

from django.conf import settings

from ...domain.addresses import Target, parse_url
from ...domain.errors import DomainError
from ..errors import FetchRefused
from . import http
from .http import Answer, Deadline, Resolver, system_resolver

_MAX_REDIRECTS = 5
_REDIRECTS = {301, 302, 303, 307, 308}
_IN_MEMORY = 4_000_000


@dataclass
class Fetched:
    """What an address gave. `file` is a temporary one, rewound, of `size` bytes; it goes when it
    is closed. `name` is a guess for people, `url` where the last redirect led."""

    file: IO[bytes]
    size: int
    name: str
    url: str

    def __enter__(self) -> "Fetched":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()


def fetch(
    url: str,
    *,
    max_bytes: int | None = None,
    deadline: float | None = None,
    resolver: Resolver = system_resolver,
) -> Fetched:
    """Fetches a file of at most `max_bytes` (SEGWEB_MAX_BYTES without) within `deadline` seconds
    (SEGWEB_FETCH_SECONDS without), names, redirects and slow answers included.

    What the content is, its reader judges. Raises FetchRefused.
    """
    most = settings.SEGWEB_MAX_BYTES if max_bytes is None else max_bytes
    until = Deadline.after(settings.SEGWEB_FETCH_SECONDS if deadline is None else deadline)
    for _ in range(_MAX_REDIRECTS + 1):
        target = _target(url)
        with http.exchange("GET", target, until, headers=_ACCEPT, resolver=resolver) as answer:
            if answer.status not in _REDIRECTS:
                return _received(answer, target, most)
            url = _next(target, answer.headers.get("location", ""))
    raise FetchRefused("redirects", f"The address leads on more than {_MAX_REDIRECTS} times.")


_ACCEPT = {"Accept": "image/*,*/*;q=0.5"}


def _next(here: Target, location: str) -> str:
    """Where the redirect leads. Raises FetchRefused for what cannot be read, and for a step from
    https to http: who asked for the one was promised it."""
    try:
        url = urljoin(here.url, location)
    except ValueError as error:
        raise FetchRefused("bad_address", "The address leads on to none that is one.") from error
    if here.scheme == "https" and url.lower().startswith("http:"):
        raise FetchRefused("bad_address", "The address leads on from https to http.")
    return url


def _target(url: str) -> Target:
    try:
        return parse_url(url)
    except DomainError as error:
        text = f"{error.message[0].upper()}{error.message[1:]}."
        raise FetchRefused("bad_address", text) from error


def _received(answer: Answer, target: Target, most: int) -> Fetched:
    if answer.status != 200:
        raise FetchRefused("bad_status", f"The address answered with status {answer.status}.")
    if answer.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise FetchRefused("packed", "The address sends the file packed, which was not asked for.")
    length = answer.headers.get("content-length", "")
    if length.isdigit() and int(length) > most:
        raise _too_large(most)
    folder = settings.FILE_UPLOAD_TEMP_DIR
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=folder)  # noqa: SIM115 (goes to the caller)
    try:
        size = _copy(answer.body, file, most)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return Fetched(file, size, _name(answer, target), target.url)


def _copy(body: Iterator[bytes], file: IO[bytes], most: int) -> int:
    size = 0
    for chunk in body:
        size += len(chunk)
        if size > most:
            raise _too_large(most)
        file.write(chunk)
    return size


def _too_large(most: int) -> FetchRefused:
    return FetchRefused("too_large", f"The file has more than {most / 1e6:g} MB.")


def _name(answer: Answer, target: Target) -> str:
    """The name that the answer gives the file, else the last part of its path."""
    message = Message()
    message["Content-Disposition"] = answer.headers.get("content-disposition", "")
    last = target.path.partition("?")[0].rpartition("/")[2]
    try:
        given = message.get_filename()
    except ValueError:  # a character set of Python's that is none, such as `undefined`
        given = None
    return given or unquote(last, errors="replace") or target.host
