"""The engine that this server is set to."""

import logging
import threading
from pathlib import Path

import numpy as np
from django.conf import settings
from PIL import Image as PILImage

from ...domain.images import FRAME_SIDE
from ...domain.prompts import Point, Prompts
from ...engines import registry
from ...engines.base import EMBEDDING_SHAPE, Description, Engine
from ...engines.base import Embedding as EmbeddingArrays
from ...engines.mobile_sam import precisions
from ...engines.sam_torch import TorchOptions
from ...engines.session import PromptSession

log = logging.getLogger(__name__)

_lock = threading.Lock()
_engine: Engine | None = None


def name() -> str:
    """The engine that serves: what the settings name, in the precision that was chosen."""
    return precisions.resolve(
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
