"""One supervised process, really started."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from segweb.supervisor.backoff import Backoff
from segweb.supervisor.child import Child, Spec
from segweb.supervisor.log import Log
from tests.support.server import wait_until


def _child(program: str, **options: bool) -> Child:
    spec = Spec("probe", [sys.executable, "-c", program], dict(os.environ), Path("/"), **options)
    return Child(spec, Log(), Backoff(first=0.01, most=0.02))


def test_lines_carry_the_name(capsys: pytest.CaptureFixture[str]):
    child = _child("print('hello')")
    child.start()
    child.wait()
    wait_until(lambda: "hello" in capsys.readouterr().out, 5, 0.2)


def test_death_is_followed_by_a_new_start(capsys: pytest.CaptureFixture[str]):
    child = _child("print('because'); raise SystemExit(3)")
    child.start()
    end = time.monotonic() + 20
    said = ""
    while "trying on" not in said and time.monotonic() < end:
        child.tick(time.monotonic())
        time.sleep(0.02)
        said += capsys.readouterr().out
    child.wait()
    assert "probe: exit status 3; starts again in" in said
    assert "probe died 5 times in a row" in said
    assert "    because" in said


def test_what_a_dead_process_left_is_ended():
    program = (
        "import subprocess, sys, os; "
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
        "print(p.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    child = _child(program, quiet=True)
    child.start()
    child.wait()
    left = int(wait_until(lambda: child.last_line, 5))
    child.tick(time.monotonic())
    wait_until(lambda: _gone(left), 5, what="the end of the left process")


def test_leashed_process_dies_with_its_parent():
    program = (
        "import os, subprocess, sys\n"
        "from segweb.supervisor.child import leashed\n"
        "p = subprocess.Popen(leashed([sys.executable, '-c', 'import time; time.sleep(60)']),"
        " start_new_session=True)\n"
        "print(p.pid, flush=True); import time; time.sleep(60)\n"
    )
    root = Path(__file__).parents[2]
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=root
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert not _gone(pid)
    # Long enough for the leash to be on; before, it sees that its parent is another.
    time.sleep(0.3)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: _gone(pid), 5, what="the end of the leashed process")


def _gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
