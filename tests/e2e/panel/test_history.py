"""The history of objects in the page: versions, deleted ones, the way back."""

import re

from playwright.sync_api import expect

from tests.e2e import drawing
from tests.e2e.drawing import box, decoded, disc
from tests.support.browser import intercept
from tests.support.server import ADMIN

from .conftest import SQUARES, Desk


def test_an_earlier_version_is_seen_and_restored(desk: Desk):
    (row,) = desk.start(disc(200, 200, 40))
    path = f"/api/annotations/{row['id']}"
    change = {"version": 1, "rle": drawing.encoded(box(300, 100, 50, 50)), "label": desk.labels[1]}
    desk.client.patch(path, json=change).raise_for_status()
    desk.client.patch(path, json={"version": 2, "attributes": {"age": 5}}).raise_for_status()
    expect(desk.item("dust 1")).to_be_visible()
    desk.pick("dust 1")
    desk.key("Shift+L")
    dialog = desk.page.get_by_role("dialog", name="History of dust 1")
    items = dialog.get_by_role("listitem").filter(has=desk.page.get_by_role("button"))
    expect(items).to_have_count(3)
    expect(items.nth(0)).to_contain_text("Changed: attributes")
    expect(items.nth(1)).to_contain_text("Changed: mask, label")
    expect(items.nth(2)).to_contain_text("Made")
    expect(items.nth(2)).to_contain_text(ADMIN)
    restore = dialog.get_by_role("button", name=re.compile("^Restore version"))
    expect(restore).to_have_text("Restore version 2")
    desk.page.keyboard.press("Tab")
    items.nth(0).get_by_role("button").click()
    expect(restore).to_be_disabled()
    expect(dialog.get_by_text("This is what the object is now.")).to_be_visible()
    desk.key("ArrowDown")
    desk.key("ArrowDown")
    expect(restore).to_have_text("Restore version 1")
    expect(restore).to_be_enabled()
    expect(dialog.get_by_text("Filled: then. Dashed: now.")).to_be_visible()
    restore.click()
    (back,) = desk.until(lambda rows: rows[0]["version"] == 4, "the restored")
    assert (decoded(back) == disc(200, 200, 40)).all()
    assert (back["label"], back["attributes"]) == (desk.labels[0], {})
    newest = desk.client.get(f"{path}/revisions").json()["items"][0]
    assert newest["reason"] == "Version 1 restored"
    desk.expect_chosen("cell 1")
    desk.undo()
    (undone,) = desk.until(lambda rows: rows[0]["version"] == 5, "the undone restoring")
    assert (decoded(undone) == box(300, 100, 50, 50)).all()
    assert (undone["label"], undone["attributes"]) == (desk.labels[1], {"age": 5})


def test_a_restore_that_is_late_asks(desk: Desk):
    (row,) = desk.start(SQUARES[0])
    path = f"/api/annotations/{row['id']}"
    desk.client.patch(path, json={"version": 1, "attributes": {"age": 1}}).raise_for_status()
    expect(desk.page.locator("#objects .object")).to_have_count(1)
    desk.pick("cell 1")
    expect(desk.details.get_by_label("age")).to_have_value("1")
    # Somebody else is faster, and this page does not hear of it before it asks.
    intercept(desk.page, "**/restore", lambda route: (_change(desk, path), route.continue_())[1])
    desk.key("Shift+L")
    desk.page.get_by_role("button", name="Restore version 1").click()
    conflict = desk.page.get_by_role("dialog", name="Two versions of one object")
    expect(conflict).to_be_visible()
    conflict.get_by_role("button", name="Keep the server's").click()
    expect(desk.details.get_by_label("age")).to_have_value("2")
    assert desk.rows()[0]["attributes"] == {"age": 2}


def _change(desk: Desk, path: str) -> None:
    desk.client.patch(path, json={"version": 2, "attributes": {"age": 2}}).raise_for_status()


def test_a_deleted_object_comes_back(desk: Desk):
    (row, _) = desk.start(disc(200, 200, 40), SQUARES[3], attributes={"plate": "kept"})
    desk.client.delete(f"/api/annotations/{row['id']}", params={"version": 1}).raise_for_status()
    expect(desk.page.locator("#objects .object")).to_have_count(1)
    desk.key("Shift+Delete")
    dialog = desk.page.get_by_role("dialog", name="Deleted objects")
    first = dialog.get_by_role("list", name="Versions").get_by_role("button").first
    expect(first).to_contain_text("cell")
    expect(dialog.get_by_text("plate: kept")).to_be_visible()
    dialog.get_by_role("button", name="Bring it back").click()
    rows = desk.until(lambda rows: len(rows) == 2, "the object")
    back = next(r for r in rows if r["id"] == row["id"])
    same = set(row) - {"version", "updatedTime"}
    assert {k: back[k] for k in same} == {k: row[k] for k in same}
    assert back["version"] == 3
    desk.expect_chosen("cell 1")
    desk.undo()
    desk.until(lambda rows: len(rows) == 1, "deleted again")
    desk.key("Control+y")
    rows = desk.until(lambda rows: len(rows) == 2, "back again")
    assert {r["id"]: r["createdTime"] for r in rows}[row["id"]] == row["createdTime"]
