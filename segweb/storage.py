"""File storage in the data folder that never shows half a file."""

import os
import uuid
from typing import Any

from django.core.files.storage import FileSystemStorage


class AtomicFileSystemStorage(FileSystemStorage):
    """Writes under a temporary name beside the target and renames it when it is whole.

    A process killed in between leaves only a `.part` file, which `remove_parts` clears.
    """

    def _save(self, name: str, content: Any) -> str:
        part = f"{name}.{uuid.uuid4().hex[:8]}.part"
        try:
            written = super()._save(part, content)
        except BaseException:
            self.delete(part)
            raise
        os.replace(self.path(written), self.path(name))
        return name

    def remove_parts(self, older_than_s: float = 3600.0) -> int:
        """Deletes what killed processes left half-written; returns how many files."""
        import time

        removed = 0
        limit = time.time() - older_than_s
        for folder, _, names in os.walk(self.location):
            for name in names:
                path = os.path.join(folder, name)
                if name.endswith(".part") and os.path.getmtime(path) < limit:
                    os.unlink(path)
                    removed += 1
        return removed
