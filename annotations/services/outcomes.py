"""What a failed job means for the thing it was about."""

from django.db import transaction

from ..models import Job
from . import embedding, jobs, preparing
from .files import delete_files_on_commit


def failed(job: Job, code: str, message: str) -> None:
    """Ends the job as Failed together with what follows from it. Raises jobs.LostLease."""
    with transaction.atomic():
        jobs.fail(job, code, message)
        if job.kind == Job.Kind.COLOUR:
            delete_files_on_commit([job.file])
        if job.image is None:
            return
        if job.kind == Job.Kind.PREPARE:
            preparing.refuse(job.image, code, message)
        elif job.kind == Job.Kind.EMBED:
            embedding.failed(job.image, message)
            delete_files_on_commit([job.file])
