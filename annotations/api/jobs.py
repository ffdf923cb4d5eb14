"""Jobs: one, a project's, and the file that one made."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router

from .. import access, models
from ..representations.fields import represent
from ..representations.jobs import Job, JobKind, JobPage, JobStatus
from ..services.jobs import results
from .media import download
from .openapi import file_answer
from .paging import CursorParam, Limit, LimitParam, by_id
from .responding import REFUSALS, ok

router = Router(tags=["Jobs"])


@router.get("/jobs/{int:job_id}", response={200: Job, **REFUSALS})
def get_job(request: HttpRequest, job_id: int) -> HttpResponse:
    """A job. Ask again until its status is Completed or Failed, or listen at the websocket.

    `result` of a Completed job, by its kind: segment `{"masks", "model"}`, the best mask first;
    export `{"url", "bytes", "sha256", "name", "mimeType"}`; fetch `{"image", "duplicate"}`; regions
    `{"regions"}`; everything and alike `{"proposals", "model"}`; replay `{"replay", "proposals"}`;
    others nothing to speak of.
    """
    job = access.job_for(request.user, job_id)
    return ok(represent(Job, job, result=results.of(job)))


def _listed(rows: list[Any]) -> list[Job]:
    found = results.of_listed(rows)
    return [represent(Job, row, result=found[row.pk]) for row in rows]


@router.get("/projects/{int:project_id}/jobs", response={200: JobPage, **REFUSALS})
def list_jobs(
    request: HttpRequest,
    project_id: int,
    limit: Limit = LimitParam,
    cursor: str | None = CursorParam,
    kind: JobKind | None = None,
    status: JobStatus | None = None,
) -> HttpResponse:
    """The project's jobs, the newest first. The `result` of a regions, everything or alike job is
    null here, however it ended: ask for that job alone to have its masks.
    """
    project = access.project_for(request.user, project_id)
    rows = models.Job.objects.filter(project=project).defer("params")
    wanted = {"kind": kind, "status": status}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    return ok(by_id(rows, limit, cursor, _listed, newest_first=True))


@router.get(
    "/jobs/{int:job_id}/download",
    response={200: None, **REFUSALS},
    openapi_extra=file_answer(
        "application/json", "application/zip", description="The dataset.", ranges=True
    ),
)
def download_result(request: HttpRequest, job_id: int) -> Any:
    """The file an export made, as an attachment."""
    job = access.job_for(request.user, job_id)
    if not job.file or job.status != models.Job.Status.COMPLETED:
        raise Http404("This job has made no file.")
    result = job.result or {}
    kind, name = result.get("mimeType", "application/json"), result.get("name", "export")
    return download(request, job.file, kind, name, result.get("sha256", ""))
