"""Lines on the terminal, each after the name of the process that wrote it."""

import sys
import threading

_WIDTH = len("worker-interactive")


class Log:
    """Writes whole lines from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """Writes `text` as it is: the supervisor's own words."""
        with self._lock:
            try:
                sys.stdout.write(f"{text}\n")
                sys.stdout.flush()
            except OSError:
                pass  # the terminal or pipe is gone; the processes go on

    def line(self, name: str, text: str) -> None:
        """Writes a line of the process `name`."""
        self.say(f"{name:<{_WIDTH}} | {text}")
