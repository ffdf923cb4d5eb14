"""Folders of images up: found, compared with what is there, sent a few at once."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .api import Client
from .errors import FileRefused, Invalid, Unavailable
from .parallel import IN_FLIGHT, in_order
from .transfers import Count, refused_here, sha256_of
from .values import Image, Project

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"})
# With many more images there than files here, the server's own comparison is cheaper.
_LISTED_FOR_A_FILE = 50
_LONGEST_POLL = 2.0


@dataclass(frozen=True, slots=True)
class Found:
    """A file to send, and its size in bytes."""

    path: Path
    bytes: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file: its image, new or there already, or why it was refused."""

    path: Path
    kind: Literal["new", "duplicate", "refused"]
    image: Image | None = None
    reason: str = ""


def find(paths: Iterable[Path], every: bool = False) -> tuple[list[Found], list[Outcome], int]:
    """(files, what cannot be read, how many were passed over), folders with all below them.

    In a folder only names that end like an image's count unless `every` is set, and hidden ones
    do not; a file that is named itself always does. The order is that of the names.
    """
    files: list[Found] = []
    problems: list[Outcome] = []
    ignored = 0
    for path in paths:
        if not path.is_dir():
            _take(path, files, problems)
            continue
        for inner in _walk(path, problems):
            if not every and inner.suffix.lower() not in SUFFIXES:
                ignored += 1
            else:
                _take(inner, files, problems)
    return files, problems, ignored


def _walk(folder: Path, problems: list[Outcome]) -> Iterator[Path]:
    def failed(error: OSError) -> None:
        reason = refused_here(error).message.replace("The file", "The folder")
        problems.append(Outcome(Path(error.filename or folder), "refused", reason=reason))

    for place, folders, names in os.walk(folder, onerror=failed):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(place, name)


def _take(path: Path, files: list[Found], problems: list[Outcome]) -> None:
    try:
        if path.is_file():
            files.append(Found(path, path.stat().st_size))
            return
        path.stat()
        reason = "This is no ordinary file."
    except OSError as error:
        reason = refused_here(error).message
    problems.append(Outcome(path, "refused", reason=reason))


def upload_many(
    client: Client, project: Project, files: list[Found], *, workers: int = IN_FLIGHT,
    on_bytes: Count | None = None,
) -> Iterator[Outcome]:  # fmt: skip
    """Sends the files, `workers` at once, and tells what became of each, in their order.

    A content that the project has is not sent again, so a broken run is taken up by running it
    once more. `on_bytes` is called from several threads. Raises SegwebError for what would fail
    the other files too.
    """
    there: dict[str, Image] = {}
    if project.images <= _LISTED_FOR_A_FILE * len(files):
        there = {image.sha256: image for image in client.images(project)}

    def send(found: Found) -> Outcome:
        try:
            known = there.get(sha256_of(found.path)) if there else None
            if known is not None:
                if on_bytes is not None:
                    on_bytes(found.bytes)
                return _known(found.path, known)
            image = client.upload(project, found.path, on_bytes=on_bytes)
        except FileRefused as error:
            return Outcome(found.path, "refused", reason=error.message)
        except Invalid as error:
            if error.status != 413:
                raise
            return Outcome(found.path, "refused", reason=error.message)
        except Unavailable as error:
            if error.status != 500:
                raise
            return Outcome(found.path, "refused", reason=error.message)
        return _known(found.path, image) if image.duplicate else Outcome(found.path, "new", image)

    for _, outcome in in_order(send, files, client.transport, workers):
        yield outcome


def _known(path: Path, image: Image) -> Outcome:
    if image.state == "refused":
        return Outcome(path, "refused", image, image.error or "The image was refused before.")
    return Outcome(path, "duplicate", image)


def wait_until_prepared(
    client: Client, project: Project, images: Iterable[int], *, timeout: float = 600,
    on_done: Callable[[int], None] | None = None,
) -> list[Image]:  # fmt: skip
    """Those of `images` (ids) that their full decode refused, once none is being prepared.

    Raises Unavailable when `timeout` seconds go by without any progress.
    """
    waiting, total = set(images), len(set(images))
    wanted = frozenset(waiting)
    end, pause = time.monotonic() + timeout, 0.1
    while waiting:
        still = waiting & {row.id for row in client.images(project, state="preparing")}
        if len(still) < len(waiting):
            end = time.monotonic() + timeout
            waiting = still
            if on_done is not None:
                on_done(total - len(waiting))
        elif time.monotonic() > end:
            raise Unavailable(
                f"{len(waiting)} images are still being prepared; is a worker running?"
            )
        if waiting:
            client.transport.stopped.wait(pause)
            client.transport.check()
            pause = min(_LONGEST_POLL, pause * 1.5)
    if not wanted:
        return []
    return [row for row in client.images(project, state="refused") if row.id in wanted]
