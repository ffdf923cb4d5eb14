"""The pages where people choose: projects, one project's images, and its management."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from .. import access, models
from ..models import PALETTE, Annotation, Image
from ..representations.events import HookType
from ..representations.fields import represent
from ..representations.pages import User
from ..representations.projects import Project
from ..services.jobs import registry
from ..services.projects import projects as service
from .navigation import project_nav

_PROJECTS_A_PAGE = 48


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return redirect("projects")


@require_safe
@login_required
@ensure_csrf_cookie
def projects(request: HttpRequest) -> HttpResponse:
    """Cards of the user's projects; at the first visit, the way to the first mask."""
    rows = _with_covers(models.Project.objects.visible_to(request.user).with_role(request.user))
    page = Paginator(rows, _PROJECTS_A_PAGE).get_page(request.GET.get("page"))
    cards = _cards(list(page.object_list))
    context = {
        "cards": cards,
        "page": page,
        "welcome": _first_image(request.user, cards),
        "page_data": {"user": represent(User, request.user), "palette": PALETTE},
    }
    return render(request, "projects.html", context)


def _with_covers(rows: "QuerySet[models.Project]") -> "QuerySet[models.Project]":
    covers = Image.objects.filter(project=OuterRef("pk")).exclude(thumbnail="").order_by("id")
    return rows.annotate(
        cover_id=Subquery(covers.values("pk")[:1]), cover_sha=Subquery(covers.values("sha256")[:1])
    )


def _cards(rows: list[models.Project]) -> list[dict[str, Any]]:
    counts = service.counts(rows)
    return [{"project": row, "counts": counts[row.pk], "cover": _cover(row)} for row in rows]


def _cover(project: Any) -> str | None:
    if project.cover_id is None:
        return None
    return f"/api/images/{project.cover_id}/thumbnail?size=256&v={project.cover_sha[:8]}"


def _first_image(user: Any, cards: list[dict[str, Any]]) -> Image | None:
    """The image to start with, for somebody who has not made a mask yet."""
    if not cards or Annotation.objects.filter(author_id=user.pk).exists():
        return None
    ready = Image.objects.visible_to(user).filter(state=Image.State.READY)
    return ready.select_related("project").order_by("id").first()


def _project_page(
    request: HttpRequest, pk: int, template: str, *, owners: bool = False, **data: Any
) -> HttpResponse:
    load = access.owned_project_for if owners else access.project_for
    row = load(request.user, pk)
    context = {
        "project": row,
        "project_nav": project_nav(request, row),
        "page_data": {
            "user": represent(User, request.user),
            "project": represent(Project, row, counts=service.counts([row])[row.pk]),
            "wsUrl": f"/ws/projects/{row.pk}/",
            **data,
        },
    }
    return render(request, template, context)


@require_safe
@login_required
@ensure_csrf_cookie
def project(request: HttpRequest, pk: int) -> HttpResponse:
    limits = {
        "bytes": settings.SEGWEB_MAX_BYTES,
        "pixels": settings.SEGWEB_MAX_PIXELS,
    }
    return _project_page(request, pk, "project.html", limits=limits)


@require_safe
@login_required
@ensure_csrf_cookie
def labels(request: HttpRequest, pk: int) -> HttpResponse:
    return _project_page(request, pk, "labels.html", palette=PALETTE)


@require_safe
@login_required
@ensure_csrf_cookie
def jobs(request: HttpRequest, pk: int) -> HttpResponse:
    kinds = {str(each.kind): each.title for each in registry.handlers() if each.of_project}
    return _project_page(request, pk, "jobs.html", kinds=kinds)


@require_safe
@login_required
@ensure_csrf_cookie
def members(request: HttpRequest, pk: int) -> HttpResponse:
    return _project_page(request, pk, "members.html", owners=True)


@require_safe
@login_required
@ensure_csrf_cookie
def project_settings(request: HttpRequest, pk: int) -> HttpResponse:
    return _project_page(request, pk, "settings.html", owners=True)


@require_safe
@login_required
@ensure_csrf_cookie
def webhooks(request: HttpRequest, pk: int) -> HttpResponse:
    return _project_page(request, pk, "webhooks.html", owners=True, events=list(HookType))


@require_safe
@login_required
@ensure_csrf_cookie
def replays(request: HttpRequest, pk: int) -> HttpResponse:
    return _project_page(request, pk, "replays.html")


@require_safe
@login_required
@ensure_csrf_cookie
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """The review of one replay's proposals."""
    row = access.replay_for(request.user, pk)
    return _project_page(request, row.project_id, "replay.html", replay=row.pk)


@require_safe
@login_required
@ensure_csrf_cookie
def tokens(request: HttpRequest) -> HttpResponse:
    return render(request, "tokens.html", {"page_data": {"user": represent(User, request.user)}})


@require_safe
@ensure_csrf_cookie
def api_docs(request: HttpRequest) -> HttpResponse:
    """The API reference. It is the same for everybody and tells nothing of the data."""
    return render(request, "api_docs.html")
