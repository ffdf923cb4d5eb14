"""Transactions that others may be in the way of."""

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, transaction

T = TypeVar("T")

# PostgreSQL's words for "another one was let through; begin again".
_AGAIN = {"40001", "40P01"}
_ATTEMPTS = 5


def retried(work: Callable[[], T]) -> T:
    """Does `work` in a transaction of its own, and again from the start when the database gave
    it up for another one (a deadlock: deleting locks what hangs on a row in another order than
    the workers do that fill it). `work` must do nothing that a rollback does not undo."""
    for _ in range(_ATTEMPTS - 1):
        try:
            with transaction.atomic():
                return work()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in _AGAIN:
                raise
    with transaction.atomic():
        return work()
