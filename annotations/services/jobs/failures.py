"""What a failed job means for the thing it was about."""

from django.db import transaction

from ...models import Job
from . import lifecycle, registry


def failed(job: Job, code: str, message: str) -> None:
    """Ends the job as Failed together with what follows from it. Raises lifecycle.LostLease."""
    with transaction.atomic():
        lifecycle.fail(job, code, message)
        registry.failed(job, code, message)
