"""Colour regions of an image: connected parts of its colour clusters, to take as objects."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction

from ...domain.rle import Rle
from ...models import Image, Job
from ..errors import Conflict, ServiceError
from ..images.decode import decode
from ..jobs import lifecycle, registry

# Larger images are segmented at about this many pixels and their regions scaled up: the memory
# of a worker and the patience of a person end there.
_MAX_PIXELS = 16_000_000
# A region is offered from this share of the image, and from this many pixels.
_MIN_SHARE, _MIN_PIXELS = 0.0005, 30
_MAX_REGIONS = 300
_MAX_LABELS = 64
# Characters of one mask, and of all: what is more ragged than that is no object.
_MAX_COUNTS, _MAX_RESULT = 200_000, 4_000_000
# What counts as noise in the histograms of a picture of so many pixels.
_NOISE, _NOISE_PIXELS = 1.5, 512 * 512


@dataclass(frozen=True)
class Options:
    """As in `compat.pixlab.segment.Options`; `smoothing_threshold` None grows with the picture."""

    cluster_threshold: float
    smoothing_threshold: float | None
    colour_space: int


def request(image: Image, user: Any, options: Options) -> Job:
    """Queues the segmentation. Raises Conflict for an image that was refused."""
    if image.state == Image.State.REFUSED:
        raise Conflict("refused_image", "A refused image cannot be segmented.")
    with transaction.atomic():
        return lifecycle.create(
            Job.Kind.REGIONS,
            project=image.project,
            image=image,
            user=user,
            params=asdict(options),
        )


@registry.job_handler(
    Job.Kind.REGIONS,
    queue=Job.Queue.IO,
    title="Colour regions",
    soft_seconds=settings.SEGWEB_DECODE_SECONDS,
    activity="Segmenting the picture",
    keep_hours=settings.SEGWEB_JOB_KEEP_HOURS,
    suggestions="regions",
    listed_result=False,
)
def find(job: Job) -> None:
    """The work of a regions job."""
    image = job.image
    assert image is not None
    if image.state == Image.State.PREPARING:
        raise lifecycle.RetryLater
    options = Options(**job.params)
    pixels = _pixels(image)
    noise = options.smoothing_threshold
    if noise is None:
        noise = min(255.0, max(1.0, _NOISE * pixels.shape[0] * pixels.shape[1] / _NOISE_PIXELS))
    regions, clusters = _regions(pixels, options, noise, (image.width, image.height))
    result = {"clusters": clusters, "smoothingThreshold": round(noise, 3)}
    with transaction.atomic():
        lifecycle.complete(job, result, suggestions=regions)


def _pixels(image: Image) -> Any:
    """The upright picture, (height, width, 3), in full size or about `_MAX_PIXELS`."""
    scale = min(1.0, (_MAX_PIXELS / (image.width * image.height)) ** 0.5)
    side = max(1, int(max(image.width, image.height) * scale))
    try:
        with default_storage.open(image.original, "rb") as file:
            return np.asarray(decode(file, side).picture)
    except FileNotFoundError as error:
        raise ServiceError("file_gone", "The image's file is gone.") from error


def _regions(
    pixels: Any, options: Options, noise: float, size: tuple[int, int]
) -> tuple[list[dict[str, Any]], int]:
    """The regions, the largest first, and how many clusters they come from."""
    from ...engines import registry
    from ...engines.colour_clusters import ColourSpace
    from ...engines.colour_clusters.components import components

    found = registry.finder("colour_clusters").find(
        pixels,
        cluster_threshold=options.cluster_threshold,
        smoothing_threshold=noise,
        space=ColourSpace(options.colour_space),
    )
    height, width = found.labels.shape
    min_pixels = max(_MIN_PIXELS, int(height * width * _MIN_SHARE))
    regions, characters = [], 0
    for part in components(found.labels, min_pixels, _MAX_LABELS):
        # As runs at once: the masks of all parts together may be many times the picture.
        rle = Rle.from_part(*_scaled(part, (width, height), size), size[1], size[0])
        if len(rle.counts) <= _MAX_COUNTS:
            characters += len(rle.counts)
            regions.append(_region(rle, found.palette[part.label]))
        if characters > _MAX_RESULT:
            break
    regions.sort(key=lambda region: -region["area"])
    return regions[:_MAX_REGIONS], len(found.palette)


def _scaled(part: Any, given: tuple[int, int], wanted: tuple[int, int]) -> tuple[Any, int, int]:
    """The part's mask and place in a picture of the wanted size: each pixel takes the nearest."""
    if given == wanted:
        return part.mask, part.x, part.y
    columns = (np.arange(wanted[0]) * 2 + 1) * given[0] // (2 * wanted[0]) - part.x
    rows = (np.arange(wanted[1]) * 2 + 1) * given[1] // (2 * wanted[1]) - part.y
    height, width = part.mask.shape
    right = np.flatnonzero((columns >= 0) & (columns < width))
    low = np.flatnonzero((rows >= 0) & (rows < height))
    mask = part.mask[rows[low][:, None], columns[right][None]]
    return mask, int(right[0]), int(low[0])


def _region(rle: Rle, colour: Any) -> dict[str, Any]:
    return {
        "rle": {"size": [rle.height, rle.width], "counts": rle.counts},
        "bbox": list(rle.bbox),
        "area": rle.area,
        "color": "#" + bytes(colour).hex(),
    }
