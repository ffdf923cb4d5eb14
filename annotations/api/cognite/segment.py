"""Segment objects in an image: the job and its answer."""

from typing import Any

from django.http import HttpRequest

from ... import access
from ...domain.polygons import Ring
from ...models import Job
from ...services.compat.cognite import segment as service
from ...services.compat.cognite.files import UnknownFiles
from . import bodies, schemas
from .door import Caller
from .errors import Refused

_VERSIONS = ("beta", "20230101-beta")


def _check_version(request: HttpRequest) -> None:
    given = request.headers.get("cdf-version", "")
    if given not in _VERSIONS:
        what = f"it is {given[:40]!r}" if given else "it is missing"
        raise Refused(400, f"The header cdf-version must be beta for this call; {what}.")


def submit(request: HttpRequest, who: Caller) -> dict[str, Any]:
    """Queues the segmentation of one file."""
    _check_version(request)
    data = bodies.read(request)
    body = schemas.Segment.model_validate(data)
    if (point := body.repeated()) is not None:
        message = "points: points are unique; one is given twice."
        raise Refused(400, message, duplicated=[point.model_dump()])
    # Repeated as the client wrote them.
    prompt = {name: data[name] for name in ("points", "boundingBox") if data.get(name) is not None}
    ref = body.items[0].ref(who.in_project.slug)
    if ref is None:
        raise Refused(400, _UNKNOWN, missing=data["items"])
    try:
        job = service.request(who.in_project, ref, who.user, prompt)
    except UnknownFiles as error:
        raise Refused(400, _UNKNOWN, missing=data["items"]) from error
    asked = job.params["asked"]
    return head(job) | {"items": [asked["item"]], **asked["prompt"]}


_UNKNOWN = "There is no such file in this project."


def result(request: HttpRequest, who: Caller, job: int) -> dict[str, Any]:
    """The job's state, and what it found once it is Completed."""
    _check_version(request)
    row = access.cognite_job_for(who.in_project, job)
    asked = row.params["asked"]
    data = head(row) | {"items": [], "prompt": asked["prompt"]}
    if row.status == Job.Status.COMPLETED:
        segments = [_segment(segment) for segment in service.segments(row)]
        data["items"] = [asked["item"] | {"segments": segments}]
    elif row.status == Job.Status.FAILED:
        data["failedItems"] = [{"errorMessage": row.error_message, "items": [asked["item"]]}]
    return data


def head(job: Job) -> dict[str, Any]:
    """Times are epoch milliseconds; a job that waits still has not begun later than it was made."""
    return {
        "jobId": job.pk,
        "status": job.status,
        "createdTime": job.created_ms,
        "startTime": job.created_ms if job.start_ms is None else job.start_ms,
        "statusTime": job.status_ms,
        "errorMessage": job.error_message if job.status == Job.Status.FAILED else None,
    }


def _segment(segment: service.Segment) -> dict[str, Any]:
    size = (segment.width, segment.height)
    rings = [ring for part in segment.parts for ring in (part.outer, *part.holes)]
    return {"score": segment.score, "polygons": [{"vertices": _ratios(r, size)} for r in rings]}


def _ratios(ring: Ring, size: tuple[int, int]) -> list[dict[str, float]]:
    # Seven digits are some thousandths of a pixel of the largest image.
    return [{"x": x, "y": y} for x, y in (ring / size).round(7).tolist()]
