"""`deploy/up`, as a person types it."""

import os
import signal
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from tests.support.environment import ROOT, clean_environment, free_port
from tests.support.server import wait_until

_UP = str(ROOT / "deploy" / "up")


def test_help_names_every_option():
    done = subprocess.run([_UP, "--help"], capture_output=True, text=True, check=True)
    for option in ("--port", "--data", "--host"):
        assert option in done.stdout


@pytest.mark.parametrize("arguments", [["--port"], ["--colour", "red"]])
def test_unknown_arguments_are_refused(arguments: list[str]):
    done = subprocess.run([_UP, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert arguments[0] in done.stderr


def test_up_from_elsewhere_without_input(tmp_path: Path, prepared_data: Path):
    """First start and second start, from another folder, with the data folder named from it."""
    port = free_port()
    ready = f"ready http://127.0.0.1:{port}\n"
    output = tmp_path / "output"
    for seconds in (60, 10):
        begin = time.monotonic()
        with output.open("w") as file:
            process = subprocess.Popen(
                [_UP, "--port", str(port), "--data", "data"],
                cwd=tmp_path,
                env=clean_environment(SEGWEB_ENGINE="fake", SEGWEB_DEMO="0"),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_until(lambda: ready in output.read_text(), 120, what="the ready line")
            assert time.monotonic() - begin < seconds * _patience()
            assert httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
            assert (tmp_path / "data" / "db.sqlite3").exists()
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0


def _patience() -> float:
    """How much longer than on an idle machine things may take on this one now."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
