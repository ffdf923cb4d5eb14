"""Leases of what this process works on, renewed for as long as it lives."""

import logging
import threading
import time
from collections.abc import Callable, Hashable
from functools import partial

from django.conf import settings
from django.db import connections

from ...models import Job, now_ms

log = logging.getLogger(__name__)

# Takes the seconds for which to renew. What it raises is logged, and it is asked again.
Renew = Callable[[int], None]


class Leases:
    """Renews what this process holds, from a thread that lives while there is anything."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[Hashable, Renew] = {}
        self._thread: threading.Thread | None = None

    def add(self, key: Hashable, renew: Renew) -> None:
        with self._lock:
            self._held[key] = renew
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._renew, name="leases", daemon=True)
                self._thread.start()

    def remove(self, key: Hashable) -> None:
        with self._lock:
            self._held.pop(key, None)

    def _renew(self) -> None:
        seconds = settings.SEGWEB_JOB_LEASE_SECONDS
        while True:
            time.sleep(seconds / 3)
            with self._lock:
                held = list(self._held.items())
                if not held:
                    self._thread = None
                    return
            for key, renew in held:
                self._renew_one(key, renew, seconds)
            # Whatever the database does, this thread goes on: without it every lease runs out.
            try:
                connections.close_all()
            except Exception as error:
                log.warning("connection of the leases not closed: %s", error.__class__.__name__)

    @staticmethod
    def _renew_one(key: Hashable, renew: Renew, seconds: int) -> None:
        try:
            renew(seconds)
        except Exception as error:
            log.warning("lease of %s not renewed: %s", key, error.__class__.__name__)


def _renew_job(pk: int, attempt: int, seconds: int) -> None:
    Job.objects.filter(pk=pk, attempt=attempt, status=Job.Status.RUNNING).update(
        lease_ms=now_ms() + seconds * 1000
    )


class Held:
    def __init__(self, job: Job) -> None:
        self._key = f"job {job.pk}"
        self._renew = partial(_renew_job, job.pk, job.attempt)

    def __enter__(self) -> None:
        keep(self._key, self._renew)

    def __exit__(self, *_: object) -> None:
        drop(self._key)


_leases = Leases()


def forget() -> None:
    """For a forked child: the parent's thread and its lock are not there."""
    global _leases
    _leases = Leases()


def keep(key: Hashable, renew: Renew) -> None:
    """Has `renew` called in time, again and again, until `drop`."""
    _leases.add(key, renew)


def drop(key: Hashable) -> None:
    _leases.remove(key)


def holding(job: Job) -> Held:
    """Keeps a claimed job's lease alive in a `with` block."""
    return Held(job)
