"""Objects like given ones, in one image or in several, as a job. What is found becomes an object
only when a person takes it."""

import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from ...domain.logits import rle_from_logits
from ...domain.rle import Rle
from ...models import Annotation, Image, Job
from ..errors import Invalid, ServiceError
from ..inference import engine
from ..jobs import lifecycle, memory_limit, registry
from . import search_job, suggestions
from .suggestions import Row

if TYPE_CHECKING:
    from ...engines.find_similar import Example

MAX_EXAMPLES, MAX_IMAGES = 8, 100
# Masks found in one image, and by one job.
_MAX_IN_IMAGE, _MAX_IN_JOB = 100, 1000


def request(image: Image, user: Any, objects: Sequence[Annotation], images: Sequence[Image]) -> Job:
    """Queues the search for objects like `objects` in `images`, or in `image` alone. All are of
    one project. Raises Conflict for a refused image, and Invalid for other projects' rows."""
    for row in objects:
        if row.image.project_id != image.project_id:
            raise Invalid("other_project", "This object is of another project.", "objects")
    for each in images:
        if each.project_id != image.project_id:
            raise Invalid("other_project", "This image is of another project.", "images")
    search_job.check(images or [image])
    params = {
        "objects": [str(row.pk) for row in objects],
        "images": [each.pk for each in images] or [image.pk],
    }
    return search_job.queued(Job.Kind.ALIKE, image, user, params)


@registry.job_handler(
    Job.Kind.ALIKE,
    queue=Job.Queue.PROPOSALS,
    title="Find alike",
    keep_hours=settings.SEGWEB_JOB_KEEP_HOURS,
    suggestions="proposals",
    listed_result=False,
)
@memory_limit.lifted()
def find(job: Job) -> None:
    """The work of a job that finds similar objects. Images that went or cannot be searched are
    told as skipped."""
    search_job.image_of(job)
    ids, progress = job.params["images"], search_job.Progress(job)
    _wait_for(ids)
    examples = _examples(job)
    rows, skipped, total, model = [], [], 0, ""
    for turn, pk in enumerate(ids):
        part = progress.part(turn / len(ids), (turn + 1) / len(ids))
        try:
            found, model = _find_in(pk, job, examples, part)
        except ServiceError as error:
            if len(ids) == 1:
                raise
            skipped.append({"image": pk, "code": error.code, "message": error.message})
            continue
        part(1.0)
        total += sum(len(row["rle"]["counts"]) for row in found)
        if total > suggestions.MAX_RESULT or len(rows) + len(found) > _MAX_IN_JOB:
            message = "There were too many proposals before it; ask for it alone."
            rest = ({"image": k, "code": "too_many", "message": message} for k in ids[turn:])
            skipped.extend(rest)
            break
        rows.extend(found)
    with transaction.atomic():
        lifecycle.complete(job, {"skipped": skipped, "model": model}, suggestions=rows)


def _wait_for(ids: Sequence[int]) -> None:
    """Raises lifecycle.RetryLater while one of the images is prepared: before the first is
    searched, since what was found until then would be lost."""
    if Image.objects.filter(pk__in=ids, state=Image.State.PREPARING).exists():
        raise lifecycle.RetryLater


def _examples(job: Job) -> "list[Example]":
    from ...engines.find_similar import example

    keys = [uuid.UUID(key) for key in job.params["objects"]]
    rows = Annotation.objects.filter(pk__in=keys, image__project=job.project_id)
    found = list(rows.select_related("image"))
    if not found:
        raise ServiceError("objects_deleted", "The objects were deleted before the job was done.")
    by_image: dict[int, Any] = {}
    for row in found:
        if row.image_id not in by_image:
            by_image[row.image_id] = search_job.embedding_of(row.image)[1]
    return [example(by_image[row.image_id], _mask(row)) for row in found]


def _mask(row: Annotation) -> Rle:
    return Rle(row.image.height, row.image.width, row.counts)


def _find_in(
    pk: int, job: Job, examples: "list[Example]", progress: Callable[[float], None]
) -> tuple[list[Row], str]:
    """Proposals in one image, and the model that made them."""
    from ...engines.find_similar import Query

    image = Image.objects.filter(pk=pk, project=job.project_id).first()
    if image is None:
        raise search_job.deleted()
    row, arrays = search_job.embedding_of(image)
    objects = Annotation.objects.filter(image=image).select_related("image")
    taken = [_mask(each) for each in objects[:1000]]
    query = Query(examples, taken, _MAX_IN_IMAGE)
    rows = []
    for each in engine.find("find_similar", arrays, query, progress):
        mask = rle_from_logits(each.found.logits, arrays.frame)
        proposal = suggestions.row(each.found, mask) | {
            "image": pk,
            "score": suggestions.rounded(each.score),
            "similarity": suggestions.rounded(each.similarity),
            "modelScore": suggestions.rounded(each.found.score),
        }
        rows.append(proposal)
    return suggestions.bounded(rows, _MAX_IN_IMAGE), row.model
