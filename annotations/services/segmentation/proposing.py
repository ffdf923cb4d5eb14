"""Proposals: all objects of an image, and objects like given ones, as jobs. What is proposed
becomes an object only when a person takes it."""

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.core.files.storage import default_storage
from django.db import transaction

from ...domain.logits import rle_from_logits
from ...domain.rle import Rle
from ...models import Annotation, Image, Job
from ..embeddings import compute
from ..errors import Conflict, Invalid, ServiceError
from ..images.decode import decode
from ..inference import engine
from ..jobs import lifecycle, memory_limit
from . import suggestions
from .suggestions import Row

if TYPE_CHECKING:
    from ...engines.alike import Example
    from ...engines.base import Embedding
    from ...engines.proposing import Found

MOST_EXAMPLES, MOST_IMAGES = 8, 100
# Proposals of one image, and of one job.
_MOST, _MOST_ALIKE, _MOST_TOTAL = 300, 100, 1000
_TELL_SECONDS = 0.3
# Crops: two by two, each this share of the image's side, from a rendering of so many pixels.
_CROP_SHARE, _CROP_SIDE = 0.6, 2048
# Of the work with crops: what the whole image takes, and each crop. Telling the masks apart
# takes what is left.
_WHOLE_PART, _CROP_PART = 0.15, 0.15


@dataclass(frozen=True)
class Options:
    """As in `engines.proposing.Options`; `crops` looks again at four parts of the image."""

    points_per_side: int
    score: float
    stability: float
    crops: bool


def request_everything(image: Image, user: Any, options: Options) -> Job:
    """Queues the search for all objects. Raises Conflict for an image that was refused."""
    _check([image])
    return _queued(Job.Kind.EVERYTHING, image, user, asdict(options))


def request_alike(
    image: Image, user: Any, objects: Sequence[Annotation], images: Sequence[Image]
) -> Job:
    """Queues the search for objects like `objects` in `images`, or in `image` alone. All are of
    one project. Raises Conflict for a refused image, and Invalid for other projects' rows."""
    for row in objects:
        if row.image.project_id != image.project_id:
            raise Invalid("other_project", "This object is of another project.", "objects")
    for each in images:
        if each.project_id != image.project_id:
            raise Invalid("other_project", "This image is of another project.", "images")
    _check(images or [image])
    params = {
        "objects": [str(row.pk) for row in objects],
        "images": [each.pk for each in images] or [image.pk],
    }
    return _queued(Job.Kind.ALIKE, image, user, params)


def _check(images: Iterable[Image]) -> None:
    if any(image.state == Image.State.REFUSED for image in images):
        raise Conflict("refused_image", "A refused image cannot be searched.")


def _queued(kind: Job.Kind, image: Image, user: Any, params: dict[str, Any]) -> Job:
    with transaction.atomic():
        return lifecycle.create(kind, project=image.project, image=image, user=user, params=params)


class _Progress:
    """Tells how far the job is, a few times a second at most."""

    def __init__(self, job: Job) -> None:
        self._job, self._told = job, time.monotonic()

    def part(self, start: float, end: float) -> Callable[[float], None]:
        return lambda share: self(start + (end - start) * share)

    def __call__(self, share: float) -> None:
        if time.monotonic() - self._told > _TELL_SECONDS:
            self._told = time.monotonic()
            lifecycle.progress(self._job, round(min(share, 0.99), 3))


@memory_limit.lifted()
def everything(job: Job) -> None:
    """The work of an everything job."""
    image = _image_of(job)
    row, arrays = _arrays(image)
    options, progress = Options(**job.params), _Progress(job)
    share = _WHOLE_PART if options.crops else 1.0
    found: Iterable[Row] = [
        suggestions.row(each, rle_from_logits(each.logits, image.width, image.height))
        for each in _grid(arrays, options, options.points_per_side, progress.part(0, share))
    ]
    if options.crops:
        found = [*found, *_in_crops(image, options, progress)]
        found = suggestions.distinct(found, progress.part(_WHOLE_PART + 4 * _CROP_PART, 1))
    rows = suggestions.bounded(found, _MOST)
    with transaction.atomic():
        lifecycle.complete(job, {"proposals": rows, "model": row.model})


def _grid(
    arrays: "Embedding", options: Options, side: int, progress: Callable[[float], None]
) -> "list[Found]":
    from ...engines import proposing

    asked = proposing.Options(side, options.score, options.stability, most=_MOST)
    return proposing.everything(engine.current(), arrays, asked, progress)


