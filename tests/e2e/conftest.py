"""A browser, its pages, and what most tests of pages begin with."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from tests.support.browser import launch, signed_in
from tests.support.environment import CACHE
from tests.support.server import Server

from .queued import Queue

WINDOW: ViewportSize = {"width": 1280, "height": 800}


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser of this process. It ends with the last test of a page: while Playwright's event
    loop runs, Django refuses to ask the database."""
    with launch() as browser:
        yield browser


class Profile:
    """A browser profile that keeps its cached files from test to test, and nothing else."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.context: BrowserContext = browser.new_context(viewport=WINDOW)

    def renew(self) -> None:
        """Replaces the profile: nobody knows what a failed test left in it."""
        self.context.close()
        self.context = self._browser.new_context(viewport=WINDOW)

    def clear(self) -> None:
        """Closes all pages; deletes cookies and what pages stored."""
        self.context.set_offline(False)
        origins = {"{0.scheme}://{0.netloc}".format(urlsplit(p.url)) for p in self.context.pages}
        for page in self.context.pages:
            page.close()
        page = self.context.new_page()
        devtools = self.context.new_cdp_session(page)
        for origin in origins:
            devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        self.context.clear_cookies()
        page.close()


@pytest.fixture(scope="package")
def profile(chromium: Browser) -> Iterator[Profile]:
    """The profile of `page`."""
    profile = Profile(chromium)
    yield profile
    profile.context.close()


@pytest.fixture
def page(profile: Profile, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page with no cookies and nothing stored, whose files the browser may have in its cache
    from other tests; a failed test leaves a picture of it in .cache/e2e."""
    yield from _page(profile.context, request)
    if request.node.failed:
        profile.renew()
    else:
        profile.clear()


@pytest.fixture
def fresh_page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """As `page`, with a profile of its own and an empty cache."""
    context = chromium.new_context(viewport=WINDOW)
    yield from _page(context, request)
    context.close()


def _page(context: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    if request.node.failed and not page.is_closed():
        page.screenshot(path=CACHE / "e2e" / f"{request.node.name}.png")


@pytest.fixture(scope="module")
def client(fake_server: Server) -> Iterator[httpx.Client]:
    with fake_server.client() as client:
        yield client


@pytest.fixture
def queue(page: Page, fake_server: Server, client: httpx.Client) -> Queue:
    signed_in(page, fake_server)
    return Queue(page, fake_server, client)
