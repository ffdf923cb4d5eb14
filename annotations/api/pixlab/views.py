"""The endpoints. None of them looks at the session: only a key counts, so forged requests from
other sites' pages are of no use."""

import re
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from ... import access
from ...models import Job, Scope
from ...services.compat.pixlab import links as sharing
from ...services.compat.pixlab import segment as service
from .. import waiting
from ..body_limits import FORM_BYTES, body_limit
from ..media import stream
from . import parameters
from .answers import Refused, answering, error, link, status_of

# Noted for the second asking: the picture itself is wanted.
_BLOB = "blob"
_ID = re.compile(r"\d{1,18}", re.ASCII)


def _one_file() -> int:
    return int(settings.SEGWEB_MAX_BYTES) + FORM_BYTES


@body_limit(_one_file, error)
@answering("GET", "POST")
def segment(request: HttpRequest) -> HttpResponse:
    """Queues the segmentation and has the request wait for it; or answers for a job that was
    waited for, or that a client asks for by its `id`."""
    waited = waiting.waited(request)
    if waited is not None:
        return _outcome(request, service.job(waited.job), waited.note == _BLOB)
    given = parameters.fields(request)
    asks_again = request.method == "GET" and "id" in given
    user = parameters.user(request, given, Scope.READ if asks_again else Scope.ANNOTATE)
    blob = parameters.wants_blob(given)
    if asks_again:
        return _wait(_known(user, given["id"]), blob)
    options = parameters.options(given)
    file = parameters.file(request)
    if file is not None:
        return _wait(service.request_file(user, file, options), blob)
    if request.content_type == "multipart/form-data" and not given.get("img"):
        raise Refused(400, "file: this parameter is required; give a picture.")
    return _wait(service.request_address(user, parameters.address(given), options), blob)


def _wait(job: Job, blob: bool) -> HttpResponse:
    return waiting.when_ended(job, _BLOB if blob else "")


def _known(user: Any, name: Any) -> Job:
    if isinstance(name, str) and _ID.fullmatch(name):
        with suppress(Http404):
            job = access.job_for(user, int(name))
            if job.kind == Job.Kind.COLOUR:
                return job
    raise Refused(404, "id: there is no such segmentation, or it is removed by now.")


def _outcome(request: HttpRequest, job: Job, blob: bool) -> HttpResponse:
    name = str(job.pk)
    if job.status == Job.Status.FAILED:
        return error(status_of(job.error_code), job.error_message, id=name)
    if job.status != Job.Status.COMPLETED:
        again = f"/segment?id={name}&key=…"
        return error(503, f"The picture is still being worked on; ask later: GET {again}", id=name)
    if not blob:
        return link(request.build_absolute_uri(sharing.path_of(job)), name)
    found = sharing.Shared(job.file, "image/png")
    return _picture(found, f"segments-{name}.png")


@body_limit(_one_file, error)
@answering("POST")
def store(request: HttpRequest) -> HttpResponse:
    """Keeps a picture for some hours; its link is taken as `img`. `comment` is not kept."""
    if request.content_type != "multipart/form-data":
        raise Refused(415, "Send the body as multipart/form-data.")
    given = parameters.fields(request)
    user = parameters.user(request, given, Scope.UPLOAD)
    file = parameters.file(request)
    if file is None:
        raise Refused(400, "file: this parameter is required; give a picture.")
    row = sharing.store(user, file)
    return link(request.build_absolute_uri(sharing.path_of(row)), f"file{row.pk}")


@answering("GET", "HEAD")
def shared(request: HttpRequest, name: str) -> HttpResponse:
    """The picture behind a link."""
    known = sharing.name_in(sharing.PATH + name)
    found = None if known is None else sharing.find(known)
    if found is None:
        raise Refused(404, "There is no picture behind this link, or it is removed by now.")
    response = _picture(found, name)
    # Whoever has the link may show the picture, on any page.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _picture(found: sharing.Shared, name: str) -> HttpResponse:
    response: Any = stream(found.key, found.mime_type, name)
    shown = name if len(name) < 40 else f"picture.{name.rpartition('.')[2]}"
    response["Content-Disposition"] = content_disposition_header(False, shown) or "inline"
    return response
