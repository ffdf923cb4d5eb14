"""segweb's client: a Python module here, a command in `segweb` or `python -m segweb_client`.

Needs httpx, and click for the command; Pillow to save masks, websockets to watch. It imports
nothing of the server.
"""

from .api import Client
from .errors import (
    BadAnswer,
    Conflict,
    FileRefused,
    Forbidden,
    Invalid,
    JobFailed,
    NotFound,
    NotSignedIn,
    SegwebError,
    SomeRefused,
    Unavailable,
)
from .importing import Report, import_coco
from .rle import Rle
from .transfers import Export
from .uploading import Outcome, find, upload_many, wait_until_prepared
from .values import Annotation, Event, Image, Job, Label, Mask, Me, Project
from .watching import events

__version__ = "0.1.0"

__all__ = [
    "Annotation",
    "BadAnswer",
    "Client",
    "Conflict",
    "Event",
    "Export",
    "FileRefused",
    "Forbidden",
    "Image",
    "Invalid",
    "Job",
    "JobFailed",
    "Label",
    "Mask",
    "Me",
    "NotFound",
    "NotSignedIn",
    "Outcome",
    "Project",
    "Report",
    "Rle",
    "SegwebError",
    "SomeRefused",
    "Unavailable",
    "events",
    "find",
    "import_coco",
    "upload_many",
    "wait_until_prepared",
]
