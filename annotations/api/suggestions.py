"""Masks that a job suggests: of all objects of an image, or of objects like given ones."""

import uuid
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field, StrictBool

from .. import access
from ..representations.fields import represent
from ..representations.jobs import Job
from ..services.segmentation import auto_segment, find_similar
from . import bodies
from .auth import SessionOrToken
from .responding import CONFLICT, REFUSALS, accepted

router = Router(tags=["Annotations"], auth=SessionOrToken("annotate"))

Side = Annotated[int, Field(ge=1, le=64, strict=True), bodies.Whole]
Share = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=1)]


class EverythingIn(bodies.Body):
    """`pointsPerSide`: the grid of points that are asked for. `score`, `stability`: the least
    that the model predicts of a mask, and that the mask depends on no threshold. `crops`: looks
    again at four overlapping parts of the image, for small objects; three times the time."""

    pointsPerSide: Side = 16
    score: Share = 0.85
    stability: Share = 0.9
    crops: StrictBool = False


class AlikeIn(bodies.Body):
    """`objects`: ids of objects of the image's project to look for the like of. `images`: where
    to look, instead of in the image alone."""

    objects: Annotated[list[uuid.UUID], Field(min_length=1, max_length=find_similar.MAX_EXAMPLES)]
    images: Annotated[list[bodies.Id], Field(max_length=find_similar.MAX_IMAGES)] = []


@router.post("/images/{int:image_id}/everything", response={202: Job, **REFUSALS, **CONFLICT})
def propose_everything(request: HttpRequest, image_id: int, payload: EverythingIn) -> HttpResponse:
    """All objects of the image, as a job. `result.proposals` has `rle`, `bbox`, `area`, `score`,
    `stability`, `candidate` and `prompts` of each, the best score first, at most 300. Nothing is
    stored: send those that you want as annotations."""
    image = access.image_for(request.user, image_id)
    options = auto_segment.Options(
        payload.pointsPerSide, payload.score, payload.stability, payload.crops
    )
    return accepted(represent(Job, auto_segment.request(image, request.user, options)))


@router.post("/images/{int:image_id}/alike", response={202: Job, **REFUSALS, **CONFLICT})
def propose_alike(request: HttpRequest, image_id: int, payload: AlikeIn) -> HttpResponse:
    """Objects like the given ones, as a job. `result.proposals` is as that of `everything`, with
    the `image`, the `similarity`, the `modelScore`, and `score`, the product of both and of how
    the size fits. `result.skipped` has images that could not be searched, and why."""
    image = access.image_for(request.user, image_id)
    objects = [access.annotation_for(request.user, pk) for pk in dict.fromkeys(payload.objects)]
    images = [access.image_for(request.user, pk) for pk in dict.fromkeys(payload.images)]
    return accepted(represent(Job, find_similar.request(image, request.user, objects, images)))
