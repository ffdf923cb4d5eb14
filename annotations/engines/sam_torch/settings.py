"""Which model the torch engine serves, and what that is called, without loading any of it."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from ..base import Description
from ..mobile_sam.files import DECODER, ENCODER
from ..mobile_sam.files import MODEL as MOBILE_SAM
from ..spec import Values
from ..weights import problem
from .checkpoints import CHECKPOINTS, FOLDER, digest_of

MODELS = (MOBILE_SAM, *CHECKPOINTS)
PRECISIONS = ("auto", "f32", "half")
# Raised when preprocessing changes. It is ONNX Runtime's: MobileSAM's embeddings are the same.
VERSION = 1
_MOBILE_SAM_FILES = (f"{MOBILE_SAM}/{ENCODER}", f"{MOBILE_SAM}/{DECODER}")


@dataclass(frozen=True)
class TorchSettings:
    """`model`: one of MODELS. `checkpoint`: a file of vit_b, vit_l or vit_h; None takes the one
    that was fetched. `device`: a name that torch knows, or `auto`: CUDA where there is one.

    `precision`: `f32` computes embeddings in 32 bits; `half` lets the device take 16 where
    that is faster; `auto` is `f32` for MobileSAM, whose embeddings then are the ONNX engine's
    too, and `half` for the large models.

    `models_dir`: the folder of the prepared models and of fetched checkpoints. `threads`: of a
    CPU; 0 leaves them to the engine.
    """

    model: str = MOBILE_SAM
    checkpoint: Path | None = None
    device: str = "auto"
    precision: str = "auto"
    models_dir: Path = Path()
    threads: int = 0

    @classmethod
    def parse(cls, values: Values) -> "TorchSettings":
        checkpoint = values.get("SEGWEB_TORCH_CHECKPOINT")
        return cls(
            model=values.get("SEGWEB_TORCH_MODEL", MOBILE_SAM),
            checkpoint=Path(checkpoint).expanduser() if checkpoint else None,
            device=values.get("SEGWEB_TORCH_DEVICE", "auto"),
            precision=values.get("SEGWEB_TORCH_PRECISION", "auto"),
            models_dir=Path(values.get("SEGWEB_MODELS_DIR", "")),
            threads=int(values.get("SEGWEB_ENGINE_THREADS", 0)),
        )

    @property
    def half(self) -> bool:
        if self.precision == "auto":
            return self.model != MOBILE_SAM
        return self.precision == "half"

    @property
    def checkpoint_path(self) -> Path | None:
        """Where the checkpoint lies; None for MobileSAM, which has none."""
        if self.model not in CHECKPOINTS:
            return None
        return self.checkpoint or CHECKPOINTS[self.model].path_in(self.models_dir)


def describe(settings: TorchSettings) -> Description:
    """The model id: MobileSAM's, or the large model's with the checksum of its checkpoint, so
    that another checkpoint is another model; `-half` where 16 bits may have been used."""
    name = settings.model
    path = settings.checkpoint_path
    if path is not None:
        name = f"sam_{name}"
        digest = digest_of(path, settings.models_dir)
        if digest:
            name += f"-{digest[:8]}"
    return Description(name + ("-half" if settings.half else ""), VERSION)


def files(settings: TorchSettings) -> tuple[str, ...]:
    """The model's files, below the models' folder; a checkpoint elsewhere by its name."""
    if settings.model not in CHECKPOINTS:
        return _MOBILE_SAM_FILES
    if settings.checkpoint is not None:
        return (settings.checkpoint.name,)
    return (f"{FOLDER}/{CHECKPOINTS[settings.model].file}",)


def missing(settings: TorchSettings) -> str:
    """What keeps the engine from loading, in a few words; empty when nothing does."""
    for value, known, kind in (
        (settings.model, MODELS, "model"),
        (settings.precision, PRECISIONS, "precision"),
    ):
        if value not in known:
            return f"there is no {kind} {value!r}; choose one of {', '.join(known)}"
    absent = [name for name in ("torch", "segment_anything") if not _installed(name)]
    if absent:
        return f"{' and '.join(absent)} not installed: pip install 'segweb[gpu]'"
    path = settings.checkpoint_path
    if path is None:
        found = [problem(settings.models_dir / name) for name in _MOBILE_SAM_FILES]
        return ", ".join(filter(None, found))
    if settings.checkpoint is not None:
        return "" if path.is_file() else f"the checkpoint {path.name} is not there"
    if not path.is_file():
        return f"no checkpoint: run manage.py fetch_checkpoint {settings.model}"
    # It loads with wrong numbers, too, and its masks would be wrong.
    if digest_of(path, settings.models_dir) != CHECKPOINTS[settings.model].sha256:
        return f"damaged: {path.name}: run manage.py fetch_checkpoint {settings.model}"
    return ""


@lru_cache
def _installed(name: str) -> bool:
    return find_spec(name) is not None
