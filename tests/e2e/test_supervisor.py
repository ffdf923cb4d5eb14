"""The running product's processes: started, started again, and all stopped together."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from tests.conftest import StartServer
from tests.support.environment import ROOT
from tests.support.server import Server, wait_until

pytestmark = pytest.mark.faults

_NAMES = {
    "web": "segweb.asgi:application",
    "interactive": "interactive@",
    "batch": "batch@",
    "io": "io@",
    "redis": "unixsocket",
}


def _processes(server: Server) -> list[psutil.Process]:
    return psutil.Process(server.pid).children(recursive=True)


def _find(server: Server, name: str) -> psutil.Process | None:
    """The supervised process of this name, not one that it started itself."""
    for process in psutil.Process(server.pid).children():
        try:
            if any(_NAMES[name] in word for word in process.cmdline()):
                return process
        except psutil.NoSuchProcess:
            continue
    return None


def _is_ready(server: Server) -> bool:
    try:
        return httpx.get(f"{server.url}/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def _all_gone(processes: list[psutil.Process]) -> bool:
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)


def _said_ready(server: Server) -> int:
    return sum(line.startswith("ready ") for line in server.log)


@pytest.fixture(scope="module")
def running(start_module_server: StartServer) -> Server:
    """It runs again after each test that ends it."""
    return start_module_server(SEGWEB_WORKERS="by_queue")


def _stops(server: Server, number: signal.Signals) -> None:
    processes = _processes(server)
    assert len(processes) >= 5
    begin = time.monotonic()
    assert server.stop(number) == 0
    assert time.monotonic() - begin < 10
    assert _all_gone(processes)


def test_killed_processes_are_started_again(running: Server):
    assert _is_ready(running)
    said = _said_ready(running)
    for name in ("web", "batch", "io", "redis"):
        killed = _find(running, name)
        assert killed is not None, name
        killed.kill()

        def replaced(name: str = name, killed: psutil.Process = killed) -> bool:
            found = _find(running, name)
            return found is not None and found.pid != killed.pid

        wait_until(replaced, 10, what=f"the new start of {name}")
    wait_until(lambda: _is_ready(running), 45, 0.25, what="readiness")
    assert _said_ready(running) == said


def test_nothing_outlives_a_killed_supervisor(running: Server):
    processes = _processes(running)
    os.kill(running.pid, signal.SIGKILL)
    wait_until(lambda: _all_gone(processes), 10, what="the end of every process")
    # Its lock and its sockets are free again.
    running.start()
    assert _is_ready(running)


@pytest.mark.parametrize(
    ("number", "folder"),
    # The longer path is longer than a Unix socket's may be.
    [(signal.SIGTERM, "data"), (signal.SIGINT, "deep" * 30 + "/data")],
    ids=["SIGTERM", "SIGINT in a deep folder"],
)
def test_a_signal_stops_everything(
    prepared_data: Path, tmp_path: Path, number: signal.Signals, folder: str
):
    server = Server(
        tmp_path / folder, prepared_data, SEGWEB_ENGINE="fake", SEGWEB_WORKERS="by_queue"
    ).start()
    try:
        assert _is_ready(server)
        _stops(server, number)
    finally:
        server.stop(signal.SIGKILL)


def test_second_start_is_refused_in_words(running: Server):
    def start(**settings: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "segweb.supervisor"],
            cwd=ROOT,
            env=running.environment | settings,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    same_data = start(SEGWEB_PORT="1")
    assert same_data.returncode == 1
    assert "Another segweb" in same_data.stdout
    same_port = start(SEGWEB_DATA=str(running.data) + "-2")
    assert same_port.returncode == 1
    assert f"Port {running.port}" in same_port.stdout
    assert _is_ready(running)
