"""The objects panel by mouse and keys: many at once, order, filter."""

from playwright.sync_api import expect

from tests.e2e.drawing import box
from tests.e2e.workspace import CANVAS
from tests.support.server import ADMIN

from .conftest import SQUARES, Desk

# --- Many at once ----------------------------------------------------------------------------


def test_rows_are_selected_by_mouse_and_keys(desk: Desk):
    desk.start(*SQUARES)
    desk.pick("cell 2")
    desk.pick("cell 4", "Shift")
    desk.expect_chosen("cell 2", "cell 3", "cell 4")
    desk.pick("cell 3", "Control")
    desk.expect_chosen("cell 2", "cell 4")
    desk.pick("cell 1")
    desk.expect_chosen("cell 1")
    expect(desk.page.locator(CANVAS)).to_be_focused()
    # By keys alone.
    desk.key("Shift+V")
    expect(desk.item("cell 1").locator(".object-main")).to_be_focused()
    for key, names in (
        ("ArrowDown", ("cell 2",)),
        ("Shift+ArrowDown", ("cell 2", "cell 3")),
        ("Shift+End", ("cell 2", "cell 3", "cell 4")),
        ("Home", ("cell 1",)),
        ("Control+ArrowDown", ("cell 1",)),
        ("Control+ArrowDown", ("cell 1",)),
        ("Control+Space", ("cell 1", "cell 3")),
        ("Control+a", ("cell 1", "cell 2", "cell 3", "cell 4")),
    ):
        desk.key(key)
        desk.expect_chosen(*names)
    desk.key("Escape")
    expect(desk.page.locator(CANVAS)).to_be_focused()
    desk.expect_chosen("cell 1", "cell 2", "cell 3", "cell 4")


def test_label_attribute_lock_hide_and_delete_of_many_are_one_step_each(desk: Desk):
    desk.start(*SQUARES)
    desk.key("Control+a")
    expect(desk.details.get_by_role("button", name="4 objects")).to_be_visible()

    desk.details.get_by_label("side").select_option("right")
    desk.until(lambda rows: [r["attributes"].get("side") for r in rows] == ["right"] * 4, "sides")
    desk.pick("cell 1")
    desk.details.get_by_label("side").select_option("left")
    desk.until(lambda rows: rows[0]["attributes"]["side"] == "left", "one side")
    desk.key("Control+a")
    expect(desk.details.get_by_label("side")).to_have_value("")  # several values
    desk.details.get_by_label("plate").fill("same")
    desk.key("Enter")
    desk.until(lambda rows: all(r["attributes"].get("plate") == "same" for r in rows), "plates")
    desk.undo()
    desk.until(lambda rows: not any("plate" in r["attributes"] for r in rows), "undone at once")

    desk.details.get_by_label("Label", exact=True).select_option("dust")
    desk.until(lambda rows: {r["label"] for r in rows} == {desk.labels[1]}, "labels")
    desk.page.locator(CANVAS).focus()
    desk.undo()
    desk.until(lambda rows: {r["label"] for r in rows} == {desk.labels[0]}, "undone labels")

    desk.details.get_by_role("button", name="Lock").click()
    expect(desk.page.locator("#objects .is-locked")).to_have_count(4)
    expect(desk.details.get_by_label("side")).to_be_disabled()
    desk.key("Delete")
    expect(desk.page.get_by_text("Locked objects stay as they are")).to_be_visible()
    desk.undo()
    expect(desk.page.locator("#objects .is-locked")).to_have_count(0)
    desk.key("z")
    expect(desk.page.locator("#objects .is-hidden")).to_have_count(4)
    desk.undo()
    expect(desk.page.locator("#objects .is-hidden")).to_have_count(0)

    desk.details.get_by_role("button", name="Delete").click()
    desk.until(lambda rows: not rows, "all deleted")
    desk.undo()
    desk.until(lambda rows: len(rows) == 4, "all back")


def test_undo_leaves_what_somebody_else_set_meanwhile(desk: Desk):
    rows = desk.start(*SQUARES[:2])
    desk.key("Control+a")
    desk.details.get_by_label("side").select_option("right")
    rows = desk.until(lambda rows: all(r["version"] == 2 for r in rows), "both sides")
    theirs = {"version": 2, "attributes": {"side": "left", "age": 3}}
    answer = desk.client.patch(f"/api/annotations/{rows[0]['id']}", json=theirs)
    answer.raise_for_status()
    other = {"version": 2, "attributes": {"side": "right", "age": 4}}
    desk.client.patch(f"/api/annotations/{rows[1]['id']}", json=other).raise_for_status()
    desk.pick("cell 2")
    expect(desk.details.get_by_label("age", exact=True)).to_have_value("4")
    desk.undo()
    rows = desk.until(lambda rows: rows[1]["version"] == 4, "the undone second")
    assert rows[0]["attributes"] == {"side": "left", "age": 3}
    assert rows[1]["attributes"] == {"age": 4}
    expect(desk.page.get_by_text("Not all of it was undone")).to_be_visible()


