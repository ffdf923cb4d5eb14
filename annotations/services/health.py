"""The state of the parts: `ok`, or a short reason that tells no secret."""

import time
import uuid
from collections.abc import Callable

import redis
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection

from ..models import Job
from .inference import engine

# Workers write when they were last alive; one silent for longer counts as gone.
ALIVE_SECONDS = 10
_KEY = "segweb:alive:"


def _redis() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, decode_responses=True
    )


def database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return "ok"


def broker() -> str:
    try:
        _redis().ping()
    except (redis.RedisError, OSError):
        return "does not answer"
    return "ok"


def beat(queues: list[str]) -> None:
    """Notes that a worker of these queues is alive. Raises redis.RedisError."""
    client = _redis()
    for queue in queues:
        client.set(_KEY + queue, str(time.time()), ex=ALIVE_SECONDS)


def worker() -> str:
    queues = Job.Queue.values
    try:
        alive = _redis().mget([_KEY + queue for queue in queues])
    except (redis.RedisError, OSError):
        return "cannot be asked"
    missing = [queue for queue, seen in zip(queues, alive, strict=True) if not seen]
    return f"none for {', '.join(missing)}" if missing else "ok"


def storage() -> str:
    key = f"health/{uuid.uuid4().hex}"
    try:
        from django.core.files.base import ContentFile

        default_storage.save(key, ContentFile(b"ok"))
        default_storage.delete(key)
    except OSError:
        return "cannot be written"
    return "ok"


def models() -> str:
    return engine.missing() or "ok"


def everything() -> dict[str, str]:
    checks: dict[str, Callable[[], str]] = {
        "database": database,
        "redis": broker,
        "worker": worker,
        "storage": storage,
        "models": models,
    }
    return {name: check() for name, check in checks.items()}
