"""The annotate page under its keys, its wheel, a poor network and a second person."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Request, expect
from pycocotools import mask as coco_mask

from tests.support import bare_sam
from tests.support.browser import sign_in, signed_in, violations
from tests.support.environment import ROOT
from tests.support.server import ADMIN, ADMIN_PASSWORD, Server, wait_until

from .workspace import CANVAS, Workspace

PHOTOS = ROOT / "static" / "demo"
# Where an object lies on each photo.
COFFEE, CAT = (290, 160), (225, 130)


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


@pytest.fixture(scope="module")
def project(server: Server, client: httpx.Client) -> dict[str, Any]:
    """A project with two photos whose embeddings exist; `images` holds their ids."""
    body = {"name": "Workspace", "labels": [{"name": "cup"}, {"name": "animal"}]}
    made: dict[str, Any] = client.post("/api/projects", json=body).raise_for_status().json()
    made["images"] = []
    for name in ("coffee.jpg", "cat.jpg"):
        files = [("files", (name, (PHOTOS / name).read_bytes(), "image/jpeg"))]
        answer = client.post(f"/api/projects/{made['id']}/images", files=files)
        made["images"].append(answer.raise_for_status().json()["items"][0]["id"])

    def ready() -> bool:
        rows = [client.get(f"/api/images/{id}").json() for id in made["images"]]
        return all(row["embedding"] == "ready" for row in rows)

    wait_until(ready, 90, 0.3, "the embeddings")
    return made


@pytest.fixture
def work(page: Page, server: Server, client: httpx.Client, project: dict[str, Any]) -> Workspace:
    """Somebody signed in; the photos hold no object."""
    for image in project["images"]:
        for row in client.get(f"/api/images/{image}/annotations").json()["items"]:
            client.delete(f"/api/annotations/{row['id']}", params={"version": row["version"]})
    signed_in(page, server)
    return Workspace(page, server.url)


def _wait_rows(
    work: Workspace, image: int, good: Callable[[list[dict[str, Any]]], bool], what: str
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def probe() -> bool:
        found[:] = work.annotations(image)
        return good(found)

    wait_until(probe, 20, 0.15, what)
    return found


def _cut(work: Workspace, image: int, at: tuple[float, float]) -> dict[str, Any]:
    """One object by one click."""
    before = len(work.annotations(image))
    work.click(*at)
    work.candidates()
    work.key("Enter")
    return _wait_rows(work, image, lambda rows: len(rows) > before, "the object")[-1]


def _objects(work: Workspace, count: int) -> None:
    expect(work.page.locator("#objects .object")).to_have_count(count)


def _decoded(row: dict[str, Any]) -> Any:
    return np.asarray(coco_mask.decode(row["rle"])).astype(bool)


def test_keys_alone_make_label_delete_and_restore(work: Workspace, project: dict[str, Any]):
    image = project["images"][0]
    work.open(image)
    work.page.locator(CANVAS).focus()
    work.key("ArrowRight")
    work.key(".")
    work.candidates()
    work.key("2")
    work.key("Enter")
    (row,) = _wait_rows(work, image, lambda rows: len(rows) == 1, "the object")
    assert row["label"] == project["labels"][1]["id"]

    work.key("v")
    expect(work.page.locator(CANVAS)).to_have_attribute("data-tool", "select")
    work.key("Tab")
    work.key("1")
    _wait_rows(
        work, image, lambda rows: rows[0]["label"] == project["labels"][0]["id"], "the label"
    )
    work.key("Delete")
    _wait_rows(work, image, lambda rows: not rows, "the deletion")
    work.key("Control+z")
    (back,) = _wait_rows(work, image, lambda rows: len(rows) == 1, "the undone deletion")
    assert back["rle"] == row["rle"]
    work.key("Control+y")
    _wait_rows(work, image, lambda rows: not rows, "the deletion again")
    _objects(work, 0)

    work.key("s")
    expect(work.page.locator(CANVAS)).to_have_attribute("data-tool", "smart")
    work.key("Escape")
    expect(work.page.locator(CANVAS)).to_have_attribute("data-tool", "select")


def test_d_and_f_walk_through_the_images(work: Workspace, project: dict[str, Any]):
    work.open(project["images"][0])
    forward = work.page.get_by_role("link", name="Next image").count() == 1
    there, back = ("f", "d") if forward else ("d", "f")
    work.key(there)
    work.page.wait_for_url(f"**/images/{project['images'][1]}/annotate/")
    work.armed()
    work.key(back)
    work.page.wait_for_url(f"**/images/{project['images'][0]}/annotate/")


def test_the_wheel_zooms_at_the_pointer_and_keys_fit(work: Workspace, project: dict[str, Any]):
    work.open(project["images"][0])
    fitted = work.attribute("data-view")
    place = work.at(400, 100)
    work.page.mouse.move(*place)
    work.page.mouse.wheel(0, -400)
    expect(work.page.locator(CANVAS)).not_to_have_attribute("data-view", fitted)
    work.page.wait_for_timeout(400)
    assert work.at(400, 100) == pytest.approx(place, abs=1)
    work.key("Control+0")
    expect(work.page.locator(CANVAS)).to_have_attribute("data-view", fitted)
    for key, larger in (("+", True), ("-", False)):
        before = float(work.attribute("data-view").split()[0])
        work.key(key)

        def changed(before: float = before, larger: bool = larger) -> bool:
            now = float(work.attribute("data-view").split()[0])
            return now > before if larger else now < before

        wait_until(changed, 5, what="the zoom")


def test_a_second_click_refines_and_m_chooses(work: Workspace, project: dict[str, Any]):
    image = project["images"][1]
    work.open(image)
    work.click(*CAT)
    work.candidates()
    before = work.picture()
    work.key("m")
    wait_until(lambda: work.picture() != before, 20, 0.2, "the next candidate")
    chosen = work.picture()
    work.click(60, 60, "right")
    wait_until(lambda: work.picture() != chosen, 20, 0.2, "the refined mask")
    work.key("Enter")
    (row,) = _wait_rows(work, image, lambda rows: len(rows) == 1, "the object")
    points = row["prompts"]["points"]
    assert [point["label"] for point in points] == [1, 0]
    assert points[0]["candidate"] in {1, 2, 3}
    mask = _decoded(row)
    assert mask[CAT[1], CAT[0]]
    assert not mask[60, 60]

    # Undo takes back one prompt at a time while the object is in the making.
    work.click(*CAT)
    work.candidates()
    work.key("Control+z")
    expect(work.page.get_by_role("heading", name="Candidates")).to_be_hidden()
    assert len(work.annotations(image)) == 1


def test_the_stored_mask_is_the_bare_models(work: Workspace, project: dict[str, Any]):
    image = project["images"][1]
    work.open(image)
    row = _cut(work, image, CAT)
    with Image.open(PHOTOS / "cat.jpg") as photo:
        truth = bare_sam.mask(photo.convert("RGB"), [(*CAT, 1), (0, 0, -1)])
    assert bare_sam.iou(_decoded(row), truth) >= 0.9
    work.page.reload()
    work.armed()
    _objects(work, 1)
    assert work.annotations(image) == [row]


def test_work_done_offline_is_saved_later(work: Workspace, project: dict[str, Any]):
    image = project["images"][0]
    work.open(image)
    work.click(*COFFEE)
    work.candidates()
    work.page.context.set_offline(True)
    work.key("Enter")
    expect(work.page.locator(f'{CANVAS}[data-state="offline"]')).to_be_visible()
    _objects(work, 1)
    work.page.context.set_offline(False)
    work.armed()
    (row,) = _wait_rows(work, image, lambda rows: len(rows) == 1, "the object")
    assert row["prompts"]["points"][0]["label"] == 1


@pytest.mark.parametrize("choice", ["Keep mine", "Keep the server's"])
def test_two_versions_are_a_question(
    work: Workspace, client: httpx.Client, project: dict[str, Any], choice: str
):
    image, labels = project["images"][0], [label["id"] for label in project["labels"]]
    work.open(image)
    work.key("1")
    row = _cut(work, image, COFFEE)
    work.key("v")
    work.click(*COFFEE)
    url = f"/api/annotations/{row['id']}"
    # The news of the other's change stays away, as on a slow network.
    work.page.context.set_offline(True)
    expect(work.page.locator(f'{CANVAS}[data-state="offline"]')).to_be_visible()
    theirs = {"version": row["version"], "attributes": {"seen": True}}
    client.patch(url, json=theirs).raise_for_status()
    work.key("2")
    work.page.context.set_offline(False)
    dialog = work.page.get_by_role("dialog", name="Two versions of one object")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name=choice).click()
    expect(dialog).to_be_hidden()
    wanted = labels[1] if choice == "Keep mine" else labels[0]
    _wait_rows(work, image, lambda rows: rows[0]["label"] == wanted, "the choice")
    work.armed()


# Notes when the tool is armed, by the clock that requests are timed with.
_NOTE_ARMED = """
new MutationObserver((changes) => {
  if (window.armedAt || !changes.some(({target}) => target.dataset.state === "armed")) return;
  window.armedAt = performance.timeOrigin + performance.now();
}).observe(document, {subtree: true, attributeFilter: ["data-state"]});
"""


def _opening(work: Workspace, image: int) -> list[Request]:
    """What is asked for between the page's own files and the armed tool."""
    requests: list[Request] = []
    work.page.goto("about:blank")  # the page before asks for nothing more
    work.page.on("request", lambda request: requests.append(request))
    work.open(image)
    work.page.wait_for_load_state("networkidle")
    armed, origin = work.page.evaluate("[window.armedAt, performance.timeOrigin]")
    # The film strip's pictures are asked for in the very task that arms the tool, which ends
    # before the observer hears of it; on a slow machine after four seconds.
    strip = min(armed, origin + 4000) - 100
    own = ("/static/", "/assets/", f"/images/{image}/annotate/")
    # The time of a request is known once it was answered, and zero before.
    answered = [request for request in requests if request.response()]
    paths = [(r, r.url.removeprefix(work.url)) for r in answered]
    return [
        request
        for request, path in paths
        if not path.startswith(own)
        and request.timing["startTime"] <= (strip if "/thumbnail?" in path else armed)
    ]


