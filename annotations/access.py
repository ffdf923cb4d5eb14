"""The one door: loads a row for a user, or raises as if it did not exist.

Nothing else loads rows for a request. A row of a project that the user is no member of is
answered exactly like one that is not there, so ids tell nothing.
"""

import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404

from .models import (
    Annotation,
    ApiToken,
    Delivery,
    Image,
    Job,
    Label,
    Membership,
    Project,
    Webhook,
)

# Larger ids cannot be rows, and the database would refuse them as numbers.
_MAX_ID = 2**63 - 1


def _get(queryset: Any, pk: Any, noun: str) -> Any:
    if isinstance(pk, int) and not 0 < pk <= _MAX_ID:
        raise Http404(f"There is no such {noun}.")
    row = queryset.filter(pk=pk).first()
    if row is None:
        raise Http404(f"There is no such {noun}.")
    return row


def project_for(user: Any, pk: int) -> Project:
    """The project, with its `role` for this user. Raises Http404."""
    return _get(Project.objects.visible_to(user).with_role(user), pk, "project")


def owned_project_for(user: Any, pk: int) -> Project:
    """The project if `user` owns it. Raises Http404, or PermissionDenied for a mere member."""
    project = project_for(user, pk)
    if project.role != Membership.Role.OWNER:
        raise PermissionDenied("Only an owner of the project may do this.")
    return project


def image_for(user: Any, pk: int) -> Image:
    """The image with its project. Raises Http404."""
    return _get(Image.objects.visible_to(user).select_related("project"), pk, "image")


def annotation_for(user: Any, pk: uuid.UUID) -> Annotation:
    """The annotation with image, label and author. Raises Http404."""
    rows = Annotation.objects.visible_to(user).select_related("image", "label", "author")
    return _get(rows, pk, "annotation")


def label_for(user: Any, pk: int) -> Label:
    """A label of a project the user belongs to. Raises Http404."""
    visible = Project.objects.visible_to(user)
    return _get(Label.objects.filter(project__in=visible).select_related("project"), pk, "label")


def job_for(user: Any, pk: int) -> Job:
    """The job. Raises Http404."""
    return _get(Job.objects.visible_to(user), pk, "job")


def token_for(user: Any, pk: int) -> ApiToken:
    """One of the user's own tokens. Raises Http404."""
    return _get(ApiToken.objects.filter(user_id=user.pk), pk, "token")


def webhook_for(user: Any, pk: int) -> Webhook:
    """A webhook of a project that `user` owns. Raises Http404, or PermissionDenied for a mere
    member."""
    visible = Project.objects.visible_to(user)
    rows = Webhook.objects.filter(project__in=visible).select_related("project", "created_by")
    row: Webhook = _get(rows, pk, "webhook")
    owned_project_for(user, row.project_id)
    return row


def delivery_for(user: Any, pk: int) -> Delivery:
    """A delivery of such a webhook, with it. Raises Http404 or PermissionDenied."""
    visible = Project.objects.visible_to(user)
    rows = Delivery.objects.filter(webhook__project__in=visible).select_related("webhook")
    row: Delivery = _get(rows, pk, "delivery")
    owned_project_for(user, row.webhook.project_id)
    return row


def is_member(user_id: int, project_id: int) -> bool:
    """True while the user is active and belongs to the project."""
    if not 0 < project_id <= _MAX_ID:
        return False
    return Membership.objects.filter(
        user_id=user_id, project_id=project_id, user__is_active=True
    ).exists()
