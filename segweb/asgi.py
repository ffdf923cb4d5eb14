"""The ASGI application: HTTP through Django, websockets through Channels."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segweb.settings")

import django
from channels.routing import ProtocolTypeRouter

# Django must be set up before anything that defines or imports models.
django.setup(set_prefix=False)

from segweb.handler import PooledASGIHandler  # noqa: E402
from segweb.limits import BodyLimit  # noqa: E402
from segweb.sockets import websocket_application  # noqa: E402
from segweb.waiting import Waiting  # noqa: E402

application = ProtocolTypeRouter(
    {"http": BodyLimit(Waiting(PooledASGIHandler())), "websocket": websocket_application}
)
