"""One supervised process: its start, its output, its death and its next start."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .backoff import Backoff
from .log import Log

_LEASH = str(Path(__file__).with_name("leash.py"))
_LAST_LINES = 20
_DEATHS_TO_REPORT = 5


@dataclass(frozen=True)
class Spec:
    """What to run under which name."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    # Its lines are kept for the report of its death and not shown.
    quiet: bool = False


def leashed(command: Sequence[str]) -> list[str]:
    """`command`, made to die with the process that starts it."""
    return [sys.executable, "-I", "-S", _LEASH, str(os.getpid()), *command]


def death(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"exit status {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


class Child:
    """Runs a `Spec` and starts it again whenever it dies, until told to stop.

    Every method is called from the main thread: the kernel's parent-death signal follows the
    thread that started the process.
    """

    def __init__(self, spec: Spec, log: Log, backoff: Backoff | None = None) -> None:
        self.spec = spec
        self._log = log
        self._backoff = backoff or Backoff()
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._due: float | None = None
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def last_line(self) -> str:
        return self._lines[-1] if self._lines else ""

    def start(self) -> None:
        self._due = None
        self._started = time.monotonic()
        self._lines.clear()
        self._process = subprocess.Popen(
            leashed(self.spec.command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.spec.folder,
            env=dict(self.spec.environment),
            # Ctrl+C reaches the supervisor alone, which stops its processes in order.
            start_new_session=True,
        )
        assert self._process.stdout is not None
        threading.Thread(target=self._pump, args=(self._process.stdout,), daemon=True).start()

    def tick(self, now: float) -> None:
        """Notices a death and starts again when its wait is over."""
        if self._due is not None:
            if now >= self._due:
                self._log.say(f"{self.spec.name}: starting again")
                self.start()
        elif self._process is not None and (code := self._process.poll()) is not None:
            self.signal(signal.SIGKILL)  # what it started must not outlive it
            wait = self._backoff.died(now - self._started)
            self._due = now + wait
            self._log.say(f"{self.spec.name}: {death(code)}; starts again in {wait:g} s")
            if self._backoff.deaths % _DEATHS_TO_REPORT == 0:
                self._report()

    def signal(self, number: signal.Signals) -> None:
        """Signals the process and everything it started."""
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)

    def wait(self) -> None:
        """Collects the process that was ended."""
        if self._process is not None:
            self._process.wait()

    def _report(self) -> None:
        self._log.say(f"{self.spec.name} died {self._backoff.deaths} times in a row. It said last:")
        for line in list(self._lines):
            self._log.say(f"    {line}")
        self._log.say(f"{self.spec.name}: trying on, ever more slowly")

    def _pump(self, stream: IO[bytes]) -> None:
        with stream:
            for raw in stream:
                line = raw.decode("utf-8", "replace").rstrip()
                if line:
                    self._lines.append(line)
                    if not self.spec.quiet:
                        self._log.line(self.spec.name, line)
