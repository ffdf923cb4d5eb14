"""A project of several images in their order, for tests that go from one to the next."""

import io
import uuid
from collections.abc import Callable
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import Page, expect

from tests.support.server import Server, wait_until

from . import drawing
from .drawing import Pixels
from .workspace import Workspace

SMALL = (500, 400)


def _png(number: int, size: tuple[int, int] = (640, 480)) -> bytes:
    """A picture of a colour of its own."""
    out = io.BytesIO()
    colour = (40 + 50 * number, 90, 200 - 40 * number)
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


class Queue(Workspace):
    """A project of four images, the last of another size, and the page on one of them."""

    def __init__(self, page: Page, server: Server, client: httpx.Client) -> None:
        super().__init__(page, server.url)
        self.client = client
        body = {"name": "Queue", "labels": [{"name": "cell"}, {"name": "dust"}]}
        made = client.post("/api/projects", json=body).raise_for_status().json()
        self.project: int = made["id"]
        self.labels = [label["id"] for label in made["labels"]]
        sizes = [(640, 480), (640, 480), (640, 480), SMALL]
        self.images: list[int] = []
        for number, size in enumerate(sizes):
            files = [("files", (f"{number}.png", _png(number, size), "image/png"))]
            answer = client.post(f"/api/projects/{self.project}/images", files=files)
            self.images.append(answer.raise_for_status().json()["items"][0]["id"])
        wait_until(self._ready, 60, 0.3, "the embeddings")

    def _ready(self) -> bool:
        rows = [self.image(index) for index in range(len(self.images))]
        return all(row["embedding"] == "ready" for row in rows)

    def image(self, index: int) -> dict[str, Any]:
        row: dict[str, Any] = self.client.get(f"/api/images/{self.images[index]}").json()
        return row

    def rows(self, index: int) -> list[dict[str, Any]]:
        path = f"/api/images/{self.images[index]}/annotations"
        items: list[dict[str, Any]] = self.client.get(path).json()["items"]
        return items

    def put(self, index: int, pixels: Pixels, label: int = 0, **fields: Any) -> dict[str, Any]:
        body = {"id": str(uuid.uuid4()), "label": self.labels[label], **fields}
        body["rle"] = drawing.encoded(pixels)
        path = f"/api/images/{self.images[index]}/annotations"
        row: dict[str, Any] = self.client.post(path, json=body).raise_for_status().json()
        return row

    def at_image(self, index: int) -> None:
        self.page.wait_for_url(f"**/images/{self.images[index]}/annotate/")
        self.armed()

    def show(self, index: int, objects: int = 0) -> None:
        self.open(self.images[index])
        expect(self.page.locator("#objects .object")).to_have_count(objects)

    def work(self, index: int) -> str:
        state: str = self.image(index)["work"]
        return state

    def until(self, good: Callable[[], Any], what: str) -> None:
        wait_until(good, 20, 0.1, what)
