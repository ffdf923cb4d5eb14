"""Magic refine, and what the page shows and sends beside the tools."""

from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from tests.e2e.drawing import Pixels, box, decoded, ragged
from tests.e2e.tools.conftest import Bench, same
from tests.e2e.workspace import CANVAS
from tests.support.browser import violations
from tests.support.server import Server


def _segment(bench: Bench, server: Server, x: float, y: float) -> Pixels:
    """The server's own mask for a click."""
    body = {"points": [{"x": x, "y": y, "label": 1}]}
    answer = bench.client.post(f"/api/images/{bench.image}/segment", json=body).raise_for_status()
    job = server.wait_for_job(bench.client, answer.json()["id"])
    return decoded(job["result"]["masks"][0])


def _rim(pixels: Pixels) -> Pixels:
    """A mask's edge: the browser may have rounded a logit on it otherwise."""
    around = np.ones((3, 3))
    return cv2.morphologyEx(pixels.astype(np.uint8), cv2.MORPH_GRADIENT, around).astype(bool)


def test_magic_refine_adds_to_a_mask_and_cuts_from_it(bench: Bench, fake_server: Server):
    before = ragged()
    bench.start(before)
    bench.select(200, 180)
    bench.tool("s", "smart")
    bench.click(420, 300)
    expect(bench.page.locator("#undo")).to_be_enabled(timeout=20_000)
    bench.click(110, 100, "right")
    bench.key("Enter")
    row = bench.one(lambda row: row["version"] == 2, "the refined mask")
    added = _segment(bench, fake_server, 420, 300)
    cut = _segment(bench, fake_server, 110, 100)
    same(row, (before | added) & ~cut, _rim(added) | _rim(cut))
    assert row["source"] == "smart"
    bench.undo()
    same(bench.one(lambda row: row["version"] == 3, "one step back"), before)


def test_a_click_of_magic_refine_can_be_undone_by_itself(bench: Bench):
    bench.start(box(100, 100, 60, 60))
    bench.select(120, 120)
    bench.key("Shift+S")
    bench.click(420, 300)
    expect(bench.page.locator("#undo")).to_be_enabled(timeout=20_000)
    bench.undo()
    expect(bench.page.locator("#undo")).to_be_disabled()
    bench.key("Escape")
    expect(bench.page.locator(CANVAS)).to_have_attribute("data-tool", "select")
    assert [row["version"] for row in bench.rows()] == [1]


# --- the page ------------------------------------------------------------------------------------


def test_saving_one_object_sends_that_object_alone(bench: Bench):
    rows = bench.start(*[box(20 + 30 * k, 400, 20, 20) for k in range(12)])
    sent: list[Any] = []
    bench.page.on("request", lambda r: r.method in {"PATCH", "POST"} and sent.append(r))
    bench.select(25, 405)
    bench.tool("b", "brush")
    bench.stroke((60, 300), (200, 300))
    bench.until(lambda rows: rows[0]["version"] == 2, "the stroke")
    bench.page.wait_for_timeout(100)
    (request,) = sent
    assert request.url.endswith(f"/api/annotations/{rows[0]['id']}")
    size = len(bench.rows()[0]["rle"]["counts"])
    assert len(request.post_data) <= size + 300


def test_the_help_sheet_names_every_tool(bench: Bench):
    bench.start()
    bench.key("?")
    sheet = bench.page.get_by_role("dialog", name="Keys and mouse")
    for words in (
        "Brush: into",
        "Eraser",
        "Polygon; with",
        "Box: drag",
        "Split: a line",
        "Merge the",
    ):
        expect(sheet.get_by_text(words).first).to_be_visible()


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_tools_are_accessible(bench: Bench, scheme: Any):
    bench.page.emulate_media(color_scheme=scheme)
    bench.start(box(100, 100, 60, 60))
    for key in ("b", "p", "v"):
        bench.key(key)
        bench.click(120, 120)
        assert violations(bench.page) == [], key
