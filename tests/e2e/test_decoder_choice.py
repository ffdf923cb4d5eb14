"""Which decoder answers: the faster one, and the other when it fails."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.browser import intercept, signed_in
from tests.support.environment import ROOT
from tests.support.server import Server, wait_until

from .workspace import CANVAS, Workspace

CAT = (225, 130)
_TIMES = re.compile(r"(\d+) ms on the server, (\d+) ms in this browser")


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


@pytest.fixture(scope="module")
def image(client: httpx.Client) -> int:
    project = client.post("/api/projects", json={"name": "Choice", "labels": [{"name": "cat"}]})
    data = (ROOT / "static" / "demo" / "cat.jpg").read_bytes()
    files = {"files": ("cat.jpg", data, "image/jpeg")}
    path = f"/api/projects/{project.json()['id']}/images"
    row: dict[str, Any] = client.post(path, files=files).json()["items"][0]
    address = f"/api/images/{row['id']}"
    wait_until(lambda: client.get(address).json()["embedding"] == "ready", 90, 0.2, "embedding")
    return int(row["id"])


@pytest.fixture
def work(page: Page, server: Server) -> Workspace:
    signed_in(page, server)
    return Workspace(page, server.url)


def _compared(work: Workspace) -> tuple[int, int]:
    """Milliseconds on the server and in the browser, once the page has found them out."""
    state = work.page.locator("#decoder-state")
    expect(state).to_have_attribute("title", _TIMES, timeout=30_000)
    found = _TIMES.search(state.get_attribute("title") or "")
    assert found
    return int(found[1]), int(found[2])


def _cut(work: Workspace, image: int) -> None:
    before = len(work.annotations(image))
    work.click(*CAT)
    work.candidates()
    work.key("Enter")
    wait_until(lambda: len(work.annotations(image)) == before + 1, 20, 0.1, "the object")


def test_the_faster_decoder_is_found_and_used(work: Workspace, image: int) -> None:
    work.open(image)
    server, browser = _compared(work)
    assert browser >= 4, "a decode's time, not that of an answer which was kept"
    used = work.attribute("data-decoder")
    if server < 0.7 * browser:
        assert used == "server"
    if server > browser:
        assert used == "browser"
    _cut(work, image)


def test_a_slow_server_is_not_used(work: Workspace, image: int) -> None:
    def late(route: Any) -> None:
        work.page.wait_for_timeout(3000)  # slower than any browser, however busy its cores are
        route.continue_()

    work.page.route("**/segment", late)
    work.open(image)
    server, browser = _compared(work)
    assert server > 2500
    assert browser > 0
    assert work.attribute("data-decoder") == "browser"
    _cut(work, image)


def test_a_server_that_stops_answering_costs_no_prompt(work: Workspace, image: int) -> None:
    work.open(image)
    _compared(work)
    intercept(work.page, "**/segment", lambda route: route.fulfill(status=503, body="{}"))
    _cut(work, image)
    assert work.attribute("data-decoder") == "browser"
    expect(work.page.locator(f'{CANVAS}[data-state="armed"]')).to_be_visible()


def test_the_address_can_name_one(work: Workspace, image: int) -> None:
    asked: list[str] = []
    work.page.on("request", lambda request: asked.append(request.url))
    work.open(image, "?decoder=browser")
    work.move(*CAT)
    work.page.wait_for_timeout(3000)
    assert work.attribute("data-decoder") == "browser"
    assert not [url for url in asked if url.endswith("/segment")]


# --- Another model ------------------------------------------------------------------------------


def test_a_page_that_was_opened_before_the_model_changed_says_so(
    work: Workspace, image: int
) -> None:
    def older(route: Route) -> None:
        address, _, version = route.request.url.rpartition("v=")
        digest = version.partition("-")[0]
        route.continue_(url=f"{address}v={digest}-older-1")

    work.page.route("**/embedding?*", older)
    work.page.goto(f"{work.url}/images/{image}/annotate/?decoder=browser")
    notice = work.page.locator("#notice")
    expect(notice.get_by_text("This page is of another model")).to_be_visible()
    expect(notice.get_by_text("Load the page again")).to_be_visible()
    work.page.unroute("**/embedding?*")
    notice.get_by_role("button", name="Load again").click()
    work.armed()
    _cut(work, image)


def test_another_models_embedding_is_not_decoded(
    work: Workspace, client: httpx.Client, image: int
) -> None:
    """What lies in the browser's cache may be of a server that said nothing."""
    data = client.get(f"/api/images/{image}/embedding").content
    (model,) = re.findall(rb'"model":"([^"]+)"', data)
    other = data.replace(model, b"x" * len(model), 1)
    work.page.route("**/embedding?*", lambda route: route.fulfill(body=other), times=1)
    work.open(image, "?decoder=browser")
    assert work.attribute("data-decoder") == "browser", "it asked for the right one"
    _cut(work, image)

    work.page.route("**/embedding?*", lambda route: route.fulfill(body=other))
    work.open(image, "?decoder=browser")
    assert work.attribute("data-decoder") == "server"
    _cut(work, image)
