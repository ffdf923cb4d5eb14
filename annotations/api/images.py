"""Images: upload, list, change, delete."""

from functools import partial
from typing import Annotated, Any, Literal

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile as DjangoFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import File, Query, Router, UploadedFile

from .. import access, models
from ..representations.fields import Choice, represent, represent_each
from ..representations.images import (
    Image,
    ImagePage,
    NextImage,
    Uploaded,
    UploadedImage,
    UploadError,
)
from ..services.errors import ServiceError
from ..services.images import edit, review_status, search, upload
from ..services.inference import engine
from . import bodies
from .auth import SessionOrToken
from .body_limits import body_limit
from .paging import CursorParam, Limit, LimitParam, by_id
from .responding import CONFLICT, REFUSALS, nothing, ok

router = Router(tags=["Images"])

State = Annotated[str, Choice(models.Image.State, "annotated", "unannotated", models.Image.Work)]


@router.post(
    "/projects/{int:project_id}/images",
    auth=SessionOrToken("upload"),
    response={201: Uploaded, 200: Uploaded, **REFUSALS},
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
    answer = Uploaded(items=[], errors=[])
    for file in files:
        try:
            answer["items"].append(_accept(project, request.user, file))
        except ServiceError as error:
            name = upload.clean_name(file.name or "")
            refusal = UploadError(name=name, code=error.code, message=error.message)
            answer["errors"].append(refusal)
    new = any(not item["duplicate"] for item in answer["items"])
    return JsonResponse(answer, status=201 if new else 200)


def _accept(project: Any, user: Any, file: DjangoFile) -> UploadedImage:
    taken = upload.accept(project, user, file.name or "", file)
    row = _with_details(taken.image) if taken.duplicate else _new(taken.image)
    return represent(UploadedImage, row, duplicate=taken.duplicate)


@router.get("/projects/{int:project_id}/images", response={200: ImagePage, **REFUSALS})
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
    show = partial(represent_each, Image)
    return ok(by_id(rows, limit, cursor, show, newest_first=order == "newest"))


def _new(row: Any) -> Any:
    """With the details of an image accepted just now: nobody has annotated or embedded it, so
    nothing is asked."""
    row.annotation_count, row.embedding_status, row.embedding_error = 0, None, ""
    return row


def _with_details(row: models.Image) -> models.Image:
    return models.Image.objects.with_details(*engine.model_key()).get(pk=row.pk)


def _detailed(row: models.Image) -> Image:
    return represent(Image, _with_details(row))


@router.get("/images/{int:image_id}", response={200: Image, **REFUSALS})
def get_image(request: HttpRequest, image_id: int) -> HttpResponse:
    """An image, how far its preparation is, and how many objects it has."""
    return ok(_detailed(access.image_for(request.user, image_id)))


@router.patch("/images/{int:image_id}", response={200: Image, **REFUSALS})
def change_image(request: HttpRequest, image_id: int, payload: bodies.ImagePatch) -> HttpResponse:
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
    response={200: Image, **REFUSALS, **CONFLICT},
)
def set_image_work(request: HttpRequest, image_id: int, payload: bodies.WorkIn) -> HttpResponse:
    """Submits the image, skips it for a reason, or opens it again. A change of one of its objects
    opens it by itself."""
    image = access.image_for(request.user, image_id)
    return ok(_detailed(review_status.change(image, request.user, payload.state, payload.reason)))


@router.get("/images/{int:image_id}/next", response={200: NextImage, **REFUSALS})
def get_next_image(request: HttpRequest, image_id: int) -> HttpResponse:
    """The project's next image that is ready, open and without an object: behind this one, else
    from the first on. Null when there is none."""
    found = review_status.next_untouched(access.image_for(request.user, image_id))
    return ok(NextImage(image=None if found is None else _detailed(found)))
