"""Engines and finders by name. Importing this loads no model: a web process asks for names."""

from collections.abc import Iterable
from functools import lru_cache
from importlib import import_module
from typing import Any

from . import fake
from .base import Embedding
from .embedding_codec import BadEmbedding
from .errors import EngineUnavailable
from .mobile_sam.spec import SPECS as MOBILE_SAM
from .sam_torch.spec import SPEC as SAM_TORCH
from .spec import ConfiguredEngine, EngineSpec, Finder, Values

ENGINE_SETTING = "SEGWEB_ENGINE"

_specs: dict[str, EngineSpec[Any]] = {}
# Modules of this package, each with a `FINDER` of its own name; imported when first asked for.
_FINDERS = ("auto_segment", "find_similar", "colour_clusters")


class UnknownEngine(ValueError):
    """The setting names no engine."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no engine {name!r}; choose one of {', '.join(names())}")


def register(spec: EngineSpec[Any]) -> None:
    """Offers an engine under its name."""
    _specs[spec.name] = spec


for _spec in (*MOBILE_SAM, fake.SPEC, SAM_TORCH):
    register(_spec)


# --- Engines ---------------------------------------------------------------------------------


def names() -> tuple[str, ...]:
    return tuple(_specs)


def specs() -> tuple[EngineSpec[Any], ...]:
    return tuple(_specs.values())


def spec(name: str) -> EngineSpec[Any]:
    """The engine of that name. Raises UnknownEngine."""
    try:
        return _specs[name]
    except KeyError as error:
        raise UnknownEngine(name) from error


def configured(name: str, values: Values) -> ConfiguredEngine:
    """The engine of that name with its settings among `values`. Raises UnknownEngine."""
    return spec(name).configured(values)


def serving_name(values: Values) -> str:
    """The engine that serves by these settings: the one they name, or the one of its family
    that they choose. There may be none of that name."""
    name: str = values[ENGINE_SETTING]
    named = _specs.get(name)
    return named.choose(values) if named is not None and named.choose else name


def serving(values: Values) -> ConfiguredEngine:
    """The engine of `serving_name` with its settings. Raises UnknownEngine."""
    return configured(serving_name(values), values)


def setting_names() -> tuple[str, ...]:
    """The settings that any engine reads."""
    return _joined(each.setting_names for each in specs())


def model_setting_names() -> tuple[str, ...]:
    """The settings that the model which serves depends on."""
    return _joined(each.model_settings for each in specs())


def _joined(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((ENGINE_SETTING, *(name for group in groups for name in group))))


def read_embedding(data: bytes) -> Embedding:
    """The embedding in a stored file, of whichever engine. Raises BadEmbedding."""
    problem = BadEmbedding("no engine reads this")
    for codec in dict.fromkeys(each.codec for each in specs()):
        try:
            return codec.from_bytes(data)
        except BadEmbedding as error:
            problem = error
    raise problem


# --- Finders ---------------------------------------------------------------------------------


@lru_cache
def finder(name: str) -> Finder:
    """The finder of that name."""
    found: Finder = import_module(f"{__package__}.{name}").FINDER
    return found


def capabilities(spec: EngineSpec[Any]) -> frozenset[str]:
    """What the engine can be asked for: its own capabilities, and the finders that work on it."""
    needs = {name: finder(name).needs for name in _FINDERS}
    return spec.capabilities | {n for n in needs if needs[n] and needs[n] <= spec.capabilities}


def finder_on(name: str, spec: EngineSpec[Any]) -> Finder:
    """The finder of that name. Raises EngineUnavailable where the engine lacks what it needs."""
    found = finder(name)
    if lacking := found.needs - spec.capabilities:
        what = ", ".join(sorted(lacking))
        raise EngineUnavailable(f"The engine {spec.name} cannot be asked for {name}: no {what}.")
    return found
