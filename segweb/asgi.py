"""The ASGI application: HTTP through Django, websockets through Channels."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segweb.settings")

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

# Django must be set up before anything that defines or imports models.
_http = get_asgi_application()

from segweb.limits import BodyLimit  # noqa: E402
from segweb.sockets import websocket_application  # noqa: E402

application = ProtocolTypeRouter({"http": BodyLimit(_http), "websocket": websocket_application})
