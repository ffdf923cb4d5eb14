"""The annotate page of a project with attributes, and its panel of objects."""

from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.drawing import Pixels, box
from tests.e2e.sheet import Row, Sheet, new_project
from tests.e2e.workspace import CANVAS
from tests.support.browser import signed_in
from tests.support.server import Server, wait_until


@pytest.fixture(scope="module")
def project(client: httpx.Client) -> Row:
    """A project with one picture and attributes of every type; plates belong to cells alone."""
    made = new_project(client, "Panel")
    for attribute in (
        {"name": "plate", "type": "text", "required": True, "labels": made["labels"][:1]},
        {"name": "age", "type": "number", "min": 0, "max": 9},
        {"name": "side", "type": "choice", "options": ["left", "right"], "default": "left"},
        {"name": "occluded", "type": "checkbox"},
    ):
        client.post(f"/api/projects/{made['id']}/attributes", json=attribute).raise_for_status()
    return made


class Desk(Sheet):
    """The page with its panel, the selecting tool in hand."""

    def look(self) -> None:
        super().look()
        self.key("v")
        expect(self.page.locator(CANVAS)).to_have_attribute("data-tool", "select")

    def put(self, pixels: Pixels, label: int = 0, **fields: Any) -> Row:
        """Without the attributes' defaults."""
        return super().put(pixels, label, **{"attributes": {}, **fields})

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
        wait_until(lambda: self.chosen() == list(names), 20, 0.05, f"{names} selected")

    def expect_names(self, *names: str) -> None:
        wait_until(lambda: self.names() == list(names), 20, 0.05, f"{names} listed")

    @property
    def details(self) -> Locator:
        return self.page.locator("#selected")


@pytest.fixture
def desk(page: Page, fake_server: Server, client: httpx.Client, project: Row) -> Desk:
    desk = Desk(page, fake_server.url, client, project)
    desk.clear()
    signed_in(page, fake_server)
    return desk


SQUARES = (box(20, 20, 60, 60), box(120, 20, 60, 60), box(220, 20, 60, 60), box(320, 20, 60, 60))
