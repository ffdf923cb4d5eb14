"""Addresses that authorise themselves: signed, for one file, for a while.

They end before that when the person leaves the project or the token that asked is revoked.
"""

from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.urls import reverse

from ... import access
from .door import Caller
from .errors import Refused

_SALT = "cognite.links"


@dataclass(frozen=True)
class Link:
    """What an address is good for: the download of `file`, or the upload named `upload` of its
    content or of one part (from 1)."""

    file: int
    project: int
    user: int
    token: int
    upload: str = ""
    part: int = 0


def address(request: HttpRequest, who: Caller, file: int, upload: str = "", part: int = 0) -> str:
    """An absolute address."""
    link = Link(file, who.in_project.pk, who.user.pk, who.token, upload, part)
    text = signing.dumps(list(asdict(link).values()), salt=_SALT)
    return request.build_absolute_uri(reverse("cognite:content", args=[text]))


def opened(text: str) -> tuple[Link, Any]:
    """What the address was made for, and the person it was made by. Raises Refused 403."""
    try:
        values = signing.loads(text, salt=_SALT, max_age=settings.SEGWEB_LINK_SECONDS)
        link = Link(*values)
    except signing.SignatureExpired as error:
        raise Refused(403, "This address has expired; ask for a new one.") from error
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Refused(403, "This address is not one that this server gave out.") from error
    user = access.link_user(link.user, link.project, link.token)
    if user is None:
        raise Refused(403, "This address is not valid any more; ask for a new one.")
    return link, user
