"""Leases of the jobs that this process works on, renewed for as long as it lives."""

import logging
import threading
import time

from django.conf import settings
from django.db import connections

from ..models import Job, now_ms

log = logging.getLogger(__name__)


class Leases:
    """Renews the leases of the jobs that this process runs, from a thread that lives while there
    are any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[int, int] = {}
        self._thread: threading.Thread | None = None

    def held(self, job: Job) -> "Held":
        return Held(self, job)

    def add(self, job: Job) -> None:
        with self._lock:
            self._jobs[job.pk] = job.attempt
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._renew, name="leases", daemon=True)
                self._thread.start()

    def remove(self, job: Job) -> None:
        with self._lock:
            self._jobs.pop(job.pk, None)

    def _renew(self) -> None:
        seconds = settings.SEGWEB_JOB_LEASE_SECONDS
        while True:
            time.sleep(seconds / 3)
            with self._lock:
                jobs = list(self._jobs.items())
                if not jobs:
                    self._thread = None
                    return
            for pk, attempt in jobs:
                self._renew_one(pk, attempt, seconds)
            # Whatever the database does, this thread goes on: without it every lease runs out.
            try:
                connections.close_all()
            except Exception as error:
                log.warning("connection of the leases not closed: %s", error.__class__.__name__)

    @staticmethod
    def _renew_one(pk: int, attempt: int, seconds: int) -> None:
        try:
            Job.objects.filter(pk=pk, attempt=attempt, status=Job.Status.RUNNING).update(
                lease_ms=now_ms() + seconds * 1000
            )
        except Exception as error:
            log.warning("lease of job %s not renewed: %s", pk, error.__class__.__name__)


class Held:
    def __init__(self, leases: Leases, job: Job) -> None:
        self.leases, self.job = leases, job

    def __enter__(self) -> None:
        self.leases.add(self.job)

    def __exit__(self, *_: object) -> None:
        self.leases.remove(self.job)


_leases = Leases()


def forget() -> None:
    """For a forked child: the parent's thread and its lock are not there."""
    global _leases
    _leases = Leases()


def holding(job: Job) -> Held:
    """Keeps a claimed job's lease alive in a `with` block."""
    return _leases.held(job)
