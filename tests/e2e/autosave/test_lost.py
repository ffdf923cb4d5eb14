"""Nothing is lost and nothing is sent twice: the network cut, the server killed, the tab closed in
the middle of an edit."""

import json
import signal
from collections.abc import Callable

import httpx
from playwright.sync_api import Page, Route, expect

from tests.support.browser import intercept
from tests.support.environment import CACHE
from tests.support.server import Server, wait_until
from tests.tasks.test_resilience import kill

from .conftest import ANNOTATION, LEFT, RIGHT, Desk, close, hold, label, saved, state


def test_the_network_is_cut_in_mid_edit(desk: Desk):
    work = desk.work
    saved(work)
    work.page.context.set_offline(True)
    label(work, LEFT, "2")
    state(work, "offline", "Offline · 1")
    label(work, RIGHT, "2")
    work.key("Delete")
    state(work, "offline", "Offline · 3")
    work.page.screenshot(path=CACHE / "e2e" / "autosave-offline.png")
    assert (desk.row(0)["version"], desk.row(1)["version"]) == (1, 1)
    work.page.context.set_offline(False)
    saved(work)
    assert (desk.row(0)["label"], desk.row(0)["version"]) == (desk.labels[1], 2)
    assert "error" in desk.row(1)
    expect(work.page.locator("#objects .object")).to_have_count(1)


def test_an_answer_is_lost_on_its_way(desk: Desk):
    work, lost = desk.work, []

    def lose(route: Route) -> None:
        if route.request.method == "GET" or lost:
            route.continue_()
            return
        lost.append(route.fetch())
        route.abort()

    intercept(work.page, ANNOTATION, lose)
    label(work, LEFT, "2")
    saved(work)
    # The server had it: the second time is taken for what it is, and asks nobody.
    assert desk.methods() == ["PATCH", "PATCH"]
    assert (desk.row(0)["label"], desk.row(0)["version"]) == (desk.labels[1], 2)
    expect(work.page.get_by_role("dialog")).to_have_count(0)


def test_the_tab_is_closed_in_mid_edit(desk: Desk):
    work = desk.work
    held = hold(work.page)
    label(work, LEFT, "2")
    label(work, RIGHT, "2")
    label(work, RIGHT, "1")
    state(work, "saving", "Saving 3")
    desk.until(lambda: len(held) == 2, "the requests")
    close(work, held)
    assert desk.row(0)["version"] == 1
    desk.sent.clear()
    again = desk.tab()
    desk.version(1, 3)
    desk.version(0, 2)
    saved(again)
    assert desk.methods() == ["PATCH"] * 3
    assert (desk.row(0)["label"], desk.row(0)["version"]) == (desk.labels[1], 2)
    assert (desk.row(1)["label"], desk.row(1)["version"]) == (desk.labels[0], 3)
    # Sent once: another page finds nothing left.
    desk.sent.clear()
    again.page.reload()
    saved(again)
    assert desk.methods() == []


def test_the_tab_is_closed_between_two_saves_of_one_object(desk: Desk):
    work = desk.work
    held = hold(work.page)
    label(work, LEFT, "2")
    label(work, LEFT, "1")
    desk.until(lambda: len(held) == 1, "the first request")
    held.pop().continue_()
    desk.until(lambda: len(held) == 1, "the second request")
    close(work, held)
    assert desk.row(0)["version"] == 2
    again = desk.tab()
    desk.version(0, 3)
    saved(again)
    # One's own work is no conflict.
    expect(again.page.get_by_role("dialog")).to_have_count(0)
    assert (desk.row(0)["label"], desk.row(0)["version"]) == (desk.labels[0], 3)


# A disk so slow that the page goes before it has forgotten what the server has.
_FORGETS_NOTHING = """() => {
    IDBObjectStore.prototype.delete = function () { return this.get(-1); };
}"""


def test_the_tab_is_closed_before_it_forgets_what_was_sent(desk: Desk):
    work = desk.work
    work.page.evaluate(_FORGETS_NOTHING)
    work.click(*LEFT)
    work.key("Delete")
    work.key("Control+z")
    label(work, RIGHT, "2")
    desk.version(0, 3)
    desk.version(1, 2)
    work.key("Delete")
    desk.version(1, None)
    desk.sent.clear()
    work.page.reload()
    desk.until(lambda: len(desk.methods()) >= 2, "what the page before seems to have left")
    work.armed()
    saved(work)
    # The server had it all: asked once an object, nothing is made, deleted or asked about again.
    assert sorted(desk.methods()) == ["DELETE", "PATCH"]
    expect(work.page.get_by_role("dialog")).to_have_count(0)
    expect(work.page.locator("#objects-count")).to_have_text("1")
    assert (desk.row(0)["version"], desk.row(1).get("version")) == (3, None)


def test_a_tab_is_closed_without_a_network(desk: Desk):
    work = desk.work
    work.page.context.set_offline(True)
    label(work, LEFT, "2")
    state(work, "offline", "Offline · 1")
    work.page.close()
    desk.context.set_offline(False)
    again = desk.tab()
    desk.version(0, 2)
    saved(again)
    assert desk.row(0)["label"] == desk.labels[1]


def test_the_web_process_is_killed_in_mid_edit(page: Page, start_server: Callable[..., Server]):
    server = start_server()
    with server.client() as client:
        desk = Desk(page, server, client)
        work = desk.work
        kill(server, "uvicorn", signal.SIGKILL)
        label(work, LEFT, "2")
        label(work, RIGHT, "2")
        expect(work.page.locator("#saved-state")).to_have_text("Offline · 2")
        # The supervisor starts it again; nobody does anything.
        wait_until(lambda: _answers(server), 60, 0.2, "the server")
        # After several tries in vain the page waits up to 15 s for the next.
        saved(work, 30)
        for index in (0, 1):
            assert (desk.row(index)["label"], desk.row(index)["version"]) == (desk.labels[1], 2)
        work.page.reload()
        saved(work)
        assert desk.row(0)["version"] == 2


def _answers(server: Server) -> bool:
    try:
        return httpx.get(f"{server.url}/login/", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def test_saving_one_of_a_thousand_is_one_small_request(desk: Desk):
    """One request, at most as large as the object itself and 2 kB."""
    boxes = [(560 - n % 40, 380 - n // 40, 80, 80) for n in range(998)]
    desk.server.put_boxes(desk.image, desk.labels[0], boxes)
    work = desk.work
    work.page.reload()
    work.armed()
    expect(work.page.locator("#objects-count")).to_have_text("1000")
    desk.sent.clear()
    work.key("v")
    work.click(*LEFT)
    work.key("b")
    work.drag(*LEFT, 250, 330)
    desk.version(0, 2)
    saved(work)
    (request,) = desk.sent
    sizes = request.sizes()
    own = len(json.dumps(desk.row(0)))
    assert sizes["requestBodySize"] + sizes["requestHeadersSize"] <= own + 2000
