"""The members of a project: added, given a role, removed. It keeps at least one owner."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from ...models import Membership, Project
from ..errors import Conflict, Invalid
from .events import publish_change


def add_or_change(project: Project, username: str, role: str) -> Membership:
    """Adds a person by user name, or changes the role. Raises Invalid or Conflict."""
    if role not in Membership.Role.values:
        raise Invalid("bad_role", "The role is owner or member.", "role")
    user = get_user_model().objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Invalid("unknown_user", "Nobody here has this user name.", "username")
    with transaction.atomic():
        if role != Membership.Role.OWNER:
            _keep_an_owner(project, user)
        member, _ = Membership.objects.update_or_create(
            project=project, user=user, defaults={"role": role}
        )
    publish_change(project.pk)
    return member


def remove(project: Project, username: str) -> None:
    """Removes a person, whose open pages stop getting events. Raises Invalid or Conflict."""
    member = project.memberships.filter(user__username=username).select_related("user").first()
    if member is None:
        raise Invalid("unknown_user", "The project has no such member.", "username")
    with transaction.atomic():
        _keep_an_owner(project, member.user)
        member.delete()
    publish_change(project.pk)


def _keep_an_owner(project: Project, user: Any) -> None:
    owners = project.memberships.select_for_update().filter(role=Membership.Role.OWNER)
    ids = set(owners.values_list("user_id", flat=True))
    if ids == {user.pk}:
        raise Conflict("last_owner", "A project keeps at least one owner.", "username")
