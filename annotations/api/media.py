"""Bytes of an image: original, preview, thumbnail, embedding. Members only, like all else."""

import asyncio
import gzip
import re
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any, NoReturn

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from ninja import Query, Router

from .. import access
from ..domain.crops import CropWindow
from ..domain.errors import DomainError
from ..models import Embedding, Image
from ..representations.fields import represent
from ..representations.jobs import Job
from ..services.embeddings import crops, eviction, files, lookup
from ..services.errors import Busy
from ..services.images.probe import EXTENSIONS
from ..services.inference import engine
from . import ranges
from .auth import SessionOrToken
from .errors import answer
from .openapi import file_answer
from .responding import CONFLICT, REFUSALS, accepted

router = Router(tags=["Images"], auth=SessionOrToken("annotate"))

_CHUNK = 1 << 18
_Region = Query(
    None,
    pattern=r"^[0-9]{1,9}(,[0-9]{1,9}){3}$",
    description="x,y,width,height of a region of a large image; without it, the whole",
)
_Version = Query(
    None,
    description="what the caller takes the embedding for: the first 8 digits of the image's "
    "SHA-256, the model and its version, joined by `-`; 409 `model_changed` where it is another",
)
# As pages name an embedding. What programs may put there to pass a cache by is no such name.
_NAMED = re.compile(r"[0-9a-f]{8}-.+-[0-9]+")
# The bytes behind an address never change while its ETag does not; pages put a version in it.
_FOR_EVER = "private, max-age=31536000, immutable"


def stream(key: str, mime_type: str, name: str, size: int | None = None) -> StreamingHttpResponse:
    """The stored file as a download. Raises Http404 when it is gone."""
    return _attachment(_opened(key), mime_type, name, size)