# --- Order -----------------------------------------------------------------------------------


def test_order_is_drawn_hit_and_stored(desk: Desk):
    desk.start(box(100, 100, 100, 100), box(100, 100, 100, 100), box(150, 150, 100, 100))
    desk.click(120, 120)
    desk.expect_chosen("cell 2")
    desk.page.wait_for_timeout(600)  # or it would be a double click
    desk.click(120, 120)
    desk.expect_chosen("cell 1")
    before = desk.picture()
    desk.key("PageUp")
    rows = desk.until(lambda rows: rows[0]["z"] is not None, "one forward")
    assert rows[1]["createdTime"] < rows[0]["z"] < rows[2]["createdTime"]
    assert [row["version"] for row in rows] == [2, 1, 1]
    desk.key("Escape")
    desk.click(120, 120)
    desk.expect_chosen("cell 1")
    desk.click(180, 180)
    desk.expect_chosen("cell 3")
    desk.key("Shift+PageDown")
    rows = desk.until(lambda rows: rows[2]["z"] is not None, "to the back")
    assert rows[2]["z"] < rows[1]["createdTime"]
    desk.key("Escape")
    desk.click(180, 180)
    desk.expect_chosen("cell 1")
    assert desk.picture() != before
    # It is still so after loading the page anew.
    desk.look()
    desk.click(180, 180)
    desk.expect_chosen("cell 1")
    desk.page.get_by_role("button", name="More filters and sorting").click()
    desk.page.get_by_label("Sort", exact=True).select_option("Front first")
    desk.expect_names("cell 1", "cell 2", "cell 3")
    desk.pick("cell 3")
    desk.details.get_by_role("button", name="To the front").click()
    desk.expect_names("cell 3", "cell 1", "cell 2")
    desk.undo()
    desk.expect_names("cell 1", "cell 2", "cell 3")


# --- Filter ----------------------------------------------------------------------------------


def test_the_filter_narrows_down_by_text_label_author_and_flags(desk: Desk):
    desk.start(*SQUARES[:2], attributes={"plate": "red"})
    desk.put(SQUARES[2], label=1)
    desk.put(box(0, 200, 40, 40), attributes={"plate": "blue"})
    page = desk.page
    desk.expect_names("cell 1", "cell 2", "dust 3", "cell 4")
    desk.key("/")
    expect(page.get_by_label("Filter objects by text")).to_be_focused()
    page.keyboard.type("blue")
    desk.expect_names("cell 4")
    expect(page.locator(".objects-status")).to_have_text("1 of 4")
    desk.key("ArrowDown")
    expect(desk.item("cell 4").locator(".object-main")).to_be_focused()
    page.get_by_role("button", name="Show all").click()
    page.get_by_role("button", name="More filters and sorting").click()
    filters = page.locator("#objects-filters")
    filters.get_by_label("Label", exact=True).select_option("dust")
    desk.expect_names("dust 3")
    filters.get_by_label("Label", exact=True).select_option("All labels")
    filters.get_by_label("Author").select_option(ADMIN)
    desk.expect_names("cell 1", "cell 2", "dust 3", "cell 4")
    filters.get_by_label("Touches border").check()
    desk.expect_names("cell 4")
    filters.get_by_label("Attribute missing").check()
    desk.expect_names("cell 4")
    page.get_by_role("button", name="Select these").click()
    desk.expect_chosen("cell 4")
    page.get_by_role("button", name="Show all").click()
    desk.expect_names("cell 1", "cell 2", "dust 3", "cell 4")
    # Tab goes through what is listed.
    page.get_by_label("Filter objects by text").fill("red")
    page.locator(CANVAS).focus()
    desk.key("Escape")
    desk.key("Tab")
    desk.expect_chosen("cell 1")
    desk.key("Tab")
    desk.expect_chosen("cell 2")


def test_incomplete_objects_are_counted_and_found(desk: Desk):
    desk.start(SQUARES[0], attributes={"plate": "x"})
    desk.put(SQUARES[1])
    desk.put(SQUARES[2], label=1)
    desk.page.get_by_role("button", name="1 incomplete").click()
    desk.expect_names("cell 2")
    expect(desk.item("cell 2").locator(".object-main")).to_be_focused()
