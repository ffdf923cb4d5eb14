"""What requests and answers look like: one example for each schema, and for each refusal.

They are of one story, so that ids in one fit those in the others.
"""

from typing import Any

_KEY = "6f1f7a52-6a8e-4b0e-9c37-0d9b8f2f5a11"
_MADE = 1_767_225_600_000
_RLE = {"size": [6, 8], "counts": "7240m0"}
_PROMPTS = {"points": [{"x": 3.5, "y": 2.5, "label": 1}], "box": None}

_LABEL = {"id": 4, "name": "cup", "color": "#2f81f7", "order": 0}
_ATTRIBUTE = {
    "id": 2,
    "name": "full",
    "type": "checkbox",
    "required": False,
    "default": None,
    "options": [],
    "min": None,
    "max": None,
    "labels": [4],
    "order": 0,
}
_PROJECT = {
    "id": 1,
    "slug": "breakfast",
    "name": "Breakfast",
    "role": "owner",
    "labels": [_LABEL],
    "attributes": [_ATTRIBUTE],
    "counts": {
        "images": 120,
        "annotated": 37,
        "annotations": 212,
        "submitted": 30,
        "skipped": 2,
    },
    "createdTime": _MADE,
}
_MEMBER = {"username": "ann", "role": "owner", "createdTime": _MADE}
_IMAGE = {
    "id": 3,
    "project": 1,
    "name": "cup.jpg",
    "width": 8,
    "height": 6,
    "bytes": 731,
    "mimeType": "image/jpeg",
    "sha256": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
    "state": "ready",
    "embedding": "ready",
    "error": None,
    "annotations": 1,
    "work": "open",
    "skipReason": None,
    "workBy": None,
    "workTime": None,
    "createdTime": _MADE + 60_000,
}
_UPLOADED = _IMAGE | {"state": "preparing", "embedding": "missing", "annotations": 0}
_MASK = {"rle": _RLE, "bbox": [1, 1, 2, 2], "area": 4, "score": 0.93, "candidate": 0}
_JOB = {
    "id": 12,
    "kind": "segment",
    "status": "Completed",
    "progress": 1.0,
    "createdTime": _MADE + 90_000,
    "startTime": _MADE + 90_012,
    "statusTime": _MADE + 90_075,
    "error": None,
    "result": {"masks": [_MASK], "model": "mobile_sam"},
    "project": 1,
    "image": 3,
}
_FETCH = _JOB | {
    "id": 11,
    "kind": "fetch",
    "status": "Queued",
    "progress": 0.0,
    "startTime": None,
    "result": None,
    "image": None,
}
_PYRAMID = {
    "version": "3f1c9a7e52d84b6f8e0d5a4c2b19f7e3",
    "tile": 512,
    "levels": [
        {"level": 0, "width": 900, "height": 500, "columns": 2, "rows": 1},
        {"level": 1, "width": 450, "height": 250, "columns": 1, "rows": 1},
    ],
}
_ANNOTATION = {
    "id": _KEY,
    "image": 3,
    "label": 4,
    "rle": _RLE,
    "bbox": [1, 1, 2, 2],
    "area": 4,
    "source": "smart",
    "prompts": _PROMPTS,
    "attributes": {"full": True},
    "candidate": 0,
    "score": 0.93,
    "model": "mobile_sam",
    "z": None,
    "author": "ann",
    "version": 1,
    "createdTime": _MADE + 95_000,
    "updatedTime": _MADE + 95_000,
}
_REVISION = {
    "annotation": _KEY,
    "image": 3,
    "version": 2,
    "action": "updated",
    "changed": ["attributes"],
    "reason": None,
    "user": "ben",
    "time": _MADE + 99_000,
    "label": 4,
    "attributes": {"full": False},
    "source": "smart",
    "score": 0.93,
    "model": "mobile_sam",
    "z": None,
}
_TOKEN = {
    "id": 2,
    "name": "Nightly export",
    "prefix": "sw_Ab3dE",
    "scopes": ["read", "export"],
    "createdTime": _MADE,
    "expiresTime": _MADE + 90 * 86_400_000,
    "lastUsedTime": None,
}


_WEBHOOK = {
    "id": 6,
    "project": 1,
    "url": "https://example.org/hooks/segweb",
    "events": ["annotation.created", "image.ready", "job.failed"],
    "active": True,
    "stopped": None,
    "failures": 0,
    "failingTime": None,
    "createdTime": _MADE,
    "createdBy": "ann",
}
_EVENT = "0b6f8c1e-2f0c-4f4e-8a57-9d6f5a8f7e10"
_DELIVERY = {
    "id": 31,
    "webhook": 6,
    "event": _EVENT,
    "type": "image.ready",
    "status": "delivered",
    "attempts": 1,
    "statusCode": 204,
    "error": None,
    "response": None,
    "durationMs": 41,
    "createdTime": _MADE + 61_000,
    "lastTime": _MADE + 61_400,
    "nextTime": None,
    "body": {
        "id": _EVENT,
        "type": "image.ready",
        "time": _MADE + 61_000,
        "project": 1,
        "data": {"id": 3},
    },
}


