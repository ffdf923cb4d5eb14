"""The tools by touch alone, on a tablet without a keyboard."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.drawing import box, capsule
from tests.e2e.tools.conftest import Bench, same
from tests.e2e.workspace import CANVAS

Place = tuple[float, float]
# Quick hands: what follows a gesture follows at once.
PAUSE = 0.15


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(
        viewport={"width": 1024, "height": 768}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


class Fingers:
    """Touches in client pixels, as the browser's own input sends them."""

    def __init__(self, page: Page) -> None:
        self.cdp = page.context.new_cdp_session(page)

    def _send(self, kind: str, *places: Place) -> None:
        points = [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(places)]
        self.cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def tap(self, place: Place, seconds: float = 0.05) -> None:
        self._send("touchStart", place)
        time.sleep(seconds)
        self._send("touchEnd")
        time.sleep(PAUSE)

    def drag(self, *ways: tuple[Place, Place], steps: int = 8) -> None:
        """Each finger from one place to another, all at once."""
        self._send("touchStart", *(start for start, _ in ways))
        for step in range(1, steps + 1):
            self._send("touchMove", *(
                (x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps)
                for (x0, y0), (x1, y1) in ways
            ))  # fmt: skip
        self._send("touchEnd")
        time.sleep(PAUSE)


@pytest.fixture
def fingers(bench: Bench, page: Page) -> Fingers:
    bench.start()
    return Fingers(page)


def _making(bench: Bench) -> Any:
    return bench.page.get_by_role("group", name="The mask in the making")


def test_taps_and_long_touches_are_prompts_and_a_button_keeps(bench: Bench, fingers: Fingers):
    expect(bench.page.get_by_text("Tap what belongs to the object")).to_be_visible()
    expect(_making(bench)).to_be_hidden()
    fingers.tap(bench.at(200.5, 150.5))
    bench.candidates()
    fingers.tap(bench.at(60.5, 60.5), seconds=0.6)
    expect(_making(bench)).to_be_visible()
    _making(bench).get_by_role("button", name="Keep").tap()
    row = bench.one(lambda row: True, "the object")
    points = row["prompts"]["points"]
    assert [point["label"] for point in points] == [1, 0]
    for point, wanted in zip(points, ((200.5, 150.5), (60.5, 60.5)), strict=True):
        assert (point["x"], point["y"]) == pytest.approx(wanted, abs=1)
    expect(_making(bench)).to_be_hidden()
    bench.page.get_by_role("button", name="Undo", exact=True).tap()
    bench.until(lambda rows: not rows, "the undone object")


def test_what_is_begun_can_be_dropped(bench: Bench, fingers: Fingers):
    fingers.drag((bench.at(100, 100), bench.at(220, 180)))
    _making(bench).get_by_role("button", name="Drop").tap()
    expect(_making(bench)).to_be_hidden()
    bench.page.get_by_role("button", name="Polygon").tap()
    for x, y in ((100, 100), (200, 100), (200, 180)):
        fingers.tap(bench.at(x, y))
    _making(bench).get_by_role("button", name="Keep").tap()
    row = bench.one(lambda row: True, "the polygon")
    assert row["source"] == "polygon"
    assert row["area"] == pytest.approx(100 * 80 / 2, rel=0.05)


def test_one_finger_draws_a_box_prompt(bench: Bench, fingers: Fingers):
    fingers.drag((bench.at(100, 100), bench.at(220, 180)))
    _making(bench).get_by_role("button", name="Keep").tap()
    row = bench.one(lambda row: True, "the object")
    wanted = {"x0": 100, "y0": 100, "x1": 220, "y1": 180}
    assert row["prompts"]["box"] == pytest.approx(wanted, abs=1)


def test_one_finger_paints_and_a_second_makes_it_a_pinch(bench: Bench, fingers: Fingers):
    bench.page.get_by_role("button", name="Brush", exact=True).tap()
    bench.brush(21)
    fingers.drag((bench.at(150.5, 100.5), bench.at(300.5, 100.5)))
    row = bench.one(lambda row: True, "the stroke")
    same(row, capsule(150.5, 100.5, 300.5, 100.5, 21))
    left, right = bench.at(200, 200), bench.at(300, 200)
    fingers.drag(
        ((left[0], left[1]), (left[0] - 100, left[1] + 40)),
        ((right[0], right[1]), (right[0] + 100, right[1] + 40)),
    )
    # Three times as far apart: three times as large, the middle where the fingers' middle went.
    expect(bench.page.locator("#zoom-level")).to_have_text("300 %")
    x, y = bench.at(250, 200)
    middle = (left[0] + right[0]) / 2
    assert (x, y) == pytest.approx((middle, left[1] + 40), abs=0.5)
    fingers.drag(
        ((left[0], left[1]), (left[0] + 50, left[1] + 30)),
        ((right[0], right[1]), (right[0] + 50, right[1] + 30)),
    )
    assert bench.at(250, 200) == pytest.approx((x + 50, y + 30), abs=0.5)
    expect(bench.page.locator("#zoom-level")).to_have_text("300 %")
    time.sleep(0.3)
    assert [row["version"] for row in bench.rows()] == [1]


def test_objects_are_selected_and_moved_between_by_touch(bench: Bench, fingers: Fingers):
    bench.start(box(100, 100, 60, 60), box(300, 100, 60, 60))
    bench.page.get_by_role("button", name="Select", exact=True).tap()
    fingers.tap(bench.at(130, 130))
    expect(bench.page.locator("#objects .is-selected")).to_have_count(1)
    fingers.drag((bench.at(80, 80), bench.at(380, 180)))
    expect(bench.page.locator("#objects .is-selected")).to_have_count(2)
    bench.page.get_by_role("button", name="Merge").tap()
    row = bench.one(lambda row: row["version"] == 2, "the merging")
    same(row, box(100, 100, 60, 60) | box(300, 100, 60, 60))
    expect(bench.page.locator(CANVAS)).to_have_attribute("data-tool", "select")
