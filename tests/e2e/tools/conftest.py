"""A page with one picture, and what the tests of the editing tools do there."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.drawing import Pixels, decoded
from tests.e2e.sheet import Row, Sheet, new_project
from tests.e2e.workspace import CANVAS
from tests.support.browser import signed_in
from tests.support.server import Server


@pytest.fixture(scope="module")
def project(client: httpx.Client) -> Row:
    return new_project(client, "Tools")


class Bench(Sheet):
    """The page, and what hands do on it."""

    def look(self) -> None:
        super().look()
        self.page.wait_for_timeout(50)

    def one(self, good: Callable[[Row], Any], what: str) -> Row:
        (row,) = self.until(lambda rows: len(rows) == 1 and good(rows[0]), what)
        return row

    def tool(self, key: str, name: str) -> None:
        self.key(key)
        expect(self.page.locator(CANVAS)).to_have_attribute("data-tool", name)

    def stroke(self, *places: tuple[float, float], button: Any = "left") -> None:
        self.page.mouse.move(*self.at(*places[0]))
        self.page.mouse.down(button=button)
        for place in places[1:]:
            self.page.mouse.move(*self.at(*place), steps=5)
        self.page.mouse.up(button=button)

    def select(self, x: float, y: float) -> None:
        self.tool("v", "select")
        self.click(x, y)
        expect(self.page.locator("#objects .is-selected")).to_have_count(1)

    def brush(self, size: int, shape: str = "Round") -> None:
        field = self.page.get_by_label("Size")
        field.fill(str(size))
        field.press("Enter")
        self.page.get_by_role("button", name=shape).click()


@pytest.fixture
def bench(page: Page, fake_server: Server, client: httpx.Client, project: Row) -> Bench:
    bench = Bench(page, fake_server.url, client, project)
    bench.clear()
    signed_in(page, fake_server)
    return bench


def same(row: Row, expected: Pixels, unsure: Pixels | None = None) -> None:
    """The stored mask is the expected one, but where rounding decides."""
    wrong = decoded(row) ^ expected
    if unsure is not None:
        wrong &= ~unsure
    assert not wrong.any(), f"{int(wrong.sum())} pixels differ"
    assert row["area"] == int(decoded(row).sum())
