"""Jobs."""

from typing import Annotated, Any

from typing_extensions import TypedDict

from ..models import Job as Row
from .fields import Choice, Given, Of, example
from .values import MADE, ErrorBody, Next, Rle

JobKind = Annotated[str, Choice(Row.Kind)]
JobStatus = Annotated[str, Choice(Row.Status)]

_MASK = {
    "rle": example(Rle), "bbox": [1, 1, 2, 2], "area": 4, "score": 0.93, "candidate": 0,
}  # fmt: skip


def error_of(row: Row) -> ErrorBody | None:
    if not row.error_code:
        return None
    return {"code": row.error_code, "message": row.error_message}


class Job(TypedDict):
    id: Annotated[int, Of("id", 12)]
    kind: Annotated[JobKind, Of("kind", "segment")]
    status: Annotated[JobStatus, Of("status", "Completed")]
    progress: Annotated[float, Of("progress", 1.0)]
    createdTime: Annotated[int, Of("created_ms", MADE + 90_000)]
    startTime: Annotated[int | None, Of("start_ms", MADE + 90_012)]
    statusTime: Annotated[int, Of("status_ms", MADE + 90_075)]
    error: Annotated[ErrorBody | None, Of(error_of, None)]
    result: Annotated[Any | None, Of("result", {"masks": [_MASK], "model": "mobile_sam"})]
    project: Annotated[int | None, Of("project_id", 1)]
    image: Annotated[int | None, Of("image_id", 3)]


class JobPage(TypedDict):
    items: Annotated[list[Job], Given([example(Job)])]
    next: Next


_FETCH = example(
    Job, id=11, kind="fetch", status="Queued", progress=0.0, startTime=None, result=None, image=None
)


class Jobs(TypedDict):
    items: Annotated[list[Job], Given([_FETCH])]
