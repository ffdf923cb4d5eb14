"""What keeps jobs honest: orphans are given to another worker, lost messages sent again."""

import logging
from typing import Any

import redis
from django.conf import settings
from django.db import transaction

from ...models import Job, StoredFile, now_ms
from ..embeddings import eviction, rebuild
from ..storage import orphans
from ..storage.files import delete_files_on_commit
from ..webhooks import subscriptions
from . import failures, lifecycle

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
    drop_expired()


def reclaim_orphans() -> None:
    """Running jobs whose worker went silent are queued again, or failed after too many."""
    for job in Job.objects.filter(status=Job.Status.RUNNING, lease_ms__lt=now_ms())[:_BATCH]:
        with transaction.atomic():
            if job.attempt >= _most_attempts(job):
                _give_up(job)
            else:
                _queue_again(job)


def _most_attempts(job: Job) -> int:
    # What kills the process that decodes it is most likely the file itself.
    if job.kind in {Job.Kind.PREPARE, Job.Kind.COLOUR, Job.Kind.PYRAMID}:
        return min(2, settings.SEGWEB_JOB_ATTEMPTS)
    return int(settings.SEGWEB_JOB_ATTEMPTS)


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
        lifecycle.tell(job)


def _give_up(job: Job) -> None:
    try:
        failures.failed(job, "worker_lost", "The worker stopped each time it tried this.")
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


def drop_expired() -> None:
    """Removes passing jobs whose moment is over: a pointer makes many."""
    expired = Job.objects.filter(expires_ms__lt=now_ms()).values_list("pk", flat=True)
    if found := list(expired[:_BATCH]):
        Job.objects.filter(pk__in=found).delete()


def tidy() -> None:
    """What need not be done often: jobs nobody will ask for again, files nobody knows,
    embeddings beyond their room or of nothing."""
    prune()
    subscriptions.prune()
    orphans.drop_abandoned_parts()
    orphans.remove_orphans()
    rebuild.drop_unheld()
    rebuild.drop_unused_closeups()
    eviction.evict()


def prune() -> int:
    """Removes what ended long ago: masks nobody will ask for, pictures whose links ended."""
    known = Job.objects.defer("params", "result")  # not read: they may be megabytes
    masks = known.filter(kind__in=(Job.Kind.SEGMENT, *Job.MANY_MASKS))
    pictures = known.filter(kind=Job.Kind.COLOUR)
    links_ended = _hours_ago(settings.SEGWEB_PIXLAB_LINK_HOURS)
    ended = (Job.Status.COMPLETED, Job.Status.FAILED)
    return (
        _drop(
            masks.filter(status__in=ended, status_ms__lt=_hours_ago(settings.SEGWEB_JOB_KEEP_HOURS))
        )
        + _drop(pictures.filter(status__in=ended, status_ms__lt=links_ended))
        + _drop(StoredFile.objects.filter(created_ms__lt=links_ended))
    )


def _hours_ago(hours: int) -> int:
    """Epoch milliseconds."""
    return now_ms() - hours * 3_600_000


def _drop(rows: Any) -> int:
    with transaction.atomic():
        delete_files_on_commit(rows.exclude(file="").values_list("file", flat=True))
        return int(rows.delete()[0])
