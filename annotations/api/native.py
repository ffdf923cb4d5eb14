"""The native API: its instance, and one router a noun."""

from ninja import NinjaAPI

import segweb

from . import errors
from .auth import SessionOrToken
from .parsing import StrictParser

api = NinjaAPI(
    title="segweb",
    version=segweb.__version__,
    description="Projects, images, masks and segmentation jobs. Times are epoch milliseconds, "
    "coordinates pixels of the upright image, masks COCO RLE.",
    auth=SessionOrToken(),
    parser=StrictParser(),
    urls_namespace="native",
)
errors.install(api)

for noun in ("account", "projects", "images", "media", "fetches", "objects", "jobs"):
    api.add_router("", f"annotations.api.{noun}.router")

urls = api.urls
