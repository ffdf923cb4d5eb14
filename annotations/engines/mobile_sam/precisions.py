"""Which precision of the encoder serves: the fastest that this machine runs well.

Measured against float32 (docs/engines.md) int8 and bfloat16 take less time for the same masks,
but for noise. Precisions have embeddings of their own, so the one that serves is chosen when the
models are prepared and noted beside them: all processes read it there, whatever machine they
run on.
"""

import platform
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from ..spec import Values
from .files import MODEL

SETTING, AUTO = "SEGWEB_PRECISION", "auto"
# The engine that settings name for all of them, and the engine of each precision.
FAMILY = "sam_onnx"
ENGINES = {"f32": FAMILY, "int8": "sam_onnx_int8", "bf16": "sam_openvino"}
_NOTE = "precision"
_CPUINFO = Path("/proc/cpuinfo")
# Without these, int8 products are slower, and on older x86 they can overflow.
_INT8 = {"avx512_vnni", "avx_vnni", "amx_int8"}
_BF16 = {"avx512_bf16", "amx_bf16"}


@dataclass(frozen=True)
class Fitness:
    """Whether a precision suits this machine: empty, or why not."""

    precision: str
    why_not: str


@lru_cache(maxsize=1)
def cpu_flags() -> frozenset[str]:
    """What the CPU says it can do; empty where it cannot be asked."""
    try:
        lines = _CPUINFO.read_text().splitlines()
    except OSError:
        return frozenset()
    found = (line.partition(":")[2] for line in lines if line.startswith("flags"))
    return frozenset(next(found, "").split())


def fitness(flags: frozenset[str], *, openvino: bool) -> list[Fitness]:
    """The precisions, the fastest first, and what speaks against each on such a machine."""
    bf16 = "" if openvino else "openvino is not installed"
    if not flags & _BF16:
        bf16 = "no bfloat16 in the CPU"
    int8 = "" if flags & _INT8 else "no int8 dot products in the CPU"
    return [Fitness("bf16", bf16), Fitness("int8", int8), Fitness("f32", "")]


def here() -> list[Fitness]:
    """`fitness` of this machine."""
    return fitness(cpu_flags(), openvino=find_spec("openvino") is not None)


def best(found: list[Fitness]) -> str:
    """The fastest precision against which nothing speaks."""
    return next(each.precision for each in found if not each.why_not)


def note(models_dir: Path, *, keep: bool = False) -> str:
    """Notes what `auto` stands for from now on; the precision: the best here, or with `keep` what
    was noted before, where nothing speaks against it. Hosts of different CPUs that share a folder
    end so with what suits them all, and not each with its own."""
    path = models_dir / MODEL / _NOTE
    found = here()
    fit = [each.precision for each in found if not each.why_not]
    chosen = noted(models_dir) if keep and path.is_file() else best(found)
    if chosen not in fit:
        chosen = best(found)
    if not path.is_file() or path.read_text() != chosen:
        part = path.with_name(f".{_NOTE}.part")
        part.write_text(chosen)
        part.replace(path)
    return chosen


def noted(models_dir: Path) -> str:
    """What `auto` stands for: float32 until the models are prepared."""
    try:
        text = (models_dir / MODEL / _NOTE).read_text()
    except OSError:
        return "f32"
    return text if text in ENGINES else "f32"


def choose(values: Values) -> str:
    """The engine that serves by these settings."""
    precision = values.get(SETTING, AUTO)
    return ENGINES[noted(_folder(values)) if precision == AUTO else precision]


def not_chosen(precision: str, values: Values) -> str:
    """Why the engine of this precision does not serve, though nothing is missing for it."""
    if values.get(SETTING, AUTO) != AUTO:
        return f"{SETTING} is {values[SETTING]}"
    found = {each.precision: each.why_not for each in here()}
    if found[precision]:
        return found[precision]
    order = list(found)
    faster = order.index(precision) < order.index(noted(_folder(values)))
    return "manage.py prepare_models would choose it" if faster else "a faster one is chosen"


def _folder(values: Values) -> Path:
    return Path(values.get("SEGWEB_MODELS_DIR", ""))


def device() -> str:
    """The CPU's name, for people."""
    try:
        lines = _CPUINFO.read_text().splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
