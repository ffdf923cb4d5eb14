"""The attributes of a project, made and changed on its page of labels."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.support.browser import intercept, signed_in, violations
from tests.support.server import Server


class Fields:
    """The page of one project, opened, and what the server has of its attributes."""

    def __init__(self, page: Page, server: Server, client: httpx.Client) -> None:
        body = {"name": "Fields", "labels": [{"name": "cell"}, {"name": "dust"}]}
        made = client.post("/api/projects", json=body).raise_for_status().json()
        self.page, self.client, self.path = page, client, f"/api/projects/{made['id']}"
        self.labels = [label["id"] for label in made["labels"]]
        self.list = page.get_by_role("list", name="Attributes")
        signed_in(page, server)
        page.goto(f"{server.url}/projects/{made['id']}/labels/")

    def stored(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.get(self.path).json()["attributes"]
        return [{key: value for key, value in row.items() if key != "id"} for row in found]

    def begin(self, name: str, kind: str) -> Locator:
        self.page.get_by_role("button", name="Add attribute").click()
        dialog = self.page.get_by_role("dialog", name="New attribute")
        dialog.get_by_label("Name").fill(name)
        dialog.get_by_label("Type").select_option(kind)
        return dialog

    def end(self, dialog: Locator, name: str, words: str) -> None:
        dialog.get_by_role("button", name="Add", exact=True).click()
        expect(dialog).to_be_hidden()
        expect(self.list.get_by_role("listitem").filter(has_text=name)).to_contain_text(words)


@pytest.fixture
def fields(page: Page, fake_server: Server, client: httpx.Client) -> Fields:
    return Fields(page, fake_server, client)


def test_an_attribute_of_every_type_is_made(fields: Fields):
    expect(fields.page.get_by_text("Objects have no attributes yet.")).to_be_visible()
    dialog = fields.begin("plate", "Text")
    expect(dialog.get_by_label("Choices")).to_be_hidden()
    dialog.get_by_label("Required").check()
    dialog.get_by_label("Only those of some labels").check()
    expect(dialog.get_by_role("button", name="Add", exact=True)).to_be_disabled()
    dialog.get_by_label("dust").check()
    fields.end(dialog, "plate", "Text · only dust")
    dialog = fields.begin("age", "Number")
    dialog.get_by_label("Minimum").fill("0")
    dialog.get_by_label("Maximum").fill("9,5")
    dialog.get_by_role("textbox", name="New objects begin with").fill("three")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("must be a number")
    dialog.get_by_role("textbox", name="New objects begin with").fill("3")
    fields.end(dialog, "age", "Number · 0 to 9.5 · at first 3")
    dialog = fields.begin("side", "Choice")
    expect(dialog.get_by_role("button", name="Add", exact=True)).to_be_disabled()
    dialog.get_by_label("Choices").fill("left\n\n right \n")
    dialog.get_by_role("combobox", name="New objects begin with").select_option("right")
    fields.end(dialog, "side", "Choice · left, right · at first right")
    dialog = fields.begin("occluded", "Checkbox")
    expect(dialog.get_by_label("Required")).to_be_hidden()
    dialog.get_by_label("New objects begin with it ticked").check()
    fields.end(dialog, "occluded", "Checkbox · ticked at first")
    empty = {"default": None, "options": [], "min": None, "max": None, "labels": None}
    assert fields.stored() == [
        {**empty, "name": "plate", "type": "text", "required": True, "labels": fields.labels[1:],
         "order": 0},
        {**empty, "name": "age", "type": "number", "required": False, "default": 3, "min": 0,
         "max": 9.5, "order": 1},
        {**empty, "name": "side", "type": "choice", "required": False, "default": "right",
         "options": ["left", "right"], "order": 2},
        {**empty, "name": "occluded", "type": "checkbox", "required": False, "default": True,
         "order": 3},
    ]  # fmt: skip


def one_after_the_other() -> Callable[[Route], None]:
    """The news of a request are there before the next one is sent."""
    seen: list[str] = []

    def handle(route: Route) -> None:
        if seen:
            time.sleep(0.7)
        seen.append(route.request.url)
        route.continue_()

    return handle


def test_attributes_are_changed_moved_and_deleted_by_keys(fields: Fields):
    for name in ("first", "second"):
        body = {"name": name, "type": "choice", "options": ["a", "b"]}
        fields.client.post(f"{fields.path}/attributes", json=body).raise_for_status()
    # What somebody else makes arrives by itself.
    rows = fields.list.get_by_role("listitem")
    expect(rows).to_have_count(2)
    page = fields.page
    rows.nth(1).get_by_role("button", name="Edit second").press("Enter")
    dialog = page.get_by_role("dialog", name="Edit “second”")
    expect(dialog.get_by_label("Type")).to_be_disabled()
    dialog.get_by_label("Name").fill("first")
    dialog.get_by_label("Name").press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("has this attribute already")
    dialog.get_by_label("Name").fill("quality")
    dialog.get_by_label("Choices").fill("good\nbad")
    dialog.get_by_label("Name").press("Enter")
    expect(rows.nth(1)).to_contain_text("Choice · good, bad")
    expect(page.get_by_role("button", name="Edit quality")).to_be_focused()
    up = page.get_by_role("button", name="Move quality up")
    intercept(page, "**/api/attributes/*", one_after_the_other())
    up.press("Enter")
    expect(rows.nth(0)).to_contain_text("quality")
    expect(up).to_be_focused()
    expect(page.get_by_text("quality is number 1.")).to_be_attached()
    page.unroute("**/api/attributes/*")
    expect(rows.nth(0)).to_contain_text("quality")
    assert [(row["name"], row["options"]) for row in fields.stored()] == [
        ("quality", ["good", "bad"]), ("first", ["a", "b"]),
    ]  # fmt: skip
    page.get_by_role("button", name="Delete first").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Delete").press("Enter")
    expect(rows).to_have_count(1)
    assert [row["name"] for row in fields.stored()] == ["quality"]


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_attributes_are_accessible(fields: Fields, scheme: Any):
    fields.page.emulate_media(color_scheme=scheme)
    body = {"name": "plate", "type": "text", "required": True}
    fields.client.post(f"{fields.path}/attributes", json=body).raise_for_status()
    expect(fields.list.get_by_role("listitem")).to_have_count(1)
    assert violations(fields.page) == []
    fields.begin("side", "Choice").get_by_label("Only those of some labels").check()
    assert violations(fields.page) == []
