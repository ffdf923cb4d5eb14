"""What requests and answers look like: one example for each schema, and for each refusal.

Those of answers are declared with their fields; here are those of bodies, of the same story.
"""

from typing import Any

from typing_extensions import is_typeddict

from ..representations import (
    account,
    annotations,
    images,
    jobs,
    projects,
    pyramids,
    reprediction,
    webhooks,
)
from ..representations.fields import example
from ..representations.values import ANNOTATION

_ANSWERS = [
    shape
    for module in (account, annotations, images, jobs, projects, pyramids, reprediction, webhooks)
    for shape in vars(module).values()
    if is_typeddict(shape) and shape.__module__ == module.__name__
]

_BODIES: dict[str, Any] = {
    "PreferencesPatch": {"keys": {"tool-brush": ["W"]}},
    "TokenIn": {"name": "Nightly export", "scopes": ["read", "export"]},
    "ProjectIn": {"name": "Breakfast", "labels": [{"name": "cup", "color": "#2f81f7"}]},
    "ProjectPatch": {"name": "Breakfast, second week"},
    "LabelIn": {"name": "cup", "color": "#2f81f7"},
    "LabelPatch": {"color": "#d29922", "order": 3},
    "MemberIn": {"username": "ben", "role": "member"},
    "MemberOut": {"username": "ben"},
    "FetchesIn": {"urls": ["https://example.org/photos/cup.jpg"]},
    "ImagePatch": {"name": "cup-left.jpg", "externalId": "shelf-4/0017"},
    "WorkIn": {"state": "skipped", "reason": "Out of focus"},
    "SegmentIn": {"points": [{"x": 3.5, "y": 2.5, "label": 1}], "multimask": True},
    "RegionsIn": {"clusterThreshold": 1.0, "smoothingThreshold": 1.5, "colourSpace": 5},
    "EverythingIn": {"pointsPerSide": 16, "score": 0.85, "stability": 0.9, "crops": False},
    "AlikeIn": {"objects": [ANNOTATION]},
    "AnnotationIn": {
        "id": ANNOTATION,
        "label": 4,
        "polygons": [[1, 1, 3, 1, 3, 3, 1, 3]],
        "attributes": {"full": True},
    },
    "AnnotationPatch": {"version": 1, "label": 5},
    "AttributeIn": {
        "name": "material",
        "type": "choice",
        "options": ["china", "glass"],
        "required": True,
    },
    "AttributePatch": {"options": ["china", "glass", "steel"], "default": "china"},
    "RestoreIn": {"version": 2, "revision": 1},
    "ExportIn": {"format": "coco", "segmentation": "rle", "images": False},
    "WebhookIn": {name: example(webhooks.Webhook)[name] for name in ("url", "events")},
    "WebhookPatch": {"active": False},
    "ReplayIn": {"model": "sam_torch:vit_h"},
    "DecisionIn": {"decision": "accept", "minIou": 0.95},
}

# By the names that the document gives the schemas.
EXAMPLES: dict[str, Any] = {shape.__name__: example(shape) for shape in _ANSWERS} | _BODIES

ERRORS: dict[int, dict[str, Any]] = {
    400: {"code": "bad_request", "message": "The request cannot be read."},
    401: {"code": "unauthenticated", "message": "Sign in, or send a valid API token."},
    403: {
        "code": "insufficient_scope",
        "message": "This token lacks the scope 'manage', which this needs.",
    },
    404: {"code": "not_found", "message": "There is no such thing."},
    409: {
        "code": "stale_version",
        "message": "This object was changed by somebody else.",
        "field": "version",
    },
    413: {"code": "too_large", "message": "The request is larger than this server takes."},
    415: {"code": "unsupported_media_type", "message": "Send the body as application/json."},
    416: {"code": "range_not_satisfiable", "message": "The file ends before this range."},
    422: {"code": "invalid", "message": "Field required", "field": "name"},
    429: {
        "code": "too_many_requests",
        "message": "More than 6000 requests in 60 s; wait.",
    },
    503: {"code": "database_busy", "message": "The database is busy; try again in a moment."},
    507: {"code": "disk_full", "message": "The server's disk is full; nothing was stored."},
}
