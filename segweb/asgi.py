"""The ASGI application: HTTP through Django, websockets through Channels."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segweb.settings")

import django
from channels.routing import ProtocolTypeRouter

# Django must be set up before anything that defines or imports models.
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402
from django.utils.module_loading import import_string  # noqa: E402

from segweb.handler import PooledASGIHandler  # noqa: E402
from segweb.sockets import websocket_application  # noqa: E402


def _http() -> Any:
    application: Any = PooledASGIHandler()
    for name in reversed(settings.SEGWEB_ASGI_WRAPPERS):
        application = import_string(name)(application)
    return application


application = ProtocolTypeRouter({"http": _http(), "websocket": websocket_application})
