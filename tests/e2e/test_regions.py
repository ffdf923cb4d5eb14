"""The colour regions on the annotate page, by mouse and by keyboard alone."""

from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from pycocotools import mask as coco_mask

from tests.support.browser import intercept, signed_in
from tests.support.environment import ROOT
from tests.support.server import Server, wait_until

from .workspace import CANVAS, Workspace

STATUS = "#regions .regions-status"


@pytest.fixture(scope="module")
def image(client: httpx.Client) -> dict[str, Any]:
    """A photo of a project with two labels."""
    body = {"name": "Regions", "labels": [{"name": "cup"}, {"name": "table"}]}
    project = client.post("/api/projects", json=body).raise_for_status().json()
    file = ("coffee.jpg", (ROOT / "static/demo/coffee.jpg").read_bytes(), "image/jpeg")
    answer = client.post(f"/api/projects/{project['id']}/images", files={"files": file})
    number = answer.raise_for_status().json()["items"][0]["id"]

    def ready() -> dict[str, Any] | None:
        row: dict[str, Any] = client.get(f"/api/images/{number}").json()
        return row if row["embedding"] == "ready" else None

    row = wait_until(ready, 60, 0.2, "the image")
    assert row is not None
    return row | {"labels": [label["id"] for label in project["labels"]]}


@pytest.fixture
def work(page: Page, fake_server: Server, client: httpx.Client, image: dict[str, Any]) -> Workspace:
    """Somebody signed in, at the image without objects, with the regions shown."""
    for row in client.get(f"/api/images/{image['id']}/annotations").json()["items"]:
        client.delete(f"/api/annotations/{row['id']}", params={"version": row["version"]})
    signed_in(page, fake_server)
    work = Workspace(page, fake_server.url)
    work.open(image["id"])
    return work


def regions(work: Workspace) -> int:
    """How many are offered, once they are."""
    expect(work.page.locator("#regions")).to_have_attribute("data-state", "ready", timeout=30_000)
    return int((work.page.locator(STATUS).text_content() or "").split()[0])


def rows(work: Workspace, image: dict[str, Any], count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def probe() -> bool:
        found[:] = work.annotations(image["id"])
        return len(found) == count

    wait_until(probe, 20, 0.15, f"{count} objects")
    return found


def test_a_click_takes_the_region_under_it(work: Workspace, image: dict[str, Any]) -> None:
    work.page.get_by_role("button", name="Colour regions").click()
    expect(work.page.locator(CANVAS)).to_have_attribute("data-tool", "regions")
    before = regions(work)
    assert before > 20
    work.key("2")
    work.click(20, 20)
    (row,) = rows(work, image, 1)
    assert (row["source"], row["label"], row["prompts"]) == ("colour", image["labels"][1], None)
    assert coco_mask.decode(row["rle"])[20, 20] == 1
    expect(work.page.locator(STATUS)).to_have_text(f"{before - 1} regions")

    work.key("Control+z")
    rows(work, image, 0)
    expect(work.page.locator(STATUS)).to_have_text(f"{before} regions")
    work.key("Control+y")
    (again,) = rows(work, image, 1)
    assert again["rle"] == row["rle"]

    work.page.reload()
    work.armed()
    expect(work.page.locator("#objects .object")).to_have_count(1)


def test_by_keyboard_alone(work: Workspace, image: dict[str, Any]) -> None:
    work.page.locator(CANVAS).focus()
    work.key("c")
    before = regions(work)
    # Not every pixel lies in a region: step on until one is taken, by each of the two keys.
    for taken, (step, take) in enumerate((("ArrowRight", "Enter"), ("ArrowDown", ".")), 1):
        for _ in range(20):
            work.key(step)
            work.key(take)
            if work.page.locator(STATUS).text_content() == f"{before - taken} regions":
                break
        rows(work, image, taken)


def test_escape_drops_and_then_leaves(work: Workspace, image: dict[str, Any]) -> None:
    work.key("c")
    regions(work)
    shown = work.picture()
    work.key("Escape")
    expect(work.page.locator(STATUS)).to_have_text("No regions")
    expect(work.page.locator(CANVAS)).to_have_attribute("data-tool", "regions")
    assert work.picture() != shown
    work.click(20, 20)
    work.key("Escape")
    expect(work.page.locator(CANVAS)).to_have_attribute("data-tool", "select")
    expect(work.page.locator("#regions")).to_be_hidden()
    assert rows(work, image, 0) == []


def test_options_work_at_once(work: Workspace) -> None:
    work.key("c")
    first = regions(work)
    work.page.get_by_label("Least share, %").fill("10")
    expect(work.page.locator(STATUS)).not_to_have_text(f"{first} regions", timeout=20_000)
    second = regions(work)
    assert second < first
    work.page.get_by_label("Colour space").select_option(label="HSL")
    expect(work.page.locator(STATUS)).not_to_have_text(f"{second} regions", timeout=20_000)
    regions(work)
    # What is out of range is not sent.
    work.page.get_by_label("Noise").fill("999")
    work.page.wait_for_timeout(800)
    expect(work.page.locator("#regions")).to_have_attribute("data-state", "ready")


def test_a_failure_is_told(work: Workspace) -> None:
    intercept(work.page, "**/api/images/*/regions", lambda route: route.abort())
    work.key("c")
    expect(work.page.locator(".toast-error")).to_contain_text("regions could not be found")
    work.page.unroute("**/api/images/*/regions")
    work.page.get_by_role("button", name="Find").click()
    assert regions(work) > 20


def test_saved_regions_do_not_stop_the_smart_tool(work: Workspace, image: dict[str, Any]) -> None:
    work.key("c")
    regions(work)
    work.key("s")
    expect(work.page.locator("#regions")).to_be_hidden()
    work.click(290, 160)
    work.candidates()
    work.key("Enter")
    (row,) = rows(work, image, 1)
    assert row["source"] == "smart"
