"""The main job by mouse and keys: sign in, project, photos, masks, reload, undo, export.

Real server, real workers, real weights, real browser; each mask is held against the packaged
model asked directly.
"""

import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from tests.support import bare_sam
from tests.support.browser import sign_in
from tests.support.environment import ROOT
from tests.support.server import ADMIN, ADMIN_PASSWORD, Server, wait_until

from .workspace import Workspace

PHOTOS = ROOT / "static" / "demo"
PADDING = (0.0, 0.0, -1)


def _photos(folder: Path, salt: str) -> list[Path]:
    """Three photos; one lies on its side and says so in EXIF. `salt` makes each a content of
    its own, so that no other test has embedded it."""
    made = []
    for name in ("cat.jpg", "coffee.jpg", "astronaut.jpg"):
        with Image.open(PHOTOS / name) as photo:
            picture = photo.convert("RGB")
        exif = Image.Exif()
        exif[0x010E] = salt
        if name == "coffee.jpg":
            picture = picture.transpose(Image.Transpose.ROTATE_90)
            exif[0x0112] = 6
        path = folder / name
        picture.save(path, "JPEG", quality=95, exif=exif)
        made.append(path)
    return made


def _upright(path: Path) -> Image.Image:
    with Image.open(path) as photo:
        picture = photo.convert("RGB")
    return picture.transpose(Image.Transpose.ROTATE_270) if path.name == "coffee.jpg" else picture


@pytest.fixture
def page(fresh_page: Page) -> Page:
    return fresh_page


def _make_project(page: Page, name: str) -> int:
    page.get_by_role("button", name="New project").first.click()
    page.fill("#project-name", name)
    page.fill("#project-labels", "cup, animal, person")
    page.get_by_role("button", name="Create project").click()
    page.wait_for_url("**/projects/*/")
    return int(page.url.rstrip("/").rsplit("/", 1)[-1])


def _upload(page: Page, url: str, project: int, photos: list[Path]) -> dict[str, int]:
    page.set_input_files("#files", [str(path) for path in photos])

    def ready() -> list[dict[str, Any]]:
        items = page.request.get(f"{url}/api/projects/{project}/images").json()["items"]
        done = [item for item in items if item["embedding"] == "ready"]
        return done if len(done) == len(photos) else []

    items = wait_until(ready, 90, 0.3, "the embeddings")
    # The grid and the tray are told by the socket, without a reload.
    for path in photos:
        expect(page.locator("#grid").get_by_text(path.name)).to_be_visible()
    expect(page.locator("#grid").get_by_text("Ready")).to_have_count(len(photos))
    return {item["name"]: item["id"] for item in items}


def _stored(annotation: dict[str, Any]) -> np.ndarray:
    return np.asarray(coco_mask.decode(annotation["rle"])).astype(bool)


def _cut(work: Workspace, image: int, count: int) -> dict[str, Any]:
    """Finishes the object and waits until the server has it."""
    work.candidates()
    work.key("Enter")
    rows = wait_until(
        lambda: [r for r in work.annotations(image)] if len(work.annotations(image)) == count
        else [], 20, 0.2, f"{count} stored objects",
    )  # fmt: skip
    return rows[-1]


def _three_masks(
    work: Workspace, images: dict[str, int], paths: dict[str, Path], query: str
) -> None:
    """One mask by a click, one by a box (on the turned photo), one by two clicks."""
    cup = _upright(paths["coffee.jpg"])
    work.open(images["coffee.jpg"], query)
    work.drag(100, 30, 480, 392)
    work.key("1")
    row = _cut(work, images["coffee.jpg"], 1)
    truth = bare_sam.mask(cup, [(100, 30, 2), (480, 392, 3)])
    assert row["rle"]["size"] == [cup.height, cup.width]
    assert bare_sam.iou(_stored(row), truth) >= 0.9

    cat = _upright(paths["cat.jpg"])
    work.open(images["cat.jpg"], query)
    before = work.picture()
    work.move(225, 130)
    wait_until(lambda: work.picture() != before, 20, 0.2, "the hover preview")
    work.click(225, 130)
    work.key("2")
    row = _cut(work, images["cat.jpg"], 1)
    assert bare_sam.iou(_stored(row), bare_sam.mask(cat, [(225, 130, 1), PADDING])) >= 0.9
    assert row["model"].startswith("mobile_sam")
    assert row["source"] == "smart"

    work.open(images["astronaut.jpg"], query)
    work.click(210, 330)
    work.candidates()
    work.key("3")
    row = _cut(work, images["astronaut.jpg"], 1)
    suit = _upright(paths["astronaut.jpg"])
    assert bare_sam.iou(_stored(row), bare_sam.mask(suit, [(210, 330, 1), PADDING])) >= 0.9


