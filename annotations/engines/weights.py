"""Are the model's files there, and are they what was prepared? Loads no model library."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

# In each model's folder: what was prepared, and the digests of its files.
RECORD = "model.json"


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def problem(path: Path) -> str:
    """`not prepared: …` or `damaged: …`; empty for a file that is as it was prepared."""
    name = f"{path.parent.name}/{path.name}"
    try:
        stat = path.stat()
        found = _digest(path, stat.st_size, stat.st_mtime_ns, stat.st_ino)
    except OSError:
        return f"not prepared: {name}"
    return "" if found == _recorded(path, found) else f"damaged: {name}"


# Hashing takes a tenth of a second, and the files hardly ever change.
@lru_cache(maxsize=32)
def _digest(path: Path, _size: int, _changed: int, _inode: int) -> str:
    return sha256_of(path)


def _recorded(path: Path, default: str) -> str:
    """The digest that was noted when the file was made; `default` where none was."""
    try:
        record = json.loads((path.parent / RECORD).read_text())
        return str(record["files"].get(path.name, default))
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return default
