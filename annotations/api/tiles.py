"""Tiles of large images. Members only, like all else."""

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router

from .. import access
from ..representations.fields import represent
from ..representations.jobs import Job
from ..representations.pyramids import Pyramid
from ..services.images import tiles
from .auth import SessionOrToken
from .media import unchanging
from .openapi import file_answer
from .responding import CONFLICT, REFUSALS, accepted, ok

router = Router(tags=["Images"], auth=SessionOrToken("annotate"))

_MOST = 2**31 - 1
_MAX_LEVEL = 30


@router.get("/images/{int:image_id}/pyramid", response={200: Pyramid, **REFUSALS})
def get_pyramid(request: HttpRequest, image_id: int) -> HttpResponse:
    """The tiles of a large image, by level; 404 while there are none."""
    pyramid = tiles.of(access.image_for(request.user, image_id))
    if pyramid is None:
        raise Http404("The image has no tiles.")
    return ok(represent(Pyramid, pyramid))


@router.post(
    "/images/{int:image_id}/pyramid",
    response={200: Pyramid, 202: Job, **REFUSALS, **CONFLICT},
)
def make_pyramid(request: HttpRequest, image_id: int) -> HttpResponse:
    """Asks for the tiles: 200 when they are there, else 202 with the job that makes them. 409 for
    an image that its preview shows in full."""
    image = access.image_for(request.user, image_id)
    job = tiles.request(image, request.user)
    pyramid = tiles.of(image) if job is None else None
    if pyramid is None:
        job = job or tiles.request(image, request.user)
    return accepted(represent(Job, job)) if pyramid is None else ok(represent(Pyramid, pyramid))


@router.get(
    "/images/{int:image_id}/tile",
    response={200: None, **REFUSALS},
    openapi_extra=file_answer("image/jpeg", description="The tile.", version=True),
)
def get_tile(
    request: HttpRequest,
    image_id: int,
    level: int = Query(0, ge=0, le=_MAX_LEVEL, description="0: the image's own pixels"),
    column: int = Query(0, ge=0, le=_MOST, description="from the left"),
    row: int = Query(0, ge=0, le=_MOST, description="from the top"),
) -> HttpResponse:
    """One tile of the upright image, JPEG of at most 512 × 512 pixels."""
    image = access.image_for(request.user, image_id)
    pyramid = tiles.of(image)
    try:
        if pyramid is None:
            raise tiles.NoTile
        name = f"{pyramid.version}-{pyramid.index(level, column, row)}"
        return unchanging(
            request, name, "image/jpeg", lambda: tiles.tile(image, level, column, row)
        )
    except tiles.NoTile as error:
        raise Http404("There is no such tile.") from error
