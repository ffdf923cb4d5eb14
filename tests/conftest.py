"""Fixtures that every test can use: real servers, a browser, a PostgreSQL."""

import dataclasses
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support import postgres
from tests.support.environment import ROOT
from tests.support.server import Server, prepare_data
from tests.support.sharing import shared_server

pytest_plugins = ["tests.support.reruns"]

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

_E2E = ROOT / "tests" / "e2e"
StartServer = Callable[..., Server]


@pytest.fixture(scope="session")
def prepared_data() -> Path:
    """A data folder with the prepared models; never served from, only linked."""
    return prepare_data()


@pytest.fixture(scope="session")
def server(prepared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The running product with the real model, shared by the whole run."""
    yield from _shared("sam_onnx", prepared_data, tmp_path_factory)


@pytest.fixture(scope="session")
def fake_server(prepared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The running product with an engine that needs no time, shared by the whole run."""
    yield from _shared("fake", prepared_data, tmp_path_factory)


def _shared(engine: str, prepared: Path, factory: pytest.TempPathFactory) -> Iterator[Server]:
    def start() -> Server:
        return Server(factory.mktemp(engine), prepared, SEGWEB_ENGINE=engine).start()

    with shared_server(engine, start) as server:
        yield server


@pytest.fixture
def start_server(
    prepared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartServer]:
    """Starts a server of the test's own: `start_server(SEGWEB_MAX_PIXELS="1000")`. It has one
    worker for all queues unless `SEGWEB_WORKERS="by_queue"` asks for those of a real server."""
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
        server.kill()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The DATABASE_URL of a private PostgreSQL cluster."""
    with postgres.cluster() as url:
        yield url


_NEEDS_PROCESSES = {"prepared_data", "postgres_url"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks tests by what they need, and gives an id to each: several processes share them out by
    id, and run one of those that have the same (schemathesis names its tests after operations, but
    not their ids)."""
    for item in items:
        if _E2E in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.flaky(reruns=1))
        if _NEEDS_PROCESSES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
        _, bracket, parameters = item.name.partition("[")
        if bracket and item.id.params is None:
            item._id = dataclasses.replace(item.id, params=parameters.removesuffix("]"))
    ids = [item.nodeid for item in items]
    assert len(set(ids)) == len(ids), "two tests have one id"
