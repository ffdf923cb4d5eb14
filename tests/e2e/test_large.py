"""A large image in the page: its own pixels where somebody looks, and no more than that."""

import re
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Request, expect
from pycocotools import mask as coco_mask

from tests.support.browser import signed_in
from tests.support.environment import ROOT
from tests.support.server import Server, wait_until

from .workspace import CANVAS, Workspace

WIDTH, HEIGHT = 9000, 6000
# Compressed by eights: squares of one colour come back as they are.
SQUARE = 8
# So many pixels of the lower canvas, from so far in the stage: no panel lies over them.
PART = 400
_READ = """
([x, y, side]) => {
  const canvas = document.getElementById("canvas-base");
  const {data} = canvas.getContext("2d").getImageData(x, y, side, side);
  return Array.from(data);
}
"""


@pytest.fixture(scope="module")
def pixels() -> np.ndarray[Any, Any]:
    """54 megapixels of small squares in colours of their own: nothing that a preview could show."""
    random = np.random.default_rng(3)
    squares = random.integers(0, 256, (HEIGHT // SQUARE, WIDTH // SQUARE, 3), dtype=np.uint8)
    return squares.repeat(SQUARE, axis=0).repeat(SQUARE, axis=1)


@pytest.fixture(scope="module")
def image(client: httpx.Client, pixels: np.ndarray[Any, Any]) -> int:
    out = BytesIO()
    Image.fromarray(pixels).save(out, "PNG", compress_level=1)
    project = client.post("/api/projects", json={"name": "Large", "labels": [{"name": "a"}]})
    address = f"/api/projects/{project.json()['id']}/images"
    answer = client.post(address, files={"files": ("large.png", out.getvalue())}, timeout=120)
    pk = int(answer.raise_for_status().json()["items"][0]["id"])

    def there() -> bool:
        return client.get(f"/api/images/{pk}/pyramid").status_code == 200

    # Made without anybody asking: the image is much larger than its preview.
    wait_until(there, 120, 0.3, "the tiles")
    wait_until(
        lambda: client.get(f"/api/images/{pk}").json()["embedding"] == "ready", 60, 0.2,
        "the embedding",
    )  # fmt: skip
    return pk


@pytest.fixture
def work(page: Page, fake_server: Server) -> Workspace:
    signed_in(page, fake_server)
    return Workspace(page, fake_server.url)


class Tiles:
    """The tiles that a page asks for."""

    def __init__(self, page: Page) -> None:
        self.asked: list[tuple[int, int, int]] = []
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        url = urlsplit(request.url)
        if re.fullmatch(r"/api/images/\d+/tile", url.path):
            query = {name: int(values[0], 16) if name == "v" else int(values[0])
                     for name, values in parse_qs(url.query).items()}  # fmt: skip
            self.asked.append((query["level"], query["column"], query["row"]))


def shown(work: Workspace) -> tuple[np.ndarray[Any, Any], int, int]:
    """A part of what the lower canvas shows, and the image's pixel at its corner (at 1:1)."""
    a, _, _, _, e, f = (float(value) for value in work.attribute("data-view").split())
    assert a == pytest.approx(1)
    box = work.page.locator(CANVAS).bounding_box()
    assert box is not None
    x, y = 150, 120
    data = work.page.evaluate(_READ, [x, y, PART])
    part = np.array(data, np.uint8).reshape(PART, PART, 4)[..., :3]
    # Tiles lie on whole pixels of the canvas.
    return part, x - round(e - box["x"]), y - round(f - box["y"])


def difference(work: Workspace, pixels: np.ndarray[Any, Any]) -> float:
    part, x, y = shown(work)
    expected = pixels[y : y + PART, x : x + PART]
    if expected.shape != part.shape:
        return 255.0
    return float(np.abs(part.astype(float) - expected).mean())


def actual_size(work: Workspace, x: float, y: float) -> None:
    """Zooms in to 1:1 with image point (x, y) in the middle, as nobody does by hand so exactly."""
    work.page.mouse.move(*work.at(x, y))
    for _ in range(4):
        work.page.mouse.wheel(0, -240)
        work.page.wait_for_timeout(30)
    work.key("Control+1")
    work.page.wait_for_timeout(50)
    a, _, _, _, _, _ = (float(value) for value in work.attribute("data-view").split())
    assert a == pytest.approx(1)


def visible(work: Workspace, level: int) -> set[tuple[int, int, int]]:
    """The tiles of a level that the canvas shows."""
    a, _, _, d, e, f = (float(value) for value in work.attribute("data-view").split())
    box = work.page.locator(CANVAS).bounding_box()
    assert box is not None
    step = 512 * 2**level
    x0, x1 = (max(0.0, (at - e) / a) for at in (box["x"], box["x"] + box["width"]))
    y0, y1 = (max(0.0, (at - f) / d) for at in (box["y"], box["y"] + box["height"]))
    columns = range(int(x0 // step), int(np.ceil(min(x1, WIDTH) / step)))
    rows = range(int(y0 // step), int(np.ceil(min(y1, HEIGHT) / step)))
    return {(level, column, row) for column in columns for row in rows}


def test_zoomed_in_the_pixels_are_those_of_the_original(
    work: Workspace, image: int, pixels: np.ndarray[Any, Any]
) -> None:
    tiles = Tiles(work.page)
    work.open(image)
    work.page.wait_for_timeout(500)
    assert tiles.asked == [], "as long as the preview is enough nothing else is fetched"
    actual_size(work, 6000, 2000)
    wait_until(lambda: difference(work, pixels) < 4, 20, 0.2, "the original's pixels")
    finest = {tile for tile in tiles.asked if tile[0] == 0}
    assert finest, tiles.asked
    assert finest <= visible(work, 0), "only what is visible is fetched"
    assert len(tiles.asked) == len(set(tiles.asked)), "nothing is fetched twice"

    before = len(tiles.asked)
    for _ in range(5):
        work.page.mouse.move(640, 400)
        work.page.keyboard.down("Space")
        work.page.mouse.down()
        work.page.mouse.move(240, 300, steps=5)
        work.page.mouse.up()
        work.page.keyboard.up("Space")
    wait_until(lambda: difference(work, pixels) < 4, 20, 0.2, "the pixels after moving")
    assert len(tiles.asked) > before
    assert int(work.attribute("data-tiles")) <= 128


def test_tools_work_over_the_tiles(
    work: Workspace, image: int, client: httpx.Client, pixels: np.ndarray[Any, Any]
) -> None:
    work.open(image)
    actual_size(work, 3000, 3000)
    wait_until(lambda: difference(work, pixels) < 4, 20, 0.2, "the original's pixels")
    work.key("r")
    work.drag(3000, 3000, 3080, 3050)
    rows = wait_until(lambda: work.annotations(image), 20, 0.2, "the object")
    assert rows[0]["bbox"] == [3000, 3000, 80, 50]
    client.delete(f"/api/annotations/{rows[0]['id']}", params={"version": rows[0]["version"]})


def test_tiles_that_were_lost_come_back(
    work: Workspace, image: int, fake_server: Server, pixels: np.ndarray[Any, Any]
) -> None:
    folder = fake_server.data / "media" / "pyramids"
    for path in folder.rglob("*.swp"):
        path.unlink()
    work.open(image)
    actual_size(work, 2000, 4000)
    wait_until(lambda: difference(work, pixels) < 4, 60, 0.3, "the tiles made anew")
    expect(work.page.locator(".toast")).to_have_count(0)


def closeup(work: Workspace) -> list[int]:
    """The region that is pointed at, once its embedding is there."""
    told = wait_until(lambda: work.attribute("data-closeup"), 30, 0.1, "the close-up")
    return [int(part) for part in told.split(",")]


def test_zoomed_in_an_object_is_made_in_a_region_of_its_own(
    work: Workspace, image: int, client: httpx.Client
) -> None:
    work.open(image)
    work.click(4500, 3000)
    work.candidates()
    work.key("Enter")
    rows = wait_until(lambda: work.annotations(image), 20, 0.2, "the object")
    assert "region" not in rows[0]["prompts"], "the whole is in view"
    whole = rows[0]["bbox"][2]

    actual_size(work, 6000, 2000)
    x, y, width, height = closeup(work)
    assert x < 6000 < x + width
    assert y < 2000 < y + height
    work.move(6000, 2000)
    work.click(6000, 2000)
    work.candidates()
    work.key("Enter")
    rows = wait_until(lambda: work.annotations(image)[1:], 20, 0.2, "the second object")
    assert rows[0]["prompts"]["region"] == [x, y, width, height]
    left, top, wide, tall = rows[0]["bbox"]
    # The fake engine's disc is as large on the model's frame, whatever lies there.
    assert wide == pytest.approx(whole * max(width, height) / WIDTH, rel=0.1)
    assert left + wide / 2 == pytest.approx(6000, abs=3)
    assert top + tall / 2 == pytest.approx(2000, abs=3)
    for row in work.annotations(image):
        client.delete(f"/api/annotations/{row['id']}", params={"version": row["version"]})


def test_an_object_in_the_making_stays_in_its_frame(
    work: Workspace, image: int, client: httpx.Client
) -> None:
    """Zooming in between two clicks must not mix the memory of two frames."""
    asked: list[Any] = []

    def note(request: Request) -> None:
        if request.url.endswith("/segment") and not request.post_data_json.get("preview"):
            asked.append(request.post_data_json.get("region"))

    def heard(count: int) -> bool:
        work.page.wait_for_timeout(50)  # events arrive while the browser is listened to
        return len(asked) == count

    work.page.on("request", note)
    work.open(image)
    work.click(6000, 2000)
    work.candidates()
    actual_size(work, 6000, 2000)
    region = closeup(work)
    work.click(6050, 2050)
    wait_until(lambda: heard(2), 20, 0.1, "the second prompt")
    assert asked == [None, None]
    work.key("Escape")
    work.click(6000, 2000)
    wait_until(lambda: heard(3), 20, 0.1, "the next object's prompt")
    assert asked[2] == region
    work.candidates()
    work.click(6050, 2050)
    wait_until(lambda: heard(4), 20, 0.1, "its second prompt")
    assert asked[3] == region
    # A prompt outside takes all of them to the whole image, and taking it back takes them home.
    work.key("Control+0")
    work.page.wait_for_timeout(50)
    work.click(1000, 5000)
    wait_until(lambda: heard(5), 20, 0.1, "the prompt outside")
    assert asked[4] is None
    work.candidates()
    work.key("Control+z")
    wait_until(lambda: heard(6), 20, 0.1, "what is left")
    assert asked[5] == region
    work.key("Control+Shift+z")
    wait_until(lambda: heard(7), 20, 0.1, "the prompt outside again")
    assert asked[6] is None
    work.key("Escape")
    assert not work.annotations(image)


# --- With the real model -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def speck(server: Server) -> tuple[int, np.ndarray[Any, Any]]:
    """A photo of 8400 × 5600 pixels with one ball of 20 pixels on it, and the ball's mask."""
    with Image.open(ROOT / "static" / "demo" / "coffee.jpg") as source:
        photo = source.convert("RGB").resize((8400, 5600), Image.Resampling.BICUBIC)
    rows, columns = np.mgrid[0:5600, 0:8400]
    mask = np.hypot(columns + 0.5 - 6210, rows + 0.5 - 1030) < 10
    pixels = np.asarray(photo).copy()
    pixels[mask] = (30, 90, 220)
    out = BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=95)
    with server.client() as client:
        project = client.post("/api/projects", json={"name": "Speck", "labels": [{"name": "a"}]})
        address = f"/api/projects/{project.json()['id']}/images"
        answer = client.post(address, files={"files": ("speck.jpg", out.getvalue())}, timeout=120)
        image = int(answer.raise_for_status().json()["items"][0]["id"])
        wait_until(
            lambda: client.get(f"/api/images/{image}/pyramid").status_code == 200, 120, 0.3,
            "the tiles",
        )  # fmt: skip
    return image, mask


@pytest.mark.parametrize("decoder", ["server", "browser"])
def test_a_thing_of_twenty_pixels_gets_a_good_mask(
    page: Page, server: Server, speck: tuple[int, np.ndarray[Any, Any]], decoder: str
) -> None:
    image, mask = speck
    signed_in(page, server)
    work = Workspace(page, server.url)
    work.open(image, f"?decoder={decoder}")
    page.mouse.move(*work.at(6210, 1030))
    for _ in range(12):
        page.mouse.wheel(0, -240)
        page.wait_for_timeout(40)
    region = closeup(work)
    assert max(region[2:]) <= 1024
    work.click(6210, 1030)
    work.candidates()
    work.key("Enter")
    rows = wait_until(lambda: work.annotations(image), 20, 0.2, "the object")
    rle = {"size": rows[-1]["rle"]["size"], "counts": rows[-1]["rle"]["counts"].encode()}
    found = coco_mask.decode(rle).astype(bool)
    overlap = float((found & mask).sum() / (found | mask).sum())
    assert overlap > 0.8, (overlap, rows[-1]["bbox"])
    assert rows[-1]["prompts"]["region"] == region
    # Reopened, it is decoded where it was made.
    page.reload()
    work.armed()
    page.locator("#objects .object-main").first.dblclick()
    work.candidates()
    assert work.attribute("data-closeup") == "", "the whole image is in view"
    work.key("M")
    work.key("Enter")
    again = wait_until(
        lambda: [row for row in work.annotations(image) if row["version"] == 2], 20, 0.2,
        "the other candidate",
    )  # fmt: skip
    assert again[0]["prompts"]["region"] == region
    assert again[0]["area"] < 50_000, "it was decoded where it was made"
    for row in work.annotations(image):
        page.request.delete(
            f"{server.url}/api/annotations/{row['id']}?version={row['version']}",
            headers={"X-CSRFToken": _csrf(page), "Referer": server.url},
        )


def _csrf(page: Page) -> str:
    found = [cookie for cookie in page.context.cookies() if cookie.get("name") == "csrftoken"]
    return found[0].get("value", "")
