"""Nothing is lost and nothing is sent twice: the network cut, the server killed, the tab closed in
the middle of an edit, and two tabs of one person."""

import json
import signal
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from tests.support.browser import signed_in
from tests.support.environment import CACHE
from tests.support.server import Server, wait_until
from tests.tasks.test_resilience import kill

from . import drawing
from .workspace import CANVAS, Workspace

# On `drawing.picture()`: where the two objects of each test lie.
LEFT, RIGHT = (120, 150), (420, 150)
ANNOTATION = "**/api/annotations/*"


class Desk:
    """A project with one picture and two objects, each test's own; `sent` are the changes that
    any tab of the browser sent."""

    def __init__(self, page: Page, server: Server, client: httpx.Client) -> None:
        self.server, self.client = server, client
        self.context: BrowserContext = page.context
        body = {"name": "Autosave", "labels": [{"name": "one"}, {"name": "two"}]}
        project = client.post("/api/projects", json=body).raise_for_status().json()
        self.labels = [label["id"] for label in project["labels"]]
        files = [("files", ("p.png", drawing.picture(), "image/png"))]
        answer = client.post(f"/api/projects/{project['id']}/images", files=files)
        self.image: int = answer.raise_for_status().json()["items"][0]["id"]

        def ready() -> bool:
            row = client.get(f"/api/images/{self.image}").json()
            return bool(row["embedding"] == "ready")

        wait_until(ready, 60, 0.1, "the embedding")
        self.objects = [self.add(x - 40, 110) for x, _ in (LEFT, RIGHT)]
        self.sent: list[Request] = []
        self.context.on("request", self._note)
        signed_in(page, server)
        # The first page stays as it is: the tabs that tests close are others.
        self.work = self.tab()

    def _note(self, request: Request) -> None:
        if request.method != "GET" and "/annotations" in request.url:
            self.sent.append(request)

    def add(self, x: int, y: int) -> str:
        rle = drawing.encoded(drawing.box(x, y, 80, 80))
        body = {"id": str(uuid.uuid4()), "label": self.labels[0], "rle": rle}
        answer = self.client.post(f"/api/images/{self.image}/annotations", json=body)
        return str(answer.raise_for_status().json()["id"])

    def tab(self) -> Workspace:
        """The image opened in a tab, with the selecting tool."""
        page = self.context.new_page()
        page.set_default_timeout(20_000)
        work = Workspace(page, self.server.url)
        work.open(self.image)
        work.key("v")
        return work

    def row(self, index: int) -> dict[str, Any]:
        row: dict[str, Any] = self.client.get(f"/api/annotations/{self.objects[index]}").json()
        return row

    def until(self, probe: Callable[[], Any], what: str) -> None:
        """Waits while the browser's events come in."""

        def look() -> Any:
            self.context.pages[0].wait_for_timeout(30)
            return probe()

        wait_until(look, 20, 0.01, what)

    def version(self, index: int, version: int | None) -> None:
        self.until(lambda: self.row(index).get("version") == version, f"version {version}")

    def methods(self) -> list[str]:
        return [request.method for request in self.sent]


def _close(work: Workspace, held: list[Route]) -> None:
    """Closes the tab with its held requests lost: closing alone may let them go."""
    context = work.page.context
    context.set_offline(True)
    for route in held:
        route.abort()
    work.page.close()
    context.set_offline(False)


def _label(work: Workspace, at: tuple[int, int], key: str) -> None:
    work.key("Escape")
    work.click(*at)
    work.key(key)


def _state(work: Workspace, state: str, text: str) -> None:
    expect(work.page.locator(CANVAS)).to_have_attribute("data-state", state)
    expect(work.page.locator("#saved-state")).to_have_text(text)


def _saved(work: Workspace) -> None:
    _state(work, "armed", "Saved")


@pytest.fixture(scope="module")
def client(fake_server: Server) -> Iterator[httpx.Client]:
    with fake_server.client() as client:
        yield client


# What a page over plain http lacks.
_NO_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', {get: () => undefined})"


@pytest.fixture
def desk(
    page: Page, fake_server: Server, client: httpx.Client, request: pytest.FixtureRequest
) -> Desk:
    if getattr(request, "param", "") == "http":
        page.context.add_init_script(_NO_LOCKS)
    return Desk(page, fake_server, client)


