"""The view of the annotate page: turned, toned, magnified, and the masks in it."""

import io
import uuid
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.support.browser import signed_in
from tests.support.server import Server, wait_until

from . import drawing
from .drawing import Pixels, box, decoded
from .workspace import CANVAS, Workspace

Shot = np.ndarray[Any, np.dtype[np.int16]]


@pytest.fixture(scope="module")
def project(client: httpx.Client) -> dict[str, Any]:
    body = {"name": "Views", "labels": [{"name": "cell", "color": "#ff0000"}, {"name": "dust"}]}
    made: dict[str, Any] = client.post("/api/projects", json=body).raise_for_status().json()
    files = [("files", ("picture.png", drawing.picture(), "image/png"))]
    answer = client.post(f"/api/projects/{made['id']}/images", files=files).raise_for_status()
    image = answer.json()["items"][0]["id"]
    wait_until(lambda: client.get(f"/api/images/{image}").json()["embedding"] == "ready", 60, 0.3)
    return made | {"image": image}


class Looking(Workspace):
    """The page with one picture, and what is seen at places of it."""

    def __init__(self, page: Page, url: str, client: httpx.Client, project: Any) -> None:
        super().__init__(page, url)
        self.client, self.image = client, project["image"]
        self.label = project["labels"][0]["id"]

    def put(self, pixels: Pixels) -> dict[str, Any]:
        body = {"id": str(uuid.uuid4()), "label": self.label, "rle": drawing.encoded(pixels)}
        answer = self.client.post(f"/api/images/{self.image}/annotations", json=body)
        row: dict[str, Any] = answer.raise_for_status().json()
        return row

    def rows(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.client.get(
            f"/api/images/{self.image}/annotations"
        ).json()["items"]
        return items

    def frame(self) -> Shot:
        """The page as it is seen."""
        self.page.wait_for_timeout(150)
        shot = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        return np.asarray(shot).astype(np.int16)

    def colour(self, x: float, y: float, frame: Shot | None = None) -> tuple[int, int, int]:
        """The colour at the middle of an image pixel."""
        cx, cy = self.at(x + 0.5, y + 0.5)
        red, green, blue = (self.frame() if frame is None else frame)[int(cy), int(cx)]
        return int(red), int(green), int(blue)

    def matrix(self) -> list[float]:
        return [float(value) for value in self.attribute("data-view").split()]

    def turn(self, key: str) -> None:
        before = self.attribute("data-view")
        self.key(key)
        expect(self.page.locator(CANVAS)).not_to_have_attribute("data-view", before)


@pytest.fixture
def work(page: Page, fake_server: Server, client: httpx.Client, project: Any) -> Looking:
    looking = Looking(page, fake_server.url, client, project)
    for row in looking.rows():
        client.delete(f"/api/annotations/{row['id']}", params={"version": row["version"]})
    signed_in(page, fake_server)
    return looking


def source(x: int, y: int) -> tuple[int, int, int]:
    """The test picture's own colour there."""
    return x % 256, y % 256, (x + y) // 5 % 256


def near(a: tuple[int, ...], b: tuple[int, ...], off: int = 14) -> bool:
    return all(abs(p - q) <= off for p, q in zip(a, b, strict=True))


SPOTS = ((40, 30), (600, 30), (40, 450), (600, 450), (320, 240))


@pytest.mark.parametrize(
    ("keys", "signs"),
    [("", (1, 0, 0, 1)), ("t", (0, 1, -1, 0)), ("tt", (-1, 0, 0, -1)), ("T", (0, -1, 1, 0))],
)
def test_a_turned_view_shows_the_picture_where_its_matrix_says(
    work: Looking, keys: str, signs: tuple[int, ...]
) -> None:
    work.open(work.image)
    for key in keys:
        work.turn("Shift+T" if key == "T" else key)
    a, b, c, d, *_ = work.matrix()
    scale = max(abs(a), abs(b))
    assert [round(value / scale) for value in (a, b, c, d)] == list(signs)
    frame = work.frame()
    for spot in SPOTS:
        assert near(work.colour(*spot, frame), source(*spot)), spot


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_tools_draw_in_a_turned_view_what_they_draw_in_any(work: Looking, turns: int) -> None:
    work.open(work.image)
    for _ in range(turns):
        work.turn("t")
    work.key("Control+1")
    expect(work.page.locator("#zoom-level")).to_have_text("100 %")
    work.key("r")
    work.drag(260, 200, 330, 290)
    wait_until(lambda: len(work.rows()) == 1, 20, 0.1, "the box")
    assert (decoded(work.rows()[0]) == box(260, 200, 70, 90)).all()

    # The eraser's square takes the same pixels away, and a click finds the object.
    work.page.keyboard.press("v")
    work.click(300, 250)
    expect(work.page.locator("#objects .object.is-selected")).to_have_count(1)
    work.key("e")
    work.page.locator("#option-size").fill("21")
    work.page.get_by_role("button", name="Square").click()
    work.click(290.5, 240.5)
    left = box(260, 200, 70, 90) & ~box(280, 230, 21, 21)
    wait_until(lambda: (decoded(work.rows()[0]) == left).all(), 20, 0.1, "the hole")
    # The same at the canvas's own scale of seeing: where the mask is, it is tinted.
    work.key("Escape")
    work.key("Escape")
    frame = work.frame()
    assert near(work.colour(290, 240, frame), source(290, 240))
    assert not near(work.colour(265, 205, frame), source(265, 205))


def test_zooming_and_panning_keep_their_place_in_a_turned_view(work: Looking) -> None:
    work.open(work.image)
    work.turn("t")
    place = work.at(500, 100)
    work.page.mouse.move(*place)
    before = work.attribute("data-view")
    work.page.mouse.wheel(0, -500)
    expect(work.page.locator(CANVAS)).not_to_have_attribute("data-view", before)
    work.page.wait_for_timeout(300)
    assert work.at(500, 100) == pytest.approx(place, abs=1)
    work.page.keyboard.down("Space")
    work.page.mouse.down()
    work.page.mouse.move(place[0] + 60, place[1] - 25, steps=4)
    work.page.mouse.up()
    work.page.keyboard.up("Space")
    work.page.wait_for_timeout(100)
    assert work.at(500, 100) == pytest.approx((place[0] + 60, place[1] - 25), abs=1)
    # What is in the middle stays there while the view turns.
    rect = work.page.locator(CANVAS).bounding_box()
    assert rect is not None
    middle = (rect["x"] + rect["width"] / 2, rect["y"] + rect["height"] / 2)
    a, b, c, d, e, f = work.matrix()
    det = a * d - b * c
    dx, dy = middle[0] - e, middle[1] - f
    spot = ((d * dx - c * dy) / det, (a * dy - b * dx) / det)
    work.turn("t")
    assert work.at(*spot) == pytest.approx(middle, abs=1.5)


def test_keys_zoom_at_the_pointer(work: Looking) -> None:
    work.open(work.image)
    place = work.at(150, 350)
    work.page.mouse.move(*place)
    before = work.attribute("data-view")
    work.key("+")
    expect(work.page.locator(CANVAS)).not_to_have_attribute("data-view", before)
    assert work.at(150, 350) == pytest.approx(place, abs=1)


def set_slider(page: Page, name: str, value: str) -> None:
    page.get_by_label(name, exact=True).evaluate(
        "(node, value) => { node.value = value; node.dispatchEvent(new Event('input')); }", value
    )


def test_tone_changes_the_picture_and_never_the_masks(work: Looking) -> None:
    work.put(box(300, 200, 60, 60))
    work.open(work.image)
    expect(work.page.locator("#objects .object")).to_have_count(1)
    before = work.frame()
    work.key("y")
    expect(work.page.get_by_role("dialog", name="View")).to_be_visible()
    # The first slider has the focus: keys alone are enough.
    for _ in range(30):
        work.key("ArrowRight")
    work.key("Escape")
    expect(work.page.get_by_role("dialog", name="View")).to_be_hidden()
    brighter = work.frame()
    shift = round(255 * 0.3)
    for spot in ((40, 30), (100, 120)):
        expected = tuple(min(255, value + shift) for value in source(*spot))
        assert near(work.colour(*spot, brighter), expected), spot

    # Black turns into middle grey, and the mask's outline keeps its own colour.
    edge = work.at(300, 230)
    outline = [tuple(frame[int(edge[1]), int(edge[0])]) for frame in (before, brighter)]
    assert all(red > 180 and red > green + 60 for red, green, _ in outline), outline

    work.key("y")
    work.page.get_by_role("button", name="Reset").click()
    set_slider(work.page, "Gamma", "1")
    set_slider(work.page, "Contrast", "-50")
    work.page.get_by_role("button", name="Close").click()

    def curve(value: int) -> int:
        steep = 1 - 0.9 * 0.5
        return round(min(max((((value / 255) ** 0.5 - 0.5) * steep + 0.5) * 255, 0), 255))

    frame = work.frame()
    for spot in SPOTS[:4]:
        expected = tuple(curve(value) for value in source(*spot))
        assert near(work.colour(*spot, frame), expected), spot
    # What is stored is as it was.
    assert (decoded(work.rows()[0]) == box(300, 200, 60, 60)).all()


def test_masks_fade_become_outlines_and_carry_their_names(work: Looking) -> None:
    work.put(box(300, 200, 100, 100))
    work.open(work.image)
    expect(work.page.locator("#objects .object")).to_have_count(1)
    tinted = work.colour(350, 250)
    plain = source(350, 250)
    assert not near(tinted, plain)
    work.key("Shift+W")
    stronger = work.colour(350, 250)
    assert stronger[0] - plain[0] > tinted[0] - plain[0]
    for _ in range(6):
        work.key("w")
    assert near(work.colour(350, 250), plain)
    for _ in range(5):
        work.key("Shift+W")
    work.key("i")
    assert near(work.colour(350, 250), plain)
    edge = work.at(300, 250)
    red, green, _ = work.frame()[int(edge[1]), int(edge[0])]
    assert red > green + 60
    work.key("i")
    assert near(work.colour(350, 250), tinted)

    without = work.frame()
    work.key("Shift+Y")
    named = work.frame()
    x, y = (int(value) for value in work.at(300, 200))
    assert (named[y - 17 : y - 1, x : x + 40] != without[y - 17 : y - 1, x : x + 40]).mean() > 0.5


def test_only_the_selected_object_is_shown_and_found(work: Looking) -> None:
    work.put(box(100, 100, 80, 80))
    work.put(box(400, 300, 80, 80))
    work.open(work.image)
    expect(work.page.locator("#objects .object")).to_have_count(2)
    work.key("v")
    work.click(140, 140)
    work.key("Shift+H")
    work.page.mouse.move(*work.at(600, 50))
    frame = work.frame()
    assert near(work.colour(440, 340, frame), source(440, 340))
    assert not near(work.colour(140, 140, frame), source(140, 140))
    # Tab goes on to the others, one at a time.
    work.page.locator(CANVAS).focus()
    work.key("Tab")
    frame = work.frame()
    assert near(work.colour(140, 140, frame), source(140, 140))
    assert not near(work.colour(440, 340, frame), source(440, 340))
    work.key("Escape")
    assert not near(work.colour(140, 140), source(140, 140))


def test_large_pixels_are_told_apart_by_lines(work: Looking) -> None:
    work.open(work.image)
    work.page.mouse.move(*work.at(320, 240))
    for _ in range(20):
        work.key("+")

    def differs() -> bool:
        # Neighbouring pixels of the picture differ by one level only.
        x, y = (int(value) for value in work.at(322, 240.5))
        across = work.frame()[y, x - 2 : x + 3]
        return bool(np.ptp(across, axis=0).max() > 12)

    assert work.matrix()[0] > 12
    # Blue is dark here, so that a grey line shows.
    assert differs()
    work.key("Shift+I")
    assert not differs()


def test_the_view_survives_a_reload_and_is_reset_by_one_button(work: Looking) -> None:
    work.open(work.image)
    work.key("t")
    work.key("Shift+Y")
    work.page.reload()
    work.armed()
    assert work.matrix()[0] == 0
    work.key("y")
    panel = work.page.get_by_role("dialog", name="View")
    expect(panel.get_by_label("Label tags")).to_be_checked()
    panel.get_by_role("button", name="Reset").click()
    expect(panel.get_by_label("Label tags")).not_to_be_checked()
    panel.get_by_role("button", name="Close").click()
    expect(panel).to_be_hidden()
    assert work.matrix()[0] > 0
