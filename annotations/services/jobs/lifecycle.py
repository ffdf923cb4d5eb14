"""The life of a job: made, delivered, claimed, kept alive, ended once, swept when orphaned."""

import errno
import gc
import logging
from collections.abc import Sequence
from typing import Any

from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F

from ... import events
from ...domain.errors import DomainError
from ...engines.errors import EngineError
from ...models import Image, Job, Project, now_ms
from ...representations.events import job_updated
from ..errors import Busy, ServiceError
from . import leases, registry, results

log = logging.getLogger(__name__)

# The Celery task that does any job. Its name is all that is known here of the other side.
TASK = "annotations.tasks.run"
# A row that waits longer than this while its queue is empty was never delivered, or lost.
UNDELIVERED_MS = 5_000
EPHEMERAL_MS = 120_000


def _send(job: Job) -> None:
    """Hands the job to the broker. A pool reads its time limits from the message."""
    handler = registry.handler_of(job.kind)
    current_app.send_task(
        TASK,
        args=[job.pk],
        queue=str(job.queue),
        ignore_result=True,
        soft_time_limit=handler.soft_seconds,
        time_limit=handler.hard_seconds,
    )


def deliver(job: Job) -> bool:
    """Sends the message; False when the broker is away (the reaper sends it later)."""
    try:
        _send(job)
    except Exception as error:  # kombu raises many kinds, none of which may lose the row
        log.warning("job %s not delivered: %s", job.pk, error.__class__.__name__)
        return False
    return True


def create(
    kind: Job.Kind,
    *,
    project: Project | None,
    image: Image | None = None,
    user: Any = None,
    params: dict[str, Any] | None = None,
    queue: str | None = None,
    file: str = "",
    ephemeral: bool = False,
    origin: str = "",
) -> Job:
    """A queued job, sent when the current transaction commits. `file` is a storage key that
    belongs to the job and goes with it. An `ephemeral` one is of use to its asker only, and for a
    moment."""
    job = Job.objects.create(
        kind=kind,
        origin=origin,
        queue=queue or registry.handler_of(kind).queue,
        project=project,
        image=image,
        user_id=getattr(user, "pk", None),
        params=params or {},
        file=file,
        lease_ms=now_ms() + UNDELIVERED_MS,
        expires_ms=now_ms() + EPHEMERAL_MS if ephemeral else None,
    )
    transaction.on_commit(lambda: deliver(job))
    if not registry.handler_of(kind).brief:
        publish(job)
    return job


def publish(job: Job) -> None:
    """Publishes the job's state to its project, or to its asker alone; of a job without a
    project its end, to who waits for it."""
    if job.project_id is None:
        if job.status in {Job.Status.COMPLETED, Job.Status.FAILED}:
            events.job_ended(job.pk)
        return
    events.publish(
        job.project_id,
        job_updated(job),
        only=job.user_id if job.expires_ms else None,
    )


# --- Running ---------------------------------------------------------------------------------


def claim(job_id: int) -> Job | None:
    """Takes a queued job for this worker, or None when another has it or it has ended."""
    now = now_ms()
    lease = now + settings.SEGWEB_JOB_LEASE_SECONDS * 1000
    taken = Job.objects.filter(pk=job_id, status=Job.Status.QUEUED).update(
        status=Job.Status.RUNNING,
        start_ms=now,
        status_ms=now,
        lease_ms=lease,
        attempt=F("attempt") + 1,
    )
    if not taken:
        return None
    found = Job.objects.select_related("project", "image", "image__project", "user")
    job = found.filter(pk=job_id).first()
    # Its image may have been deleted just now, and the job with it.
    if job is not None and not registry.handler_of(job.kind).brief:
        publish(job)
    return job


def claim_more(like: Job, most: int) -> list[Job]:
    """Takes up to `most` further jobs that wait in the same queue for the same kind of work, the
    oldest first. Only such as nobody started before: one that lost its worker goes alone."""
    waiting = Job.objects.filter(
        status=Job.Status.QUEUED, queue=like.queue, kind=like.kind, start_ms=None
    )
    found = waiting.order_by("id").values_list("pk", flat=True)[:most]
    return [job for pk in found if (job := claim(pk)) is not None]


def prioritize(job: Job) -> None:
    """Moves a job that waits in the batch to those that somebody waits for. Its first message
    stays: whichever queue comes to it first does it."""
    waiting = Job.objects.filter(pk=job.pk, status=Job.Status.QUEUED, queue=Job.Queue.BATCH)
    if waiting.update(queue=Job.Queue.INTERACTIVE, lease_ms=now_ms() + UNDELIVERED_MS):
        job.queue = Job.Queue.INTERACTIVE
        transaction.on_commit(lambda: deliver(job))


def _held(job: Job) -> Any:
    return Job.objects.filter(pk=job.pk, status=Job.Status.RUNNING, attempt=job.attempt)


class LostLease(Exception):
    """Another worker holds the job now: this one's outcome must not count."""


def _end(job: Job, **fields: Any) -> None:
    now = now_ms()
    with transaction.atomic():
        if not _held(job).update(status_ms=now, **fields):
            raise LostLease
        for name, value in {"status_ms": now, **fields}.items():
            setattr(job, name, value)
        publish(job)


