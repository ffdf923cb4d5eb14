"""Polygon and box by mouse and keys, against masks made from pixels alone."""

import numpy as np
from playwright.sync_api import expect

from tests.e2e.drawing import box, decoded, disc, inside, near, ragged
from tests.e2e.tools.conftest import Bench, same
from tests.e2e.workspace import CANVAS

RING = [(100.25, 80.25), (320.25, 110.25), (280.25, 300.25), (150.25, 240.25)]


def test_a_polygon_by_clicks_is_the_pixels_whose_centres_it_encloses(bench: Bench):
    bench.start()
    bench.tool("p", "polygon")
    for place in RING[:3]:
        bench.click(*place)
    bench.click(500, 400)
    bench.key("Backspace")
    bench.click(90, 300)
    bench.undo()
    bench.click(*RING[3])
    bench.key("Enter")
    row = bench.one(lambda row: True, "the polygon")
    assert row["source"] == "polygon"
    same(row, inside(RING), near(RING, 0.1))
    # The first corner closes too, and a double click.
    for place in [(x + 250, y + 100) for x, y in RING[:3]]:
        bench.click(*place)
    bench.click(RING[0][0] + 250, RING[0][1] + 100)
    bench.until(lambda rows: len(rows) == 2, "the second polygon")
    for place in [(20, 300), (90, 330)]:
        bench.click(*place)
    bench.page.mouse.dblclick(*bench.at(40, 420))
    rows = bench.until(lambda rows: len(rows) == 3, "the third polygon")
    third: list[tuple[float, float]] = [(20, 300), (90, 330), (40, 420)]
    same(rows[2], inside(third), near(third, 0.1))


def test_escape_drops_a_polygon_and_corners_can_be_moved_and_removed(bench: Bench):
    bench.start()
    bench.tool("p", "polygon")
    for place in RING:
        bench.click(*place)
    bench.key("Escape")
    bench.key("Enter")
    assert not bench.rows()
    for place in [*RING, (40.25, 160.25)]:
        bench.click(*place)
    bench.drag(*RING[1], 380.25, 60.25)
    bench.click(40.25, 160.25, "right")
    # On an edge, a press makes a corner that the drag takes along.
    bench.drag((380.25 + 280.25) / 2, (60.25 + 300.25) / 2, 420.25, 200.25)
    bench.key("Enter")
    ring = [RING[0], (380.25, 60.25), (420.25, 200.25), RING[2], RING[3]]
    same(bench.one(lambda row: True, "the polygon"), inside(ring), near(ring, 0.1))


def test_a_polygon_drawn_freely_keeps_to_the_line(bench: Bench):
    bench.start()
    bench.tool("p", "polygon")
    angles = np.linspace(0, 2 * np.pi, 60)
    circle = [(300 + 110 * float(np.cos(a)), 220 + 110 * float(np.sin(a))) for a in angles]
    bench.page.mouse.move(*bench.at(*circle[0]))
    bench.page.mouse.down()
    for place in circle[1:]:
        bench.page.mouse.move(*bench.at(*place))
    bench.page.mouse.up()
    row = bench.one(lambda row: True, "the polygon")
    wrong = decoded(row) ^ disc(300, 220, 110)
    ring = disc(300, 220, 112) & ~disc(300, 220, 108)
    assert not (wrong & ~ring).any()


def test_an_objects_outline_is_edited_where_it_is_touched_only(bench: Bench):
    before = ragged()
    (row,) = bench.start(before)
    bench.select(200, 180)
    bench.tool("p", "polygon")
    # The first part's lower right corner.
    bench.drag(230, 200, 260.25, 230.25)
    row = bench.one(lambda row: row["version"] == 2, "the moved corner")
    ring = [(100.0, 90.0), (230.0, 90.0), (260.25, 230.25), (100.0, 200.0)]
    expected = before & ~box(100, 90, 130, 110) | inside(ring) & ~box(120, 110, 40, 40)
    expected |= before
    same(row, expected, near(ring, 0.1))
    assert row["source"] == "polygon"
    # A corner removed: the triangle is left.
    bench.click(260.25, 230.25, "right")
    row = bench.one(lambda row: row["version"] == 3, "the removed corner")
    triangle = [(100.0, 90.0), (230.0, 90.0), (100.0, 200.0)]
    expected = before & ~box(100, 90, 130, 110) | inside(triangle)
    hole = box(120, 110, 40, 40) & ~box(135, 125, 8, 8)
    close = near(triangle, 0.1) | near([(120, 110), (160, 110), (160, 150), (120, 150)], 50)
    same(row, expected & ~hole, close)
    bench.undo()
    bench.undo()
    back = bench.one(lambda row: row["version"] == 5, "the undone edits")
    same(back, before)


def test_corners_snap_to_a_neighbour_with_alt(bench: Bench):
    bench.start(box(200, 100, 100, 200))
    bench.tool("p", "polygon")
    for x, y in ((100, 150), (150, 260)):
        bench.click(x, y)
    bench.page.keyboard.down("Alt")
    bench.click(194, 250)
    bench.click(205, 102)
    bench.page.keyboard.up("Alt")
    bench.key("Enter")
    rows = bench.until(lambda rows: len(rows) == 2, "the polygon")
    ring: list[tuple[float, float]] = [(100, 150), (150, 260), (200, 250), (200, 100)]
    same(rows[1], inside(ring), near(ring, 0.1))
    assert not (decoded(rows[0]) & decoded(rows[1])).any()


def test_a_mask_becomes_a_polygon_and_the_loss_is_said(bench: Bench):
    (row,) = bench.start(disc(300.5, 200.5, 80))
    bench.select(300, 200)
    bench.key("Shift+P")
    expect(bench.page.get_by_text("A polygon of")).to_be_visible()
    said = bench.page.get_by_text("pixels of").inner_text()
    after = bench.one(lambda row: row["version"] == 2, "the conversion")
    changed = int((decoded(row) ^ decoded(after)).sum())
    assert said.startswith(f"{changed} pixels of {row['area']} changed")
    assert 0 < changed < 0.03 * row["area"]
    expect(bench.page.locator(CANVAS)).to_have_attribute("data-tool", "polygon")


def test_a_box_is_whole_pixels_from_corner_to_corner(bench: Bench):
    bench.start()
    bench.tool("r", "box")
    bench.drag(50, 60, 180, 140)
    row = bench.one(lambda row: True, "the box")
    assert row["source"] == "box"
    same(row, box(50, 60, 130, 80))
    # By clicks, from lower right to upper left and over the border.
    bench.click(600, 400)
    bench.click(700, 300)
    rows = bench.until(lambda rows: len(rows) == 2, "the second box")
    same(rows[1], box(600, 300, 40, 100))
    bench.undo()
    bench.until(lambda rows: len(rows) == 1, "the undone box")
