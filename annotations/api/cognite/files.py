"""Files: declared, uploaded, found, listed, downloaded, deleted."""

from typing import Any

from django.core.files.base import File
from django.http import HttpRequest, HttpResponse, JsonResponse

from ... import access
from ...models import Image, SourceFile
from ...services.compat.cognite import files as service
from ...services.compat.cognite import uploads
from ..media import stream
from ..paging import decode, encode
from . import bodies, links, schemas
from .door import Caller
from .errors import Refused, ref_json

_FLAGS = {"true": True, "false": False}


def meta(file: service.Filed) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": file.id,
        "name": file.name,
        "uploaded": file.image is not None,
        "createdTime": file.created_ms,
        "lastUpdatedTime": file.updated_ms,
    }
    more = {
        "uploadedTime": file.uploaded_ms if file.image is not None else None,
        "externalId": file.external_id,
        "mimeType": file.mime_type,
        "metadata": file.metadata,
    }
    return data | {name: value for name, value in more.items() if value is not None}


# --- Declaring -----------------------------------------------------------------------------------


def _flag(request: HttpRequest, name: str) -> bool:
    text = request.GET.get(name, "false")
    if text.lower() not in _FLAGS:
        raise Refused(400, f"{name}: must be true or false")
    return _FLAGS[text.lower()]


def _part_count(request: HttpRequest) -> int:
    text = request.GET.get("parts", "")
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise Refused(400, f"parts: must be a number from 1 to {uploads.MAX_PARTS}")
    if not 1 <= int(text) <= uploads.MAX_PARTS:
        raise Refused(400, f"parts: must be from 1 to {uploads.MAX_PARTS}")
    return int(text)


def _declare(request: HttpRequest, who: Caller) -> SourceFile:
    overwrite = _flag(request, "overwrite")
    body = bodies.parse(request, schemas.NewFile)
    declared = service.Declared(body.name, body.externalId, body.mimeType or "", body.metadata)
    return service.declare(who.in_project, declared, overwrite=overwrite)


def _whole(request: HttpRequest, who: Caller, row: SourceFile) -> dict[str, Any]:
    upload = uploads.open_upload(row)
    address = links.address(request, who, row.public_id, upload)
    return meta(service.Filed(row, row.image)) | {"uploadUrl": address}


def _in_parts(request: HttpRequest, who: Caller, row: SourceFile, parts: int) -> dict[str, Any]:
    upload = uploads.open_upload(row, parts)
    numbers = range(1, parts + 1)
    addresses = [links.address(request, who, row.public_id, upload, n) for n in numbers]
    more = {"uploadId": upload, "uploadUrls": addresses}
    return meta(service.Filed(row, row.image)) | more


def create(request: HttpRequest, who: Caller) -> HttpResponse:
    """Declares a file; its content goes to `uploadUrl`."""
    return JsonResponse(_whole(request, who, _declare(request, who)), status=201)


def create_in_parts(request: HttpRequest, who: Caller) -> HttpResponse:
    """Declares a file whose content comes in parts."""
    parts = _part_count(request)
    return JsonResponse(_in_parts(request, who, _declare(request, who), parts), status=201)


def _declared(request: HttpRequest, who: Caller) -> SourceFile:
    """The one declared file that the body names."""
    item = bodies.parse(request, schemas.OneItem).items[0]
    (file,) = service.find_all(who.in_project, [item.ref()])
    return _own_row(file)


def _own_row(file: service.Filed) -> SourceFile:
    if file.row is None:
        raise Refused(400, "This file was not made by this API; its content cannot be replaced.")
    return file.row


def upload_link(request: HttpRequest, who: Caller) -> HttpResponse:
    """A new address for the content of a declared file."""
    item = _whole(request, who, _declared(request, who))
    return JsonResponse({"items": [item]}, status=201)


def parts_link(request: HttpRequest, who: Caller) -> HttpResponse:
    """New addresses for the content of a declared file in parts."""
    parts = _part_count(request)
    item = _in_parts(request, who, _declared(request, who), parts)
    return JsonResponse({"items": [item]}, status=201)


def complete(request: HttpRequest, who: Caller) -> dict[str, Any]:
    """Joins the parts."""
    body = bodies.parse(request, schemas.Completed)
    (file,) = service.find_all(who.in_project, [body.ref()])
    uploads.complete(_own_row(file), body.uploadId, who.user)
    return {}


# --- Content -------------------------------------------------------------------------------------


def put_content(request: HttpRequest, text: str) -> HttpResponse:
    """Takes the bytes that an upload address is for."""
    link, user = links.opened(text)
    if not link.upload:
        raise Refused(405, "This address is for a download: use GET.")
    row = access.source_for(link.project, link.file)
    file = _body_file(request)
    if link.part:
        uploads.put_part(row, link.upload, link.part, file)
    else:
        uploads.put_whole(row, link.upload, user, file)
    return JsonResponse({})


