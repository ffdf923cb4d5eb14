"""Embeddings as they lie in storage: written, read through a cache in memory, their use noted."""

import logging
import threading
from collections import OrderedDict
from datetime import timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.utils import timezone

from ...engines import registry
from ...engines.base import Embedding as EmbeddingArrays
from ...models import Embedding
from ..inference import engine
from ..storage.files import new_key

log = logging.getLogger(__name__)

# Often enough to know which are used least, too seldom to cost anything.
_TOUCH_EVERY = timedelta(hours=1)


def write(embedding: EmbeddingArrays) -> tuple[str, int]:
    """Stores one of the engine that serves; returns its storage key and its size in bytes."""
    data = engine.codec().to_bytes(embedding)
    key = default_storage.save(new_key("embeddings", ".swe.gz"), ContentFile(data))
    return key, len(data)


class Cache:
    """The embeddings read last, by storage key, up to `limit` bytes. Keys are never reused."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = 0
        self._rows: OrderedDict[str, EmbeddingArrays] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> EmbeddingArrays:
        """Raises FileNotFoundError and BadEmbedding."""
        with self._lock:
            if key in self._rows:
                self._rows.move_to_end(key)
                return self._rows[key]
        with default_storage.open(key, "rb") as file:
            embedding = registry.read_embedding(file.read())
        self._keep(key, embedding)
        return embedding

    def _keep(self, key: str, embedding: EmbeddingArrays) -> None:
        with self._lock:
            if key not in self._rows:
                self._rows[key] = embedding
                self._bytes += embedding.values.nbytes
            while self._bytes > self._limit and self._rows:
                _, oldest = self._rows.popitem(last=False)
                self._bytes -= oldest.values.nbytes


_cache = Cache(settings.SEGWEB_EMBEDDINGS_MEMORY_MB * 1_000_000)


def read(row: Embedding) -> EmbeddingArrays:
    """The arrays of a ready embedding. Raises FileNotFoundError when its file is gone, and
    BadEmbedding when it is damaged."""
    arrays = _cache.get(row.file)
    touch(row)
    return arrays


def touch(row: Embedding) -> None:
    """Notes that the embedding is needed. One a row and an hour reaches the database."""
    now = timezone.now()
    if row.used_at > now - _TOUCH_EVERY:
        return
    try:
        Embedding.objects.filter(pk=row.pk, used_at=row.used_at).update(used_at=now)
    except DatabaseError as error:  # a full disk keeps nobody from reading
        log.debug("use of embedding %s not noted: %s", row.pk, error)
    row.used_at = now