def _hold(page: Page) -> list[Route]:
    """Keeps the page's changes on their way until they are let go."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        if route.request.method == "GET":
            route.continue_()
        else:
            held.append(route)

    page.route(ANNOTATION, keep)
    return held


def test_the_network_is_cut_in_mid_edit(desk: Desk):
    work = desk.work
    _saved(work)
    work.page.context.set_offline(True)
    _label(work, LEFT, "2")
    _state(work, "offline", "Offline · 1")
    _label(work, RIGHT, "2")
    work.key("Delete")
    _state(work, "offline", "Offline · 3")
    work.page.screenshot(path=CACHE / "e2e" / "autosave-offline.png")
    assert (desk.row(0)["version"], desk.row(1)["version"]) == (1, 1)
    work.page.context.set_offline(False)
    _saved(work)
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

    work.page.route(ANNOTATION, lose)
    _label(work, LEFT, "2")
    _saved(work)
    # The server had it: the second time is taken for what it is, and asks nobody.
    assert desk.methods() == ["PATCH", "PATCH"]
    assert (desk.row(0)["label"], desk.row(0)["version"]) == (desk.labels[1], 2)
    expect(work.page.get_by_role("dialog")).to_have_count(0)


def test_the_tab_is_closed_in_mid_edit(desk: Desk):
    work = desk.work
    held = _hold(work.page)
    _label(work, LEFT, "2")
    _label(work, RIGHT, "2")
    _label(work, RIGHT, "1")
    _state(work, "saving", "Saving 3")
    desk.until(lambda: len(held) == 2, "the requests")
    _close(work, held)
    assert desk.row(0)["version"] == 1
    desk.sent.clear()
    again = desk.tab()
    desk.version(1, 3)
    desk.version(0, 2)
    _saved(again)
    assert desk.methods() == ["PATCH"] * 3
    assert (desk.row(0)["label"], desk.row(0)["version"]) == (desk.labels[1], 2)
    assert (desk.row(1)["label"], desk.row(1)["version"]) == (desk.labels[0], 3)
    # Sent once: another page finds nothing left.
    desk.sent.clear()
    again.page.reload()
    _saved(again)
    assert desk.methods() == []


def test_the_tab_is_closed_between_two_saves_of_one_object(desk: Desk):
    work = desk.work
    held = _hold(work.page)
    _label(work, LEFT, "2")
    _label(work, LEFT, "1")
    desk.until(lambda: len(held) == 1, "the first request")
    held.pop().continue_()
    desk.until(lambda: len(held) == 1, "the second request")
    _close(work, held)
    assert desk.row(0)["version"] == 2
    again = desk.tab()
    desk.version(0, 3)
    _saved(again)
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
    _label(work, RIGHT, "2")
    desk.version(0, 3)
    desk.version(1, 2)
    work.key("Delete")
    desk.version(1, None)
    desk.sent.clear()
    work.page.reload()
    work.armed()
    _saved(work)
    # The server had it all: asked once an object, nothing is made, deleted or asked about again.
    assert sorted(desk.methods()) == ["DELETE", "PATCH"]
    expect(work.page.get_by_role("dialog")).to_have_count(0)
    expect(work.page.locator("#objects-count")).to_have_text("1")
    assert (desk.row(0)["version"], desk.row(1).get("version")) == (3, None)


def test_a_tab_is_closed_without_a_network(desk: Desk):
    work = desk.work
    work.page.context.set_offline(True)
    _label(work, LEFT, "2")
    _state(work, "offline", "Offline · 1")
    work.page.close()
    desk.context.set_offline(False)
    again = desk.tab()
    desk.version(0, 2)
    _saved(again)
    assert desk.row(0)["label"] == desk.labels[1]


def test_the_web_process_is_killed_in_mid_edit(page: Page, start_server: Callable[..., Server]):
    server = start_server()
    with server.client() as client:
        desk = Desk(page, server, client)
        work = desk.work
        kill(server, "uvicorn", signal.SIGKILL)
        _label(work, LEFT, "2")
        _label(work, RIGHT, "2")
        expect(work.page.locator("#saved-state")).to_have_text("Offline · 2")
        # The supervisor starts it again; nobody does anything.
        wait_until(lambda: _answers(server), 60, 0.2, "the server")
        _saved(work)
        for index in (0, 1):
            assert (desk.row(index)["label"], desk.row(index)["version"]) == (desk.labels[1], 2)
        work.page.reload()
        _saved(work)
        assert desk.row(0)["version"] == 2


def _answers(server: Server) -> bool:
    try:
        return httpx.get(f"{server.url}/login/", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def test_what_one_tab_saves_the_other_shows(desk: Desk):
    first, second = desk.work, desk.tab()
    _label(first, LEFT, "2")
    _saved(first)
    # On top of it, without a question.
    expect(second.page.locator("#objects .object", has_text="two")).to_have_count(1)
    _label(second, LEFT, "1")
    _saved(second)
    expect(first.page.locator("#objects .object", has_text="two")).to_have_count(0)
    _label(first, LEFT, "2")
    _saved(first)
    assert (desk.row(0)["label"], desk.row(0)["version"]) == (desk.labels[1], 4)
    for work in (first, second):
        expect(work.page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("desk", ["https", "http"], indirect=True)
def test_a_living_tab_sends_its_own_changes(desk: Desk):
    first = desk.work

    def fail(route: Route) -> None:
        if route.request.method == "GET":
            route.continue_()
        else:
            route.abort()

    first.page.route(ANNOTATION, fail)
    _label(first, LEFT, "2")
    _state(first, "offline", "Offline · 1")
    second = desk.tab()
    _saved(second)

    def by_the_second() -> list[str]:
        return [each.method for each in desk.sent if each.frame.page is second.page]

    second.page.wait_for_timeout(4000)
    assert by_the_second() == []
    assert desk.row(0)["version"] == 1
    # Gone with its work unsent, the tab that is left takes it over.
    first.page.close()
    desk.version(0, 2)
    _saved(second)
    assert by_the_second() == ["PATCH"]
    assert desk.row(0)["label"] == desk.labels[1]


@pytest.mark.parametrize("desk", ["https", "http"], indirect=True)
def test_two_tabs_that_open_at_once_send_it_once(desk: Desk):
    held = _hold(desk.work.page)
    for key in ("2", "1", "2"):
        _label(desk.work, LEFT, key)
    desk.until(lambda: len(held) == 1, "the request")
    _close(desk.work, held)
    desk.sent.clear()
    pages = [desk.context.new_page() for _ in range(2)]
    for page in pages:
        page.goto(f"{desk.server.url}/images/{desk.image}/annotate/", wait_until="commit")
    tabs = [Workspace(page, desk.server.url) for page in pages]
    desk.version(0, 4)
    for tab in tabs:
        tab.armed()
        _saved(tab)
    assert desk.methods() == ["PATCH"] * 3
    for page in pages:
        expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("choice", ["Keep mine", "Keep the server's"])
def test_two_tabs_edit_one_object_and_a_person_chooses(desk: Desk, choice: str):
    first, second, before = desk.work, desk.tab(), desk.row(0)
    # The news of the other's change stays away, as on a slow network.
    first.page.context.set_offline(True)
    _label(first, LEFT, "2")
    _state(first, "offline", "Offline · 1")
    mask = drawing.encoded(drawing.disc(120.5, 150.5, 60))
    change = {"version": 1, "rle": mask}
    desk.client.patch(f"/api/annotations/{desk.objects[0]}", json=change).raise_for_status()
    first.page.context.set_offline(False)
    dialog = first.page.get_by_role("dialog", name="Two versions of one object")
    expect(dialog).to_be_visible()
    _state(first, "saving", "Saving 1")
    assert dialog.locator("h3").all_inner_texts() == ["Yours", "On the server"]
    assert dialog.locator(".conflict-label").all_inner_texts() == ["two", "one"]
    first.page.screenshot(path=CACHE / "e2e" / "autosave-conflict.png")
    mine, theirs = (_shown(dialog.locator("canvas").nth(n)) for n in (0, 1))
    # A square and a disc, each as it is.
    assert np.abs(mine.astype(int) - theirs.astype(int)).max(axis=2).mean() > 5
    # Neither Escape nor Enter decides.
    first.key("Escape")
    first.key("Enter")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name=choice).click()
    expect(dialog).to_be_hidden()
    _saved(first)
    row = desk.row(0)
    if choice == "Keep mine":
        # As it was shown, not the label alone over the other's mask.
        assert (row["label"], row["version"], row["rle"]) == (desk.labels[1], 3, before["rle"])
    else:
        assert (row["label"], row["version"], row["rle"]) == (desk.labels[0], 2, mask)
    _saved(second)


# Width, height and all values of a canvas.
_PIXELS = """(canvas) => [canvas.width, canvas.height,
    ...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data]"""


def _shown(canvas: Any) -> Any:
    width, height, *data = canvas.evaluate(_PIXELS)
    return np.array(data, np.uint8).reshape(height, width, 4)[:, :, :3]


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
    _saved(work)
    (request,) = desk.sent
    sizes = request.sizes()
    own = len(json.dumps(desk.row(0)))
    assert sizes["requestBodySize"] + sizes["requestHeadersSize"] <= own + 2000