def _body_file(request: HttpRequest) -> File:
    """The request's bytes, which lie on the disk when they are many. Raises Refused for fewer
    than were announced."""
    body: Any = request._stream  # type: ignore[attr-defined]
    body.seek(0, 2)
    size = body.tell()
    body.seek(0)
    announced = request.META.get("CONTENT_LENGTH") or ""
    if announced.isdigit() and int(announced) != size:
        raise Refused(400, f"The upload is cut short: {size} of {announced} bytes arrived.")
    file = File(body, "upload")
    file.size = size
    return file


def get_content(_request: HttpRequest, text: str) -> Any:
    """The original, as an attachment."""
    link, _user = links.opened(text)
    if link.upload:
        raise Refused(405, "This address is for an upload: use PUT.")
    image = access.image_of_link(link.project, link.file)
    _check_shown(image)
    return stream(image.original, image.mime_type, image.name, image.bytes)


def _check_shown(image: Image | None) -> None:
    if image is None:
        raise Refused(400, "The file has no content yet.")
    if image.state == Image.State.REFUSED:
        raise Refused(400, f"The file is no image that is taken: {image.error_message}")


def download_links(request: HttpRequest, who: Caller) -> dict[str, Any]:
    """An address for the content of each file."""
    body = bodies.parse(request, schemas.Items)
    refs = _unique(body)
    files = service.find_all(who.in_project, refs)
    for file in files:
        _check_shown(file.image)
    pairs = zip(refs, files, strict=True)
    return {
        "items": [
            ref_json(ref) | {"downloadUrl": links.address(request, who, file.id)}
            for ref, file in pairs
        ]
    }


# --- Finding -------------------------------------------------------------------------------------


def _unique(body: schemas.Items) -> list[service.Ref]:
    refs = body.refs()
    seen: set[service.Ref] = set()
    twice = [ref for ref in refs if ref in seen or seen.add(ref)]  # type: ignore[func-returns-value]
    if twice:
        duplicated = [ref_json(ref) for ref in dict.fromkeys(twice)]
        raise Refused(400, "items: a file is named twice.", duplicated=duplicated)
    return refs


def _named(who: Caller, body: schemas.Items) -> list[service.Filed]:
    refs = _unique(body)
    if not body.ignoreUnknownIds:
        return service.find_all(who.in_project, refs)
    return list(service.find(who.in_project, refs).values())


def by_ids(request: HttpRequest, who: Caller) -> dict[str, Any]:
    """The files named, in the order of the request."""
    body = bodies.parse(request, schemas.Items)
    return {"items": [meta(file) for file in _named(who, body)]}


def by_id(_request: HttpRequest, who: Caller, file: int) -> dict[str, Any]:
    """One file."""
    ref = service.Ref(id=file)
    found = service.find(who.in_project, [ref])
    if not found:
        raise Refused(404, "There is no such file in this project.", missing=[ref_json(ref)])
    return meta(found[ref])


def delete(request: HttpRequest, who: Caller) -> dict[str, Any]:
    """Deletes the files named, all or none, with the images that came by them."""
    service.delete(_named(who, bodies.parse(request, schemas.Items)))
    return {}


def _page(who: Caller, listing: schemas.Listing) -> dict[str, Any]:
    wanted = (listing.filter or schemas.FileFilter()).wanted()
    after = decode(listing.cursor, (int,))[0] if listing.cursor else 0
    if not 0 <= after < 2**53:
        raise Refused(400, "cursor: is not one of this list's")
    files, more = service.page(who.in_project, wanted, after, listing.limit)
    data: dict[str, Any] = {"items": [meta(file) for file in files]}
    return data | {"nextCursor": encode(files[-1].id)} if more else data


def search(request: HttpRequest, who: Caller) -> dict[str, Any]:
    """A page of the project's files, filtered by the body."""
    return _page(who, bodies.parse(request, schemas.Listing))


def index(request: HttpRequest, who: Caller) -> dict[str, Any]:
    """A page of the project's files, filtered by the query."""
    query: dict[str, Any] = dict(request.GET.items())
    body: dict[str, Any] = {"cursor": query.pop("cursor", None)}
    if (limit := query.pop("limit", None)) is not None:
        if not (limit.isascii() and limit.isdigit() and len(limit) < 9):
            raise Refused(400, "limit: must be a number from 1 to 1000")
        body["limit"] = int(limit)
    if "uploaded" in query:
        query["uploaded"] = _flag(request, "uploaded")
    body["filter"] = query
    return _page(who, schemas.Listing.model_validate(body))
