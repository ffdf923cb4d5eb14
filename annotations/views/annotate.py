"""The annotate page: everything its script needs to begin, in a handful of queries."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from .. import access, models
from ..representations.fields import represent, represent_each
from ..representations.images import Image
from ..representations.pages import StripImage, User
from ..representations.projects import Project
from ..services.accounts import preferences
from ..services.inference import engine
from ..services.projects import projects

_STRIP = 200


@require_safe
@gzip_page  # the film strip repeats itself: 35 kB become 5
@login_required
@ensure_csrf_cookie
def annotate(request: HttpRequest, pk: int) -> HttpResponse:
    """`?decoder=server` or `?decoder=browser` keeps the page from choosing the faster one."""
    image = access.image_for(request.user, pk)
    project = access.project_for(request.user, image.project_id)
    model, version = engine.model_key()
    data = {
        "user": represent(User, request.user),
        "project": represent(Project, project, counts=projects.counts([project])[project.pk]),
        "image": represent(Image, _details(project.pk).get(pk=image.pk)),
        **_queue(image),
        "assets": _assets(),
        "keys": preferences.keys_of(request.user),
        "model": model,
        "modelVersion": version,
        "decoder": _forced(request),
        "wsUrl": f"/ws/projects/{project.pk}/",
    }
    context = {"project": project, "image": image, "page_data": data}
    return render(request, "annotate.html", context)


def _forced(request: HttpRequest) -> str:
    given = request.GET.get("decoder", "")
    return given if given in {"browser", "server"} else ""


def _details(project: int) -> Any:
    return models.Image.objects.filter(project_id=project).with_details(*engine.model_key())


def _queue(image: models.Image) -> dict[str, Any]:
    """The film strip: at most `_STRIP` images around this one, and its place among all."""
    siblings = models.Image.objects.filter(project_id=image.project_id)
    before = list(
        siblings.filter(pk__lt=image.pk).order_by("-pk").values_list("pk", flat=True)[:_STRIP]
    )[::-1]
    after = list(
        siblings.filter(pk__gt=image.pk).order_by("pk").values_list("pk", flat=True)[:_STRIP]
    )
    half = _STRIP // 2
    # Near an end the other side gets the places that are left.
    left = max(half, _STRIP - 1 - len(after))
    shown = (before[-left:] if left else []) + [image.pk]
    shown += after[: _STRIP - len(shown)]
    rows = _details(image.project_id).filter(pk__in=shown).order_by("pk")
    return {
        "strip": represent_each(StripImage, rows),
        "index": siblings.filter(pk__lt=image.pk).count(),
        "total": siblings.count(),
        "prev": before[-1] if before else None,
        "next": after[0] if after else None,
    }


def _assets() -> dict[str, Any]:
    """Where the decoder's files lie; empty when there are none, and the server decodes."""
    path = Path(settings.PUBLIC_DIR) / "assets" / "manifest.json"
    try:
        return _manifest(path, path.stat().st_mtime_ns)
    except (OSError, ValueError):
        return {}


@lru_cache(maxsize=2)
def _manifest(path: Path, _changed: int) -> dict[str, Any]:
    return json.loads(path.read_text())
