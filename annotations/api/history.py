"""The history of objects: who changed what, what was deleted, and the way back."""

import uuid
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router
from ninja.errors import HttpError
from pydantic import Field

from .. import access
from ..models import AnnotationRevision
from ..representations.annotations import (
    Annotation,
    Revision,
    RevisionDetail,
    RevisionPage,
    Stale,
)
from ..representations.fields import represent, represent_each
from ..representations.values import Rle
from ..services.annotations import history
from . import bodies
from .auth import SessionOrToken
from .paging import CursorParam, Limit, LimitParam, by_id, decode, encode
from .responding import REFUSALS, ok

router = Router(tags=["Annotations"], auth=SessionOrToken("annotate"))

Number = Annotated[int, Field(ge=1, le=2**63 - 1)]
NumberParam = Path(..., description="the version's number, from 1 on")


class RestoreIn(bodies.Body):
    """`revision`: the version to go back to. `label`: taken if the one of then was deleted."""

    version: Annotated[int, Field(ge=1, le=2**31 - 2, strict=True), bodies.Whole]
    revision: Annotated[int, Field(ge=1, le=2**31 - 2, strict=True), bodies.Whole]
    label: bodies.Id | None = None


@router.get("/annotations/{annotation_id}/revisions", response={200: RevisionPage, **REFUSALS})
def list_revisions(
    request: HttpRequest,
    annotation_id: uuid.UUID,
    limit: Limit = LimitParam,
    cursor: str | None = CursorParam,
) -> HttpResponse:
    """Every version of an object, the newest first, also of a deleted one. `changed` names the
    fields that differ from the version before."""
    rows = access.revisions_of(request.user, annotation_id)
    if cursor:
        (last,) = decode(cursor, (int,))
        if not 0 <= last < 2**31:
            raise HttpError(400, "The cursor is not one of this list's.")
        rows = rows.filter(version__lt=last)
    found = list(rows.order_by("-version")[: limit + 1])
    page, older = found[:limit], found[limit] if len(found) > limit else None
    items = represent_each(Revision, history.versions(page, older))
    return ok(RevisionPage(items=items, next=encode(page[-1].version) if older else None))


@router.get(
    "/annotations/{annotation_id}/revisions/{int:version}",
    response={200: RevisionDetail, **REFUSALS},
)
def get_revision(
    request: HttpRequest, annotation_id: uuid.UUID, version: Number = NumberParam
) -> HttpResponse:
    """One version of an object, with the mask that it had then."""
    row = access.revision_for(request.user, annotation_id, version)
    (own,) = history.versions([row], history.before(row))
    mask = history.mask(row)
    rle: Rle = {"size": [mask.height, mask.width], "counts": mask.counts}
    shown = represent(RevisionDetail, own, rle=rle, bbox=list(mask.bbox), area=mask.area)
    return ok(shown)


@router.get("/images/{int:image_id}/deleted-annotations", response={200: RevisionPage, **REFUSALS})
def list_deleted_annotations(
    request: HttpRequest,
    image_id: int,
    limit: Limit = LimitParam,
    cursor: str | None = CursorParam,
) -> HttpResponse:
    """The image's objects that were deleted, as the revisions that deleted them, the newest
    first."""
    rows = history.deleted(access.image_for(request.user, image_id))

    def show(found: list[AnnotationRevision]) -> list[Revision]:
        return represent_each(Revision, [history.Version(row, []) for row in found])

    return ok(by_id(rows, limit, cursor, show, newest_first=True))


@router.post(
    "/annotations/{annotation_id}/restore",
    response={200: Annotation, **REFUSALS, 409: Stale},
)
def restore_annotation(
    request: HttpRequest, annotation_id: uuid.UUID, payload: RestoreIn
) -> HttpResponse:
    """Makes the object what it was after `revision`, as a new version; a deleted one comes back
    under its id. `version` is the newest one, for a deleted object that of its deletion (409
    else)."""
    past = access.revision_for(request.user, annotation_id, payload.revision)
    row = history.restore(past, request.user, payload.version, payload.label)
    return ok(represent(Annotation, row))
