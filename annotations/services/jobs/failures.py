"""What a failed job means for the thing it was about."""

from django.db import transaction

from ...models import Job
from ..embeddings import compute
from ..images import prepare
from ..storage.files import delete_files_on_commit
from . import lifecycle


def failed(job: Job, code: str, message: str) -> None:
    """Ends the job as Failed together with what follows from it. Raises jobs.LostLease."""
    with transaction.atomic():
        lifecycle.fail(job, code, message)
        if job.kind == Job.Kind.COLOUR:
            delete_files_on_commit([job.file])
        if job.image is None:
            return
        if job.kind == Job.Kind.PREPARE:
            prepare.refuse(job.image, code, message)
        elif job.kind == Job.Kind.EMBED:
            compute.failed(job.image, message)
            delete_files_on_commit([job.file])
