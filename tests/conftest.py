"""Fixtures that every test can use: real servers, a browser, a PostgreSQL."""

import dataclasses
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, settings

from tests.support import postgres
from tests.support.environment import CACHE
from tests.support.server import Server, prepare_data

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts its background jobs so. The commands under test would inherit it, and Ctrl+C
    # would do nothing to them.
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A machine that is busy makes an example slow, not wrong. The same examples each time, so that what
# passed passes again; HYPOTHESIS_RANDOM=1 looks for new ones.
settings.register_profile(
    "segweb",
    deadline=None,
    derandomize="HYPOTHESIS_RANDOM" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("segweb")

StartServer = Callable[..., Server]

_WINDOW: "ViewportSize" = {"width": 1280, "height": 800}
# How servers end that no test looks at any more: a clean stop takes two seconds of CPU time.
_AT_ONCE = signal.SIGKILL


@pytest.fixture(scope="session")
def prepared_data() -> Path:
    """A data folder with the prepared models; never served from, only linked."""
    return prepare_data()


@pytest.fixture(scope="session")
def server(prepared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The running product with the real model, shared by the whole session."""
    server = Server(tmp_path_factory.mktemp("server"), prepared_data, SEGWEB_ENGINE="sam_onnx")
    server.start()
    yield server
    server.stop(_AT_ONCE)


@pytest.fixture(scope="session")
def fake_server(prepared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The running product with an engine that needs no time, shared by the whole session."""
    server = Server(tmp_path_factory.mktemp("fake"), prepared_data, SEGWEB_ENGINE="fake")
    server.start()
    yield server
    server.stop(_AT_ONCE)


@pytest.fixture
def start_server(
    prepared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartServer]:
    """Starts a server of the test's own: `start_server(SEGWEB_MAX_PIXELS="1000")`."""
    yield from _starting(prepared_data, tmp_path_factory)


@pytest.fixture(scope="module")
def start_module_server(
    prepared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartServer]:
    """Starts a server that a module's tests share."""
    yield from _starting(prepared_data, tmp_path_factory)


def _starting(prepared: Path, factory: pytest.TempPathFactory) -> Iterator[StartServer]:
    started: list[Server] = []

    def start(**settings: str) -> Server:
        settings = {"SEGWEB_ENGINE": "fake", **settings}
        server = Server(factory.mktemp("own"), prepared, **settings)
        started.append(server)
        return server.start()

    yield start
    for server in started:
        server.stop(_AT_ONCE)


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    """A browser for one module: Playwright's event loop must not outlive it, since other
    modules run loops of their own.
    """
    from tests.support.browser import launch

    with launch() as browser:
        yield browser


@pytest.fixture
def page(chromium: "Browser", request: pytest.FixtureRequest) -> "Iterator[Page]":
    """A page with a fresh profile; a failed test leaves a picture of it in .cache/e2e."""
    context = chromium.new_context(viewport=_WINDOW)
    yield from _page(context, request)
    context.close()


@pytest.fixture(scope="module")
def profile(chromium: "Browser") -> "Iterator[BrowserContext]":
    """The profile of `page_of_profile`."""
    context = chromium.new_context(viewport=_WINDOW)
    yield context
    context.close()


@pytest.fixture
def page_of_profile(profile: "BrowserContext", request: pytest.FixtureRequest) -> "Iterator[Page]":
    """A page whose files the browser may have in its cache from the module's other tests; it
    has no cookies and nothing stored."""
    yield from _page(profile, request)
    origins = {"{0.scheme}://{0.netloc}".format(urlsplit(page.url)) for page in profile.pages}
    for page in profile.pages:
        page.close()
    page = profile.new_page()
    devtools = profile.new_cdp_session(page)
    for origin in origins:
        devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    profile.clear_cookies()
    page.close()


def _page(context: "BrowserContext", request: pytest.FixtureRequest) -> "Iterator[Page]":
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    if getattr(request.node, "failed", False):
        page.screenshot(path=CACHE / "e2e" / f"{request.node.name}.png")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Iterator[None]:
    report = yield
    if report.when == "call" and report.failed:
        item.failed = True
    return report


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The DATABASE_URL of a private PostgreSQL cluster."""
    with postgres.cluster() as url:
        yield url


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """An id for each test: several processes share them out by id, and run one of those that
    have the same (schemathesis names its tests after operations, but not their ids)."""
    for item in items:
        _, bracket, parameters = item.name.partition("[")
        if bracket and item.id.params is None:
            item._id = dataclasses.replace(item.id, params=parameters.removesuffix("]"))
    ids = [item.nodeid for item in items]
    assert len(set(ids)) == len(ids), "two tests have one id"
