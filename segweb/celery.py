"""The Celery application: late acknowledgement, short waits for a lost broker."""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segweb.settings")


def _broker(url: str) -> str:
    # Kombu spells a Unix socket differently from redis-py.
    return url.replace("unix://", "redis+socket://", 1)


app = Celery("segweb")
app.conf.update(
    broker_url=_broker(settings.REDIS_URL),
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_default_queue="io",
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # A request never waits long for a lost broker: the row stays and the reaper delivers it.
    broker_connection_timeout=2,
    task_publish_retry=False,
    broker_transport_options={
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
        "socket_keepalive": True,
        "retry_on_timeout": False,
        # Jobs are delivered again by their lease, not by the broker.
        "visibility_timeout": 24 * 3600,
        "global_keyprefix": "segweb:",
    },
    timezone="UTC",
)
app.autodiscover_tasks(["annotations"])
