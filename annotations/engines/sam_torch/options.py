"""Which model the torch engine serves, and what that is called, without loading any of it."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from ..base import Description
from ..mobile_sam.files import MODEL as MOBILE_SAM
from ..weights import problem
from .checkpoints import CHECKPOINTS, FOLDER, digest_of

MODELS = (MOBILE_SAM, *CHECKPOINTS)
DEVICES = ("auto", "cuda", "cpu")
PRECISIONS = ("auto", "f32", "half")
# Raised when preprocessing changes. It is ONNX Runtime's: MobileSAM's embeddings are the same.
VERSION = 1
_MOBILE_SAM_FILES = (f"{MOBILE_SAM}/encoder.onnx", f"{MOBILE_SAM}/decoder.onnx")


@dataclass(frozen=True)
class TorchOptions:
    """`model`: one of MODELS. `checkpoint`: a file of vit_b, vit_l or vit_h; None takes the one
    that was fetched. `device`: a name that torch knows, or `auto`: CUDA where there is one.

    `precision`: `f32` computes embeddings in 32 bits; `half` lets the device take 16 where
    that is faster; `auto` is `f32` for MobileSAM, whose embeddings then are the ONNX engine's
    too, and `half` for the large models.
    """

    model: str = MOBILE_SAM
    checkpoint: Path | None = None
    device: str = "auto"
    precision: str = "auto"

    @property
    def half(self) -> bool:
        if self.precision == "auto":
            return self.model != MOBILE_SAM
        return self.precision == "half"

    def checkpoint_in(self, models_dir: Path) -> Path | None:
        """Where the checkpoint lies; None for MobileSAM, which has none."""
        if self.model not in CHECKPOINTS:
            return None
        return self.checkpoint or CHECKPOINTS[self.model].path_in(models_dir)


def describe(models_dir: Path, options: TorchOptions) -> Description:
    """The model id: MobileSAM's, or the large model's with the checksum of its checkpoint, so
    that another checkpoint is another model; `-half` where 16 bits may have been used."""
    name = options.model
    path = options.checkpoint_in(models_dir)
    if path is not None:
        name = f"sam_{name}"
        digest = digest_of(path, models_dir)
        if digest:
            name += f"-{digest[:8]}"
    return Description(name + ("-half" if options.half else ""), VERSION)


def files(options: TorchOptions) -> tuple[str, ...]:
    """The model's files, below the models' folder; a checkpoint elsewhere by its name."""
    if options.model not in CHECKPOINTS:
        return _MOBILE_SAM_FILES
    if options.checkpoint is not None:
        return (options.checkpoint.name,)
    return (f"{FOLDER}/{CHECKPOINTS[options.model].file}",)


def missing(models_dir: Path, options: TorchOptions) -> str:
    """What keeps the engine from loading, in a few words; empty when nothing does."""
    for value, known, kind in (
        (options.model, MODELS, "model"),
        (options.precision, PRECISIONS, "precision"),
    ):
        if value not in known:
            return f"there is no {kind} {value!r}; choose one of {', '.join(known)}"
    absent = [name for name in ("torch", "segment_anything") if not _installed(name)]
    if absent:
        return f"{' and '.join(absent)} not installed: pip install 'segweb[gpu]'"
    path = options.checkpoint_in(models_dir)
    if path is None:
        found = [problem(models_dir / name) for name in _MOBILE_SAM_FILES]
        return ", ".join(filter(None, found))
    if options.checkpoint is not None:
        return "" if path.is_file() else f"the checkpoint {path.name} is not there"
    if not path.is_file():
        return f"no checkpoint: run manage.py fetch_checkpoint {options.model}"
    # It loads with wrong numbers, too, and its masks would be wrong.
    if digest_of(path, models_dir) != CHECKPOINTS[options.model].sha256:
        return f"damaged: {path.name}: run manage.py fetch_checkpoint {options.model}"
    return ""


@lru_cache
def _installed(name: str) -> bool:
    return find_spec(name) is not None