def _reload_and_undo(work: Workspace, image: int, query: str) -> None:
    work.open(image, query)
    before = work.annotations(image)
    work.page.reload()
    work.armed()
    assert work.annotations(image) == before
    expect(work.page.get_by_role("heading", name="Objects")).to_be_visible()
    work.click(60, 450)
    _cut(work, image, 2)
    work.key("Control+z")
    wait_until(lambda: work.annotations(image) == before, 20, 0.2, "the undone object")


def _export(page: Page, url: str, project: int, folder: Path) -> COCO:
    page.goto(f"{url}/projects/{project}/")
    page.locator("#export").click()
    page.get_by_role("dialog").get_by_role("button", name="Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("link", name="Download").click()
    path = folder / "export.json"
    download.value.save_as(path)
    coco = COCO()
    coco.dataset = json.loads(path.read_text())
    coco.createIndex()
    return coco


def _screenshot(work: Workspace, image: int, path: str) -> None:
    """The README's picture: `SCREENSHOT=static/img/screenshot.png deploy/test tests/e2e`."""
    work.page.emulate_media(color_scheme="dark")
    work.open(image)
    work.click(290, 160)
    work.candidates()
    work.page.screenshot(path=path)
    work.key("Escape")


@pytest.mark.parametrize("decoder", ["browser", "server"])
def test_a_photo_becomes_a_dataset(
    page: Page, server: Server, tmp_path: Path, decoder: str
) -> None:
    paths = {path.name: path for path in _photos(tmp_path, decoder)}
    sign_in(page, server.url, ADMIN, ADMIN_PASSWORD)
    project = _make_project(page, f"Main job, {decoder}")
    images = _upload(page, server.url, project, list(paths.values()))
    work = Workspace(page, server.url)
    query = f"?decoder={decoder}"
    _three_masks(work, images, paths, query)
    assert work.attribute("data-decoder") == decoder
    if decoder == "browser" and (shot := os.environ.get("SCREENSHOT")):
        _screenshot(work, images["coffee.jpg"], shot)
    _reload_and_undo(work, images["astronaut.jpg"], query)
    coco = _export(page, server.url, project, tmp_path)
    assert {c["name"] for c in coco.dataset["categories"]} == {"cup", "animal", "person"}
    assert len(coco.dataset["annotations"]) == 3
    for row in coco.dataset["annotations"]:
        stored = work.annotations(row["image_id"])[0]
        assert row["iscrowd"] == 0
        assert isinstance(row["segmentation"]["counts"], str)
        assert np.array_equal(coco.annToMask(row).astype(bool), _stored(stored))


def test_the_preview_of_a_turned_photo_is_upright(
    page: Page, server: Server, tmp_path: Path
) -> None:
    path = _photos(tmp_path, "preview")[1]
    sign_in(page, server.url, ADMIN, ADMIN_PASSWORD)
    image = _upload(page, server.url, _make_project(page, "Turned"), [path])["coffee.jpg"]
    data = page.request.get(f"{server.url}/api/images/{image}/preview").body()
    shown = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
    wanted = np.asarray(_upright(path)).astype(int)
    assert shown.shape == wanted.shape
    assert np.abs(shown - wanted).mean() < 4
