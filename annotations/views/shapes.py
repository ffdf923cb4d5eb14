"""What pages hand to their scripts, in the shapes that the API uses for the same things."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from ..models import Attribute, Image, Project
from ..services.embeddings import compute
from ..services.projects import projects


def user_json(user: Any) -> dict[str, Any]:
    return {"id": user.pk, "username": user.get_username(), "isStaff": user.is_staff}


def project_json(project: Project) -> dict[str, Any]:
    """The project with labels and counts; `project.role` must be there (access gives it)."""
    labels = project.labels.values("id", "name", "color", "order")
    return {
        "id": project.pk,
        "slug": project.slug,
        "name": project.name,
        "role": project.role,
        "labels": list(labels),
        "attributes": [attribute_json(row) for row in project.attributes.all()],
        "counts": projects.counts([project])[project.pk],
        "createdTime": int(project.created_at.timestamp() * 1000),
    }


def attribute_json(row: Attribute) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "type": row.kind,
        "required": row.required,
        "default": row.default,
        "options": row.options,
        "min": row.minimum,
        "max": row.maximum,
        "labels": row.labels,
        "order": row.order,
    }


def image_json(image: Any) -> dict[str, Any]:
    """The image; it must come from `with_details`."""
    status = compute.status_of(image, image.embedding_status)
    data = {
        "id": image.pk,
        "project": image.project_id,
        "name": image.name,
        "width": image.width,
        "height": image.height,
        "bytes": image.bytes,
        "mimeType": image.mime_type,
        "sha256": image.sha256,
        "state": image.state,
        "embedding": status,
        "error": _problem(image, status),
        "annotations": image.annotation_count,
        "work": image.work,
        "skipReason": image.skip_reason or None,
        "workBy": None if image.work_by is None else image.work_by.get_username(),
        "workTime": None if image.work_at is None else int(image.work_at.timestamp() * 1000),
        "createdTime": int(image.created_at.timestamp() * 1000),
    }
    return data | ({"externalId": image.external_id} if image.external_id else {})


def _problem(image: Any, status: str) -> dict[str, str] | None:
    if image.state == Image.State.REFUSED:
        return {"code": image.error_code, "message": image.error_message}
    if status == "failed":
        return {"code": "embedding_failed", "message": image.embedding_error or ""}
    return None


_NAV = (
    ("project", "Images", False),
    ("labels", "Labels", False),
    ("jobs", "Jobs", False),
    ("members", "Members", True),
    ("settings", "Settings", True),
)


def project_nav(request: HttpRequest, project: Project) -> list[dict[str, Any]]:
    """The project's pages for the top bar; those for owners only where the user is one."""
    owner = project.role == "owner"
    names = [(url, title) for url, title, owners in _NAV if owner or not owners]
    links = [{"url": reverse(url, args=[project.pk]), "name": title} for url, title in names]
    return [{**link, "current": link["url"] == request.path} for link in links]
