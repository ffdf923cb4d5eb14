"""Proposals on the annotate page: everything mode and find alike, by mouse and by keyboard."""

from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from pycocotools import mask as coco_mask

from tests.support.browser import intercept, signed_in
from tests.support.environment import ROOT
from tests.support.server import Server, wait_until

from .workspace import CANVAS, Workspace

PANEL = "#proposals"
STATUS = f"{PANEL} .regions-status"


@pytest.fixture(scope="module")
def image(client: httpx.Client) -> dict[str, Any]:
    """A photo of a project with two labels."""
    body = {"name": "Proposals", "labels": [{"name": "cup"}, {"name": "table"}]}
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
    """Somebody signed in, at the image without objects."""
    for row in client.get(f"/api/images/{image['id']}/annotations").json()["items"]:
        client.delete(f"/api/annotations/{row['id']}", params={"version": row["version"]})
    signed_in(page, fake_server)
    work = Workspace(page, fake_server.url)
    work.open(image["id"])
    # What proposes is loaded after the smart tool.
    expect(page.locator("#tool-proposals")).to_be_enabled()
    return work


def proposals(work: Workspace) -> int:
    """How many are offered, once they are."""
    expect(work.page.locator(PANEL)).to_have_attribute("data-state", "ready", timeout=30_000)
    text = work.page.locator(STATUS).text_content() or ""
    return int(text.split()[0]) if text[0].isdigit() else 0


