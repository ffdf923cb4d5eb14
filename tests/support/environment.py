"""The environment of the processes that tests start."""

import os
import random
import socket
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CACHE = ROOT / ".cache"

_OURS = ("SEGWEB_", "DJANGO_")
# Python compiles the product once and not in each of the hundreds of processes that tests start.
_LEFT_OUT = {"DATABASE_URL", "REDIS_URL", "PYTHONDONTWRITEBYTECODE"}


def clean_environment(**variables: str) -> dict[str, str]:
    """This process's environment without any setting of the product, and `variables`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_OURS) and name not in _LEFT_OUT
    }
    return kept | variables


def free_port() -> int:
    """A TCP port on which nobody listened a moment ago, and that no outgoing connection gets:
    the system takes those from above 32768."""
    while True:
        port = random.SystemRandom().randrange(12_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