def _in_crops(image: Image, options: Options, progress: _Progress) -> Iterator[Row]:
    """What is found in four overlapping parts of the image, each seen larger."""
    picture = _picture(image)
    side = max(1, options.points_per_side // 2)
    for turn, (x, y, width, height) in enumerate(crops(image.width, image.height)):
        scale = picture.width / image.width, picture.height / image.height
        corners = (x * scale[0], y * scale[1], (x + width) * scale[0], (y + height) * scale[1])
        part = picture.crop(tuple(round(corner) for corner in corners))
        arrays = engine.current().embed([part], [(width, height)])[0]
        start = _WHOLE_PART + _CROP_PART * turn
        end = start + _CROP_PART
        for each in _grid(arrays, options, side, progress.part(start, end)):
            progress(end)
            mask = rle_from_logits(each.logits, width, height)
            bx, by, w, h = mask.bbox
            if _cut(image, (x + bx, y + by, w, h), (x, y, width, height)):
                continue
            moved = Rle.from_part(
                mask.to_mask((bx, by, w, h)), x + bx, y + by, image.height, image.width
            )
            # The point alone would not give this mask: it needs the crop.
            yield suggestions.row(each, moved) | {"prompts": None, "candidate": None}


def crops(width: int, height: int) -> list[tuple[int, int, int, int]]:
    """(x, y, width, height) of the four parts, in pixels."""
    w, h = max(1, round(width * _CROP_SHARE)), max(1, round(height * _CROP_SHARE))
    return [(x, y, w, h) for y in (0, height - h) for x in (0, width - w)]


def _cut(image: Image, box: tuple[int, ...], crop: tuple[int, ...]) -> bool:
    """Whether a mask ends where its crop does and the image goes on."""
    left = box[0] <= crop[0] + 1 and crop[0] > 0
    top = box[1] <= crop[1] + 1 and crop[1] > 0
    right, low = crop[0] + crop[2], crop[1] + crop[3]
    return (
        left
        or top
        or (box[0] + box[2] >= right - 1 and right < image.width)
        or (box[1] + box[3] >= low - 1 and low < image.height)
    )


def _picture(image: Image) -> Any:
    """The upright picture, not much larger than the crops need."""
    try:
        with default_storage.open(image.original, "rb") as file:
            return decode(file, min(_CROP_SIDE, max(image.width, image.height))).picture
    except FileNotFoundError as error:
        raise ServiceError("file_gone", "The image's file is gone.") from error


@memory_limit.lifted()
def alike(job: Job) -> None:
    """The work of an alike job. Images that went or cannot be searched are told as skipped."""
    _image_of(job)
    ids, progress = job.params["images"], _Progress(job)
    _wait_for(ids)
    examples = _examples(job)
    rows, skipped, total, model = [], [], 0, ""
    for turn, pk in enumerate(ids):
        part = progress.part(turn / len(ids), (turn + 1) / len(ids))
        try:
            found, model = _alike_in(pk, job, examples, part)
        except ServiceError as error:
            if len(ids) == 1:
                raise
            skipped.append({"image": pk, "code": error.code, "message": error.message})
            continue
        part(1.0)
        total += sum(len(row["rle"]["counts"]) for row in found)
        if total > suggestions.MOST_RESULT or len(rows) + len(found) > _MOST_TOTAL:
            message = "There were too many proposals before it; ask for it alone."
            rest = ({"image": k, "code": "too_many", "message": message} for k in ids[turn:])
            skipped.extend(rest)
            break
        rows.extend(found)
    with transaction.atomic():
        lifecycle.complete(job, {"proposals": rows, "skipped": skipped, "model": model})


def _wait_for(ids: Sequence[int]) -> None:
    """Raises jobs.Later while one of the images is prepared: before the first is searched, since
    what was found until then would be lost."""
    if Image.objects.filter(pk__in=ids, state=Image.State.PREPARING).exists():
        raise lifecycle.Later


def _examples(job: Job) -> "list[Example]":
    from ...engines.alike import example

    keys = [uuid.UUID(key) for key in job.params["objects"]]
    rows = Annotation.objects.filter(pk__in=keys, image__project=job.project_id)
    found = list(rows.select_related("image"))
    if not found:
        raise ServiceError("objects_deleted", "The objects were deleted before the job was done.")
    by_image: dict[int, Any] = {}
    for row in found:
        if row.image_id not in by_image:
            by_image[row.image_id] = _arrays(row.image)[1]
    return [example(by_image[row.image_id], _mask(row)) for row in found]


def _mask(row: Annotation) -> Rle:
    return Rle(row.image.height, row.image.width, row.counts)


def _alike_in(
    pk: int, job: Job, examples: "list[Example]", progress: Callable[[float], None]
) -> tuple[list[Row], str]:
    """Proposals in one image, and the model that made them."""
    from ...engines import alike as search

    image = Image.objects.filter(pk=pk, project=job.project_id).first()
    if image is None:
        raise _deleted()
    row, arrays = _arrays(image)
    objects = Annotation.objects.filter(image=image).select_related("image")
    taken = [_mask(each) for each in objects[:1000]]
    found = search.alike(engine.current(), arrays, examples, taken, _MOST_ALIKE, progress)
    rows = []
    for each in found:
        mask = rle_from_logits(each.found.logits, image.width, image.height)
        proposal = suggestions.row(each.found, mask) | {
            "image": pk,
            "score": suggestions.rounded(each.score),
            "similarity": suggestions.rounded(each.similarity),
            "modelScore": suggestions.rounded(each.found.score),
        }
        rows.append(proposal)
    return suggestions.bounded(rows, _MOST_ALIKE), row.model


def _arrays(image: Image) -> "tuple[Any, Embedding]":
    """The image's embedding. Raises jobs.Later while it is prepared, ServiceError when it was
    refused or deleted."""
    if image.state == Image.State.REFUSED:
        raise ServiceError("refused_image", f"The image was refused: {image.error_message}")
    if image.state == Image.State.PREPARING:
        raise lifecycle.Later
    try:
        return compute.arrays_of(image)
    except ServiceError as error:
        if not Image.objects.filter(pk=image.pk).exists():
            raise _deleted() from error
        raise


def _image_of(job: Job) -> Image:
    if job.image is None:
        raise _deleted()
    return job.image


def _deleted() -> ServiceError:
    return ServiceError("image_deleted", "The image was deleted before the job was done.")
