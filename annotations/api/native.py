"""The native API: its instance, and one router a noun."""

from django.conf import settings

from . import errors, openapi_events
from .auth import SessionOrToken
from .openapi import DocumentedAPI
from .parsing import StrictParser

TAGS = [
    {"name": "Account", "description": "Who I am, and the tokens of my programs."},
    {"name": "Projects", "description": "Projects with their labels, people and exports."},
    {"name": "Images", "description": "Images, their files and embeddings."},
    {"name": "Annotations", "description": "Objects on images, and masks from prompts."},
    {"name": "Jobs", "description": "Work that workers do: Queued, Running, Completed or Failed."},
    {
        "name": "Replays",
        "description": "Stored prompts asked of another model, and what people "
        "decide on its masks.",
    },
    {"name": "Webhooks", "description": "Events of a project, sent to programs. Owners only."},
]

api = DocumentedAPI(
    title="segweb",
    version=settings.SEGWEB_VERSION,
    description="Projects, images, masks and segmentation jobs. Times are epoch milliseconds, "
    "coordinates pixels of the upright image, masks COCO RLE. Events of a project arrive on the "
    "websocket `/ws/projects/{id}/`.",
    servers=[{"url": "/", "description": "this server"}],
    openapi_extra={"tags": TAGS, "webhooks": openapi_events.webhooks()},
    auth=SessionOrToken(),
    parser=StrictParser(),
    urls_namespace="native",
)
errors.install(api)

for noun in (
    "account", "projects", "attributes", "images", "media", "tiles", "import_urls", "annotations",
    "history", "colour_clusters", "suggestions", "jobs", "webhooks", "reprediction",
):  # fmt: skip
    api.add_router("", f"annotations.api.{noun}.router")

urls = api.urls
