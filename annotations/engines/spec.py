"""What there is to know of an engine, and of a finder, without loading a model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .base import Description, Engine
from .embedding_codec import EmbeddingCodec

# Capabilities of a decoder, by what its prompts may hold. Finders add theirs: each has the name
# of its module.
POINT, BOX, MASK_INPUT = "point", "box", "mask_input"
PROMPTS = frozenset({POINT, BOX, MASK_INPUT})

# The server's settings by their names (`SEGWEB_…`); those that lack have their defaults.
Values = Mapping[str, Any]
# What every engine may read.
COMMON_SETTINGS = ("SEGWEB_MODELS_DIR", "SEGWEB_ENGINE_THREADS")

S = TypeVar("S")


@dataclass(frozen=True)
class EngineSpec(Generic[S]):
    """An engine as the registry offers it; `S` are its own settings, parsed.

    `name`: what `SEGWEB_ENGINE` says. `capabilities`: what its decoder answers. `codec`: how its
    embeddings are stored, and their shape. `parse`: its settings among the server's. `describe`:
    what its embeddings are called. `missing`: what keeps it from loading, in a few words; empty
    when nothing does. `files`: below the models' folder unless they have a place of their own.
    `load`: the engine, ready to be asked; raises EngineUnavailable.

    `device`: where it computes, for people. `models`: what it can serve by names of their own,
    where that is more than one model. `model_settings`: the names of the settings that the model
    depends on, beside `SEGWEB_ENGINE`, and `other_settings` those it reads besides.

    Engines of which the settings choose one have a `family`, the name that the settings say for
    all of them, and differ in `precision`. `choose`: which one of them serves. `not_chosen`: why
    this one does not.
    """

    name: str
    capabilities: frozenset[str]
    codec: EmbeddingCodec
    parse: Callable[[Values], S]
    describe: Callable[[S], Description]
    missing: Callable[[S], str]
    files: Callable[[S], tuple[str, ...]]
    load: Callable[[S], Engine]
    device: Callable[[S], str] = lambda _: "CPU"
    models: Callable[[S], Mapping[str, S]] | None = None
    model_settings: tuple[str, ...] = ()
    other_settings: tuple[str, ...] = ()
    family: str = ""
    precision: str = ""
    choose: Callable[[Values], str] | None = None
    not_chosen: Callable[[Values], str] = lambda _: ""

    @property
    def setting_names(self) -> tuple[str, ...]:
        return (*COMMON_SETTINGS, *self.model_settings, *self.other_settings)

    def configured(self, values: Values) -> "ConfiguredEngine":
        """The engine with its settings among `values`."""
        return ConfiguredEngine(self, self.parse(values))

    def configured_models(self, values: Values) -> dict[str, "ConfiguredEngine"]:
        """All that it can serve, by name."""
        settings = self.parse(values)
        models = {self.name: settings} if self.models is None else self.models(settings)
        return {name: ConfiguredEngine(self, each) for name, each in models.items()}


@dataclass(frozen=True)
class ConfiguredEngine:
    """An engine and its settings. Two are equal that load the same."""

    spec: EngineSpec[Any]
    settings: Any

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def device(self) -> str:
        return self.spec.device(self.settings)

    def describe(self) -> Description:
        """Model id and preprocessing version."""
        return self.spec.describe(self.settings)

    def missing(self) -> str:
        """What keeps it from loading, in a few words; empty when nothing does."""
        return self.spec.missing(self.settings)

    def files(self) -> tuple[str, ...]:
        return self.spec.files(self.settings)

    def load(self) -> Engine:
        """The engine, ready to be asked. Raises EngineUnavailable."""
        return self.spec.load(self.settings)


@dataclass(frozen=True)
class Finder:
    """Finds masks that nobody pointed at. Its `name` is a capability of each engine that has
    those in `needs`.

    `find(engine, embedding, query, progress)` answers with masks; `query` is of the finder's own
    type, and `progress` hears shares (0..1). A finder that needs nothing of an engine works on
    pixels: `find(pixels, **query)`.
    """

    name: str
    needs: frozenset[str]
    find: Callable[..., Any]
