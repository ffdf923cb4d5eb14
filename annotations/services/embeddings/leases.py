"""Who computes a content's embedding: one worker at a time, for as long as it lives."""

import logging
import threading
from typing import Any

from django.conf import settings
from django.db import DatabaseError

from ...models import Embedding, Image, now_ms
from ..inference import engine
from ..jobs import leases as job_leases
from . import eviction

log = logging.getLogger(__name__)


def of_content(image: Image) -> Any:
    """The row of the image's content for the model that serves, as a query."""
    return Embedding.objects.of(image.sha256, engine.model_key())


class ContentLease:
    """The right to compute one content's embedding. It is renewed until `close`: an encoder may
    take longer than a lease lasts, and what it computes shall not be computed twice."""

    def __init__(self, row: Any, until: int) -> None:
        self._row = row
        self._until = until
        self._lock = threading.Lock()
        self._released = False

    def renew(self, seconds: int) -> None:
        with self._lock:
            if self._released:
                return
            until = now_ms() + seconds * 1000
            if self._mine().update(lease_ms=until):
                self._until = until

    def close(self) -> None:
        """Others need not wait for it any more. What is another's by now stays so."""
        job_leases.drop(self)
        with self._lock:
            self._released = True
            try:
                self._mine().update(lease_ms=0)
            except DatabaseError as error:
                log.warning("%s not released, it will run out: %s", self, error)

    def _mine(self) -> Any:
        return self._row.filter(lease_ms=self._until, status=Embedding.Status.RUNNING)


def take(image: Image, *, alone: bool = False) -> ContentLease | None:
    """Takes the computing of the content's embedding; None while another worker has it (never
    when `alone`: an earlier attempt's worker is gone, and what it was computing with it)."""
    now = now_ms()
    until = now + settings.SEGWEB_JOB_LEASE_SECONDS * 1000
    model, version = engine.model_key()
    Embedding.objects.get_or_create(sha256=image.sha256, model=model, version=version, region="")
    row = of_content(image)
    free = row.exclude(status=Embedding.Status.READY)
    if not alone:
        free = free.filter(lease_ms__lt=now)
    if not free.update(status=Embedding.Status.RUNNING, lease_ms=until):
        return None
    lease = ContentLease(row, until)
    job_leases.keep(lease, lease.renew)
    try:
        eviction.publish(image.sha256, Embedding.Status.RUNNING)
    except BaseException:
        lease.close()  # nobody else would
        raise
    return lease
