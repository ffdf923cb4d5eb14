"""What must hold before anything is started."""

import fcntl
import os
import socket
import tempfile
from pathlib import Path
from typing import IO


class CannotStart(Exception):
    """The reason, as a sentence for the person at the terminal."""


def claim(data: Path) -> IO[str]:
    """Makes the data folder and locks it for as long as the returned file stays open.

    Raises CannotStart when it cannot be written or another server uses it.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        # The permission bits do not tell: root ignores them, a read-only disk has them.
        with tempfile.TemporaryFile(dir=data):
            pass
        file = open(data / ".lock", "a+", encoding="ascii")  # noqa: SIM115
    except OSError as error:
        raise CannotStart(
            f"The data folder {data} cannot be written ({error.strerror}). "
            "Choose another with --data DIR."
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.seek(0)
        owner = file.read().strip() or "unknown"
        file.close()
        raise CannotStart(
            f"Another segweb (process {owner}) uses the data folder {data}. "
            "Stop it first, or choose another folder with --data DIR."
        ) from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def require_free(host: str, port: int) -> None:
    """Raises CannotStart unless a server can listen on `host` and `port`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            # Another listener that shares its port lets bind pass and fails here.
            probe.listen(1)
    except OSError as error:
        raise CannotStart(
            f"Port {port} on {host} cannot be used ({error.strerror}). "
            "Choose another with --port N."
        ) from error
