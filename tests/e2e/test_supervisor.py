"""The running product's processes: started, started again, and all stopped together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.environment import ROOT
from tests.support.server import Server, wait_until

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


@pytest.fixture
def running(prepared_data: Path, tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data", prepared_data, SEGWEB_ENGINE="fake").start()
    yield server
    server.stop()


def test_killed_processes_are_started_again(running: Server):
    assert _is_ready(running)
    for name in ("web", "batch", "io", "redis"):
        killed = _find(running, name)
        assert killed is not None, name
        killed.kill()

        def replaced(name: str = name, killed: psutil.Process = killed) -> bool:
            found = _find(running, name)
            return found is not None and found.pid != killed.pid

        wait_until(replaced, 10, what=f"the new start of {name}")
    wait_until(lambda: _is_ready(running), 45, 0.25, what="readiness")
    assert len([line for line in running.log if line.startswith("ready ")]) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_everything(running: Server, number: signal.Signals):
    processes = _processes(running)
    assert len(processes) >= 5
    begin = time.monotonic()
    assert running.stop(number) == 0
    assert time.monotonic() - begin < 10
    assert _all_gone(processes)


def test_nothing_outlives_a_killed_supervisor(running: Server):
    processes = _processes(running)
    os.kill(running.pid, signal.SIGKILL)
    wait_until(lambda: _all_gone(processes), 10, what="the end of every process")
    # Its lock and its sockets are free again.
    running.start()
    assert _is_ready(running)


def test_a_deep_data_folder_is_served(prepared_data: Path, tmp_path: Path):
    """Its path is longer than a Unix socket's may be."""
    data = tmp_path / ("deep" * 30) / "data"
    server = Server(data, prepared_data, SEGWEB_ENGINE="fake").start()
    try:
        assert _is_ready(server)
    finally:
        assert server.stop() == 0


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