def test_opening_an_image_takes_few_requests(
    fresh_page: Page, server: Server, project: dict[str, Any]
):
    signed_in(fresh_page, server)
    work = Workspace(fresh_page, server.url)
    work.page.add_init_script(_NOTE_ARMED)
    image = project["images"][0]
    embedding = f"{work.url}/api/images/{image}/embedding?"
    first = _opening(work, image)
    assert len(first) <= 3, [request.url for request in first]
    (cold,) = [request for request in first if request.url.startswith(embedding)]
    assert 100_000 < _transferred(cold) <= 1_050_000
    second = _opening(work, image)
    assert len(second) <= 3, [request.url for request in second]
    assert [_transferred(r) for r in second if r.url.startswith(embedding)] in ([], [0])


def _transferred(request: Request) -> int:
    """Bytes over the network; what comes from the browser's cache counts nothing."""
    sizes = request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_every_page_is_accessible(page: Page, server: Server, project: dict[str, Any], scheme: Any):
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{server.url}/login/")
    found = {"/login/": violations(page)}
    sign_in(page, server.url, ADMIN, ADMIN_PASSWORD)
    own = f"/projects/{project['id']}/"
    managed = ("labels", "members", "jobs", "settings", "webhooks", "replays")
    paths = ["/projects/", own, *(f"{own}{name}/" for name in managed), "/tokens/", "/api/docs"]
    for path in [*paths, "/nothing-here/"]:
        page.goto(f"{server.url}{path}", wait_until="load")
        page.locator("main").wait_for()
        found[path] = violations(page)
    work = Workspace(page, server.url)
    work.open(project["images"][0])
    found["annotate"] = violations(page)
    assert {path: items for path, items in found.items() if items} == {}
