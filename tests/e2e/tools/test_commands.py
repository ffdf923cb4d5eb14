"""Selecting, and commands on whole masks, against masks made from pixels alone."""

from typing import Any

import cv2
import numpy as np
from playwright.sync_api import expect

from tests.e2e import drawing
from tests.e2e.drawing import Pixels, box, decoded, disc, ragged
from tests.e2e.tools.conftest import Bench, same
from tests.support.server import wait_until


def test_selecting_by_clicks_and_by_a_box(bench: Bench):
    rows = bench.start(
        box(100, 100, 200, 200), box(150, 150, 60, 60), box(400, 100, 50, 50), box(400, 300, 9, 9)
    )
    names = {row["id"]: number for number, row in enumerate(rows)}

    def selected() -> set[int]:
        found = bench.page.locator("#objects .is-selected").evaluate_all(
            "rows => rows.map(row => row.dataset.id)"
        )
        return {names[id] for id in found}

    def becomes(*numbers: int) -> None:
        wait_until(lambda: selected() == set(numbers), 5, what=f"{numbers} selected")

    bench.tool("v", "select")
    bench.click(170, 170)
    becomes(1)
    bench.page.wait_for_timeout(500)
    bench.click(170, 170)
    becomes(0)
    bench.page.wait_for_timeout(500)
    bench.click(170, 170)
    becomes(1)
    bench.page.keyboard.down("Shift")
    bench.click(420, 120)
    becomes(1, 2)
    bench.click(170, 170)
    becomes(2)
    bench.page.keyboard.up("Shift")
    bench.drag(350, 80, 500, 400)
    becomes(2, 3)
    bench.page.keyboard.down("Shift")
    bench.drag(90, 90, 140, 140)
    bench.page.keyboard.up("Shift")
    becomes(0, 2, 3)
    bench.key("Delete")
    left = bench.until(lambda rows: len(rows) == 1, "the deletion of all three")
    assert left[0]["id"] == rows[1]["id"]
    bench.undo()
    bench.until(lambda rows: len(rows) == 4, "one step brings all back")


def test_merging_keeps_the_first_and_is_one_step(bench: Bench):
    rows = bench.start(box(100, 100, 50, 50), box(130, 130, 50, 50), box(400, 50, 10, 10))
    bench.select(110, 110)
    bench.page.keyboard.down("Shift")
    bench.click(170, 170)
    bench.click(405, 55)
    bench.page.keyboard.up("Shift")
    bench.key("u")
    row = bench.one(lambda row: row["version"] == 2, "the merging")
    assert row["id"] == rows[0]["id"]
    parts = box(100, 100, 50, 50) | box(130, 130, 50, 50) | box(400, 50, 10, 10)
    same(row, parts)
    bench.undo()
    before = {row["id"]: row["rle"] for row in rows}
    bench.until(lambda now: {r["id"]: r["rle"] for r in now} == before, "the undone merging")


def test_subtracting_takes_from_the_neighbours_but_never_all(bench: Bench):
    bench.start(
        box(100, 100, 100, 100), box(150, 150, 100, 100), box(120, 120, 5, 5), box(400, 0, 9, 9)
    )
    bench.select(110, 190)
    bench.key("x")
    rows = bench.until(lambda rows: rows[1]["version"] == 2, "the subtraction")
    same(rows[0], box(100, 100, 100, 100))
    same(rows[1], box(150, 150, 100, 100) & ~box(100, 100, 100, 100))
    same(rows[2], box(120, 120, 5, 5))
    assert [row["version"] for row in rows] == [1, 2, 1, 1]
    expect(bench.page.get_by_text("One object is covered as a whole")).to_be_visible()
    bench.undo()
    bench.until(lambda rows: rows[1]["area"] == 10_000, "the undone subtraction")
    bench.key("Shift+X")
    rows = bench.until(lambda rows: rows[0]["version"] == 2, "the neighbours cut out")
    hole = box(150, 150, 100, 100) | box(120, 120, 5, 5)
    same(rows[0], box(100, 100, 100, 100) & ~hole)


