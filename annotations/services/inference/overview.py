"""What engines there are, which one serves, and how fast each is here: for operators."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from django.conf import settings
from PIL import Image as PILImage

from ...domain.images import FRAME_SIDE
from ...domain.prompts import Point, Prompts
from ...engines import registry
from ...engines.base import Description, Engine
from ...engines.mobile_sam import precisions
from ...engines.session import PromptSession
from . import engine

_ROUNDS = 5


@dataclass(frozen=True)
class Row:
    """One engine. `verdict`: `chosen`, or why it is not. `files`: below the models' folder."""

    name: str
    model: str
    precision: str
    device: str
    verdict: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class Times:
    """Medians in milliseconds: embedding one image, decoding one click."""

    embed_ms: float
    decode_ms: float


def rows() -> Iterator[Row]:
    """Every engine, as the settings and this machine have it."""
    served = engine.name()
    precisions = {
        variant: precision
        for family in registry.names()
        for precision, variant in precisions.variants(family).items()
    }
    for name in registry.names():
        precision = precisions.get(name, "")
        yield Row(
            name=name,
            model=_description(name).model_id,
            precision=precision or "-",
            device=settings.SEGWEB_TORCH_DEVICE if name == registry.TORCH else "CPU",
            verdict=_verdict(name, precision, served),
            files=registry.files(name, engine.torch_options()),
        )


def _description(name: str) -> Description:
    return registry.describe(name, settings.SEGWEB_MODELS_DIR, engine.torch_options())


def _verdict(name: str, precision: str, served: str) -> str:
    problem = registry.missing(name, settings.SEGWEB_MODELS_DIR, engine.torch_options())
    if name == served:
        return f"chosen, but {problem}" if problem else "chosen"
    if problem:
        return problem
    if name not in precisions.variants(settings.SEGWEB_ENGINE).values():
        return f"SEGWEB_ENGINE is {settings.SEGWEB_ENGINE}"
    if settings.SEGWEB_PRECISION != precisions.AUTO:
        return f"SEGWEB_PRECISION is {settings.SEGWEB_PRECISION}"
    here = {each.precision: each.why_not for each in precisions.here()}
    if here[precision]:
        return here[precision]
    order = list(here)
    chosen = precisions.noted(settings.SEGWEB_MODELS_DIR)
    faster = order.index(precision) < order.index(chosen)
    return "manage.py prepare_models would choose it" if faster else "a faster one is chosen"


def measure(name: str) -> Times:
    """Loads the engine and times it on a made picture. Raises EngineError."""
    loaded = registry.load(
        name,
        models_dir=settings.SEGWEB_MODELS_DIR,
        threads=settings.SEGWEB_ENGINE_THREADS,
        torch=engine.torch_options(),
    )
    random = np.random.default_rng(1)
    cells = random.integers(0, 255, (24, 32, 3), dtype=np.uint8)
    picture = PILImage.fromarray(cells).resize((FRAME_SIDE, FRAME_SIDE * 3 // 4))
    return _times(loaded, picture)


def _times(loaded: Engine, picture: PILImage.Image) -> Times:
    embedding = loaded.embed([picture], [picture.size])[0]
    session = PromptSession(loaded, embedding)
    one = Prompts((Point(picture.width / 2, picture.height / 2, 1),))
    return Times(
        _median_ms(lambda: loaded.embed([picture], [picture.size])),
        _median_ms(lambda: session.replay(one)),
    )


def _median_ms(action: Callable[[], Any]) -> float:
    action()
    times = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return median(times) * 1000
