"""Images by their addresses."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from .. import access
from ..representations.fields import represent_each
from ..representations.jobs import Job, Jobs
from ..services.images import import_urls
from . import bodies
from .auth import SessionOrToken
from .responding import REFUSALS, accepted

router = Router(tags=["Images"])


class FetchesIn(bodies.Body):
    """Addresses of image files, http or https."""

    urls: Annotated[
        list[Annotated[str, Field(max_length=2048)]], Field(min_length=1, max_length=100)
    ]


@router.post(
    "/projects/{int:project_id}/fetches",
    auth=SessionOrToken("upload"),
    response={202: Jobs, **REFUSALS},
)
def fetch_images(request: HttpRequest, project_id: int, payload: FetchesIn) -> HttpResponse:
    """Adds images by their addresses: a job for each, in the order of the request, whose `result`
    is `{"image", "duplicate"}`. Addresses inside the server's network are refused."""
    project = access.project_for(request.user, project_id)
    jobs = import_urls.request(project, request.user, payload.urls)
    return accepted(Jobs(items=represent_each(Job, jobs)))
