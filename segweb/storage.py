"""File storage in the data folder that never shows half a file."""

import os
import uuid
from typing import Any

from django.core.files.storage import FileSystemStorage


class AtomicFileSystemStorage(FileSystemStorage):
    """Writes under a temporary name beside the target and renames it when it is whole.

    A process killed in between leaves only a `.part` file, which no row knows.
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
