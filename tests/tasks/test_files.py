"""Files live and die with the rows that own them."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from annotations.services.storage.files import new_key, stored_with


def stored() -> str:
    return default_storage.save(new_key("derived", ".jpg"), ContentFile(b"x"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt])
def test_files_of_a_transaction_that_fails_go(error: type[BaseException]) -> None:
    key = stored()
    with pytest.raises(error), stored_with([key]):
        raise error
    assert not default_storage.exists(key)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [ValueError, SystemExit])
def test_files_stay_when_something_fails_after_the_commit(error: type[BaseException]) -> None:
    """A worker that is told to stop while it publishes has stored its rows already."""
    key = stored()

    def fail() -> None:
        raise error

    with pytest.raises(error), stored_with([key]):
        transaction.on_commit(fail)
    assert default_storage.exists(key)
    default_storage.delete(key)
