"""What most tests of pages begin with."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page

from tests.support.browser import signed_in
from tests.support.server import Server

from .queued import Queue


@pytest.fixture(scope="module")
def client(fake_server: Server) -> Iterator[httpx.Client]:
    with fake_server.client() as client:
        yield client


@pytest.fixture
def queue(page: Page, fake_server: Server, client: httpx.Client) -> Queue:
    signed_in(page, fake_server)
    return Queue(page, fake_server, client)
