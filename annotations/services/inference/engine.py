"""The engine that this server is set to, and embeddings as they lie in storage."""

import logging
import threading
from collections import OrderedDict
from datetime import timedelta
from pathlib import Path

import numpy as np
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.utils import timezone
from PIL import Image as PILImage

from ...domain.images import FRAME_SIDE
from ...domain.prompts import Point, Prompts
from ...engines import choice, registry
from ...engines.base import EMBEDDING_SHAPE, Description, Engine
from ...engines.base import Embedding as EmbeddingArrays
from ...engines.embedding import from_bytes, to_bytes
from ...engines.sam_torch import TorchOptions
from ...engines.session import PromptSession
from ...models import Embedding
from ..storage.files import new_key

log = logging.getLogger(__name__)

# Often enough to know which are used least, too seldom to cost anything.
_TOUCH_EVERY = timedelta(hours=1)
_lock = threading.Lock()
_engine: Engine | None = None


def name() -> str:
    """The engine that serves: what the settings name, in the precision that was chosen."""
    return choice.resolve(
        settings.SEGWEB_ENGINE, settings.SEGWEB_PRECISION, settings.SEGWEB_MODELS_DIR
    )


def torch_options() -> TorchOptions:
    """What the settings say of the torch engine."""
    checkpoint = settings.SEGWEB_TORCH_CHECKPOINT
    return TorchOptions(
        model=settings.SEGWEB_TORCH_MODEL,
        checkpoint=Path(checkpoint).expanduser() if checkpoint else None,
        device=settings.SEGWEB_TORCH_DEVICE,
        precision=settings.SEGWEB_TORCH_PRECISION,
    )


def missing() -> str:
    """What keeps the engine from loading, in a few words; empty when nothing does."""
    return registry.missing(name(), settings.SEGWEB_MODELS_DIR, torch_options())


def current() -> Engine:
    """The engine, loaded on first use, and anew after another precision or checkpoint was chosen:
    workers only. Raises EngineUnavailable."""
    global _engine
    with _lock:
        if _engine is None or _engine.description != _described():
            _engine = None  # two at a time may be more than the device holds
            _engine = registry.load(
                name(),
                models_dir=settings.SEGWEB_MODELS_DIR,
                threads=settings.SEGWEB_ENGINE_THREADS,
                torch=torch_options(),
            )
        return _engine


def warm_up(*, encoder: bool, decoder: bool) -> None:
    """Runs what the worker will be asked for once, on nothing."""
    if encoder or decoder:
        try_out(current(), encoder=encoder, decoder=decoder)


def try_out(loaded: Engine, *, encoder: bool = True, decoder: bool = True) -> None:
    """Runs it once on nothing: what it needs is loaded by then."""
    blank = PILImage.new("RGB", (FRAME_SIDE, FRAME_SIDE))
    if encoder:
        loaded.embed([blank], [blank.size])
    if decoder:
        values = np.zeros(EMBEDDING_SHAPE, dtype=np.float32)
        nothing = EmbeddingArrays(loaded.description, values, FRAME_SIDE, FRAME_SIDE)
        # The second point is one with a memory.
        PromptSession(loaded, nothing).replay(Prompts((Point(1, 1, 1), Point(2, 2, 1))))


def _described() -> Description:
    return registry.describe(name(), settings.SEGWEB_MODELS_DIR, torch_options())


def model_key() -> tuple[str, int]:
    """(model id, preprocessing version) of the engine, without loading it."""
    description = _described()
    return description.model_id, description.version


def write(embedding: EmbeddingArrays) -> tuple[str, int]:
    """Stores it; returns its storage key and its size in bytes."""
    data = to_bytes(embedding)
    key = default_storage.save(new_key("embeddings", ".swe.gz"), ContentFile(data))
    return key, len(data)


class Memory:
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
            embedding = from_bytes(file.read())
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


_memory = Memory(settings.SEGWEB_EMBEDDINGS_MEMORY_MB * 1_000_000)


def read(row: Embedding) -> EmbeddingArrays:
    """The arrays of a ready embedding. Raises FileNotFoundError when its file is gone, and
    BadEmbedding when it is damaged."""
    arrays = _memory.get(row.file)
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
