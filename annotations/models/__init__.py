"""Rows. Querysets carry the nouns; nothing here knows of requests."""

from .annotation import Annotation, AnnotationRevision
from .attribute import Attribute
from .file import FIRST_FILE_ID, SourceFile
from .image import Embedding, Image
from .job import Job, now_ms
from .mask import bbox_columns, mask_columns
from .preferences import Preferences
from .project import PALETTE, Label, Membership, Project
from .replay import Replay, ReplayProposal
from .stored import StoredFile
from .suggestion import Suggestion
from .token import ApiToken, Scope, hash_token
from .webhook import Delivery, Webhook

__all__ = [
    "FIRST_FILE_ID",
    "PALETTE",
    "Annotation",
    "AnnotationRevision",
    "ApiToken",
    "Attribute",
    "Delivery",
    "Embedding",
    "Image",
    "Job",
    "Label",
    "Membership",
    "Preferences",
    "Project",
    "Replay",
    "ReplayProposal",
    "Scope",
    "SourceFile",
    "StoredFile",
    "Suggestion",
    "Webhook",
    "bbox_columns",
    "hash_token",
    "mask_columns",
    "now_ms",
]
