"""The engine that this server is set to."""

import logging
import threading
from typing import Any

from django.conf import settings
from PIL import Image as PILImage

from ...domain.frame import ModelFrame
from ...domain.prompts import Point, Prompts
from ...engines import registry
from ...engines.base import Embedding as EmbeddingArrays
from ...engines.base import Engine
from ...engines.embedding_codec import EmbeddingCodec
from ...engines.session import PromptSession
from ...engines.spec import ConfiguredEngine

log = logging.getLogger(__name__)

_lock = threading.Lock()
_engine: Engine | None = None


def setting_values() -> dict[str, Any]:
    """The settings that engines read, by their names."""
    return {name: getattr(settings, name) for name in registry.setting_names()}


def configured() -> ConfiguredEngine:
    """The engine that serves, not loaded: what the settings name, in the precision that was
    chosen. Raises UnknownEngine."""
    return registry.serving(setting_values())


def missing() -> str:
    """What keeps the engine from loading, in a few words; empty when nothing does."""
    try:
        return configured().missing()
    except registry.UnknownEngine as error:
        return str(error)


def codec() -> EmbeddingCodec:
    """How the engine's embeddings are stored."""
    return configured().spec.codec


def frame() -> ModelFrame:
    """The square that the engine's encoder looks at."""
    return codec().frame


def current() -> Engine:
    """The engine, loaded on first use, and anew after another precision or checkpoint was chosen:
    workers only. Raises EngineUnavailable."""
    global _engine
    with _lock:
        serving = configured()
        if _engine is None or _engine.description != serving.describe():
            _engine = None  # two at a time may be more than the device holds
            _engine = serving.load()
        return _engine


def find(name: str, arrays: EmbeddingArrays, query: Any, progress: Any) -> list[Any]:
    """What a finder finds in an image with the engine that serves: workers only. Raises
    EngineUnavailable, also where the engine lacks what the finder needs."""
    finder = registry.finder_on(name, configured().spec)
    found: list[Any] = finder.find(current(), arrays, query, progress)
    return found


def warm_up(*, encoder: bool, decoder: bool) -> None:
    """Runs what the worker will be asked for once, on nothing."""
    if encoder or decoder:
        try_out(current(), codec(), encoder=encoder, decoder=decoder)


def try_out(
    loaded: Engine, codec: EmbeddingCodec, *, encoder: bool = True, decoder: bool = True
) -> None:
    """Runs it once on nothing: what it needs is loaded by then."""
    blank = codec.blank(loaded.description)
    if encoder:
        size = blank.width, blank.height
        loaded.embed([PILImage.new("RGB", size)], [size])
    if decoder:
        # The second point is one with a mask input.
        PromptSession(loaded, blank).replay(Prompts((Point(1, 1, 1), Point(2, 2, 1))))


def model_key() -> tuple[str, int]:
    """(model id, preprocessing version) of the engine, without loading it."""
    description = configured().describe()
    return description.model_id, description.version
