"""A browser test that fails runs once more, alone. When it passes then, the run stays green and its
summary names the test and its first failure: each name there is a debt."""

import fcntl
from collections.abc import Iterator

import pytest

from .sharing import RUN, remove_old_runs, run_folder

_ATTEMPTS = pytest.StashKey[list["Room"]]()


class Room:
    """What tests of all processes run in: many at a time, or one alone."""

    def __init__(self, *, alone: bool) -> None:
        folder = run_folder()
        self._room = (folder / "room.lock").open("a")
        with (folder / "door.lock").open("a") as door:
            # Who waits for an empty room holds the door, so that nobody else goes in meanwhile.
            fcntl.flock(door, fcntl.LOCK_EX)
            fcntl.flock(self._room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)

    def leave(self) -> None:
        self._room.close()


def pytest_configure() -> None:
    if not RUN:  # the process that starts the others, or the only one
        remove_old_runs()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    item.failed = False
    rerun = getattr(item, "execution_count", 1) > 1
    item.stash[_ATTEMPTS] = [Room(alone=rerun)] if RUN else []
    yield


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    try:
        yield
    finally:
        for room in item.stash.get(_ATTEMPTS, []):
            room.leave()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "call" and report.failed:
        item.failed = True
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    failed = {report.nodeid for report in terminalreporter.stats.get("failed", [])}
    flaky = [r for r in terminalreporter.stats.get("rerun", []) if r.nodeid not in failed]
    if not flaky:
        return
    terminalreporter.section("passed only when run again")
    for report in flaky:
        crash = getattr(report.longrepr, "reprcrash", None)
        said = crash.message if crash else str(report.longrepr)
        terminalreporter.write_line(f"FLAKY {report.nodeid}: {said.strip().splitlines()[0]}")
