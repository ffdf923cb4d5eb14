"""All objects of an image, as a job. What is found becomes an object only when a person takes
it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction

from ...domain.logits import rle_from_logits
from ...domain.rle import Rle
from ...models import Image, Job
from ..errors import ServiceError
from ..images.decode import decode
from ..inference import engine
from ..jobs import lifecycle, memory_limit, registry
from . import search_job, suggestions
from .suggestions import Row

if TYPE_CHECKING:
    from ...engines.base import Embedding
    from ...engines.found import Found

_MAX_FOUND = 300
# Crops: two by two, each this share of the image's side, from a rendering of so many pixels.
_CROP_SHARE, _CROP_SIDE = 0.6, 2048
# Of the work with crops: what the whole image takes, and each crop. Telling the masks apart
# takes what is left.
_WHOLE_PART, _CROP_PART = 0.15, 0.15


@dataclass(frozen=True)
class Options:
    """As in `engines.auto_segment.Query`; `crops` looks again at four parts of the image."""

    points_per_side: int
    score: float
    stability: float
    crops: bool


def request(image: Image, user: Any, options: Options) -> Job:
    """Queues the search for all objects. Raises Conflict for an image that was refused."""
    search_job.check([image])
    return search_job.queued(Job.Kind.EVERYTHING, image, user, asdict(options))


@registry.job_handler(
    Job.Kind.EVERYTHING,
    queue=Job.Queue.PROPOSALS,
    title="Everything",
    keep_hours=settings.SEGWEB_JOB_KEEP_HOURS,
    suggestions="proposals",
    listed_result=False,
)
@memory_limit.lifted()
def segment(job: Job) -> None:
    """The work of a job that finds all objects."""
    image = search_job.image_of(job)
    row, arrays = search_job.embedding_of(image)
    options, progress = Options(**job.params), search_job.Progress(job)
    share = _WHOLE_PART if options.crops else 1.0
    found: Iterable[Row] = [
        suggestions.row(each, rle_from_logits(each.logits, arrays.frame))
        for each in _grid(arrays, options, options.points_per_side, progress.part(0, share))
    ]
    if options.crops:
        found = [*found, *_in_crops(image, options, progress)]
        found = suggestions.distinct(found, progress.part(_WHOLE_PART + 4 * _CROP_PART, 1))
    rows = suggestions.bounded(found, _MAX_FOUND)
    with transaction.atomic():
        lifecycle.complete(job, {"model": row.model}, suggestions=rows)


def _grid(
    arrays: "Embedding", options: Options, side: int, progress: Callable[[float], None]
) -> "list[Found]":
    from ...engines.auto_segment import Query

    query = Query(side, options.score, options.stability, max_masks=_MAX_FOUND)
    return engine.find("auto_segment", arrays, query, progress)


def _in_crops(image: Image, options: Options, progress: search_job.Progress) -> Iterator[Row]:
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
            mask = rle_from_logits(each.logits, arrays.frame)
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
