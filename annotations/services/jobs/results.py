"""What finished jobs found. The masks among it have a table of their own, and come back in the
list of the result that the job's handler names."""

from collections.abc import Sequence
from typing import Any

from ...models import Job, Suggestion, bbox_columns
from . import registry

Row = dict[str, Any]


def store(job: Job, rows: Sequence[Row]) -> None:
    """Stores the masks that a job found, in their order. Each has `rle`, `bbox` and `area`."""
    Suggestion.objects.bulk_create(
        _suggestion(job, position, row) for position, row in enumerate(rows)
    )


def _suggestion(job: Job, position: int, row: Row) -> Suggestion:
    height, width = row["rle"]["size"]
    own = {"rle", "bbox", "area", "score"}
    return Suggestion(
        job=job, position=position, height=height, width=width, counts=row["rle"]["counts"],
        **bbox_columns(row["bbox"]), area=row["area"], score=row.get("score"),
        details={name: value for name, value in row.items() if name not in own},
    )  # fmt: skip


def of(job: Job) -> Any:
    """The job's result, masks and all."""
    return _of([job])[job.pk]


def of_listed(jobs: Sequence[Job]) -> dict[int, Any]:
    """The results of the jobs by their ids, None for those that lists leave out."""
    listed = [job for job in jobs if registry.handler_of(job.kind).listed_result]
    return dict.fromkeys((job.pk for job in jobs), None) | _of(listed)


def _of(jobs: Sequence[Job]) -> dict[int, Any]:
    names = {job.pk: registry.handler_of(job.kind).suggestions for job in jobs if job.result}
    masks: dict[int, list[Row]] = {pk: [] for pk, name in names.items() if name}
    for mask in Suggestion.objects.filter(job__in=masks) if masks else ():
        masks[mask.job_id].append(_row(mask))
    return {
        job.pk: {names[job.pk]: masks[job.pk]} | job.result if job.pk in masks else job.result
        for job in jobs
    }


def _row(mask: Suggestion) -> Row:
    score = {} if mask.score is None else {"score": mask.score}
    return {
        "rle": {"size": [mask.height, mask.width], "counts": mask.counts},
        "bbox": mask.bbox,
        "area": mask.area,
        **score,
        **mask.details,
    }
