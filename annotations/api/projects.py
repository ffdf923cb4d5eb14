"""Projects, labels, members, exports."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from .. import access, models
from ..representations.fields import represent, represent_each
from ..representations.jobs import Job
from ..representations.projects import Label, Member, MemberPage, Project, ProjectPage
from ..services.datasets import export
from ..services.errors import Invalid
from ..services.projects import labels, members, projects
from . import bodies
from .auth import SessionOrToken
from .paging import CursorParam, Limit, LimitParam, by_id
from .responding import CONFLICT, REFUSALS, accepted, created, nothing, ok

router = Router(tags=["Projects"])


def _with_counts(rows: list[models.Project]) -> list[Project]:
    """`rows` carry `role`, and prefetched labels and attributes where they are many."""
    counts = projects.counts(rows)
    return [represent(Project, row, counts=counts[row.pk]) for row in rows]


@router.get("/projects", response={200: ProjectPage, **REFUSALS})
def list_projects(
    request: HttpRequest, limit: Limit = LimitParam, cursor: str | None = CursorParam
) -> HttpResponse:
    """The projects I belong to, the newest first."""
    rows = models.Project.objects.visible_to(request.user).with_role(request.user)
    rows = rows.prefetch_related("labels", "attributes")
    return ok(by_id(rows, limit, cursor, _with_counts, newest_first=True))


@router.post("/projects", response={201: Project, **REFUSALS, **CONFLICT})
def create_project(request: HttpRequest, payload: bodies.ProjectIn) -> HttpResponse:
    """Makes a project that I own."""
    pairs = [(label.name, label.color) for label in payload.labels]
    return created(_with_counts([projects.create(request.user, payload.name, pairs)])[0])


@router.get("/projects/{int:project_id}", response={200: Project, **REFUSALS})
def get_project(
    request: HttpRequest,
    project_id: int,
    counts: bool = Query(True, description="false leaves `counts` out: they take a while to make"),
) -> HttpResponse:
    """A project with its labels, my role and its counts."""
    project = access.project_for(request.user, project_id)
    # They go through all of its objects: not for hot paths.
    return ok(_with_counts([project])[0] if counts else represent(Project, project))


@router.patch("/projects/{int:project_id}", response={200: Project, **REFUSALS})
def change_project(
    request: HttpRequest, project_id: int, payload: bodies.ProjectPatch
) -> HttpResponse:
    """Renames the project. Owners only."""
    project = access.owned_project_for(request.user, project_id)
    if payload.name is not None:
        projects.rename(project, payload.name)
    return ok(_with_counts([project])[0])


@router.delete("/projects/{int:project_id}", response={204: None, **REFUSALS})
def delete_project(request: HttpRequest, project_id: int) -> HttpResponse:
    """Deletes the project with its images, objects, jobs and files. Owners only."""
    projects.delete(access.owned_project_for(request.user, project_id))
    return nothing()


@router.post("/projects/{int:project_id}/labels", response={201: Label, **REFUSALS, **CONFLICT})
def add_label(request: HttpRequest, project_id: int, payload: bodies.LabelIn) -> HttpResponse:
    """Adds a label after the others; without a colour it takes the palette's next."""
    project = access.project_for(request.user, project_id)
    return created(represent(Label, labels.add(project, payload.name, payload.color)))


@router.patch("/labels/{int:label_id}", response={200: Label, **REFUSALS, **CONFLICT})
def change_label(request: HttpRequest, label_id: int, payload: bodies.LabelPatch) -> HttpResponse:
    """Changes the fields that are sent."""
    label = access.label_for(request.user, label_id)
    return ok(represent(Label, labels.change(label, payload.dict(exclude_unset=True))))


@router.delete("/labels/{int:label_id}", response={204: None, **REFUSALS, **CONFLICT})
def delete_label(request: HttpRequest, label_id: int) -> HttpResponse:
    """Deletes a label that no object carries (409 while some do)."""
    labels.delete(access.label_for(request.user, label_id))
    return nothing()


@router.get("/projects/{int:project_id}/members", response={200: MemberPage, **REFUSALS})
def list_members(
    request: HttpRequest,
    project_id: int,
    limit: Limit = LimitParam,
    cursor: str | None = CursorParam,
) -> HttpResponse:
    """The project's people."""
    project = access.project_for(request.user, project_id)
    rows = project.memberships.select_related("user")
    show = partial(represent_each, Member)
    return ok(by_id(rows, limit, cursor, show))


@router.post("/projects/{int:project_id}/members", response={201: Member, **REFUSALS, **CONFLICT})
def set_member(request: HttpRequest, project_id: int, payload: bodies.MemberIn) -> HttpResponse:
    """Adds a person by user name, or changes the role. Owners only."""
    project = access.owned_project_for(request.user, project_id)
    return created(
        represent(Member, members.add_or_change(project, payload.username, payload.role))
    )


@router.delete("/projects/{int:project_id}/members", response={204: None, **REFUSALS, **CONFLICT})
def remove_member(
    request: HttpRequest,
    project_id: int,
    payload: bodies.MemberOut | None = None,
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
    response={202: Job, **REFUSALS},
)
def start_export(request: HttpRequest, project_id: int, payload: bodies.ExportIn) -> HttpResponse:
    """Starts an export; the job's result holds the download's address."""
    project = access.project_for(request.user, project_id)
    return accepted(represent(Job, export.request(project, request.user, payload.dict())))
