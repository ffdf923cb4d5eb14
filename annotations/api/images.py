"""Images: upload, list, change, delete."""

from typing import Any, Literal

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile as DjangoFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import File, Query, Router, UploadedFile

from .. import access
from ..models import Image
from ..services.errors import ServiceError
from ..services.images import edit, review_status, search, upload
from ..services.inference import engine
from . import schemas, serialise
from .auth import SessionOrToken
from .body_limits import body_limit
from .paging import CursorParam, Limit, LimitParam, by_id
from .responding import CONFLICT, REFUSALS, nothing, ok

router = Router(tags=["Images"])

State = Literal[
    "preparing", "ready", "refused", "annotated", "unannotated", "open", "submitted", "skipped"
]


@router.post(
    "/projects/{int:project_id}/images",
    auth=SessionOrToken("upload"),
    response={201: schemas.Uploaded, 200: schemas.Uploaded, **REFUSALS},
)
@body_limit(lambda: settings.SEGWEB_MAX_REQUEST_BYTES)
def upload_images(
    request: HttpRequest,
    project_id: int,
    files: list[UploadedFile] = File(..., min_length=1, description="the images, repeated"),  # noqa: B008
) -> HttpResponse:
    """Takes image files: 201, or 200 when every one was refused or there already.

    One bad file never fails the others. What is accepted is then prepared by a worker, whose
    full decode may still refuse it.
    """
    project = access.project_for(request.user, project_id)
    items: list[dict[str, Any]] = []
    errors: list[dict[str, str]] = []
    for file in files:
        try:
            items.append(_accept(project, request.user, file))
        except ServiceError as error:
            name = upload.clean_name(file.name or "")
            errors.append({"name": name, "code": error.code, "message": error.message})
    new = any(not item["duplicate"] for item in items)
    return JsonResponse({"items": items, "errors": errors}, status=201 if new else 200)


def _accept(project: Any, user: Any, file: DjangoFile) -> dict[str, Any]:
    taken = upload.accept(project, user, file.name or "", file)
    show = serialise.image if taken.duplicate else serialise.new_image
    return show(taken.image) | {"duplicate": taken.duplicate}


@router.get("/projects/{int:project_id}/images", response={200: schemas.ImagePage, **REFUSALS})
def list_images(
    request: HttpRequest,
    project_id: int,
    limit: Limit = LimitParam,
    cursor: str | None = CursorParam,
    state: State | None = None,
    label: int | None = Query(None, ge=1, le=2**63 - 1),
    q: str | None = Query(None, max_length=200, description="part of the name"),
    order: Literal["oldest", "newest"] = "oldest",
) -> HttpResponse:
    """The project's images, filtered."""
    project = access.project_for(request.user, project_id)
    rows = search.search(project, state=state, label=label, text=q)
    rows = rows.with_details(*engine.model_key())
    show = lambda found: [serialise.image(row) for row in found]  # noqa: E731
    return ok(by_id(rows, limit, cursor, show, newest_first=order == "newest"))


def _detailed(image: Image) -> dict[str, Any]:
    return serialise.image(image)


@router.get("/images/{int:image_id}", response={200: schemas.Image, **REFUSALS})
def get_image(request: HttpRequest, image_id: int) -> HttpResponse:
    """An image, how far its preparation is, and how many objects it has."""
    return ok(_detailed(access.image_for(request.user, image_id)))


@router.patch("/images/{int:image_id}", response={200: schemas.Image, **REFUSALS})
def change_image(request: HttpRequest, image_id: int, payload: schemas.ImagePatch) -> HttpResponse:
    """Changes the fields that are sent."""
    image = access.image_for(request.user, image_id)
    edit.change(image, payload.name, payload.externalId)
    return ok(_detailed(image))


@router.delete("/images/{int:image_id}", response={204: None, **REFUSALS})
def delete_image(request: HttpRequest, image_id: int) -> HttpResponse:
    """Deletes the image with its objects and files."""
    edit.delete(access.image_for(request.user, image_id))
    return nothing()


@router.post(
    "/images/{int:image_id}/work",
    auth=SessionOrToken("annotate"),
    response={200: schemas.Image, **REFUSALS, **CONFLICT},
)
def set_image_work(request: HttpRequest, image_id: int, payload: schemas.WorkIn) -> HttpResponse:
    """Submits the image, skips it for a reason, or opens it again. A change of one of its objects
    opens it by itself."""
    image = access.image_for(request.user, image_id)
    return ok(_detailed(review_status.change(image, request.user, payload.state, payload.reason)))


@router.get("/images/{int:image_id}/next", response={200: schemas.NextImage, **REFUSALS})
def get_next_image(request: HttpRequest, image_id: int) -> HttpResponse:
    """The project's next image that is ready, open and without an object: behind this one, else
    from the first on. Null when there is none."""
    found = review_status.next_untouched(access.image_for(request.user, image_id))
    return ok({"image": None if found is None else _detailed(found)})
