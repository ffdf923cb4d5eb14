"""The memory that a worker may take for strangers' files, beside what its models need."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

_SPARE_MB = 256
_bounded = False
_lifted = 0


def bound() -> None:
    """Limits what this process may take from now on. The estimate made before decoding is what
    refuses; this is the backstop behind it."""
    global _bounded
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = _data_bytes() + (settings.SEGWEB_DECODE_MEMORY_MB + _SPARE_MB) * 1024 * 1024
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    _bounded = True


@contextmanager
def lifted() -> Iterator[None]:
    """No bound while a model loads, runs for the first time, or runs on much at once; then one
    above what the process has by that time. Does nothing in a process without a bound."""
    global _lifted
    if not _bounded:
        yield
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
    _lifted += 1
    try:
        yield
    finally:
        _lifted -= 1
        if not _lifted:  # within another one the bound stays away
            bound()


def _data_bytes() -> int:
    """Bytes of data that this process has now."""
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmData:"))
    return int(line.split()[1]) * 1024
