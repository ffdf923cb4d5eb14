"""Fetches Meta's checkpoints: resumed where it broke off, checked, there whole or not at all."""

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import httpx

from ..weights import sha256_of
from .checkpoints import Checkpoint

PUBLIC_ADDRESS = "https://dl.fbaipublicfiles.com/segment_anything"
# Attempts in a row that brought nothing.
_ATTEMPTS = 5
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_MEGABYTE = 1_000_000

Report = Callable[[int, int], None]


class FetchError(Exception):
    """Why there is no checkpoint, in words for people."""


class _Broken(Exception):
    """The connection broke off: worth another attempt."""


def fetch(
    checkpoint: Checkpoint,
    models_dir: Path,
    *,
    base: str = PUBLIC_ADDRESS,
    report: Report = lambda done, total: None,
    pause: float = 1.0,
) -> Path:
    """The checkpoint's file, fetched from the folder `base` unless it is there already.

    What arrived before a failure is kept beside it, and the next call goes on from there.
    `report(done, total)` hears of each piece, in bytes. `pause` seconds pass after an attempt that
    brought nothing, twice as many after each further one. Raises FetchError.
    """
    target = checkpoint.path_in(models_dir)
    if target.is_file() and sha256_of(target) == checkpoint.sha256:
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone(target.with_name(f".{target.name}.part")) as part:
            _complete(part, checkpoint, f"{base.rstrip('/')}/{checkpoint.file}", report, pause)
            _verify(part, checkpoint)
            os.replace(part.name, target)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise FetchError("The disk is full. What arrived is kept: make room, try again.") from (
                error
            )
        raise FetchError(f"{target.name} cannot be written: {error.strerror}.") from error
    return target


@contextmanager
def _alone(path: Path) -> Iterator[BinaryIO]:
    """The unfinished file, held so that no other process writes to it."""
    with path.open("ab+") as part:
        try:
            fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FetchError(f"{path.name} is being fetched by another process.") from error
        yield part


def _complete(
    part: BinaryIO, checkpoint: Checkpoint, address: str, report: Report, pause: float
) -> None:
    """Appends what is missing."""
    if part.seek(0, os.SEEK_END) > checkpoint.size:
        part.truncate(0)
    free = shutil.disk_usage(Path(part.name).parent).free
    wanted = checkpoint.size - part.tell()
    if wanted > free:
        raise FetchError(
            f"The disk has {free // _MEGABYTE} MB left; {wanted // _MEGABYTE} MB are needed."
        )
    fruitless, problem = 0, ""
    while (before := part.seek(0, os.SEEK_END)) < checkpoint.size:
        if fruitless == _ATTEMPTS:
            raise FetchError(f"{problem} What arrived is kept: try again.")
        if fruitless:
            time.sleep(pause * 2 ** (fruitless - 1))
        try:
            _append(part, checkpoint, address, report)
            problem = "The server ended before the whole file was there."
        except _Broken as error:
            problem = str(error)
        arrived = part.seek(0, os.SEEK_END) > before
        fruitless = 0 if arrived else fruitless + 1


def _append(part: BinaryIO, checkpoint: Checkpoint, address: str, report: Report) -> None:
    """One request from where the file ends. Raises FetchError, _Broken."""
    start = part.tell()
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    try:
        with httpx.stream(
            "GET", address, headers=headers, timeout=_TIMEOUT, follow_redirects=True
        ) as answer:
            start = _begin(part, answer, start, checkpoint)
            for chunk in answer.iter_raw():
                if start + len(chunk) > checkpoint.size:
                    raise FetchError(f"The server sends more than {checkpoint.size} bytes.")
                part.write(chunk)
                start += len(chunk)
                report(start, checkpoint.size)
    except httpx.InvalidURL as error:
        raise FetchError(f"{address} is no address: {error}.") from error
    except httpx.UnsupportedProtocol as error:
        raise FetchError(f"{address} is no http address.") from error
    except httpx.TooManyRedirects as error:
        raise FetchError("The server redirects without end.") from error
    except httpx.HTTPError as error:
        raise _Broken(f"The connection broke off ({error.__class__.__name__}).") from error
    finally:
        part.flush()


def _begin(part: BinaryIO, answer: httpx.Response, start: int, checkpoint: Checkpoint) -> int:
    """Judges the answer's head; where its body belongs in the file."""
    if answer.status_code == 206:
        if not answer.headers.get("content-range", "").startswith(f"bytes {start}-"):
            raise FetchError("The server sends another part of the file than was asked for.")
        return start
    if answer.status_code >= 500:
        raise _Broken(f"The server answers {answer.status_code}.")
    if answer.status_code != 200:
        raise FetchError(f"The server answers {answer.status_code} for {checkpoint.file}.")
    length = answer.headers.get("content-length", str(checkpoint.size))
    if length != str(checkpoint.size):
        raise FetchError(f"The server offers {length} bytes instead of {checkpoint.size}.")
    # Ranges are not known there: from the beginning.
    part.truncate(0)
    return 0


def _verify(part: BinaryIO, checkpoint: Checkpoint) -> None:
    part.flush()
    os.fsync(part.fileno())
    found = sha256_of(Path(part.name))
    if found != checkpoint.sha256:
        part.truncate(0)
        raise FetchError(
            f"What arrived is not {checkpoint.file}: its SHA-256 is {found}. It was thrown away."
        )
