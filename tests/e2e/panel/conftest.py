"""The annotate page of a project with attributes, and its panel of objects."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import drawing
from tests.e2e.drawing import Pixels, box
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
    """A project with one picture and attributes of every type; plates belong to cells alone."""
    body = {"name": "Panel", "labels": [{"name": "cell"}, {"name": "dust"}]}
    made: dict[str, Any] = client.post("/api/projects", json=body).raise_for_status().json()
    labels = [label["id"] for label in made["labels"]]
    for attribute in (
        {"name": "plate", "type": "text", "required": True, "labels": labels[:1]},
        {"name": "age", "type": "number", "min": 0, "max": 9},
        {"name": "side", "type": "choice", "options": ["left", "right"], "default": "left"},
        {"name": "occluded", "type": "checkbox"},
    ):
        client.post(f"/api/projects/{made['id']}/attributes", json=attribute).raise_for_status()
    return made | {"image": new_image(client, made["id"], drawing.picture()), "labels": labels}


def new_image(client: httpx.Client, project: int, data: bytes) -> int:
    """The id of a new image of the project, once it is embedded."""
    files = [("files", ("picture.png", data, "image/png"))]
    answer = client.post(f"/api/projects/{project}/images", files=files).raise_for_status()
    image: int = answer.json()["items"][0]["id"]
    wait_until(lambda: client.get(f"/api/images/{image}").json()["embedding"] == "ready", 60, 0.3)
    return image


@pytest.fixture
def page(page_of_profile: Page) -> Page:
    return page_of_profile


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
    signed_in(page, fake_server)
    return desk


SQUARES = (box(20, 20, 60, 60), box(120, 20, 60, 60), box(220, 20, 60, 60), box(320, 20, 60, 60))
