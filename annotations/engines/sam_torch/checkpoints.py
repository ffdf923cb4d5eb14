"""Meta's checkpoints: their names, and checksums of the files at hand."""

import json
import os
import uuid
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ..weights import sha256_of

FOLDER = "checkpoints"
_DIGESTS = "digests.json"


@dataclass(frozen=True)
class Checkpoint:
    """A published file: its name, size in bytes and SHA-256."""

    file: str
    size: int
    sha256: str

    def path_in(self, models_dir: Path) -> Path:
        return models_dir / FOLDER / self.file


# The letters in the files' names are the beginning of their MD5.
CHECKPOINTS = {
    "vit_b": Checkpoint(
        "sam_vit_b_01ec64.pth",
        375042383,
        "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912",
    ),
    "vit_l": Checkpoint(
        "sam_vit_l_0b3195.pth",
        1249524607,
        "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622",
    ),
    "vit_h": Checkpoint(
        "sam_vit_h_4b8939.pth",
        2564550879,
        "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e",
    ),
}


def digest_of(path: Path, models_dir: Path) -> str:
    """The file's SHA-256, empty where there is none. Remembered below `models_dir` until the
    file changes: gigabytes are read once, not by every process that starts."""
    try:
        stat = path.stat()
    except OSError:
        return ""
    if not path.is_file():
        return ""
    return _digest(path, stat.st_size, stat.st_mtime_ns, models_dir / FOLDER / _DIGESTS)


@lru_cache(maxsize=8)
def _digest(path: Path, size: int, changed: int, cache: Path) -> str:
    key = f"{path.resolve()}:{size}:{changed}"
    known = _read_cache(cache)
    if key not in known:
        known[key] = sha256_of(path)
        _write_cache(cache, known)
    return known[key]


def _read_cache(cache: Path) -> dict[str, str]:
    try:
        rows = json.loads(cache.read_text())
    except (OSError, ValueError):
        return {}
    if not isinstance(rows, dict):
        return {}
    return {key: value for key, value in rows.items() if isinstance(value, str)}


def _write_cache(cache: Path, known: dict[str, str]) -> None:
    part = cache.with_name(f".{cache.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(known, indent=1))
        os.replace(part, cache)
    except OSError:
        # Where nothing may be written, each process reads the file for itself.
        part.unlink(missing_ok=True)
