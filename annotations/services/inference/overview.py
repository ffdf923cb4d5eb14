"""What engines there are, which one serves, and how fast each is here: for operators."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from PIL import Image as PILImage

from ...domain.prompts import Point, Prompts
from ...engines import registry
from ...engines.base import Engine
from ...engines.session import PromptSession
from ...engines.spec import ConfiguredEngine
from . import engine

_ROUNDS = 5


@dataclass(frozen=True)
class Row:
    """One engine. `verdict`: `chosen`, or why it is not. `files`: below the models' folder.
    `capabilities`: what it can be asked for."""

    name: str
    model: str
    precision: str
    device: str
    verdict: str
    files: tuple[str, ...]
    capabilities: tuple[str, ...]


@dataclass(frozen=True)
class Times:
    """Medians in milliseconds: embedding one image, decoding one click."""

    embed_ms: float
    decode_ms: float


def rows() -> Iterator[Row]:
    """Every engine, as the settings and this machine have it."""
    values = engine.setting_values()
    serving = registry.serving_name(values)
    for spec in registry.specs():
        each = spec.configured(values)
        yield Row(
            name=spec.name,
            model=each.describe().model_id,
            precision=spec.precision or "-",
            device=each.device,
            verdict=_verdict(each, values, serving),
            files=each.files(),
            capabilities=tuple(sorted(registry.capabilities(spec))),
        )


def _verdict(each: ConfiguredEngine, values: dict[str, Any], serving: str) -> str:
    problem, named = each.missing(), values[registry.ENGINE_SETTING]
    if each.name == serving:
        return f"chosen, but {problem}" if problem else "chosen"
    if problem:
        return problem
    if each.spec.family != named:
        return f"{registry.ENGINE_SETTING} is {named}"
    return each.spec.not_chosen(values)


def measure(name: str) -> Times:
    """Loads the engine and times it on a made picture. Raises EngineError."""
    configured = registry.configured(name, engine.setting_values())
    loaded, side = configured.load(), configured.spec.codec.frame.side
    random = np.random.default_rng(1)
    cells = random.integers(0, 255, (24, 32, 3), dtype=np.uint8)
    picture = PILImage.fromarray(cells).resize((side, side * 3 // 4))
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
