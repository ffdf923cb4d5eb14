"""The pages on narrow screens, and with text of twice its size."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import FLAGS, executable, signed_in, violations
from tests.support.server import Server, wait_until

from . import drawing
from .workspace import CANVAS, Workspace


@pytest.fixture(scope="module")
def project(fake_server: Server) -> dict[str, Any]:
    with fake_server.client() as client:
        body = {"name": "A name of a project that is rather long", "labels": [{"name": "cell"}]}
        made: dict[str, Any] = client.post("/api/projects", json=body).raise_for_status().json()
        path = f"/api/projects/{made['id']}"
        for name in ("plate", "a-name-that-no-line-breaks-by-itself-however-narrow-it-is"):
            client.post(f"{path}/attributes", json={"name": name, "type": "text"})
        files = [("files", (f"{'long-' * 12}picture.png", drawing.picture(), "image/png"))]
        image = client.post(f"{path}/images", files=files).json()["items"][0]["id"]
        wait_until(lambda: _ready(client, image), 60, 0.3)
        row = {"label": made["labels"][0]["id"], "polygons": [[300, 200, 340, 200, 320, 260]]}
        row["id"] = "6a1f7f0e-52a5-4f0f-9a53-0d6a4d6c1b11"
        client.post(f"/api/images/{image}/annotations", json=row).raise_for_status()
    return made | {"image": image}


def _ready(client: httpx.Client, image: int) -> bool:
    return bool(client.get(f"/api/images/{image}").json()["embedding"] == "ready")


@pytest.fixture(scope="module")
def large_text(chromium: Browser) -> Iterator[Browser]:
    """A browser of somebody who has set text to twice its size."""
    flags = [*FLAGS, "--blink-settings=defaultFontSize=32,defaultFixedFontSize=26"]
    browser = chromium.browser_type.launch(executable_path=executable(), args=flags)
    yield browser
    browser.close()


def _page(browser: Browser, width: int, height: int, server: Server) -> Page:
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    page.set_default_timeout(20_000)
    signed_in(page, server)
    return page


def _pages(server: Server, project: dict[str, Any]) -> list[str]:
    own = f"{server.url}/projects/{project['id']}/"
    names = ("labels", "members", "jobs", "settings", "webhooks", "replays")
    return [f"{server.url}/projects/", own, *(f"{own}{name}/" for name in names),
            f"{server.url}/tokens/", f"{server.url}/api/docs"]  # fmt: skip


def _sideways(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def _stays_in(page: Page, server: Server, project: dict[str, Any]) -> None:
    """No page is wider than the window."""
    wide = {}
    for url in _pages(server, project):
        page.goto(url, wait_until="networkidle")
        wide[url] = _sideways(page)
    assert {url: by for url, by in wide.items() if by > 0} == {}
    page.context.close()


def test_no_page_scrolls_sideways_on_a_phone(
    chromium: Browser, fake_server: Server, project: dict[str, Any]
):
    _stays_in(_page(chromium, 320, 640, fake_server), fake_server, project)


def test_no_page_scrolls_sideways_with_large_text(
    large_text: Browser, fake_server: Server, project: dict[str, Any]
):
    _stays_in(_page(large_text, 1280, 800, fake_server), fake_server, project)


def _works(page: Page, server: Server, project: dict[str, Any], least: tuple[int, int]) -> None:
    """The image keeps room, every control can be reached, and an object can be cut out."""
    work = Workspace(page, server.url)
    work.open(project["image"])
    assert _sideways(page) <= 0
    room = page.locator(CANVAS).bounding_box()
    assert room
    assert room["width"] >= least[0], room
    assert room["height"] >= least[1], room
    window = page.viewport_size
    assert window
    for button in page.locator(".ws-tool:not([disabled]), .ws-side button:visible").all():
        button.scroll_into_view_if_needed()
        box = button.bounding_box()
        assert box
        assert box["x"] >= 0, button
        assert box["x"] + box["width"] <= window["width"] + 1, button
        assert box["y"] + box["height"] <= window["height"] + 1, button
        button.click(trial=True)  # nothing lies over it
    work.key("v")
    work.click(320, 220)
    details = page.get_by_role("region", name="Selected objects")
    expect(details).to_be_visible()
    details.get_by_label("plate").fill("B 12")
    assert violations(page) == []


def test_the_workspace_on_a_phone(chromium: Browser, fake_server: Server, project: dict[str, Any]):
    page = _page(chromium, 390, 780, fake_server)
    _works(page, fake_server, project, (300, 300))
    page.context.close()


def test_the_workspace_with_large_text(
    large_text: Browser, fake_server: Server, project: dict[str, Any]
):
    page = _page(large_text, 1280, 800, fake_server)
    _works(page, fake_server, project, (600, 500))
    page.context.close()


def test_the_workspace_on_a_phone_lying(
    chromium: Browser, fake_server: Server, project: dict[str, Any]
):
    page = _page(chromium, 740, 360, fake_server)
    _works(page, fake_server, project, (300, 240))
    page.context.close()
