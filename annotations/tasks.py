"""The Celery edge: takes an id, calls one service. The use cases are loaded in every process,
since they declare the kinds of jobs; what is large (models, codecs, engines) they import when
they work, so that a worker that only decodes never loads what others need."""

import logging
import os
import threading
import time
from typing import Any

from celery import shared_task
from celery.signals import worker_process_init, worker_ready
from django.db import close_old_connections

from .services import health
from .services.embeddings import rebuild
from .services.jobs import leases, lifecycle, maintenance, memory_limit, reaper, registry

log = logging.getLogger(__name__)

_REAP_SECONDS = 1.0
_SEND_SECONDS = 0.5
_PRUNE_EVERY = 600
# Looking for what another model embedded reads every image's row once; while there is some, a
# few are queued each round.
_REFILL_EVERY = 60
# Pages and clicks go before the work that nobody waits for, where they share the cores.
_NICENESS = 10


def _run(job_id: int) -> None:
    """Does a job, whatever its kind. The message carries the time limits of the kind."""
    lifecycle.run(job_id)


run = shared_task(name=lifecycle.TASK)(_run)


def _register_former_names() -> None:
    """Registers aliases of the task: each kind had a task of its own before. Messages that were
    sent before an upgrade name these, and carry no limits."""
    for handler in registry.handlers():
        shared_task(
            name=f"annotations.tasks.{handler.kind}",
            soft_time_limit=handler.soft_seconds,
            time_limit=handler.hard_seconds,
        )(_run)


_register_former_names()


@worker_process_init.connect
def _limit_child(**_: Any) -> None:
    """A pool child decodes strangers' files: the memory it may take for that is bounded."""
    leases.forget()
    memory_limit.bound()


@worker_ready.connect
def _start_threads(sender: Any, **_: Any) -> None:
    """Workers without a pool run the reaper; one that forks must have no threads that use the
    database."""
    queues = [str(name) for name in sender.app.amqp.queues.consume_from]
    if "interactive" not in queues:
        os.nice(_NICENESS)
    threading.Thread(target=_beat_for_ever, args=(queues,), name="beat", daemon=True).start()
    if "prefork" in type(sender.pool).__module__:
        return
    if "net" in queues:
        threading.Thread(target=_send_for_ever, name="sender", daemon=True).start()
    _warm_up(queues)
    threading.Thread(target=_reap_for_ever, name="reaper", daemon=True).start()


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


def _reap_for_ever() -> None:
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
        time.sleep(_REAP_SECONDS)
