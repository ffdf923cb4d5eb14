"""Where an import finds its dataset and its pictures: a folder, or an exported archive."""

import io
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol

from .errors import Invalid

_MAX_BYTES = 2_000_000_000
_CHUNK = 1 << 20


class Pictures(Protocol):
    """Files by the names that a dataset gives them."""

    def open(self, name: str) -> AbstractContextManager[Path | None]:
        """The file as a path while the context lasts, None when there is none."""


def parts_of(name: str) -> tuple[str, ...] | None:
    """The parts of a relative name, None for one that leads out of its folder."""
    plain = PurePosixPath(name.replace("\\", "/"))
    if plain.is_absolute() or ".." in plain.parts or "\0" in name:
        return None
    if plain.parts and plain.parts[0].endswith(":"):
        return None
    return plain.parts or None


class Nothing:
    """No pictures: the project must have them already."""

    def open(self, _name: str) -> AbstractContextManager[Path | None]:
        return nullcontext(None)


class Folder:
    """Pictures below a folder: under their name, below `images`, or by the name's last part.

    A dataset never makes us send a file from outside the folder, be it by a link.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def open(self, name: str) -> AbstractContextManager[Path | None]:
        return nullcontext(self._find(name))

    def _find(self, name: str) -> Path | None:
        parts = parts_of(name)
        if parts is None:
            return None
        for place in ((*parts,), ("images", *parts), (parts[-1],)):
            try:
                path = self._folder.joinpath(*place).resolve()
                if path.is_relative_to(self._folder) and path.is_file():
                    return path
            except (OSError, RuntimeError):  # a name that is too long, links in a circle
                continue
        return None


class Archive:
    """A zip as an export makes it: `annotations.json`, and pictures below `images`."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except zipfile.BadZipFile as error:
            raise Invalid(f"{path} is no zip that can be read: {error}.") from error
        self._entries = {info.filename: info for info in self._zip.infolist()}

    def dataset(self) -> IO[bytes]:
        """The dataset's JSON. Raises Invalid when there is none, or more than one."""
        named = [name for name in self._entries if name.lower().endswith(".json")]
        if "annotations.json" in named:
            named = ["annotations.json"]
        if len(named) != 1:
            told = "no JSON file" if not named else f"{len(named)} JSON files"
            raise Invalid(f"The zip holds {told}; annotations.json is expected.")
        return io.BytesIO(b"".join(self._chunks(self._entries[named[0]])))

    @contextmanager
    def open(self, name: str) -> Iterator[Path | None]:
        parts = parts_of(name)
        plain = "/".join(parts or ())
        info = self._entries.get(f"images/{plain}") or self._entries.get(plain)
        if parts is None or info is None or info.is_dir():
            yield None
            return
        with tempfile.TemporaryDirectory(prefix="segweb-") as folder:
            path = Path(folder) / "picture"
            with path.open("wb") as file:
                for chunk in self._chunks(info):
                    file.write(chunk)
            yield path

    def _chunks(self, info: Any) -> Iterator[bytes]:
        """The entry's bytes, which are bounded. Raises Invalid for a damaged entry."""
        seen = 0
        try:
            with self._zip.open(info) as entry:
                while chunk := entry.read(_CHUNK):
                    seen += len(chunk)
                    if seen > _MAX_BYTES:
                        raise Invalid(f"{info.filename} in the zip is too large.")
                    yield chunk
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            raise Invalid(f"{info.filename} in the zip cannot be read: {error}.") from error
        except Exception as error:
            if type(error).__module__ == "zlib":
                raise Invalid(f"{info.filename} in the zip is damaged.") from error
            raise
