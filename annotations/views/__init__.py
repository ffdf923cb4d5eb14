"""Pages: parse, authorise through `access`, render. What happens on them goes over the API."""

from .annotate import annotate
from .errors import bad_request, csrf_failure, forbidden, not_found, server_error
from .projects import (
    api_docs,
    home,
    jobs,
    labels,
    members,
    project,
    project_settings,
    projects,
    replay,
    replays,
    tokens,
    webhooks,
)

__all__ = [
    "annotate",
    "api_docs",
    "bad_request",
    "csrf_failure",
    "forbidden",
    "home",
    "jobs",
    "labels",
    "members",
    "not_found",
    "project",
    "project_settings",
    "projects",
    "replay",
    "replays",
    "server_error",
    "tokens",
    "webhooks",
]
