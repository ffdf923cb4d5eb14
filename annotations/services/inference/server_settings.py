"""With which settings of the engine the server was started last.

A command in another shell may lack them: it would take every embedding for another model's.
"""

import json
from pathlib import Path

from django.conf import settings

from ...engines import registry
from ...engines.base import Description
from ...engines.registry import ENGINE_SETTING

Values = dict[str, str]


def _path() -> Path:
    return Path(settings.DATA_DIR) / "serving.json"


def _here() -> Values:
    return {name: str(getattr(settings, name) or "") for name in registry.model_setting_names()}


def note() -> None:
    """Says it to later commands."""
    part = _path().with_suffix(".part")
    part.write_text(json.dumps(_here()))
    part.replace(_path())


def contradiction() -> str:
    """What to tell whoever gives a command with settings that stand for another model than the
    server's; empty where it is the same one, or no server was ever started."""
    try:
        noted = json.loads(_path().read_text())
        same = _model(noted) == _model(_here())
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    if same:
        return ""
    return (
        f"The server was started with {_told(noted)}, and this command with {_told(_here())}: "
        "give it the server's settings, or start the server with these first."
    )


def _model(values: Values) -> Description:
    """The model that these settings stand for, by now."""
    found = values | {"SEGWEB_MODELS_DIR": settings.SEGWEB_MODELS_DIR}
    return registry.serving(found).describe()


def _told(values: Values) -> str:
    names = (ENGINE_SETTING, *registry.spec(values[ENGINE_SETTING]).model_settings)
    return " ".join(f"{name}={values[name]}" for name in names if values[name])
