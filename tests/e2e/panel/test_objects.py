"""The objects panel by mouse and keys: rows, flags, attributes."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.drawing import box, disc
from tests.e2e.sheet import new_image
from tests.e2e.workspace import CANVAS
from tests.support.browser import violations
from tests.support.pictures import png
from tests.support.server import ADMIN, Server

from .conftest import SQUARES, Desk

# --- What is shown ---------------------------------------------------------------------------


def test_a_row_tells_label_author_score_and_area(desk: Desk):
    desk.start(box(20, 20, 60, 50), score=0.87, source="smart")
    row = desk.item("cell 1")
    expect(row.locator(".object-details")).to_have_text(f"0.87 · {ADMIN} · 3,000 px")
    expect(row.get_by_text("Missing: plate")).to_be_attached()
    expect(desk.page.get_by_role("button", name="1 incomplete")).to_be_visible()
    desk.pick("cell 1")
    facts = desk.details.locator(".selected-facts")
    expect(facts).to_contain_text("3,000 px, 60 × 50")
    expect(facts).to_contain_text("Smart tool, score 0.87")
    expect(desk.details.locator("[data-attribute=plate]")).to_contain_text("missing")


def test_flags_follow_the_masks(desk: Desk):
    desk.start(box(0, 20, 60, 60), box(40, 40, 60, 60), box(300, 300, 5, 5), disc(500, 300, 30))
    border, over = "Touches the image's border", "Overlaps another object"
    expect(desk.item("cell 1").get_by_text(border)).to_be_attached()
    expect(desk.item("cell 1").get_by_text(over)).to_be_attached()
    expect(desk.item("cell 2").get_by_text(over)).to_be_attached()
    expect(desk.item("cell 3").get_by_text(re.compile("^Too small"))).to_be_attached()
    expect(desk.item("cell 4").locator(".object-flag")).to_have_count(1)  # the plate
    # Cutting the neighbour out ends the overlap of both.
    desk.pick("cell 1")
    desk.key("x")
    expect(desk.page.locator("#objects .is-overlaps")).to_have_count(0)
    desk.undo()
    expect(desk.page.locator("#objects .is-overlaps")).to_have_count(2)


# --- Attributes ------------------------------------------------------------------------------


def test_a_new_object_has_the_defaults_and_takes_every_type(desk: Desk):
    desk.look()
    desk.key("r")
    desk.drag(100, 100, 160, 150)
    (row,) = desk.until(lambda rows: len(rows) == 1, "the box")
    assert row["attributes"] == {"side": "left"}
    desk.key("v")
    desk.pick("cell 1")
    desk.key("Shift+A")
    plate = desk.details.get_by_label("plate", exact=True)
    expect(plate).to_be_focused()
    desk.page.keyboard.type("AB 12")
    desk.key("Tab")
    expect(desk.details.get_by_label("age", exact=True)).to_be_focused()
    desk.page.keyboard.type("12")
    desk.key("Enter")
    expect(desk.details.get_by_text("It must be at most 9.")).to_be_visible()
    desk.details.get_by_label("age", exact=True).fill("7,5")
    desk.key("Enter")
    expect(desk.page.locator(CANVAS)).to_be_focused()
    desk.details.get_by_label("side").select_option("right")
    desk.details.get_by_label("occluded").check()
    wanted = {"plate": "AB 12", "age": 7.5, "side": "right", "occluded": True}
    desk.until(lambda rows: rows[0]["attributes"] == wanted, "all four")
    expect(desk.page.get_by_role("button", name="1 incomplete")).to_be_hidden()
    # Each was a step of its own.
    desk.page.locator(CANVAS).focus()
    for key, value in (("occluded", None), ("side", "left"), ("age", None), ("plate", None)):
        desk.undo()
        desk.until(lambda rows: rows[0]["attributes"].get(key) == value, f"{key} undone")  # noqa: B023
    expect(desk.page.get_by_role("button", name="1 incomplete")).to_be_visible()


def test_what_is_typed_goes_to_what_was_selected_then(desk: Desk):
    desk.start(*SQUARES[:2])
    desk.pick("cell 1")
    desk.details.get_by_label("plate").fill("first")
    desk.click(150, 50)  # the other object, with the field still open
    desk.expect_chosen("cell 2")
    rows = desk.until(lambda rows: rows[0]["attributes"] == {"plate": "first"}, "the first's")
    assert rows[1]["attributes"] == {}
    expect(desk.details.get_by_label("plate")).to_have_value("")


def test_attributes_of_another_label_are_not_asked_for(desk: Desk):
    desk.start(*SQUARES[:1])
    desk.pick("cell 1")
    expect(desk.details.get_by_label("plate")).to_be_visible()
    desk.details.get_by_label("Label", exact=True).select_option("dust")
    expect(desk.details.get_by_label("plate")).to_have_count(0)
    expect(desk.item("dust 1").locator(".object-flag")).to_have_count(0)
    desk.until(lambda rows: rows[0]["label"] == desk.labels[1], "the label")
    # It brings its defaults along, and one step takes both back.
    assert desk.rows()[0]["attributes"] == {"side": "left"}
    desk.page.locator(CANVAS).focus()
    desk.undo()
    rows = desk.until(lambda rows: rows[0]["label"] == desk.labels[0], "the undone label")
    assert rows[0]["attributes"] == {}


# --- Large, and for everybody ----------------------------------------------------------------


def test_a_thousand_objects_keep_the_page_small(
    desk: Desk, fake_server: Server, project: dict[str, Any]
):
    # Of its own, so that nobody has to delete them.
    desk.image = new_image(desk.client, project["id"], png(640, 480))
    boxes = [(number % 40 * 16, number // 40 * 19, 12, 12) for number in range(1000)]
    fake_server.put_boxes(desk.image, desk.labels[0], boxes, attributes={"plate": "p"})
    desk.look()
    expect(desk.page.locator("#objects-count")).to_have_text("1000")
    assert desk.page.locator("#objects .object").count() < 60
    desk.key("Shift+V")
    desk.key("End")
    expect(desk.item("cell 1000").locator(".object-main")).to_be_focused()
    expect(desk.item("cell 1000")).to_be_in_viewport()
    desk.click(8, 8)
    desk.expect_chosen("cell 1")
    expect(desk.item("cell 1")).to_be_in_viewport()
    desk.key("Control+a")
    expect(desk.details.get_by_role("button", name="1,000 objects")).to_be_visible()


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_panel_is_accessible(desk: Desk, scheme: Any):
    page = desk.page
    page.emulate_media(color_scheme=scheme)
    desk.start(box(0, 20, 60, 60), box(40, 40, 60, 60), disc(300, 300, 3))
    page.get_by_role("button", name="More filters and sorting").click()
    found = {"filters": violations(page)}
    page.get_by_role("button", name="More filters and sorting").click()
    desk.pick("cell 1")
    expect(desk.details).to_be_visible()
    found["one"] = violations(page)
    desk.key("l")
    desk.key("Control+a")
    desk.key("z")
    expect(page.locator("#objects .is-hidden")).to_have_count(3)
    found["many"] = violations(page)
    desk.pick("cell 2")
    desk.key("Shift+L")
    expect(page.get_by_role("dialog").locator("canvas")).to_be_visible()
    found["history"] = violations(page)
    desk.key("Escape")
    desk.key("Shift+Delete")
    expect(page.get_by_role("dialog", name="Deleted objects")).to_be_visible()
    found["deleted"] = violations(page)
    assert {place: items for place, items in found.items() if items} == {}
