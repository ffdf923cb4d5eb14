"""Colour regions of an image, as a job."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from .. import access
from ..representations.fields import represent
from ..representations.jobs import Job
from ..services.segmentation import colour_clusters
from . import bodies
from .auth import SessionOrToken
from .responding import REFUSALS, accepted

router = Router(tags=["Annotations"], auth=SessionOrToken("annotate"))

Percent = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=100)]
Noise = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=1, le=255)]
Space = Annotated[int, Field(ge=1, le=22, strict=True), bodies.Whole]


class RegionsIn(bodies.Body):
    """`clusterThreshold`: percent of the pixels below which a range of colours is no cluster.
    `smoothingThreshold`: what counts as noise in the histograms; null grows with the image.
    `colourSpace`: 1 to 22, as in PixLab's `cs`."""

    clusterThreshold: Percent = 1.0
    smoothingThreshold: Noise | None = None
    colourSpace: Space = 5


@router.post("/images/{int:image_id}/regions", response={202: Job, **REFUSALS})
def find_regions(request: HttpRequest, image_id: int, payload: RegionsIn) -> HttpResponse:
    """Connected parts of the image's colour clusters, as a job. `result.regions` has `rle`,
    `bbox`, `area` and the cluster's mean `color` (#rrggbb) of each, the largest first."""
    image = access.image_for(request.user, image_id)
    options = colour_clusters.Options(
        payload.clusterThreshold, payload.smoothingThreshold, payload.colourSpace
    )
    return accepted(represent(Job, colour_clusters.request(image, request.user, options)))