_NEW_MASK = {"rle": _RLE, "bbox": [1, 1, 2, 2], "area": 4, "candidate": 0, "score": 0.95}
_PROPOSAL = {
    "id": 501,
    "image": 3,
    "imageName": "cup.jpg",
    "imageSize": [8, 6],
    "annotation": _KEY,
    "version": 1,
    "label": 4,
    "state": "pending",
    "iou": 0.71,
    "old": {"rle": _RLE, "score": 0.93, "model": "mobile_sam"},
    "new": _NEW_MASK,
    "decidedBy": None,
    "decidedTime": None,
}
_REPLAY = {
    "id": 8,
    "project": 1,
    "engine": "sam_torch:vit_h",
    "model": "sam_vit_h-a7bf3b02-half",
    "job": 77,
    "status": "Running",
    "progress": 0.4,
    "error": None,
    "total": 212,
    "skipped": 9,
    "failed": 1,
    "problems": [
        {
            "annotation": "7d1f7a52-8c9e-4f0b-9a3e-2f5b6c7d8e9f",
            "image": 12,
            "code": "not_ready",
            "message": "The image is not ready yet, or was refused.",
        }
    ],
    "counts": {"pending": 60, "accepted": 14, "dismissed": 2, "outdated": 0},
    "createdTime": _MADE + 120_000,
    "createdBy": "ann",
}
_MODEL = {"name": "sam_onnx", "model": "mobile_sam", "problem": None, "serving": True}


def _page(item: dict[str, Any]) -> dict[str, Any]:
    return {"items": [item], "next": None}


EXAMPLES: dict[str, Any] = {
    "Me": {"id": 7, "username": "ann", "email": "ann@example.org", "isStaff": False},
    "Preferences": {"keys": {"tool-brush": ["W"]}},
    "PreferencesPatch": {"keys": {"tool-brush": ["W"]}},
    "TokenIn": {"name": "Nightly export", "scopes": ["read", "export"]},
    "NewToken": _TOKEN | {"token": "sw_Ab3dE…shown-this-once"},
    "TokenPage": _page(_TOKEN),
    "ProjectIn": {"name": "Breakfast", "labels": [{"name": "cup", "color": "#2f81f7"}]},
    "ProjectPatch": {"name": "Breakfast, second week"},
    "Project": _PROJECT,
    "ProjectPage": _page(_PROJECT),
    "LabelIn": {"name": "cup", "color": "#2f81f7"},
    "LabelPatch": {"color": "#d29922", "order": 3},
    "Label": _LABEL,
    "MemberIn": {"username": "ben", "role": "member"},
    "MemberOut": {"username": "ben"},
    "Member": _MEMBER,
    "MemberPage": _page(_MEMBER),
    "Uploaded": {
        "items": [_UPLOADED | {"duplicate": False}],
        "errors": [
            {"name": "notes.txt", "code": "unsupported_format", "message": "This is no image."}
        ],
    },
    "FetchesIn": {"urls": ["https://example.org/photos/cup.jpg"]},
    "Jobs": {"items": [_FETCH]},
    "ImagePatch": {"name": "cup-left.jpg", "externalId": "shelf-4/0017"},
    "Image": _IMAGE,
    "ImagePage": _page(_IMAGE),
    "WorkIn": {"state": "skipped", "reason": "Out of focus"},
    "NextImage": {"image": _IMAGE},
    "SegmentIn": {"points": [{"x": 3.5, "y": 2.5, "label": 1}], "multimask": True},
    "RegionsIn": {"clusterThreshold": 1.0, "smoothingThreshold": 1.5, "colourSpace": 5},
    "EverythingIn": {"pointsPerSide": 16, "score": 0.85, "stability": 0.9, "crops": False},
    "AlikeIn": {"objects": [_KEY]},
    "AnnotationIn": {
        "id": _KEY,
        "label": 4,
        "polygons": [[1, 1, 3, 1, 3, 3, 1, 3]],
        "attributes": {"full": True},
    },
    "AnnotationPatch": {"version": 1, "label": 5},
    "Annotation": _ANNOTATION,
    "AnnotationPage": _page(_ANNOTATION),
    "AttributeIn": {
        "name": "material",
        "type": "choice",
        "options": ["china", "glass"],
        "required": True,
    },
    "AttributePatch": {"options": ["china", "glass", "steel"], "default": "china"},
    "Attribute": _ATTRIBUTE,
    "RevisionPage": _page(_REVISION),
    "RevisionDetail": _REVISION
    | {"rle": _RLE, "bbox": [1, 1, 2, 2], "area": 4, "prompts": _PROMPTS, "candidate": 0},
    "RestoreIn": {"version": 2, "revision": 1},
    "ExportIn": {"format": "coco", "segmentation": "rle", "images": False},
    "WebhookIn": {"url": _WEBHOOK["url"], "events": _WEBHOOK["events"]},
    "WebhookPatch": {"active": False},
    "Webhook": _WEBHOOK,
    "NewWebhook": _WEBHOOK | {"secret": "whsec_…shown-this-once"},
    "WebhookPage": _page(_WEBHOOK),
    "Delivery": _DELIVERY,
    "DeliveryPage": _page(_DELIVERY),
    "Models": {"items": [_MODEL]},
    "ReplayIn": {"model": "sam_torch:vit_h"},
    "Replay": _REPLAY,
    "ReplayPage": _page(_REPLAY),
    "ProposalPage": {"total": 1} | _page(_PROPOSAL),
    "DecisionIn": {"decision": "accept", "minIou": 0.95},
    "Decided": {
        "decided": 100,
        "skipped": [{"id": 501, "code": "stale_version"}],
        "remaining": 23,
    },
    "Job": _JOB,
    "Pyramid": _PYRAMID,
    "JobPage": _page(_JOB),
}

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
