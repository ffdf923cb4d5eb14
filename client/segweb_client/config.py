"""The signed-in server, kept between commands in a file that only its owner reads."""

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .errors import Invalid


@dataclass(frozen=True, slots=True)
class Login:
    """A server's address and the token for it."""

    url: str
    token: str


def path() -> Path:
    """`$XDG_CONFIG_HOME/segweb/config.json`, by default below `~/.config`."""
    home = os.environ.get("XDG_CONFIG_HOME") or ""
    base = Path(home) if Path(home).is_absolute() else Path.home() / ".config"
    return base / "segweb" / "config.json"


def load() -> Login | None:
    """What `save` kept, or None. Raises Invalid for a file that is none of ours."""
    place = path()
    try:
        data = json.loads(place.read_text("utf-8"))
        login = Login(data["url"], data["token"])
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Invalid(f"{place} cannot be read: {error.strerror}.") from error
    except (ValueError, LookupError, TypeError) as error:
        raise Invalid(f"{place} is damaged; sign in again with: segweb login") from error
    if not isinstance(login.url, str) or not isinstance(login.token, str):
        raise Invalid(f"{place} is damaged; sign in again with: segweb login")
    return login


def save(login: Login) -> Path:
    """Keeps the login, readable by nobody else at any moment. Raises OSError."""
    place = path()
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # mkstemp makes the file for its owner alone.
    number, part = tempfile.mkstemp(dir=place.parent, prefix=".config-")
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            json.dump({"url": login.url, "token": login.token}, file, indent=2)
            file.write("\n")
        os.replace(part, place)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    return place


def forget() -> bool:
    """Removes what `save` kept; False when there was nothing."""
    try:
        path().unlink()
    except FileNotFoundError:
        return False
    return True
