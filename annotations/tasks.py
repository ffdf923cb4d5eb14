"""The Celery edge: takes an id, calls one service. Services are imported when a task runs, so
that a worker that only decodes never loads what others need."""

import gc
import logging
import os
import threading
import time
from typing import Any

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import worker_process_init, worker_ready
from django.conf import settings
from django.db import close_old_connections

from .services import health
from .services.embeddings import rebuild
from .services.errors import ImageRefused
from .services.jobs import failures, leases, lifecycle, maintenance, memory_limit, reaper

log = logging.getLogger(__name__)

_SWEEP_SECONDS = 1.0
_SEND_SECONDS = 0.5
_PRUNE_EVERY = 600
# Looking for what another model embedded reads every image's row once; while there is some, a
# few are queued each round.
_REFILL_EVERY = 60
# Pages and clicks go before the work that nobody waits for, where they share the cores.
_NICENESS = 10


@shared_task(
    name="annotations.tasks.prepare",
    soft_time_limit=settings.SEGWEB_DECODE_SECONDS,
    # The backstop for a decoder that never returns to Python.
    time_limit=settings.SEGWEB_DECODE_SECONDS + 10,
)
def prepare(job_id: int) -> None:
    from .services.images import prepare as preparation

    def work(job: Any) -> None:
        try:
            preparation.prepare(job)
        except SoftTimeLimitExceeded as error:
            raise ImageRefused(
                "too_slow",
                f"Decoding the image took longer than {settings.SEGWEB_DECODE_SECONDS} seconds.",
            ) from error

    lifecycle.run(job_id, work, _refused)


def _refused(job: Any, code: str, message: str) -> None:
    failures.failed(job, code, message)
    # The error's frames hold the half-decoded picture in a cycle: it must not wait for chance.
    gc.collect()


@shared_task(name="annotations.tasks.embed")
def embed(job_id: int) -> None:
    from .services.embeddings import batch

    batch.embed(job_id, failures.failed)


@shared_task(name="annotations.tasks.segment")
def segment(job_id: int) -> None:
    from .services.segmentation import prompt_masks

    lifecycle.run(job_id, prompt_masks.segment, failures.failed)


@shared_task(name="annotations.tasks.export")
def export(job_id: int) -> None:
    from .services.datasets import export as dataset_export

    lifecycle.run(job_id, dataset_export.export, failures.failed)


@shared_task(
    name="annotations.tasks.colour",
    soft_time_limit=settings.SEGWEB_DECODE_SECONDS,
    time_limit=settings.SEGWEB_DECODE_SECONDS + 10,
)
def colour(job_id: int) -> None:
    from .services.compat.pixlab import segment as pixlab_segment
    from .services.segmentation import colour_clusters

    def work(job: Any) -> None:
        try:
            pixlab_segment.run(job)
        except SoftTimeLimitExceeded as error:
            raise colour_clusters.too_slow() from error

    lifecycle.run(job_id, work, _refused)


@shared_task(
    name="annotations.tasks.regions",
    soft_time_limit=settings.SEGWEB_DECODE_SECONDS,
    time_limit=settings.SEGWEB_DECODE_SECONDS + 10,
)
def regions(job_id: int) -> None:
    from .services.segmentation import colour_clusters

    def work(job: Any) -> None:
        try:
            colour_clusters.find(job)
        except SoftTimeLimitExceeded as error:
            raise colour_clusters.too_slow() from error

    lifecycle.run(job_id, work, _refused)


@shared_task(name="annotations.tasks.everything")
def everything(job_id: int) -> None:
    from .services.segmentation import auto_segment

    lifecycle.run(job_id, auto_segment.segment, failures.failed)


@shared_task(name="annotations.tasks.alike")
def alike(job_id: int) -> None:
    from .services.segmentation import find_similar

    lifecycle.run(job_id, find_similar.find, failures.failed)


@shared_task(
    name="annotations.tasks.pyramid",
    soft_time_limit=settings.SEGWEB_DECODE_SECONDS,
    time_limit=settings.SEGWEB_DECODE_SECONDS + 10,
)
def pyramid(job_id: int) -> None:
    from .services.images import tiles

    def work(job: Any) -> None:
        try:
            tiles.make(job)
        except SoftTimeLimitExceeded as error:
            raise tiles.too_slow() from error

    lifecycle.run(job_id, work, _refused)


@shared_task(name="annotations.tasks.closeup")
def closeup(job_id: int) -> None:
    from .services.embeddings import crops

    lifecycle.run(job_id, crops.make, failures.failed)


@shared_task(name="annotations.tasks.fetch")
def fetch(job_id: int) -> None:
    from .services.images import import_urls

    lifecycle.run(job_id, import_urls.run, failures.failed)


@shared_task(name="annotations.tasks.replay")
def replay(job_id: int) -> None:
    from .services.reprediction import runs

    lifecycle.run(job_id, runs.run, failures.failed)


@worker_process_init.connect
def _limit_child(**_: Any) -> None:
    """A pool child decodes strangers' files: the memory it may take for that is bounded."""
    from .services.images import prepare as preparation  # noqa: F401  (what it loads is not the files' doing)

    leases.forget()
    memory_limit.bound()


@worker_ready.connect
def _start_threads(sender: Any, **_: Any) -> None:
    """Workers without a pool sweep; a forking one must not have threads that use the database."""
    queues = [str(name) for name in sender.app.amqp.queues.consume_from]
    if "interactive" not in queues:
        os.nice(_NICENESS)
    threading.Thread(target=_beat_for_ever, args=(queues,), name="beat", daemon=True).start()
    if "prefork" in type(sender.pool).__module__:
        return
    if "net" in queues:
        threading.Thread(target=_send_for_ever, name="sender", daemon=True).start()
    _warm_up(queues)
    threading.Thread(target=_sweep_for_ever, name="sweeper", daemon=True).start()


def _warm_up(queues: list[str]) -> None:
    """Loads the model now, so that nobody's first click or upload waits for it."""
    from .engines.errors import EngineError
    from .services.inference import engine

    try:
        with memory_limit.lifted():
            engine.warm_up(encoder="batch" in queues, decoder="interactive" in queues)
    except EngineError as error:
        log.error("the model does not load: %s", error.message)
    except Exception:
        # Jobs will fail with the reason; until then the worker can do what needs no model.
        log.exception("the model does not load")


def _beat_for_ever(queues: list[str]) -> None:
    while True:
        try:
            health.beat(queues)
        except Exception as error:
            log.debug("heartbeat: %s", error)
        time.sleep(health.ALIVE_SECONDS / 4)


def _send_for_ever() -> None:
    from .services.webhooks import delivery

    while True:
        try:
            delivery.send_due()
        except Exception as error:
            log.warning("webhooks: %s: %s", error.__class__.__name__, error)
        finally:
            close_old_connections()
        time.sleep(_SEND_SECONDS)


def _sweep_for_ever() -> None:
    rounds, refilled = 0, False
    while True:
        try:
            reaper.sweep()
            if rounds % _PRUNE_EVERY == 0:
                maintenance.tidy()
            if refilled or rounds % _REFILL_EVERY == 0:
                refilled = rebuild.refill()
        except Exception as error:
            log.warning("sweep: %s: %s", error.__class__.__name__, error)
        finally:
            close_old_connections()
        rounds += 1
        time.sleep(_SWEEP_SECONDS)
