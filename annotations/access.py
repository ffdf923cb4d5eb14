"""The one door: loads a row for a user, or raises as if it did not exist.

Nothing else loads rows for a request. A row of a project that the user is no member of is
answered exactly like one that is not there, so ids tell nothing.
"""

import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404

from .models import (
    FIRST_FILE_ID,
    Annotation,
    AnnotationRevision,
    ApiToken,
    Attribute,
    Delivery,
    Image,
    Job,
    Label,
    Membership,
    Project,
    Replay,
    SourceFile,
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


def project_named(user: Any, slug: str) -> Project:
    """The project of this slug. Raises Http404."""
    row = Project.objects.visible_to(user).filter(slug=slug).first()
    if row is None:
        raise Http404("There is no such project.")
    return row


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


def revisions_of(user: Any, pk: uuid.UUID) -> QuerySet[AnnotationRevision]:
    """Every version of an object, also of a deleted one, with image and user. Raises Http404."""
    visible = Project.objects.visible_to(user)
    rows = AnnotationRevision.objects.filter(annotation=pk, image__project__in=visible)
    if not rows.exists():
        annotation_for(user, pk)
    return rows.select_related("image", "user")


def revision_for(user: Any, pk: uuid.UUID, version: int) -> AnnotationRevision:
    """One version of an object. Raises Http404."""
    rows = revisions_of(user, pk)
    row = rows.filter(version=version).first() if version < 2**31 else None
    if row is None:
        raise Http404("There is no such version.")
    return row


def attribute_for(user: Any, pk: int) -> Attribute:
    """An attribute of a project the user belongs to. Raises Http404."""
    return _get(Attribute.objects.visible_to(user).select_related("project"), pk, "attribute")


def label_for(user: Any, pk: int) -> Label:
    """A label of a project the user belongs to. Raises Http404."""
    visible = Project.objects.visible_to(user)
    return _get(Label.objects.filter(project__in=visible).select_related("project"), pk, "label")


def job_for(user: Any, pk: int) -> Job:
    """The job. Raises Http404."""
    return _get(Job.objects.visible_to(user), pk, "job")


def cognite_job_for(project: Project, pk: int) -> Job:
    """A segmentation that was asked for by the Cognite-compatible API. Raises Http404."""
    rows = Job.objects.filter(project=project, kind=Job.Kind.SEGMENT, origin=Job.Origin.COGNITE)
    return _get(rows, pk, "job")


def memberships_of(user: Any) -> list[Membership]:
    """The user's places, with their projects."""
    rows = Membership.objects.filter(user_id=user.pk).select_related("project")
    return list(rows.order_by("project__slug"))


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


def replay_for(user: Any, pk: int) -> Replay:
    """A replay with its project and job. Raises Http404."""
    visible = Project.objects.visible_to(user)
    rows = Replay.objects.filter(project__in=visible).select_related("project", "job", "user")
    return _get(rows, pk, "replay")


def owned_replay_for(user: Any, pk: int) -> Replay:
    """A replay of a project that `user` owns. Raises Http404, or PermissionDenied for a mere
    member."""
    row = replay_for(user, pk)
    owned_project_for(user, row.project_id)
    return row


def is_member(user_id: int, project_id: int) -> bool:
    """True while the user is active and belongs to the project."""
    if not 0 < project_id <= _MAX_ID:
        return False
    return Membership.objects.filter(
        user_id=user_id, project_id=project_id, user__is_active=True
    ).exists()


# --- Addresses that authorise themselves -----------------------------------------------------


def link_user(user_id: int, project_id: int, token_id: int) -> Any:
    """The person who had the address made, or None once they have left the project or the
    token has ended."""
    if not is_member(user_id, project_id):
        return None
    tokens = ApiToken.objects.live().filter(pk=token_id, user_id=user_id)
    token = tokens.select_related("user").first()
    return None if token is None else token.user


def source_for(project_id: int, public_id: int) -> SourceFile:
    """The declared file of a project that was checked before. Raises Http404."""
    rows = SourceFile.objects.filter(project_id=project_id).select_related("project", "image")
    return _get(rows, public_id - FIRST_FILE_ID, "file")


def image_of_link(project_id: int, public_id: int) -> Image | None:
    """The content of a file of a project that was checked before; None while it has none.
    Raises Http404."""
    if public_id >= FIRST_FILE_ID:
        return source_for(project_id, public_id).image
    return _get(Image.objects.filter(project_id=project_id), public_id, "file")