def complete(
    job: Job, result: Any = None, file: str = "", suggestions: Sequence[results.Row] = ()
) -> None:
    """Ends the job as Completed. `suggestions` are the masks of the result, which is stored
    without them. Call it in the transaction that stores the effect: it raises LostLease, and so
    undoes the effect, when the job is another worker's by now."""
    with transaction.atomic():
        _end(job, status=Job.Status.COMPLETED, progress=1.0, result=result, file=file)
        results.store(job, suggestions)


def fail(job: Job, code: str, message: str) -> None:
    """Ends the job as Failed, together with what follows from it for the thing it was about.
    Raises LostLease as `complete` does."""
    effect = registry.handler_of(job.kind).on_failure
    with transaction.atomic():
        _end(job, status=Job.Status.FAILED, error_code=code, error_message=message[:500])
        if effect is not None:
            effect(job, code, message)


def progress(job: Job, share: float) -> None:
    """Stores and publishes how far the job is (0..1)."""
    if not _held(job).update(progress=share):
        raise LostLease
    job.progress = share
    publish(job)


def cancel(job: Job) -> bool:
    """Ends an unfinished job as Failed with the code `cancelled`; False when it has ended. A
    worker that is at it learns of it with the next thing it wants to write."""
    with transaction.atomic():
        stopped = Job.objects.unfinished().filter(pk=job.pk)
        changed = stopped.update(
            status=Job.Status.FAILED,
            error_code="cancelled",
            error_message="Somebody stopped it.",
            status_ms=now_ms(),
        )
        if changed:
            job.refresh_from_db()
            publish(job)
    return bool(changed)


class RetryLater(Exception):
    """What the job needs is not there yet: it goes back to the queue for `after_ms`."""

    def __init__(self, after_ms: int = 500) -> None:
        super().__init__(after_ms)
        self.after_ms = after_ms


_FULL_DISK_MS = 5_000


def run(job_id: int) -> None:
    """Claims the job, does the work of its kind and ends it whatever happens."""
    job = claim(job_id)
    if job is None:
        return
    handler = registry.handler_of(job.kind)
    if handler.holds_lease:
        handler.work(job)
        return
    with leases.holding(job):
        execute(job, handler.work)


def execute(job: Job, work: registry.Work) -> None:
    """Does `work`, which must complete the job, and ends it whatever happens. The job is claimed
    and its lease is held."""
    try:
        problem = _attempt(job, work)
        if problem is not None:
            fail(job, *problem)
            _forget_frames(job)
    except RetryLater as later:
        _release(job, later.after_ms)
    except LostLease:
        log.warning("job %s went to another worker", job.pk)


def _forget_frames(job: Job) -> None:
    """Work with a time limit decodes: the error's frames hold the half-decoded picture in a
    cycle, and must not wait for chance."""
    if registry.handler_of(job.kind).soft_seconds is not None:
        gc.collect()


def _release(job: Job, after_ms: int) -> None:
    """Queued again without a message: the reaper sends it when it is due."""
    due = now_ms() + after_ms
    _held(job).update(status=Job.Status.QUEUED, lease_ms=due, attempt=F("attempt") - 1)


def _attempt(job: Job, work: registry.Work) -> tuple[str, str] | None:
    """Does the work; the (code, message) of what went wrong, or None. Raises LostLease."""
    try:
        work(job)
    except (LostLease, RetryLater):
        raise
    except ServiceError as error:
        return error.code, error.message
    except EngineError as error:
        log.error("job %s: %s", job.pk, error.message)
        return error.code, error.message
    except DomainError as error:
        return "invalid", f"{error.field}: {error.message}"
    except SoftTimeLimitExceeded:
        return "too_slow", registry.handler_of(job.kind).too_slow
    except MemoryError:
        return "out_of_memory", "The work needed more memory than is allowed."
    except Exception as error:
        if _disk_full(error):
            if registry.handler_of(job.kind).patient:
                log.warning("job %s waits: the disk is full", job.pk)
                raise RetryLater(_FULL_DISK_MS) from error
            return "disk_full", "The server's disk is full; try again when there is room."
        log.exception("job %s failed", job.pk)
        return "internal", "Something went wrong in the worker; try it again."
    return None


def _disk_full(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    return isinstance(error, OperationalError) and "full" in str(error).lower()


def hand_over(job: Job, *, queue: str, file: str) -> None:
    """Gives a running job and a file that it owns from now on to the workers of another queue.
    Call it in the transaction that stores the file; raises LostLease as `complete` does."""
    fields = {"status": Job.Status.QUEUED, "queue": queue, "file": file}
    due = now_ms() + UNDELIVERED_MS
    if not _held(job).update(lease_ms=due, attempt=F("attempt") - 1, **fields):
        raise LostLease
    job.queue = queue
    transaction.on_commit(lambda: deliver(job))


# --- Requeueing ------------------------------------------------------------------------------


def requeue(job: Job) -> Job:
    """Starts a failed job again. Raises Busy for one that has not failed."""
    changed = Job.objects.filter(pk=job.pk, status=Job.Status.FAILED).update(
        status=Job.Status.QUEUED,
        error_code="",
        error_message="",
        progress=0.0,
        attempt=F("attempt"),
        status_ms=now_ms(),
        lease_ms=now_ms() + UNDELIVERED_MS,
    )
    if not changed:
        raise Busy("not_failed", "Only a failed job can be started again.")
    job.refresh_from_db()
    transaction.on_commit(lambda: deliver(job))
    publish(job)
    return job
