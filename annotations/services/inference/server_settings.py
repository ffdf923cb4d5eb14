"""With which settings of the engine the server was started last.

A command in another shell may lack them: it would take every embedding for another model's.
"""

import json
from pathlib import Path

from django.conf import settings

from ...engines import registry
from ...engines.base import Description
from ...engines.mobile_sam import precisions
from ...engines.sam_torch import TorchOptions

_FOR_ALL = ("SEGWEB_ENGINE", "SEGWEB_PRECISION")
_FOR_TORCH = (
    "SEGWEB_ENGINE",
    "SEGWEB_TORCH_MODEL",
    "SEGWEB_TORCH_CHECKPOINT",
    "SEGWEB_TORCH_PRECISION",
)
# What a model's id depends on.
_NAMES = tuple(dict.fromkeys((*_FOR_ALL, *_FOR_TORCH)))

Values = dict[str, str]


def _path() -> Path:
    return Path(settings.DATA_DIR) / "serving.json"


def _here() -> Values:
    return {name: str(getattr(settings, name) or "") for name in _NAMES}


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
    name = precisions.resolve(
        values["SEGWEB_ENGINE"], values["SEGWEB_PRECISION"], settings.SEGWEB_MODELS_DIR
    )
    checkpoint = values["SEGWEB_TORCH_CHECKPOINT"]
    options = TorchOptions(
        model=values["SEGWEB_TORCH_MODEL"],
        checkpoint=Path(checkpoint).expanduser() if checkpoint else None,
        precision=values["SEGWEB_TORCH_PRECISION"],
    )
    return registry.describe(name, settings.SEGWEB_MODELS_DIR, options)


def _told(values: Values) -> str:
    names = _FOR_TORCH if values["SEGWEB_ENGINE"] == registry.TORCH else _FOR_ALL
    return " ".join(f"{name}={values[name]}" for name in names if values[name])