def test_locked_objects_stay_as_they_are(bench: Bench):
    bench.start(box(100, 100, 100, 100), box(150, 150, 100, 100))
    bench.select(110, 110)
    bench.key("l")
    expect(bench.page.get_by_role("button", name="Unlock cell 1")).to_be_visible()
    bench.tool("b", "brush")
    bench.stroke((120, 120), (300, 120))
    expect(bench.page.get_by_text("The object is locked")).to_be_visible()
    for key in ("g", "Delete", "2"):
        bench.key(key)
    bench.select(240, 240)
    bench.key("x")
    bench.key("g")
    rows = bench.until(lambda rows: rows[1]["version"] == 2, "the growth of the other")
    assert rows[0]["version"] == 1


def test_splitting_loses_no_pixel(bench: Bench):
    before = disc(300.5, 200.5, 90) | box(20, 20, 10, 10)
    (row,) = bench.start(before, label=1)
    bench.select(300, 200)
    bench.tool("k", "split")
    bench.drag(250.3, 60.2, 360.3, 350.2)
    rows = bench.until(lambda rows: len(rows) == 2 and rows[0]["version"] == 2, "the two halves")
    masks = [decoded(row) for row in rows]
    cx, cy = drawing.centres()
    left = (360.3 - 250.3) * (cy - 60.2) - (350.2 - 60.2) * (cx - 250.3) > 0
    unsure = drawing.distance(250.3, 60.2, 360.3, 350.2) < 0.1
    assert ((masks[0] ^ masks[1]) == before).all()
    larger = before & left if (before & left).sum() >= (before & ~left).sum() else before & ~left
    assert not ((masks[0] ^ larger) & ~unsure).any()
    assert rows[0]["id"] == row["id"]
    assert {row["label"] for row in rows} == {bench.labels[1]}
    bench.undo()
    same(bench.one(lambda row: row["version"] == 3, "the undone split"), before)


def test_commands_on_masks(bench: Bench):
    before = ragged()
    bench.start(before)
    bench.select(200, 180)
    field = bench.page.get_by_label("by", exact=True)
    field.fill("3")
    field.press("Enter")
    version = 1

    def does(key: str, expected: Pixels) -> None:
        nonlocal version
        bench.key(key)
        version += 1
        same(bench.one(lambda row: row["version"] == version, key), expected)
        bench.undo()
        version += 1
        same(bench.one(lambda row: row["version"] == version, f"undo of {key}"), before)

    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (7, 7))
    ys, xs = np.mgrid[-3:4, -3:4]
    kernel[:] = xs**2 + ys**2 <= 9
    image = before.astype(np.uint8)
    does("g", cv2.dilate(image, kernel).astype(bool))
    does("Shift+G", cv2.erode(image, kernel).astype(bool))
    does("o", _filled(image))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(image, connectivity=8)
    large = [k for k in range(1, count) if stats[k, cv2.CC_STAT_AREA] >= 64]
    does("Shift+O", np.isin(labels, large))
    ones = np.ones_like(image, dtype=np.float64)
    border = cv2.BORDER_CONSTANT
    share = cv2.filter2D(image.astype(np.float64), -1, kernel.astype(float), borderType=border)
    all_of = cv2.filter2D(ones, -1, kernel.astype(float), borderType=border)
    does("j", share * 2 > all_of + 1e-6)


def _filled(image: Any) -> Pixels:
    """Everything that the outside, around the image, does not reach."""
    flood = np.pad(image, 1)
    cv2.floodFill(flood, None, (0, 0), 2)
    return np.asarray(flood[1:-1, 1:-1] != 2)


def test_each_part_becomes_an_object(bench: Bench):
    (row,) = bench.start(box(10, 10, 20, 20) | box(100, 10, 9, 9) | box(109, 19, 3, 3))
    bench.select(15, 15)
    bench.key("Shift+K")
    rows = bench.until(lambda rows: len(rows) == 2 and rows[0]["version"] == 2, "the parts")
    same(rows[0], box(10, 10, 20, 20))
    same(rows[1], box(100, 10, 9, 9) | box(109, 19, 3, 3))
    assert rows[0]["id"] == row["id"]
