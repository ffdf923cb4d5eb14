"""Projects, labels, members, exports."""

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from .. import access
from ..models import Project
from ..services.datasets import export
from ..services.errors import Invalid
from ..services.projects import labels, members, projects
from . import schemas, serialise
from .auth import SessionOrToken
from .paging import CursorParam, Limit, LimitParam, by_id
from .responding import CONFLICT, REFUSALS, accepted, created, nothing, ok

router = Router(tags=["Projects"])


@router.get("/projects", response={200: schemas.ProjectPage, **REFUSALS})
def list_projects(
    request: HttpRequest, limit: Limit = LimitParam, cursor: str | None = CursorParam
) -> HttpResponse:
    """The projects I belong to, the newest first."""
    rows = Project.objects.visible_to(request.user).with_role(request.user)
    rows = rows.prefetch_related("labels", "attributes")
    return ok(by_id(rows, limit, cursor, serialise.project_list, newest_first=True))


@router.post("/projects", response={201: schemas.Project, **REFUSALS, **CONFLICT})
def create_project(request: HttpRequest, payload: schemas.ProjectIn) -> HttpResponse:
    """Makes a project that I own."""
    pairs = [(label.name, label.color) for label in payload.labels]
    return created(serialise.project(projects.create(request.user, payload.name, pairs)))


@router.get("/projects/{int:project_id}", response={200: schemas.Project, **REFUSALS})
def get_project(
    request: HttpRequest,
    project_id: int,
    counts: bool = Query(True, description="false leaves `counts` out: they take a while to make"),
) -> HttpResponse:
    """A project with its labels, my role and its counts."""
    project = access.project_for(request.user, project_id)
    return ok(serialise.project(project, counts=counts))


@router.patch("/projects/{int:project_id}", response={200: schemas.Project, **REFUSALS})
def change_project(
    request: HttpRequest, project_id: int, payload: schemas.ProjectPatch
) -> HttpResponse:
    """Renames the project. Owners only."""
    project = access.owned_project_for(request.user, project_id)
    if payload.name is not None:
        projects.rename(project, payload.name)
    return ok(serialise.project(project))


@router.delete("/projects/{int:project_id}", response={204: None, **REFUSALS})
def delete_project(request: HttpRequest, project_id: int) -> HttpResponse:
    """Deletes the project with its images, objects, jobs and files. Owners only."""
    projects.delete(access.owned_project_for(request.user, project_id))
    return nothing()


@router.post(
    "/projects/{int:project_id}/labels", response={201: schemas.Label, **REFUSALS, **CONFLICT}
)
def add_label(request: HttpRequest, project_id: int, payload: schemas.LabelIn) -> HttpResponse:
    """Adds a label after the others; without a colour it takes the palette's next."""
    project = access.project_for(request.user, project_id)
    return created(serialise.label(labels.add(project, payload.name, payload.color)))


@router.patch("/labels/{int:label_id}", response={200: schemas.Label, **REFUSALS, **CONFLICT})
def change_label(request: HttpRequest, label_id: int, payload: schemas.LabelPatch) -> HttpResponse:
    """Changes the fields that are sent."""
    label = access.label_for(request.user, label_id)
    return ok(serialise.label(labels.change(label, payload.dict(exclude_unset=True))))


@router.delete("/labels/{int:label_id}", response={204: None, **REFUSALS, **CONFLICT})
def delete_label(request: HttpRequest, label_id: int) -> HttpResponse:
    """Deletes a label that no object carries (409 while some do)."""
    labels.delete(access.label_for(request.user, label_id))
    return nothing()


@router.get("/projects/{int:project_id}/members", response={200: schemas.MemberPage, **REFUSALS})
def list_members(
    request: HttpRequest,
    project_id: int,
    limit: Limit = LimitParam,
    cursor: str | None = CursorParam,
) -> HttpResponse:
    """The project's people."""
    project = access.project_for(request.user, project_id)
    rows = project.memberships.select_related("user")
    show = lambda found: [serialise.member(row) for row in found]  # noqa: E731
    return ok(by_id(rows, limit, cursor, show))


@router.post(
    "/projects/{int:project_id}/members", response={201: schemas.Member, **REFUSALS, **CONFLICT}
)
def set_member(request: HttpRequest, project_id: int, payload: schemas.MemberIn) -> HttpResponse:
    """Adds a person by user name, or changes the role. Owners only."""
    project = access.owned_project_for(request.user, project_id)
    return created(serialise.member(members.add_or_change(project, payload.username, payload.role)))


@router.delete("/projects/{int:project_id}/members", response={204: None, **REFUSALS, **CONFLICT})
def remove_member(
    request: HttpRequest,
    project_id: int,
    payload: schemas.MemberOut | None = None,
    username: str | None = Query(None, max_length=1000, description="who, if no body says it"),
) -> HttpResponse:
    """Removes a person, named in the body or by `?username=`. Owners, or oneself."""
    name = payload.username if payload else username
    if not name:
        raise Invalid("required", "Name the member to remove.", "username")
    if name == request.user.get_username():
        project = access.project_for(request.user, project_id)
    else:
        project = access.owned_project_for(request.user, project_id)
    members.remove(project, name)
    return nothing()


@router.post(
    "/projects/{int:project_id}/exports",
    auth=SessionOrToken("export"),
    response={202: schemas.Job, **REFUSALS},
)
def start_export(request: HttpRequest, project_id: int, payload: schemas.ExportIn) -> HttpResponse:
    """Starts an export; the job's result holds the download's address."""
    project = access.project_for(request.user, project_id)
    return accepted(serialise.job(export.request(project, request.user, payload.dict())))
