"""Images from addresses into a project: one job an address."""

from typing import Any

from django.core.files.base import File
from django.db import transaction

from ... import access
from ...domain.addresses import parse_url
from ...models import Job, Project
from ..errors import Invalid, ServiceError, TooMany
from ..jobs import lifecycle, registry
from ..outbound.fetch import fetch
from . import upload

MAX_AT_ONCE = 100
_MAX_WAITING = 500


def request(project: Project, user: Any, urls: list[str]) -> list[Job]:
    """Queues a job for each address. Raises DomainError naming the one that cannot be read, and
    TooMany when the project waits for many already."""
    if not 1 <= len(urls) <= MAX_AT_ONCE:
        raise Invalid("invalid", f"Give 1 to {MAX_AT_ONCE} addresses.", "urls")
    targets = [parse_url(url.strip(), f"urls.{index}") for index, url in enumerate(urls)]
    waiting = Job.objects.unfinished().filter(project=project, kind=Job.Kind.FETCH).count()
    if waiting + len(targets) > _MAX_WAITING:
        raise TooMany("too_many_fetches", "So many addresses are waiting; try again in a minute.")
    with transaction.atomic():
        return [
            lifecycle.create(Job.Kind.FETCH, project=project, user=user, params={"url": target.url})
            for target in targets
        ]


# Waiting for somebody's slow server keeps nobody else from working.
@registry.job_handler(Job.Kind.FETCH, queue=Job.Queue.NET, title="Fetching an image")
def run(job: Job) -> None:
    """The work of a fetch job: the file becomes an image of the project, as an upload does."""
    if job.user is None or not access.is_member(job.user.pk, job.project_id):
        raise ServiceError("not_a_member", "Who asked for this left the project.")
    with fetch(job.params["url"]) as fetched:
        file = File(fetched.file, name=fetched.name)
        file.size = fetched.size
        taken = upload.accept(job.project, job.user, fetched.name, file)
    with transaction.atomic():
        lifecycle.complete(job, {"image": taken.image.pk, "duplicate": taken.duplicate})
