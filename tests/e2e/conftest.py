"""What most tests of pages begin with."""

from collections.abc import Iterator

import httpx
import pytest

from tests.support.server import Server


@pytest.fixture(scope="module")
def client(fake_server: Server) -> Iterator[httpx.Client]:
    with fake_server.client() as client:
        yield client