def rows(work: Workspace, image: dict[str, Any], count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def probe() -> bool:
        found[:] = work.annotations(image["id"])
        return len(found) == count

    wait_until(probe, 20, 0.15, f"{count} objects")
    return found


def test_a_click_keeps_and_a_right_click_drops(work: Workspace, image: dict[str, Any]) -> None:
    work.page.get_by_role("button", name="Everything").first.click()
    expect(work.page.locator(CANVAS)).to_have_attribute("data-tool", "proposals")
    before = proposals(work)
    assert before > 50
    work.key("2")
    work.click(300, 200)
    (row,) = rows(work, image, 1)
    assert (row["source"], row["label"], row["model"]) == ("smart", image["labels"][1], "fake")
    assert row["score"] == 0.95
    assert row["prompts"]["points"][0]["candidate"] == row["candidate"] == 2
    assert coco_mask.decode(row["rle"])[200, 300] == 1
    expect(work.page.locator(STATUS)).to_have_text(f"{before - 1} proposals")

    work.click(100, 100, button="right")
    expect(work.page.locator(STATUS)).to_have_text(f"{before - 2} proposals")
    work.key("Control+z")
    expect(work.page.locator(STATUS)).to_have_text(f"{before - 1} proposals")
    work.key("Control+z")
    rows(work, image, 0)
    expect(work.page.locator(STATUS)).to_have_text(f"{before} proposals")

    # In the other order, too, what was done last is undone first.
    work.click(100, 100, button="right")
    expect(work.page.locator(STATUS)).to_have_text(f"{before - 1} proposals")
    work.click(300, 200)
    rows(work, image, 1)
    work.key("Control+z")
    rows(work, image, 0)
    expect(work.page.locator(STATUS)).to_have_text(f"{before - 1} proposals")
    work.key("Control+z")
    expect(work.page.locator(STATUS)).to_have_text(f"{before} proposals")
    work.key("Control+Shift+z")
    expect(work.page.locator(STATUS)).to_have_text(f"{before - 1} proposals")


def test_the_slider_filters_and_a_keeps_the_rest_in_one_step(
    work: Workspace, image: dict[str, Any]
) -> None:
    # No more than one page of the list of objects.
    intercept(
        work.page,
        "**/api/images/*/everything",
        lambda route: route.continue_(post_data='{"pointsPerSide": 6}'),
    )
    work.page.locator(CANVAS).focus()
    work.key("q")
    most = proposals(work)
    slider = work.page.get_by_label("Least score")
    slider.fill("96")
    expect(work.page.locator(STATUS)).to_contain_text("None at this score")
    expect(work.page.get_by_role("button", name="Keep all")).to_be_disabled()
    slider.fill("90")
    expect(work.page.locator(STATUS)).to_have_text(f"{most} proposals")
    slider.press("a")
    rows(work, image, most)
    expect(work.page.locator("#objects .object").first).to_be_visible()
    work.page.locator(CANVAS).focus()
    work.key("Control+z")
    rows(work, image, 0)
    expect(work.page.locator(STATUS)).to_have_text(f"{most} proposals")


def test_more_like_the_selected_object(work: Workspace, image: dict[str, Any]) -> None:
    work.key("Shift+Q")
    expect(work.page.locator(".toast")).to_contain_text("No object is selected")
    work.click(290, 160)
    work.candidates()
    work.key("Enter")
    rows(work, image, 1)
    work.page.locator(CANVAS).focus()
    work.key("Tab")
    work.key("Shift+Q")
    expect(work.page.locator(PANEL)).to_have_attribute("data-kind", "alike")
    work.page.get_by_label("Least score").fill("0")
    proposals(work)
    expect(work.page.locator(PANEL)).to_have_attribute("data-state", "ready")


def test_objects_that_are_gone_are_not_looked_for_any_more(
    work: Workspace, image: dict[str, Any], client: httpx.Client
) -> None:
    def remove(row: dict[str, Any]) -> None:
        client.delete(f"/api/annotations/{row['id']}", params={"version": row["version"]})

    def again() -> list[str]:
        """What the server is asked about at last, when nothing is selected."""
        work.key("Escape")
        expect(work.page.locator(STATUS)).to_have_text("No proposals")
        with work.page.expect_response(
            lambda found: found.url.endswith("/alike") and found.status == 202
        ) as answer:
            work.key("Shift+Q")
        proposals(work)
        objects: list[str] = answer.value.request.post_data_json["objects"]
        return objects

    for x, y in ((290, 160), (100, 300)):
        work.click(x, y)
        work.candidates()
        work.key("Enter")
    first, second = rows(work, image, 2)
    work.page.locator(CANVAS).focus()
    work.key("Control+a")
    work.key("Shift+Q")
    proposals(work)
    assert set(again()) == {first["id"], second["id"]}
    remove(first)
    assert again() == [second["id"]]
    remove(second)
    work.key("Escape")
    work.key("Shift+Q")
    expect(work.page.locator(".toast-error")).to_contain_text("Select one, or a few")
    work.key("Shift+Q")
    expect(work.page.locator(".toast", has_text="No object is selected")).to_be_visible()


def test_nothing_found_is_said_in_words(work: Workspace, image: dict[str, Any]) -> None:
    intercept(
        work.page,
        "**/api/images/*/everything",
        lambda route: route.continue_(post_data='{"score": 1, "pointsPerSide": 2}'),
    )
    work.key("q")
    expect(work.page.locator(STATUS)).to_have_text("No objects were found", timeout=20_000)


def test_a_failure_is_told_and_escape_leaves(work: Workspace, image: dict[str, Any]) -> None:
    intercept(work.page, "**/api/images/*/everything", lambda route: route.abort())
    work.key("q")
    expect(work.page.locator(".toast-error")).to_contain_text("could not be looked for")
    expect(work.page.locator(STATUS)).to_have_text("Nothing could be looked for")
    work.page.unroute("**/api/images/*/everything")
    work.page.locator(PANEL).get_by_role("button", name="Everything").click()
    assert proposals(work) > 50
    work.key("Escape")
    expect(work.page.locator(STATUS)).to_have_text("No proposals")
    work.key("Escape")
    expect(work.page.locator(CANVAS)).to_have_attribute("data-tool", "select")
    expect(work.page.locator(PANEL)).to_be_hidden()
    rows(work, image, 0)
