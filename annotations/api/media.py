"""Bytes of an image: original, preview, thumbnail, embedding. Members only, like all else."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from typing import Any, Literal

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from ninja import Router

from .. import access
from ..models import Embedding, Image
from ..services import embedding, engine, store
from ..services.errors import Conflict
from . import ranges, schemas, serialise
from .errors import answer
from .responding import REFUSALS, accepted

router = Router(tags=["Images"])

_CHUNK = 1 << 18
_EMBEDDING: dict[int, Any] = {200: Any, 206: Any, 202: schemas.Job, **REFUSALS, 416: None}
# The bytes behind an address never change while its ETag does not; pages put a version in it.
_FOR_EVER = "private, max-age=31536000, immutable"


def stream(key: str, mime_type: str, name: str, size: int | None = None) -> StreamingHttpResponse:
    """The stored file as a download. Raises Http404 when it is gone."""
    try:
        file = default_storage.open(key, "rb")
    except FileNotFoundError as error:
        raise Http404("The file is gone.") from error

    async def chunks() -> AsyncIterator[bytes]:
        with file:
            while chunk := await asyncio.to_thread(file.read, _CHUNK):
                yield chunk

    response = StreamingHttpResponse(chunks(), content_type=mime_type)
    response["Content-Length"] = str(file.size if size is None else size)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-cache"
    return response


def _unchanged(request: HttpRequest, etag: str) -> bool:
    given = request.headers.get("If-None-Match", "")
    return etag in [tag.strip().removeprefix("W/") for tag in given.split(",")]


def _stem(key: str) -> str:
    """The generated part of a storage key: it names the bytes for ever."""
    return key.rsplit("/", 1)[-1].split(".")[0]


def _fixed(request: HttpRequest, key: str, mime_type: str, **headers: str) -> HttpResponse:
    """A small file that never changes under its key."""
    etag = f'"{_stem(key)}"'
    headers = {"ETag": etag, "Cache-Control": _FOR_EVER, **headers}
    if _unchanged(request, etag):
        return HttpResponse(status=304, headers=headers)
    try:
        with default_storage.open(key, "rb") as file:
            data = file.read()
    except FileNotFoundError as error:
        raise Http404("The file is gone.") from error
    return HttpResponse(data, content_type=mime_type, headers=headers)


def _derived(request: HttpRequest, image: Image, key: str) -> HttpResponse:
    if not key:
        if image.state == Image.State.REFUSED:
            return answer(404, "The image was refused; there is nothing to show.", "refused")
        return answer(404, "The image is still being prepared.", "not_ready")
    return _fixed(request, key, "image/jpeg")


@router.get("/images/{image_id}/file", response={200: Any, **REFUSALS})
def original(request: HttpRequest, image_id: int) -> Any:
    """The file as it was uploaded, as an attachment."""
    image = access.image_for(request.user, image_id)
    if image.state == Image.State.REFUSED:
        return answer(404, "The image was refused; there is nothing to show.", "refused")
    return stream(image.original, image.mime_type, image.name, image.bytes)


@router.get("/images/{image_id}/preview", response={200: Any, **REFUSALS})
def preview(request: HttpRequest, image_id: int) -> HttpResponse:
    """The upright picture for display, JPEG, longest side at most SEGWEB_PREVIEW_SIDE."""
    image = access.image_for(request.user, image_id)
    return _derived(request, image, image.preview)


@router.get("/images/{image_id}/thumbnail", response={200: Any, **REFUSALS})
def thumbnail(request: HttpRequest, image_id: int, size: Literal[256, "256"] = 256) -> HttpResponse:
    """The upright picture, JPEG, longest side at most `size` pixels."""
    image = access.image_for(request.user, image_id)
    return _derived(request, image, image.thumbnail)


@router.get("/images/{image_id}/embedding", response=_EMBEDDING)
def get_embedding(request: HttpRequest, image_id: int) -> HttpResponse:
    """The image's embedding, or 202 with the job that makes it.

    Layout, little endian: `SWE1`, uint32 n, n bytes of JSON header (`model`, `version`,
    `shape` [256,64,64], `dtype` int8, `image` [w,h], `input` [w,h]) padded with spaces to a
    multiple of 4, 256 float32 scales, then int8 values; value = scale[channel] × int8.
    Ranges count in the bytes that are sent: those of the gzip stream, where one is.
    """
    image = access.image_for(request.user, image_id)
    row = embedding.row_for(image)
    if row is not None and row.status == "ready":
        found = _embedding_bytes(request, row)
        if found is not None:
            return found
    if row is not None and row.status == "failed":
        raise Conflict("embedding_failed", row.error or "The embedding could not be made.")
    return _wanted(image, request)


@router.post("/images/{image_id}/embedding", response={202: schemas.Job, 204: None, **REFUSALS})
def make_embedding(request: HttpRequest, image_id: int) -> HttpResponse:
    """Asks for the embedding, again after a failure; 204 when it is there already."""
    return _wanted(access.image_for(request.user, image_id), request)


def _wanted(image: Image, request: HttpRequest) -> HttpResponse:
    job = embedding.wanted(image, request.user)
    return HttpResponse(status=204) if job is None else accepted(serialise.job(job))


def _embedding_bytes(request: HttpRequest, row: Embedding) -> HttpResponse | None:
    """The embedding, or the part of it that was asked for; None when its file is gone."""
    packed = ranges.accepts_gzip(request)
    # Two encodings are two representations: their bytes differ, so must their tags.
    etag = f'"{_stem(row.file)}{"" if packed else "-plain"}"'
    headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
    if _unchanged(request, etag):
        return HttpResponse(status=304, headers={"ETag": etag, **headers})
    try:
        with default_storage.open(row.file, "rb") as file:
            data = file.read()
        data = data if packed else gzip.decompress(data)
    except (FileNotFoundError, EOFError, gzip.BadGzipFile, zlib.error):
        store.forget(row)
        return None
    engine.touch(row)
    if packed:
        headers["Content-Encoding"] = "gzip"
    return ranges.answer(request, data, etag, headers)
