"""The supervisor's own life: start in order, watch, stop in order."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from . import guard, plan, private_redis
from .child import Child, Spec, death, leashed
from .health import Readiness
from .log import Log
from .options import Options

_TICK = 0.1
_REDIS_SECONDS = 15.0
_GRACE = 8.0
_SLOW_START = 60.0


class Stopped(Exception):
    """A signal asked for the end while something was being waited for."""


class Supervisor:
    """Starts everything that `plan` names and ends when a signal says so."""

    def __init__(self, options: Options, log: Log | None = None) -> None:
        self._options = options
        self._log = log or Log()
        self._children: list[Child] = []
        self._redis: Child | None = None
        self._signals = 0

    def run(self) -> int:
        """The exit status: 0 after a clean stop, 1 when it could not start."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under nohup
            signal.signal(signal.SIGHUP, self._on_signal)
        try:
            lock = guard.claim(self._options.data)
            guard.require_free(self._options.host, self._options.port)
            if os.geteuid() == 0:
                self._log.say("Running as root: on a server, use an account of its own.")
            with lock:
                return self._run()
        except guard.CannotStart as error:
            self._log.say(f"Cannot start: {error}")
            return 1

    def _run(self) -> int:
        try:
            variables = self._start_redis()
            self._set_up(plan.setup(self._options, variables))
            variables = plan.environment(self._options, self._socket())
            specs = [plan.web(self._options, variables), *plan.workers(self._options, variables)]
            self._children = [Child(spec, self._log) for spec in specs]
            for child in self._children:
                child.start()
            self._watch()
        except Stopped:
            pass
        finally:
            self._stop()
        return 0

    # --- starting -----------------------------------------------------------------------------

    def _socket(self) -> Path | None:
        url = self._options.redis_url
        return None if url else private_redis.socket_path(self._options.data)

    def _start_redis(self) -> dict[str, str]:
        path = self._socket()
        variables = plan.environment(self._options, path)
        if path is not None:
            words = private_redis.command(private_redis.executable(), path)
            spec = Spec("redis", words, variables, path.parent, quiet=True)
            self._redis = Child(spec, self._log)
            self._redis.start()
        return variables

    def _set_up(self, spec: Spec) -> None:
        process = subprocess.Popen(
            leashed(spec.command),
            stdin=subprocess.DEVNULL,
            cwd=spec.folder,
            env=dict(spec.environment),
            start_new_session=True,
        )
        try:
            self._wait_for(lambda: process.poll() is not None)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode != 0:
            raise guard.CannotStart(f"the set-up failed ({death(process.returncode)}).")
        if (path := self._socket()) is not None and not self._wait_for(
            lambda: private_redis.answers(path), _REDIS_SECONDS
        ):
            raise guard.CannotStart(f"the private Redis does not answer on {path}.")

    def _wait_for(self, done: Callable[[], bool], seconds: float = float("inf")) -> bool:
        """Looks after Redis until `done`; False when the time is over, Stopped on a signal."""
        end = time.monotonic() + seconds
        while not done():
            if self._signals:
                raise Stopped
            if time.monotonic() > end:
                return False
            self._tick()
        return True

    # --- watching -----------------------------------------------------------------------------

    def _all(self) -> list[Child]:
        return [*self._children, *([self._redis] if self._redis else [])]

    def _tick(self) -> None:
        now = time.monotonic()
        for child in self._all():
            child.tick(now)
        time.sleep(_TICK)

    def _watch(self) -> None:
        readiness = Readiness(self._options)
        readiness.start()
        if not self._wait_for(lambda: readiness.ready, _SLOW_START):
            self._log.say(f"not ready after {_SLOW_START:g} s, still trying: {readiness.said}")
            self._wait_for(lambda: readiness.ready)
        self._log.say(f"ready {self._options.url}")
        self._wait_for(lambda: False)

    # --- stopping -----------------------------------------------------------------------------

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._signals += 1
        if self._signals > 1 and number == signal.SIGINT:
            for child in self._all():
                child.signal(signal.SIGKILL)

    def _stop(self) -> None:
        """Ends everything, Redis last."""
        if self._signals:
            self._log.say("stopping")
        end = time.monotonic() + _GRACE
        # Workers hand back what they hold, and for that they need their Redis.
        self._end(self._children, end)
        if self._redis is not None:
            self._end([self._redis], max(end, time.monotonic() + 1))

    @staticmethod
    def _end(children: list[Child], until: float) -> None:
        for child in children:
            child.signal(signal.SIGTERM)
        while any(child.running for child in children) and time.monotonic() < until:
            time.sleep(0.05)
        for child in children:
            child.signal(signal.SIGKILL)  # also what a process left behind
            child.wait()
