"""The links of a project's top bar."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from ..models import Project

_NAV = (
    ("project", "Images", False),
    ("labels", "Labels", False),
    ("jobs", "Jobs", False),
    ("members", "Members", True),
    ("settings", "Settings", True),
)


def project_nav(request: HttpRequest, project: Project) -> list[dict[str, Any]]:
    """The project's pages; those for owners only where the user is one."""
    owner = project.role == "owner"
    names = [(url, title) for url, title, owners in _NAV if owner or not owners]
    links = [{"url": reverse(url, args=[project.pk]), "name": title} for url, title in names]
    return [{**link, "current": link["url"] == request.path} for link in links]
