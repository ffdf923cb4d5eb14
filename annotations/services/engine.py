"""The engine that this server is set to, and embeddings as they lie in storage."""

import threading
from collections import OrderedDict

import numpy as np
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as PILImage

from ..domain.images import FRAME_SIDE
from ..domain.prompts import Point, Prompts
from ..engines import registry
from ..engines.base import EMBEDDING_SHAPE, Engine
from ..engines.base import Embedding as EmbeddingArrays
from ..engines.embedding import from_bytes, to_bytes
from ..engines.session import PromptSession
from ..models import Embedding
from .files import new_key

_lock = threading.Lock()
_engine: Engine | None = None


def current() -> Engine:
    """The engine, loaded on first use: workers only."""
    global _engine
    with _lock:
        if _engine is None:
            _engine = registry.load(
                settings.SEGWEB_ENGINE,
                models_dir=settings.SEGWEB_MODELS_DIR,
                threads=settings.SEGWEB_ENGINE_THREADS,
            )
        return _engine


def warm_up(*, encoder: bool, decoder: bool) -> None:
    """Runs what the worker will be asked for once, on nothing."""
    if not (encoder or decoder):
        return
    loaded = current()
    blank = PILImage.new("RGB", (FRAME_SIDE, FRAME_SIDE))
    if encoder:
        loaded.embed([blank], [blank.size])
    if decoder:
        values = np.zeros(EMBEDDING_SHAPE, dtype=np.float32)
        nothing = EmbeddingArrays(loaded.description, values, FRAME_SIDE, FRAME_SIDE)
        PromptSession(loaded, nothing).replay(Prompts((Point(1, 1, 1),)))


def model_key() -> tuple[str, int]:
    """(model id, preprocessing version) of the engine, without loading it."""
    description = registry.describe(settings.SEGWEB_ENGINE)
    return description.model_id, description.version


def write(embedding: EmbeddingArrays) -> tuple[str, int]:
    """Stores it; returns its storage key and its size in bytes."""
    data = to_bytes(embedding)
    key = default_storage.save(new_key("embeddings", ".swe.gz"), ContentFile(data))
    return key, len(data)


class _Cache:
    """The last few embeddings read, by storage key (4 MB each). Keys are never reused."""

    def __init__(self, most: int = 32) -> None:
        self._most = most
        self._rows: OrderedDict[str, EmbeddingArrays] = OrderedDict()

    def get(self, key: str) -> EmbeddingArrays:
        if key in self._rows:
            self._rows.move_to_end(key)
            return self._rows[key]
        with default_storage.open(key, "rb") as file:
            embedding = from_bytes(file.read())
        self._rows[key] = embedding
        if len(self._rows) > self._most:
            self._rows.popitem(last=False)
        return embedding


_cache = _Cache()


def read(row: Embedding) -> EmbeddingArrays:
    """The arrays of a ready embedding. Raises FileNotFoundError when its file is gone."""
    return _cache.get(row.file)
