"""Annotations, and masks from prompts."""

import uuid
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import conditional_page
from ninja import Query, Router
from ninja.decorators import decorate_view
from ninja.errors import HttpError

from .. import access, models
from ..domain.prompts import Prompts
from ..representations.annotations import Annotation, AnnotationPage, Stale
from ..representations.fields import represent, represent_each
from ..representations.jobs import Job
from ..services.annotations import edit
from ..services.embeddings import crops
from ..services.segmentation import prompt_masks
from . import bodies
from .auth import SessionOrToken
from .openapi import conditional_answer
from .paging import CursorParam, Limit, LimitParam, decode, encode
from .responding import CONFLICT, REFUSALS, accepted, nothing, ok

router = Router(tags=["Annotations"], auth=SessionOrToken("annotate"))

# Fields that keep their meaning when they are null, unlike `label` and `source`.
_NULLABLE = {"prompts", "candidate", "score", "z"}


@router.post("/images/{int:image_id}/segment", response={202: Job, **REFUSALS, **CONFLICT})
def segment_image(request: HttpRequest, image_id: int, payload: bodies.SegmentIn) -> HttpResponse:
    """Masks for points and/or a box, as a job. `result.masks` has the chosen one first; each
    point after the first refines the mask before it."""
    image = access.image_for(request.user, image_id)
    data = {"points": payload.points, "box": payload.box}
    prompts = Prompts.from_json(data, image.width, image.height)
    named = payload.region
    window = None if named is None else crops.window_of(image, named)
    job = prompt_masks.request(
        image, request.user, prompts, multimask=payload.multimask, preview=payload.preview,
        window=window,
    )  # fmt: skip
    return accepted(represent(Job, job))


@router.get(
    "/images/{int:image_id}/annotations", response={200: AnnotationPage, **REFUSALS},
    openapi_extra=conditional_answer(),
)  # fmt: skip
@decorate_view(conditional_page)
def list_annotations(
    request: HttpRequest,
    image_id: int,
    limit: Limit = LimitParam,
    cursor: str | None = CursorParam,
) -> HttpResponse:
    """The image's objects in the order they were made. Cheap to ask for again with the ETag."""
    image = access.image_for(request.user, image_id)
    rows = models.Annotation.objects.filter(image=image).select_related("author")
    if cursor:
        rows = _after(rows, cursor)
    found = list(rows.order_by("created_at", "id")[: limit + 1])
    page, more = found[:limit], len(found) > limit
    for row in page:
        row.image = image
    last = (int(page[-1].created_at.timestamp() * 1e6), str(page[-1].pk)) if more else None
    items = represent_each(Annotation, page)
    answer = ok(AnnotationPage(items=items, next=encode(*last) if last else None))
    answer["Cache-Control"] = "private, no-cache"  # kept, and asked about each time
    return answer


def _after(rows: Any, cursor: str) -> Any:
    micros, pk = decode(cursor, (int, str))
    try:
        moment = datetime.fromtimestamp(micros / 1e6, UTC)
        key = uuid.UUID(pk)
    except (ValueError, OverflowError, OSError) as error:
        raise HttpError(400, "The cursor is not one of this list's.") from error
    return rows.filter(Q(created_at__gt=moment) | Q(created_at=moment, pk__gt=key))


def _change(payload: bodies.Body, given: dict[str, Any]) -> edit.Change:
    plain = {
        name: value
        for name, value in given.items()
        if name in edit.PLAIN and (value is not None or name in _NULLABLE)
    }
    return edit.Change(
        label=given.get("label"),
        rle=given.get("rle"),
        polygons=given.get("polygons"),
        plain=plain,
    )


@router.post(
    "/images/{int:image_id}/annotations",
    response={201: Annotation, 200: Annotation, **REFUSALS, 409: Stale},
)
def create_annotation(
    request: HttpRequest, image_id: int, payload: bodies.AnnotationIn
) -> HttpResponse:
    """Makes an object under the client's UUID: 201, or 200 when the same was sent before. Without
    `attributes` it begins with the project's defaults."""
    image = access.image_for(request.user, image_id)
    given = payload.dict()
    if "attributes" not in payload.model_fields_set:
        del given["attributes"]
    change = _change(payload, given)
    row, new = edit.create(image, request.user, payload.id, change)
    return JsonResponse(represent(Annotation, row), status=201 if new else 200)


@router.get("/annotations/{annotation_id}", response={200: Annotation, **REFUSALS})
def get_annotation(request: HttpRequest, annotation_id: uuid.UUID) -> HttpResponse:
    """An object with its mask and the prompts that made it."""
    return ok(represent(Annotation, access.annotation_for(request.user, annotation_id)))


@router.patch(
    "/annotations/{annotation_id}",
    response={200: Annotation, **REFUSALS, 409: Stale},
)
def change_annotation(
    request: HttpRequest, annotation_id: uuid.UUID, payload: bodies.AnnotationPatch
) -> HttpResponse:
    """Changes the fields that are sent, if `version` is still the newest (409 with `current`
    else)."""
    row = access.annotation_for(request.user, annotation_id)
    change = _change(payload, payload.dict(exclude_unset=True))
    return ok(represent(Annotation, edit.update(row, request.user, payload.version, change)))


@router.delete("/annotations/{annotation_id}", response={204: None, **REFUSALS, 409: Stale})
def delete_annotation(
    request: HttpRequest,
    annotation_id: uuid.UUID,
    version: int = Query(..., ge=1, le=2**31 - 2),
) -> HttpResponse:
    """Deletes the object if `version` is still the newest."""
    row = access.annotation_for(request.user, annotation_id)
    edit.delete(row, request.user, version)
    return nothing()
