"""Files over the wire: up with their bytes counted, down whole or not at all."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import BadAnswer, FileRefused
from .transport import Transport

Count = Callable[[int], None]

_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Export:
    """A file that was written: its size in bytes and its SHA-256 in hexadecimal."""

    path: Path
    bytes: int
    sha256: str


class _Counted:
    """A file whose reading is told. Once called off, it ends with an error."""

    def __init__(self, file: Any, transport: Transport, on_bytes: Count | None) -> None:
        self._file = file
        self._transport = transport
        self._on_bytes = on_bytes or (lambda _n: None)
        self._told = 0

    def read(self, size: int = -1) -> bytes:
        self._transport.check()
        data: bytes = self._file.read(size)
        self._told += len(data)
        self._on_bytes(len(data))
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def fileno(self) -> int:
        return int(self._file.fileno())

    def take_back(self) -> None:
        self._on_bytes(-self._told)


def refused_here(error: OSError) -> FileRefused:
    """A file that this machine does not let us read."""
    return FileRefused(f"The file cannot be read: {error.strerror or error}.", code="unreadable")


@contextmanager
def counted(path: Path, transport: Transport, on_bytes: Count | None) -> Iterator[Any]:
    """The file opened for an upload. Raises FileRefused when it cannot be read."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise refused_here(error) from error
    with file:
        reader = _Counted(file, transport, on_bytes)
        try:
            yield reader
        except BaseException as error:
            reader.take_back()
            if isinstance(error, OSError):
                raise refused_here(error) from error
            raise


def sha256_of(path: Path) -> str:
    """The content's SHA-256 in hexadecimal. Raises FileRefused when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise refused_here(error) from error


def download(
    transport: Transport, address: str, path: Path, size: int, digest: str,
    on_bytes: Count | None = None,
) -> Export:  # fmt: skip
    """Writes the answer to `path`, which holds it whole and unharmed or stays as it was.

    Raises BadAnswer when size or SHA-256 are not as told, OSError when it cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        transport.patiently(lambda: _fetch(transport, address, part, size, digest, on_bytes))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return Export(path, size, digest)


def _fetch(
    transport: Transport, address: str, part: Path, size: int, digest: str,
    on_bytes: Count | None,
) -> None:  # fmt: skip
    tell = on_bytes or (lambda _n: None)
    seen, found = 0, hashlib.sha256()
    try:
        with part.open("wb") as file, transport.stream(address) as response:
            for chunk in response.iter_bytes(_CHUNK):
                transport.check()
                seen += len(chunk)
                if seen > size:
                    break
                file.write(chunk)
                found.update(chunk)
                tell(len(chunk))
        if seen != size or found.hexdigest() != digest.lower():
            raise BadAnswer("The download is damaged: it is not the file that the server told of.")
    except BaseException:
        tell(-min(seen, size))
        raise
