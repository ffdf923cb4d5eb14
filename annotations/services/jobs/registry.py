"""What other rooms give to the life of jobs. They register it here: jobs import none of them."""

from collections.abc import Callable
from typing import Any, TypeVar

from ...models import Job

# Takes the job and the error's code and message. Runs in the transaction that ends the job.
FailureEffect = Callable[[Job, str, str], None]
# Asks for work on an image: the job to wait for, or None when there is nothing to do.
Request = Callable[..., Job | None]
Maintenance = Callable[[], object]

_Effect = TypeVar("_Effect", bound=FailureEffect)
_Request = TypeVar("_Request", bound=Request)
_Maintenance = TypeVar("_Maintenance", bound=Callable[..., object])

_failure_effects: dict[str, FailureEffect] = {}
_requests: dict[str, Request] = {}
_maintenance: list[Maintenance] = []


def failure_effect(kind: Job.Kind) -> Callable[[_Effect], _Effect]:
    """Registers what follows from a failed job of this kind."""

    def register(effect: _Effect) -> _Effect:
        _failure_effects[kind] = effect
        return effect

    return register


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


def failed(job: Job, code: str, message: str) -> None:
    """Does what follows from the failure of the job, if anything does."""
    effect = _failure_effects.get(job.kind)
    if effect is not None:
        effect(job, code, message)


def request(kind: Job.Kind, *args: Any, **fields: Any) -> Job | None:
    """Asks for a job of this kind, as its room's own request does."""
    return _requests[kind](*args, **fields)


def maintain() -> None:
    """Runs all that is registered as maintenance."""
    for task in _maintenance:
        task()
