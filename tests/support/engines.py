"""Engines for tests and benches, loaded as the server does."""

from pathlib import Path
from typing import Any

from annotations.engines import registry
from annotations.engines.base import Engine
from annotations.engines.spec import ConfiguredEngine


def configured(name: str, models_dir: Path = Path(), **values: Any) -> ConfiguredEngine:
    """The engine with these settings."""
    return registry.configured(name, {"SEGWEB_MODELS_DIR": models_dir, **values})


def load(name: str, models_dir: Path = Path(), **values: Any) -> Engine:
    """The engine, ready to be asked."""
    return configured(name, models_dir, **values).load()
