"""What a token may do."""

from typing import Any

from django.http import HttpRequest

from ... import access
from .door import Caller


def inspect(_request: HttpRequest, who: Caller) -> dict[str, Any]:
    """The token's owner and the projects that it opens."""
    rows = access.memberships_of(who.user)
    projects = [{"projectUrlName": row.project.slug, "groups": [row.pk]} for row in rows]
    return {"subject": who.user.get_username(), "projects": projects, "capabilities": []}
