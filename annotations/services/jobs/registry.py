"""What other rooms give to the life of jobs. They register it here: jobs import none of them.

A kind of job is declared once, by `job_handler` on the function that does its work. Whatever
depends on the kind (queue, limits, titles, choices of the API) is read from that declaration.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured

from ...models import Job

# Takes a claimed job and completes it.
Work = Callable[[Job], None]
# Takes the job and the error's code and message. Runs in the transaction that ends the job.
FailureEffect = Callable[[Job, str, str], None]
# Asks for work on an image: the job to wait for, or None when there is nothing to do.
Request = Callable[..., Job | None]
Maintenance = Callable[[], object]

# From a soft time limit to the hard one, the backstop for code that never returns to Python.
_HARD_SECONDS = 10

_Work = TypeVar("_Work", bound=Work)
_Request = TypeVar("_Request", bound=Request)
_Maintenance = TypeVar("_Maintenance", bound=Callable[..., object])


@dataclass(frozen=True, kw_only=True)
class JobHandler:
    """How jobs of one kind are done, and how they appear.

    `queue`: where they wait unless their request says otherwise. `title`: what people see.
    `of_project`: whether they belong to a project, and so stand on its page of jobs.

    `soft_seconds`: how long the work may take where workers have a pool that can stop it;
    `activity` names the work in the message of a job that took longer. `max_attempts`: how often
    a job whose worker died is started, where that is fewer than the setting allows.

    `brief`: done in hundredths of a second, or put back for as long as others wait: only their
    end is published, and that they run when it takes longer than usual. `patient`: a full disk
    delays them, since nobody sent them for their own sake and can send them again.

    `keep_hours`: finished jobs are removed after so many hours; None keeps them. `suggestions`:
    where the result has the masks that were found. `listed_result`: whether lists of jobs have
    the result, which may be megabytes of masks.

    `on_failure`: what follows from a failed job. `holds_lease`: the work holds the lease of the
    claimed job and ends the job by itself, and so can take further jobs with it.
    """

    kind: Job.Kind
    work: Work
    queue: Job.Queue
    title: str
    of_project: bool = True
    soft_seconds: int | None = None
    activity: str = ""
    max_attempts: int | None = None
    brief: bool = False
    patient: bool = False
    keep_hours: int | None = None
    suggestions: str = ""
    listed_result: bool = True
    on_failure: FailureEffect | None = None
    holds_lease: bool = False

    @property
    def hard_seconds(self) -> int | None:
        """After so many seconds the process that does the work is ended."""
        return None if self.soft_seconds is None else self.soft_seconds + _HARD_SECONDS

    @property
    def too_slow(self) -> str:
        """The message of a job that took longer than `soft_seconds`."""
        return f"{self.activity} took longer than {self.soft_seconds} seconds."


_handlers: dict[str, JobHandler] = {}
_requests: dict[str, Request] = {}
_maintenance: list[Maintenance] = []


def job_handler(kind: Job.Kind, **fields: Any) -> Callable[[_Work], _Work]:
    """Declares the function as what does jobs of this kind; the fields are `JobHandler`'s."""

    def register(work: _Work) -> _Work:
        if kind in _handlers:
            raise ImproperlyConfigured(f"Two functions do jobs of the kind {kind}.")
        _handlers[kind] = JobHandler(kind=kind, work=work, **fields)
        return work

    return register


def handler_of(kind: str) -> JobHandler:
    return _handlers[kind]


def handlers() -> list[JobHandler]:
    """All kinds, in the order of `Job.Kind`."""
    return [_handlers[kind] for kind in Job.Kind.values]


def check_complete() -> None:
    """Raises ImproperlyConfigured when a kind was left without a handler."""
    if missing := [kind for kind in Job.Kind.values if kind not in _handlers]:
        raise ImproperlyConfigured(f"Nothing does jobs of the kinds {', '.join(missing)}.")


def requester(kind: Job.Kind) -> Callable[[_Request], _Request]:
    """Registers who makes jobs of this kind for those who cannot import it."""

    def register(request: _Request) -> _Request:
        _requests[kind] = request
        return request

    return register


def maintenance(task: _Maintenance) -> _Maintenance:
    """Registers what is done now and then (see `maintenance.tidy`)."""
    _maintenance.append(task)
    return task


def request(kind: Job.Kind, *args: Any, **fields: Any) -> Job | None:
    """Asks for a job of this kind, as its room's own request does."""
    return _requests[kind](*args, **fields)


def maintain() -> None:
    """Runs all that is registered as maintenance."""
    for task in _maintenance:
        task()
