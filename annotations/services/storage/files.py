"""Stored files: generated names, and deletion with the rows that own them."""

import logging
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.core.files.storage import default_storage
from django.db import transaction

log = logging.getLogger(__name__)


def new_key(folder: str, suffix: str = "") -> str:
    """A storage key that nobody can guess and no upload can choose."""
    name = uuid.uuid4().hex
    return f"{folder}/{name[:2]}/{name}{suffix}"


def delete_files(keys: Iterable[str]) -> None:
    """Deletes now; a file that is gone already, or cannot go, is logged and left."""
    for key in keys:
        if not key:
            continue
        try:
            default_storage.delete(key)
        except OSError as error:
            log.warning("could not delete %s: %s", key, error)


def delete_files_on_commit(keys: Iterable[str]) -> None:
    """Deletes once the rows are really gone."""
    doomed = [key for key in keys if key]
    if doomed:
        transaction.on_commit(lambda: delete_files(doomed))


@contextmanager
def stored_with(keys: Iterable[str]) -> Iterator[None]:
    """A transaction whose rows own the files `keys`: they go when it fails.

    They stay when something is raised after the commit, as when a worker is told to stop while
    it publishes: the rows hold them by then.
    """
    committed: list[bool] = []
    try:
        with transaction.atomic():
            transaction.on_commit(lambda: committed.append(True))
            yield
    except BaseException:
        if not committed:
            delete_files(keys)
        raise
