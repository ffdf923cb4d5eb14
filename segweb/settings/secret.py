"""The key that signs sessions and links."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def secret_key(given: str, data: Path, *, embedded: bool) -> str:
    """`given`, or in the embedded default a key made once and kept in the data folder.

    Raises ImproperlyConfigured when none is given and the server is not the embedded default:
    several hosts must share one key, and only an operator can see to that.
    """
    if given:
        if len(given) < 32:
            raise ImproperlyConfigured("SEGWEB_SECRET_KEY must have at least 32 characters")
        return given
    if not embedded:
        raise ImproperlyConfigured(
            "SEGWEB_SECRET_KEY is not set: a server with DATABASE_URL, REDIS_URL or "
            "SEGWEB_HTTPS needs one that all its processes share"
        )
    path = data / "secret_key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return _make(path)


def _make(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".secret_key.{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(temporary, path)  # fails when another process was first: then its key counts
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    return path.read_text().strip()
