"""Segmentation as programs ask for it by the Cognite-compatible API: a bounded number at once,
answers as rings."""

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from ....domain.outline import outline
from ....domain.polygons import Part
from ....domain.prompts import Prompts
from ....domain.rle import Rle
from ....models import Image, Job, Project
from ...errors import Invalid, TooMany
from ...jobs import results
from ...segmentation import prompt_masks
from . import files

MAX_UNFINISHED = 20
MAX_VERTICES = 1000
EXTENSIONS = (".jpeg", ".jpg", ".png")
MIME_TYPES = ("image/jpeg", "image/png")


class TooManyJobs(TooMany):
    """The project has as many unfinished jobs as it may."""

    retry_after = 1

    def __init__(self) -> None:
        super().__init__(
            "too_many_jobs",
            f"The project has {MAX_UNFINISHED} unfinished segmentation jobs; wait for one to end.",
        )


def request(project: Project, ref: files.Ref, user: Any, prompt: dict[str, Any]) -> Job:
    """Queues the segmentation of a file. `prompt` has `points` and `boundingBox`, one or both,
    in ratios of the image's sides, valid in themselves.

    Raises UnknownFiles, Invalid for a file of another kind or without content, Conflict for a
    refused image, DomainError for a box of no size in pixels, and TooManyJobs.
    """
    (filed,) = files.find_all(project, [ref])
    image = _segmentable(filed)
    image.project = project
    prompts = in_pixels(prompt, image.width, image.height)
    item: dict[str, Any] = {"fileId": filed.id}
    if filed.external_id is not None:
        item["fileExternalId"] = filed.external_id
    try:
        with transaction.atomic():
            # Requests of one project wait for each other here, so that the count stays true.
            Project.objects.select_for_update(no_key=True).get(pk=project.pk)
            jobs = Job.objects.unfinished().filter(project=project, origin=Job.Origin.COGNITE)
            if jobs.count() >= MAX_UNFINISHED:
                raise TooManyJobs
            return prompt_masks.request(
                image, user, prompts, multimask=True, origin=Job.Origin.COGNITE,
                asked={"item": item, "prompt": prompt},
            )  # fmt: skip
    except (IntegrityError, Project.DoesNotExist) as error:
        raise files.UnknownFiles([ref]) from error  # deleted at this very moment


def _segmentable(filed: files.Filed) -> Image:
    if not filed.name.lower().endswith(EXTENSIONS):
        raise Invalid(
            "unsupported_file", "The file's name must end in .jpeg, .jpg or .png.", "items.0"
        )
    if filed.image is None:
        raise Invalid("not_uploaded", "The file has no content yet; upload it first.", "items.0")
    if filed.mime_type not in MIME_TYPES:
        raise Invalid(
            "unsupported_file", "The file's mimeType must be image/jpeg or image/png.", "items.0"
        )
    return filed.image


def in_pixels(prompt: dict[str, Any], width: int, height: int) -> Prompts:
    """The prompts for an image of this size. Raises DomainError."""
    points = [
        {"x": point["x"] * width, "y": point["y"] * height, "label": point.get("label", 1)}
        for point in prompt.get("points", ())
    ]
    box = prompt.get("boundingBox")
    if box is not None:
        box = {
            "x0": box["xMin"] * width,
            "y0": box["yMin"] * height,
            "x1": box["xMax"] * width,
            "y1": box["yMax"] * height,
        }
    return Prompts.from_json({"points": points, "box": box}, width, height)


@dataclass(frozen=True)
class Segment:
    """One candidate: its pieces in pixels of an image of `width` × `height`."""

    score: float
    parts: list[Part]
    width: int
    height: int


def segments(job: Job) -> list[Segment]:
    """The candidates of a completed job, the best score first; empty masks are none."""
    found = []
    for mask in (results.of(job) or {}).get("masks", ()):
        height, width = mask["rle"]["size"]
        parts = outline(Rle(height, width, mask["rle"]["counts"]), MAX_VERTICES)
        if parts:
            score = min(1.0, max(0.0, float(mask["score"])))
            found.append(Segment(score, parts, width, height))
    return sorted(found, key=lambda segment: -segment.score)
