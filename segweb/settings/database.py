"""Where rows live: SQLite in the data folder, or PostgreSQL by `DATABASE_URL`."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# WAL lets readers go on while one writes; NORMAL is durable against a killed process.
_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;"


def sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        # A write lock is asked for at BEGIN: taken later it would fail at once, not wait.
        "OPTIONS": {"timeout": 10, "transaction_mode": "IMMEDIATE", "init_command": _PRAGMAS},
        # Opening one reads the whole schema, a good part of a small request.
        "CONN_MAX_AGE": 600,
    }


def from_url(url: str) -> dict[str, Any]:
    """Django's database dictionary for a `postgres://` or `sqlite://` address.

    Raises ImproperlyConfigured for another scheme. Query parameters become libpq options.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite(Path(parts.path))
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL: use postgres://user:password@host:port/name")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
