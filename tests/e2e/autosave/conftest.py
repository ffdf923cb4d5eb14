"""A project of each test's own, the tabs that show its picture, and what they send."""

import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from tests.e2e import drawing
from tests.e2e.sheet import new_image
from tests.e2e.workspace import CANVAS, Workspace
from tests.support.browser import intercept, signed_in
from tests.support.server import Server, wait_until

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
        self.image = new_image(client, project["id"], drawing.picture())
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

        # A page that was away waits up to 15 s before it asks the server again.
        wait_until(look, 60, 0.01, what)

    def version(self, index: int, version: int | None) -> None:
        self.until(lambda: self.row(index).get("version") == version, f"version {version}")

    def methods(self) -> list[str]:
        return [request.method for request in self.sent]


def close(work: Workspace, held: list[Route]) -> None:
    """Closes the tab with its held requests lost. Closing lets go what is on its way, and a page
    that learns of a loss sends it again: it sends nothing more, and has no loss on its way."""
    work.page.evaluate("() => { globalThis.fetch = () => new Promise(() => {}); }")
    work.page.wait_for_timeout(200)
    for route in held:
        route.abort()
    work.page.close()


def label(work: Workspace, at: tuple[int, int], key: str) -> None:
    work.key("Escape")
    work.click(*at)
    work.key(key)


def state(work: Workspace, state: str, text: str, seconds: float = 20) -> None:
    expect(work.page.locator(CANVAS)).to_have_attribute("data-state", state, timeout=1000 * seconds)
    expect(work.page.locator("#saved-state")).to_have_text(text)


def saved(work: Workspace, seconds: float = 20) -> None:
    state(work, "armed", "Saved", seconds)


def hold(page: Page) -> list[Route]:
    """Keeps the page's changes on their way until they are let go."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        if route.request.method == "GET":
            route.continue_()
        else:
            held.append(route)

    intercept(page, ANNOTATION, keep)
    return held


# What a page over plain http lacks.
_NO_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', {get: () => undefined})"


@pytest.fixture
def page(fresh_page: Page) -> Page:
    return fresh_page


@pytest.fixture
def desk(
    page: Page, fake_server: Server, client: httpx.Client, request: pytest.FixtureRequest
) -> Desk:
    if getattr(request, "param", "") == "http":
        page.context.add_init_script(_NO_LOCKS)
    return Desk(page, fake_server, client)
