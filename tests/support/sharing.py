"""Servers that all processes of one test run share."""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .environment import CACHE
from .server import Server

RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")
_RUNS = CACHE / "runs"
_OLD_SECONDS = 24 * 3600


def run_folder() -> Path:
    """A folder that the processes of this run have in common."""
    folder = _RUNS / (RUN or f"process-{os.getpid()}")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def remove_old_runs() -> None:
    """Removes the folders of runs that ended long ago; another run may be on its way."""
    for folder in _RUNS.glob("*"):
        if folder.stat().st_mtime < time.time() - _OLD_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def locked(path: Path) -> Iterator[IO[str]]:
    """Holds the file's lock, which one process has at a time."""
    with path.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


@contextmanager
def shared_server(name: str, start: Callable[[], Server]) -> Iterator[Server]:
    """The run's server of this name: the first process that asks starts it, and stops it once
    every process that uses it is done."""
    folder = run_folder()
    state, lock = folder / f"{name}.json", folder / f"{name}.lock"
    owned = False
    with locked(lock):
        if state.exists():
            server = Server.attach(json.loads(state.read_text()))
        else:
            server, owned = start(), True
            state.write_text(json.dumps(server.address()))
        # Whoever uses the server holds a shared lock of its file.
        users = (folder / f"{name}-{server.port}.users").open("a")
        fcntl.flock(users, fcntl.LOCK_SH)
    with users:
        yield server
        if owned:
            with locked(lock):
                state.unlink()  # who comes from now on starts another one
            fcntl.flock(users, fcntl.LOCK_EX)
            server.kill()