def download(
    request: HttpRequest, key: str, mime_type: str, name: str, digest: str
) -> HttpResponseBase:
    """The stored file as a download that can be gone on with, and is not sent to who has it.

    `digest` stands for its content. Raises Http404 when it is gone.
    """
    etag = f'"{digest[:32]}"'
    if _unchanged(request, etag):
        return HttpResponse(status=304, headers={"ETag": etag})
    file = _opened(key)
    size = file.size
    try:
        part = ranges.asked(request, etag, size) or slice(0, size)
    except ranges.Unsatisfiable:
        file.close()
        refusal = answer(416, "The file ends before this range.")
        refusal["Content-Range"] = f"bytes */{size}"
        return refusal
    response = _attachment(file, mime_type, name, part.stop - part.start, part.start)
    response["ETag"], response["Accept-Ranges"] = etag, "bytes"
    if part.stop - part.start < size:
        response.status_code = 206
        response["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    return response


def _opened(key: str) -> Any:
    try:
        return default_storage.open(key, "rb")
    except FileNotFoundError as error:
        raise Http404("The file is gone.") from error


def _attachment(
    file: Any, mime_type: str, name: str, size: int | None = None, start: int = 0
) -> StreamingHttpResponse:
    """The open file's bytes from `start` on, `size` of them."""
    size = file.size if size is None else size
    response = StreamingHttpResponse(_chunks(file, start, size), content_type=mime_type)
    response["Content-Length"] = str(size)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-cache"
    return response


async def _chunks(file: Any, start: int, length: int) -> AsyncIterator[bytes]:
    with file:
        file.seek(start)
        while chunk := await asyncio.to_thread(file.read, min(_CHUNK, length)):
            length -= len(chunk)
            yield chunk


def _unchanged(request: HttpRequest, etag: str) -> bool:
    given = request.headers.get("If-None-Match", "")
    return etag in [tag.strip().removeprefix("W/") for tag in given.split(",")]


def _stem(key: str) -> str:
    """The generated part of a storage key: it names the bytes for ever."""
    return key.rsplit("/", 1)[-1].split(".")[0]


def unchanging(
    request: HttpRequest, name: str, mime_type: str, read: Callable[[], bytes]
) -> HttpResponse:
    """Bytes that never change while `name` stands for them."""
    etag = f'"{name}"'
    headers = {"ETag": etag, "Cache-Control": _FOR_EVER}
    if _unchanged(request, etag):
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(read(), content_type=mime_type, headers=headers)


def _fixed(request: HttpRequest, key: str, mime_type: str) -> HttpResponse:
    """A small file that never changes under its key."""

    def read() -> bytes:
        with _opened(key) as file:
            return bytes(file.read())

    return unchanging(request, _stem(key), mime_type, read)


def _derived(request: HttpRequest, image: Image, key: str) -> HttpResponse:
    if not key:
        if image.state == Image.State.REFUSED:
            return answer(404, "The image was refused; there is nothing to show.", "refused")
        return answer(404, "The image is still being prepared.", "not_ready")
    return _fixed(request, key, "image/jpeg")


@router.get(
    "/images/{int:image_id}/file",
    response={200: None, **REFUSALS},
    openapi_extra=file_answer(*EXTENSIONS, description="The file's bytes.", ranges=True),
)
def download_image(request: HttpRequest, image_id: int) -> Any:
    """The file as it was uploaded, as an attachment."""
    image = access.image_for(request.user, image_id)
    if image.state == Image.State.REFUSED:
        return answer(404, "The image was refused; there is nothing to show.", "refused")
    return download(request, image.original, image.mime_type, image.name, image.sha256)


@router.get(
    "/images/{int:image_id}/preview",
    response={200: None, **REFUSALS},
    openapi_extra=file_answer("image/jpeg", description="The picture.", version=True),
)
def get_preview(request: HttpRequest, image_id: int) -> HttpResponse:
    """The upright picture for display, JPEG, longest side at most SEGWEB_PREVIEW_SIDE."""
    image = access.image_for(request.user, image_id)
    return _derived(request, image, image.preview)


@router.get(
    "/images/{int:image_id}/thumbnail",
    response={200: None, **REFUSALS},
    openapi_extra=file_answer("image/jpeg", description="The picture.", version=True),
)
def get_thumbnail(
    request: HttpRequest,
    image_id: int,
    size: int = Query(256, ge=256, le=256, description="256 is the one there is"),
) -> HttpResponse:
    """The upright picture, JPEG, longest side at most `size` pixels."""
    image = access.image_for(request.user, image_id)
    return _derived(request, image, image.thumbnail)


@router.get(
    "/images/{int:image_id}/embedding",
    response={200: None, 202: Job, **REFUSALS, **CONFLICT},
    openapi_extra=file_answer(
        "application/octet-stream",
        description="The embedding, gzipped if accepted.",
        ranges=True,
    ),
)
def get_embedding(
    request: HttpRequest,
    image_id: int,
    region: str | None = _Region,
    v: str | None = _Version,
) -> HttpResponse:
    """The image's embedding, or 202 with the job that makes it.

    Layout, little endian: `SWE1`, uint32 n, n bytes of JSON header (`model`, `version`,
    `shape` [256,64,64], `dtype` int8, `image` [w,h], `input` [w,h]) padded with spaces to a
    multiple of 4, 256 float32 scales, then int8 values; value = scale[channel] × int8.
    Ranges count in the bytes that are not compressed, and parts are sent so.
    """
    image = access.image_for(request.user, image_id)
    if v is not None and _NAMED.fullmatch(v) and v != _embedding_name(image):
        return _model_changed()
    window = _window_of(image, region)
    found = _ready(request, image, window)
    if found is not None:
        return found
    job = lookup.request(image, request.user, window)
    if job is not None:
        return accepted(represent(Job, job))
    return _ready(request, image, window) or _just_made()


@router.post(
    "/images/{int:image_id}/embedding",
    response={202: Job, 204: None, **REFUSALS, **CONFLICT},
)
def make_embedding(
    request: HttpRequest, image_id: int, region: str | None = _Region
) -> HttpResponse:
    """Asks for the embedding, again after a failure; 204 when it is there already."""
    image = access.image_for(request.user, image_id)
    job = lookup.request(image, request.user, _window_of(image, region))
    return HttpResponse(status=204) if job is None else accepted(represent(Job, job))


def _embedding_name(image: Image) -> str:
    """What the pages' addresses of the image's embeddings say (`embeddingVersion` in
    `prefetch.js`): browsers keep what lies behind one for ever."""
    model, version = engine.model_key()
    return f"{image.sha256[:8]}-{model}-{version}"


def _model_changed() -> HttpResponse:
    """To a page that was opened before the model changed: its decoder reads the old one's."""
    message = "The server uses another model by now. Load the page again to work with it."
    refusal = answer(409, message, "model_changed")
    refusal["Cache-Control"] = "no-store"
    return refusal


def _window_of(image: Image, region: str | None) -> CropWindow | None:
    try:
        return None if region is None else crops.window_of(image, region)
    except DomainError as error:
        raise Http404("There is no such region.") from error


def _ready(request: HttpRequest, image: Image, window: CropWindow | None) -> HttpResponse | None:
    """The embedding if it is there. Raises Conflict when it could not be made."""
    row = lookup.find(image, window)
    return None if row is None else _embedding_bytes(request, row)


def _just_made() -> NoReturn:
    """It came between two looks, and went."""
    raise Busy("busy", "The embedding has just been made; ask again.")


def _embedding_bytes(request: HttpRequest, row: Embedding) -> HttpResponse | None:
    """The embedding, or the part of it that was asked for; None when its file is gone or
    damaged."""
    # Part of a gzip stream is of no use to a client that unpacks by itself.
    packed = ranges.accepts_gzip(request) and "Range" not in request.headers
    # Two encodings are two representations: their bytes differ, so must their tags.
    etag = f'"{_stem(row.file)}{"" if packed else "-plain"}"'
    headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
    if _unchanged(request, etag):
        return HttpResponse(status=304, headers={"ETag": etag, **headers})
    try:
        with default_storage.open(row.file, "rb") as file:
            stored = file.read()
        # Also for those who unpack it themselves: length and checksum are behind the last byte.
        plain = gzip.decompress(stored)
        if not plain:
            raise EOFError("The file is empty.")
    except (FileNotFoundError, EOFError, gzip.BadGzipFile, zlib.error):
        eviction.forget(row)
        return None
    files.touch(row)
    if packed:
        headers["Content-Encoding"] = "gzip"
    return ranges.answer(request, stored if packed else plain, etag, headers)
