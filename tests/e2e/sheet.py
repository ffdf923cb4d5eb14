"""The annotate page with one picture, and what the server has of it."""

import uuid
from collections.abc import Callable
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tests.support.server import wait_until

from . import drawing
from .drawing import Pixels
from .workspace import Workspace

Row = dict[str, Any]
Rows = list[Row]


def new_image(client: httpx.Client, project: int, data: bytes) -> int:
    """The id of a new image of the project, once it is embedded."""
    files = [("files", ("picture.png", data, "image/png"))]
    answer = client.post(f"/api/projects/{project}/images", files=files).raise_for_status()
    image: int = answer.json()["items"][0]["id"]
    wait_until(lambda: client.get(f"/api/images/{image}").json()["embedding"] == "ready", 60, 0.3)
    return image


def new_project(client: httpx.Client, name: str) -> Row:
    """A project with one picture; `image` is its id, `labels` those of its two labels."""
    body = {"name": name, "labels": [{"name": "cell"}, {"name": "dust"}]}
    made: Row = client.post("/api/projects", json=body).raise_for_status().json()
    image = new_image(client, made["id"], drawing.picture())
    return made | {"image": image, "labels": [label["id"] for label in made["labels"]]}


class Sheet(Workspace):
    """The page with one picture at its actual size."""

    def __init__(self, page: Page, url: str, client: httpx.Client, project: Row) -> None:
        super().__init__(page, url)
        self.client, self.image, self.labels = client, project["image"], project["labels"]

    def start(self, *masks: Pixels, label: int = 0, **fields: Any) -> Rows:
        """Opens the picture with these objects on it."""
        made = [self.put(pixels, label, **fields) for pixels in masks]
        self.look()
        return made

    def look(self) -> None:
        self.open(self.image)
        self.key("Control+1")
        expect(self.page.locator("#zoom-level")).to_have_text("100 %")

    def put(self, pixels: Pixels, label: int = 0, **fields: Any) -> Row:
        body = {"id": str(uuid.uuid4()), "label": self.labels[label],
                "rle": drawing.encoded(pixels), **fields}  # fmt: skip
        answer = self.client.post(f"/api/images/{self.image}/annotations", json=body)
        row: Row = answer.raise_for_status().json()
        return row

    def rows(self) -> Rows:
        answer = self.client.get(f"/api/images/{self.image}/annotations", params={"limit": 1000})
        items: Rows = answer.json()["items"]
        return items

    def clear(self) -> None:
        """Deletes what other tests left."""
        for row in self.rows():
            at = {"version": row["version"]}
            self.client.delete(f"/api/annotations/{row['id']}", params=at).raise_for_status()

    def until(self, good: Callable[[Rows], Any], what: str) -> Rows:
        found: Rows = []

        def probe() -> bool:
            found[:] = self.rows()
            return bool(good(found))

        wait_until(probe, 20, 0.1, what)
        return found

    def undo(self) -> None:
        self.key("Control+z")
