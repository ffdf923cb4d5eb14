"""A page with one picture, and what the tests of the editing tools do there."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e import drawing
from tests.e2e.drawing import Pixels, decoded
from tests.e2e.workspace import CANVAS, Workspace
from tests.support.browser import signed_in
from tests.support.server import Server, wait_until

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def client(fake_server: Server) -> Iterator[httpx.Client]:
    with fake_server.client() as client:
        yield client


@pytest.fixture(scope="module")
def project(client: httpx.Client) -> dict[str, Any]:
    """A project with one picture; `image` is its id, `labels` those of its two labels."""
    body = {"name": "Tools", "labels": [{"name": "cell"}, {"name": "dust"}]}
    made: dict[str, Any] = client.post("/api/projects", json=body).raise_for_status().json()
    files = [("files", ("picture.png", drawing.picture(), "image/png"))]
    answer = client.post(f"/api/projects/{made['id']}/images", files=files).raise_for_status()
    image = answer.json()["items"][0]["id"]
    wait_until(lambda: client.get(f"/api/images/{image}").json()["embedding"] == "ready", 60, 0.3)
    return made | {"image": image, "labels": [label["id"] for label in made["labels"]]}


@pytest.fixture
def page(page_of_profile: Page) -> Page:
    return page_of_profile


class Bench(Workspace):
    """The page with one picture at its actual size, and what the server has of it."""

    def __init__(self, page: Page, url: str, client: httpx.Client, project: Any) -> None:
        super().__init__(page, url)
        self.client, self.image, self.labels = client, project["image"], project["labels"]

    def start(self, *masks: Pixels, label: int = 0, **fields: Any) -> Rows:
        """Opens the picture with these objects on it."""
        made = [self.put(pixels, label, **fields) for pixels in masks]
        self.open(self.image)
        self.key("Control+1")
        expect(self.page.locator("#zoom-level")).to_have_text("100 %")
        self.page.wait_for_timeout(50)
        return made

    def put(self, pixels: Pixels, label: int = 0, **fields: Any) -> dict[str, Any]:
        body = {
            "id": str(uuid.uuid4()),
            "label": self.labels[label],
            "rle": drawing.encoded(pixels),
            **fields,
        }
        answer = self.client.post(f"/api/images/{self.image}/annotations", json=body)
        row: dict[str, Any] = answer.raise_for_status().json()
        return row

    def rows(self) -> Rows:
        items: Rows = self.client.get(f"/api/images/{self.image}/annotations").json()["items"]
        return items

    def until(self, good: Callable[[Rows], Any], what: str) -> Rows:
        found: Rows = []

        def probe() -> bool:
            found[:] = self.rows()
            return bool(good(found))

        wait_until(probe, 15, 0.1, what)
        return found

    def one(self, good: Callable[[dict[str, Any]], Any], what: str) -> dict[str, Any]:
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

    def undo(self) -> None:
        self.key("Control+z")


@pytest.fixture
def bench(page: Page, fake_server: Server, client: httpx.Client, project: dict[str, Any]) -> Bench:
    for row in client.get(f"/api/images/{project['image']}/annotations").json()["items"]:
        client.delete(f"/api/annotations/{row['id']}", params={"version": row["version"]})
    signed_in(page, fake_server)
    return Bench(page, fake_server.url, client, project)


def same(row: dict[str, Any], expected: Pixels, unsure: Pixels | None = None) -> None:
    """The stored mask is the expected one, but where rounding decides."""
    wrong = decoded(row) ^ expected
    if unsure is not None:
        wrong &= ~unsure
    assert not wrong.any(), f"{int(wrong.sum())} pixels differ"
    assert row["area"] == int(decoded(row).sum())
