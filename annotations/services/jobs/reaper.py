"""What keeps jobs honest: orphans are given to another worker, lost messages sent again."""

import logging

import redis
from django.conf import settings
from django.db import transaction

from ...models import Job, now_ms
from . import lifecycle, maintenance, registry

log = logging.getLogger(__name__)

_REDELIVER_MS = 10_000
_BATCH = 500
_client: redis.Redis | None = None


def queue_length(queue: str) -> int:
    """Messages that wait in the broker. Raises redis.RedisError when it is away."""
    global _client
    if _client is None:
        _client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2)
    return int(_client.llen(f"segweb:{queue}"))  # type: ignore[arg-type]


def sweep() -> None:
    """One round; safe in any number of processes at once, since each step is conditional."""
    reclaim_orphans()
    redeliver_lost()
    maintenance.drop_expired()


def reclaim_orphans() -> None:
    """Running jobs whose worker went silent are queued again, or failed after too many."""
    for job in Job.objects.filter(status=Job.Status.RUNNING, lease_ms__lt=now_ms())[:_BATCH]:
        with transaction.atomic():
            if job.attempt >= _max_attempts(job):
                _give_up(job)
            else:
                _queue_again(job)


def _max_attempts(job: Job) -> int:
    allowed = int(settings.SEGWEB_JOB_ATTEMPTS)
    own = registry.handler_of(job.kind).max_attempts
    return allowed if own is None else min(own, allowed)


def _orphan(job: Job) -> dict[str, object]:
    return {"pk": job.pk, "status": Job.Status.RUNNING, "attempt": job.attempt,
            "lease_ms": job.lease_ms}  # fmt: skip


def _queue_again(job: Job) -> None:
    now = now_ms()
    fields = {"status": Job.Status.QUEUED, "status_ms": now, "lease_ms": now + _REDELIVER_MS}
    if Job.objects.filter(**_orphan(job)).update(**fields):
        log.warning("job %s lost its worker; queued again", job.pk)
        job.refresh_from_db()
        transaction.on_commit(lambda: lifecycle.deliver(job))
        lifecycle.publish(job)


def _give_up(job: Job) -> None:
    try:
        lifecycle.fail(job, "worker_lost", "The worker stopped each time it tried this.")
    except lifecycle.LostLease:
        return
    log.error("job %s killed its worker %s times; failed", job.pk, job.attempt)


def redeliver_lost() -> None:
    """Queued jobs are sent again when their queue in the broker is empty: then none of their
    messages is waiting there. One delivered twice is claimed once."""
    overdue = Job.objects.filter(status=Job.Status.QUEUED, lease_ms__lt=now_ms())
    for queue in set(overdue.values_list("queue", flat=True)):
        if queue_length(queue):
            continue
        for job in overdue.filter(queue=queue).order_by("id")[:_BATCH]:
            moved = overdue.filter(pk=job.pk).update(lease_ms=now_ms() + _REDELIVER_MS)
            if moved and not lifecycle.deliver(job):
                return
