"""The models that a replay may be asked of, and the one that was loaded last for it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ...engines import registry
from ...engines.base import Engine
from ...engines.spec import PROMPTS, ConfiguredEngine
from ..errors import Invalid
from ..jobs import memory_limit
from . import engine

# A replay gives way to others and comes back soon; after that its model need not stay loaded.
_IDLE_SECONDS = 60.0


@dataclass(frozen=True)
class CatalogModel:
    """A model by its `name`. `model` and `version` name its embeddings; `problem` says what
    keeps it from loading on this machine, in a few words, and is empty when nothing does."""

    name: str
    model: str
    version: int
    problem: str
    serving: bool


def _configured() -> dict[str, ConfiguredEngine]:
    """Every model that takes prompts, by its name, in the registry's order."""
    values = engine.setting_values()
    able = [spec for spec in registry.specs() if spec.capabilities >= PROMPTS]
    return {name: each for spec in able for name, each in spec.configured_models(values).items()}


def models() -> list[CatalogModel]:
    """Every model that stored prompts can be asked of."""
    return [_entry(name, each) for name, each in _configured().items()]


def _entry(name: str, each: ConfiguredEngine) -> CatalogModel:
    description, values = each.describe(), engine.setting_values()
    serving = each.name == registry.serving_name(values) and each == each.spec.configured(values)
    return CatalogModel(name, description.model_id, description.version, each.missing(), serving)


def find(name: str) -> CatalogModel:
    """The model of this name or model id. Raises Invalid, with the names that there are."""
    known = models()
    for model in known:
        if name == model.name:
            return model
    for model in known:
        if name == model.model:
            return model
    names = ", ".join(model.name for model in known)
    raise Invalid("unknown_model", f"There is no model {name[:60]!r}; choose one of {names}.",
                  "model")  # fmt: skip


class _Slot:
    """One loaded engine besides the one that serves; it goes when nobody has used it for a
    while."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._name = ""
        self._engine: Engine | None = None
        self._timer: threading.Timer | None = None

    @contextmanager
    def of(self, name: str) -> Iterator[Engine]:
        """The engine for the length of a `with` block. Raises EngineUnavailable."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            if self._name != name or self._engine is None:
                self._drop()
                self._engine, self._name = _load(name), name
            try:
                yield self._engine
            finally:
                self._timer = threading.Timer(_IDLE_SECONDS, self._idle)
                self._timer.daemon = True
                self._timer.start()

    def _idle(self) -> None:
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        self._engine, self._name = None, ""


_slot = _Slot()


def _load(name: str) -> Engine:
    configured = _configured()[name]
    with memory_limit.lifted():
        loaded = configured.load()
        engine.try_out(loaded, configured.spec.codec)
    return loaded


@contextmanager
def loaded(model: CatalogModel) -> Iterator[Engine]:
    """The model, ready to be asked: workers only. Raises EngineUnavailable."""
    if model.serving:
        yield engine.current()
        return
    with _slot.of(model.name) as found:
        yield found
