"""The objects panel by mouse and keys: attributes, order, many at once, filter, flags, history."""

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import sign_in, violations
from tests.support.server import ADMIN, ADMIN_PASSWORD, Server, wait_until

from . import drawing
from .drawing import Pixels, box, decoded, disc
from .workspace import CANVAS, Workspace

Rows = list[dict[str, Any]]
BEN = "panel-ben"


@pytest.fixture(scope="module")
def client(fake_server: Server) -> Iterator[httpx.Client]:
    with fake_server.client() as client:
        yield client


@pytest.fixture(scope="module")
def project(client: httpx.Client) -> dict[str, Any]:
    """A project with one picture and attributes of every type; plates belong to cells alone."""
    body = {"name": "Panel", "labels": [{"name": "cell"}, {"name": "dust"}]}
    made: dict[str, Any] = client.post("/api/projects", json=body).raise_for_status().json()
    files = [("files", ("picture.png", drawing.picture(), "image/png"))]
    answer = client.post(f"/api/projects/{made['id']}/images", files=files).raise_for_status()
    image = answer.json()["items"][0]["id"]
    labels = [label["id"] for label in made["labels"]]
    for attribute in (
        {"name": "plate", "type": "text", "required": True, "labels": labels[:1]},
        {"name": "age", "type": "number", "min": 0, "max": 9},
        {"name": "side", "type": "choice", "options": ["left", "right"], "default": "left"},
        {"name": "occluded", "type": "checkbox"},
    ):
        client.post(f"/api/projects/{made['id']}/attributes", json=attribute).raise_for_status()
    wait_until(lambda: client.get(f"/api/images/{image}").json()["embedding"] == "ready", 60, 0.3)
    return made | {"image": image, "labels": labels}


class Desk(Workspace):
    """The page with one picture at its actual size, and what the server has of it."""

    def __init__(self, page: Page, url: str, client: httpx.Client, project: Any) -> None:
        super().__init__(page, url)
        self.client, self.image, self.labels = client, project["image"], project["labels"]

    def start(self, *masks: Pixels, **fields: Any) -> Rows:
        made = [self.put(pixels, **fields) for pixels in masks]
        self.look()
        return made

    def look(self) -> None:
        self.open(self.image)
        self.key("Control+1")
        expect(self.page.locator("#zoom-level")).to_have_text("100 %")
        self.key("v")
        expect(self.page.locator(CANVAS)).to_have_attribute("data-tool", "select")

    def put(self, pixels: Pixels, label: int = 0, **fields: Any) -> dict[str, Any]:
        body = {"id": str(uuid.uuid4()), "label": self.labels[label], "attributes": {},
                "rle": drawing.encoded(pixels), **fields}  # fmt: skip
        answer = self.client.post(f"/api/images/{self.image}/annotations", json=body)
        row: dict[str, Any] = answer.raise_for_status().json()
        return row

    def rows(self) -> Rows:
        answer = self.client.get(f"/api/images/{self.image}/annotations", params={"limit": 1000})
        items: Rows = answer.json()["items"]
        return items

    def until(self, good: Callable[[Rows], Any], what: str) -> Rows:
        found: Rows = []

        def probe() -> bool:
            found[:] = self.rows()
            return bool(good(found))

        wait_until(probe, 15, 0.1, what)
        return found

    def item(self, name: str) -> Locator:
        """A row of the list."""
        exact = self.page.get_by_text(name, exact=True)
        return self.page.locator("#objects .object").filter(has=exact)

    def pick(self, name: str, *modifiers: Any) -> None:
        self.item(name).locator(".object-name").click(modifiers=list(modifiers))

    def names(self) -> list[str]:
        return self.page.locator("#objects .object-name").all_inner_texts()

    def chosen(self) -> list[str]:
        return self.page.locator("#objects .is-selected .object-name").all_inner_texts()

    def expect_chosen(self, *names: str) -> None:
        wait_until(lambda: self.chosen() == list(names), 5, 0.05, f"{names} selected")

    def expect_names(self, *names: str) -> None:
        wait_until(lambda: self.names() == list(names), 5, 0.05, f"{names} listed")

    @property
    def details(self) -> Locator:
        return self.page.locator("#selected")

    def undo(self) -> None:
        self.key("Control+z")


@pytest.fixture
def desk(page: Page, fake_server: Server, client: httpx.Client, project: dict[str, Any]) -> Desk:
    desk = Desk(page, fake_server.url, client, project)
    for row in desk.rows():
        client.delete(f"/api/annotations/{row['id']}", params={"version": row["version"]})
    sign_in(page, fake_server.url, ADMIN, ADMIN_PASSWORD)
    return desk


SQUARES = (box(20, 20, 60, 60), box(120, 20, 60, 60), box(220, 20, 60, 60), box(320, 20, 60, 60))


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


# --- History ---------------------------------------------------------------------------------


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
    desk.page.route("**/restore", lambda route: (_change(desk, path), route.continue_())[1])
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


# --- Large, and for everybody ----------------------------------------------------------------


def test_a_thousand_objects_keep_the_page_small(desk: Desk):
    for number in range(1000):
        desk.put(box(number % 40 * 16, number // 40 * 19, 12, 12), attributes={"plate": "p"})
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
