"""The models that a replay may be asked of, and the one that was loaded last for it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from django.conf import settings

from ...engines import registry
from ...engines.base import Engine
from ...engines.sam_torch import TorchOptions
from ...engines.sam_torch.options import MODELS as TORCH_MODELS
from ..errors import Invalid
from ..jobs import memory_limit
from . import engine

# A replay gives way to others and comes back soon; after that its model need not stay loaded.
_IDLE_SECONDS = 60.0


@dataclass(frozen=True)
class Choice:
    """A model by its `name`. `model` and `version` name its embeddings; `problem` says what
    keeps it from loading on this machine, in a few words, and is empty when nothing does."""

    name: str
    model: str
    version: int
    problem: str
    serving: bool


def _torch(model: str) -> TorchOptions:
    """The settings' torch engine with another model; a checkpoint's path is that model's."""
    options = engine.torch_options()
    if model == options.model:
        return options
    return replace(options, model=model, checkpoint=None)


def _parts() -> Iterator[tuple[str, str, TorchOptions]]:
    """(name, engine, options of the torch engine), for every model there is."""
    for name in registry.names():
        if name != registry.TORCH:
            yield name, name, engine.torch_options()
            continue
        for model in TORCH_MODELS:
            yield f"{name}:{model}", name, _torch(model)


def choices() -> list[Choice]:
    """Every model that the registry offers, in its order."""
    return [_choice(*parts) for parts in _parts()]


def _choice(name: str, engine_name: str, options: TorchOptions) -> Choice:
    models_dir = settings.SEGWEB_MODELS_DIR
    description = registry.describe(engine_name, models_dir, options)
    serving = engine_name == engine.name() and options == engine.torch_options()
    problem = registry.missing(engine_name, models_dir, options)
    return Choice(name, description.model_id, description.version, problem, serving)


def find(name: str) -> Choice:
    """The model of this name or model id. Raises Invalid, with the names that there are."""
    known = choices()
    for choice in known:
        if name == choice.name:
            return choice
    for choice in known:
        if name == choice.model:
            return choice
    names = ", ".join(choice.name for choice in known)
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
    engine_name, options = next(
        (engine_name, options) for each, engine_name, options in _parts() if each == name
    )
    with memory_limit.lifted():
        loaded = registry.load(
            engine_name,
            models_dir=settings.SEGWEB_MODELS_DIR,
            threads=settings.SEGWEB_ENGINE_THREADS,
            torch=options,
        )
        engine.try_out(loaded)
    return loaded


@contextmanager
def loaded(choice: Choice) -> Iterator[Engine]:
    """The model, ready to be asked: workers only. Raises EngineUnavailable."""
    if choice.serving:
        yield engine.current()
        return
    with _slot.of(choice.name) as found:
        yield found
