"""From image to image: submitted, skipped, opened again, with objects and settings taken along."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.server import ADMIN

from .drawing import box, decoded
from .queued import Queue
from .workspace import CANVAS


def _strip(queue: Queue, index: int) -> Any:
    return queue.page.locator("#strip .strip-link").nth(index)


def test_submitting_saves_what_is_in_hand_and_goes_on(queue: Queue) -> None:
    queue.show(0)
    queue.key("r")
    queue.drag(100, 100, 200, 180)
    # At once: the object is on its way to the server still.
    queue.key("Control+Enter")
    queue.at_image(1)
    assert queue.work(0) == "submitted"
    (row,) = queue.rows(0)
    assert (decoded(row) == box(100, 100, 100, 80)).all()
    assert queue.image(0)["workBy"] == ADMIN
    expect(_strip(queue, 0)).to_have_attribute("aria-label", "0.png, submitted with 1 object")
    expect(_strip(queue, 1)).to_have_attribute("aria-label", "1.png, not annotated")

    # A mask in the making is kept, not lost.
    queue.key("s")
    queue.click(320, 240)
    queue.candidates()
    queue.key("Control+Enter")
    queue.at_image(2)
    assert len(queue.rows(1)) == 1
    assert queue.work(1) == "submitted"


def test_the_last_image_is_submitted_and_stays(queue: Queue) -> None:
    queue.show(3)
    queue.page.get_by_role("button", name="Submit").click()
    expect(queue.page.locator("#work-state")).to_have_text("Submitted")
    expect(queue.page.get_by_text("This is the last image")).to_be_visible()
    assert queue.work(3) == "submitted"


def test_skipping_asks_for_a_reason_by_keys_alone(queue: Queue) -> None:
    queue.show(0)
    queue.key("Control+Shift+Enter")
    dialog = queue.page.get_by_role("dialog", name="Skip this image")
    expect(dialog).to_be_visible()
    queue.key("Escape")
    expect(dialog).to_be_hidden()
    assert queue.work(0) == "open"
    queue.key("Control+Shift+Enter")
    queue.key("ArrowDown")
    queue.key("Enter")
    queue.at_image(1)
    row = queue.image(0)
    assert (row["work"], row["skipReason"]) == ("skipped", "Nothing to annotate")
    # A reason of one's own; the last one is offered again.
    queue.page.get_by_role("button", name="Skip", exact=True).click()
    expect(dialog.get_by_label("Nothing to annotate")).to_be_checked()
    dialog.get_by_label("Another reason").fill("Wrong camera")
    dialog.get_by_role("button", name="Skip and go on").click()
    queue.at_image(2)
    assert queue.image(1)["skipReason"] == "Wrong camera"
    expect(_strip(queue, 1)).to_have_attribute("aria-label", "1.png, skipped")


def test_an_edit_or_a_key_opens_an_image_again(queue: Queue) -> None:
    for state in ({"state": "submitted"}, {"state": "skipped", "reason": "Dark"}):
        queue.client.post(f"/api/images/{queue.images[0]}/work", json=state).raise_for_status()
        queue.show(0, len(queue.rows(0)))
        shown = queue.page.locator("#work-state")
        expect(shown).to_have_text(state["state"].capitalize())
        before = len(queue.rows(0))
        queue.key("r")
        queue.drag(50, 50 + 60 * before, 90, 90 + 60 * before)
        expect(shown).to_have_text("")
        queue.until(lambda: queue.work(0) == "open", "the image's opening")
        assert len(queue.rows(0)) == before + 1

    # Somebody else submits it: the page tells, and a key opens it.
    path = f"/api/images/{queue.images[0]}/work"
    queue.client.post(path, json={"state": "submitted"}).raise_for_status()
    expect(queue.page.locator("#work-state")).to_have_text("Submitted")
    queue.key("Shift+R")
    expect(queue.page.locator("#work-state")).to_have_text("")
    assert queue.work(0) == "open"


def test_what_cannot_be_saved_is_not_submitted(queue: Queue) -> None:
    queue.show(0)
    queue.page.context.set_offline(True)
    queue.key("Control+Enter")
    expect(queue.page.get_by_text("The image could not be submitted")).to_be_visible()
    assert queue.work(0) == "open"
    assert queue.page.url.endswith(f"/images/{queue.images[0]}/annotate/")


def test_the_next_untouched_image_is_found(queue: Queue) -> None:
    queue.put(1, box(10, 10, 20, 20))
    path = f"/api/images/{queue.images[2]}/work"
    queue.client.post(path, json={"state": "skipped", "reason": "Dark"}).raise_for_status()
    queue.show(0)
    queue.key("Shift+F")
    queue.at_image(3)
    queue.key("Shift+F")
    queue.at_image(0)
    for index in (0, 3):
        queue.client.post(f"/api/images/{queue.images[index]}/work", json={"state": "submitted"})
    queue.key("Shift+F")
    expect(queue.page.get_by_text("No other image waits")).to_be_visible()


def test_tool_label_zoom_and_view_go_along(queue: Queue) -> None:
    queue.show(0)
    queue.key("b")
    queue.key("2")
    queue.key("t")
    queue.page.mouse.move(*queue.at(500, 400))
    for _ in range(4):
        queue.key("+")
    queue.page.wait_for_timeout(100)
    view = queue.attribute("data-view")
    queue.key("f")
    queue.at_image(1)
    expect(queue.page.locator(CANVAS)).to_have_attribute("data-tool", "brush")
    numbers = [float(value) for value in queue.attribute("data-view").split()]
    assert numbers == pytest.approx([float(value) for value in view.split()], abs=0.01)
    expect(queue.page.locator(".labels-option[aria-selected=true]")).to_have_text("dust2")
    # The strip's pictures are links that take the same along; a reload begins anew.
    _strip(queue, 2).click()
    queue.at_image(2)
    again = [float(value) for value in queue.attribute("data-view").split()]
    assert again == pytest.approx(numbers, abs=0.01)
    queue.page.reload()
    queue.armed()
    fitted = [float(value) for value in queue.attribute("data-view").split()]
    assert fitted != pytest.approx(numbers, abs=0.01)
    assert fitted[0] == 0, "the turn is a setting, and stays"


def test_the_next_picture_is_there_in_the_frame_of_the_key(queue: Queue) -> None:
    queue.show(0)
    queue.page.wait_for_timeout(5000)
    colour = queue.page.evaluate(
        """async (canvas) => {
          const shown = new Promise((done) => new MutationObserver(() => {
            const poster = document.querySelector(".ws-curtain + .ws-poster");
            if (poster) requestAnimationFrame(() => done([poster.complete, poster.naturalWidth,
              JSON.stringify(poster.getBoundingClientRect())]));
          }).observe(document.getElementById("stage"), { childList: true }));
          document.querySelector(canvas).dispatchEvent(
            new KeyboardEvent("keydown", { key: "f", bubbles: true, cancelable: true }));
          return shown;
        }""",
        CANVAS,
    )
    complete, width, _ = colour
    assert complete
    assert width == 640
    queue.at_image(1)
    expect(queue.page.locator("#poster")).to_have_count(0)


def test_objects_are_copied_to_this_image_and_to_others(queue: Queue) -> None:
    mask = box(100, 100, 60, 40)
    queue.put(0, mask, label=1, attributes={"full": True}, source="brush")
    queue.show(0, 1)
    queue.key("v")
    queue.click(120, 120)
    queue.key("Control+c")
    # Here: the middle comes to the pointer.
    queue.page.mouse.move(*queue.at(300.4, 300.4))
    queue.key("Control+v")
    queue.until(lambda: len(queue.rows(0)) == 2, "the pasted object")
    pasted = queue.rows(0)[-1]
    assert (decoded(pasted) == box(270, 280, 60, 40)).all()
    assert pasted["label"] == queue.labels[1]
    assert pasted["attributes"] == {"full": True}
    expect(queue.page.locator("#objects .is-selected")).to_have_count(1)
    queue.key("Control+z")
    queue.until(lambda: len(queue.rows(0)) == 1, "the undone paste")
    queue.key("Control+y")
    queue.until(lambda: len(queue.rows(0)) == 2, "the paste again")

    # On another image: in the same place.
    queue.key("f")
    queue.at_image(1)
    queue.key("Control+v")
    queue.until(lambda: len(queue.rows(1)) == 1, "the object on the other image")
    (other,) = queue.rows(1)
    assert (decoded(other) == mask).all()
    assert (other["source"], other["prompts"], other["score"]) == ("brush", None, None)


def test_pasting_on_a_smaller_image_cuts_off_and_says_so(queue: Queue) -> None:
    queue.put(2, box(450, 350, 100, 100))
    queue.put(2, box(20, 20, 30, 30))
    queue.put(2, box(600, 10, 20, 20))
    queue.show(2, 3)
    queue.key("v")
    queue.drag(5, 5, 635, 475)
    expect(queue.page.locator("#objects .is-selected")).to_have_count(3)
    queue.key("Control+c")
    queue.key("f")
    queue.at_image(3)
    queue.key("Control+v")
    expect(queue.page.get_by_text("2 objects pasted")).to_be_visible()
    text = "has another size (640 × 480). 1 cut off at the edge, 1 left out"
    expect(queue.page.get_by_text(text)).to_be_visible()
    queue.until(lambda: len(queue.rows(3)) == 2, "the pasted objects")
    areas = sorted(row["area"] for row in queue.rows(3))
    assert areas == [900, 50 * 50]
    queue.key("Control+z")
    queue.until(lambda: not queue.rows(3), "one step back for both")


def test_objects_propagate_to_the_next_image_as_one_step(queue: Queue) -> None:
    queue.put(0, box(10, 10, 50, 50))
    queue.put(0, box(200, 200, 50, 50))
    queue.show(0, 2)
    queue.key("Control+b")
    expect(queue.page.get_by_text("No object is selected")).to_be_visible()
    queue.key("v")
    queue.drag(2, 2, 400, 400)
    queue.key("Control+b")
    queue.at_image(1)
    queue.until(lambda: len(queue.rows(1)) == 2, "the propagated objects")
    counts = [sorted(row["rle"]["counts"] for row in queue.rows(index)) for index in (0, 1)]
    assert counts[0] == counts[1]
    # It happens once: a reload brings no others.
    queue.page.reload()
    queue.armed()
    expect(queue.page.locator("#objects .object")).to_have_count(2)
    queue.key("Control+b")
    expect(queue.page.locator("#objects .object")).to_have_count(2)


def test_the_project_page_finds_and_counts_what_is_done(queue: Queue, page: Page) -> None:
    for index, body in enumerate(({"state": "submitted"}, {"state": "skipped", "reason": "Dark"})):
        queue.client.post(f"/api/images/{queue.images[index]}/work", json=body)
    page.goto(f"{queue.url}/projects/{queue.project}/")
    expect(page.get_by_text("1 submitted", exact=False).first).to_be_visible()
    for state, name in (("submitted", "0.png"), ("skipped", "1.png")):
        page.get_by_label("State").select_option(state)
        expect(page.locator(".cell[data-id]")).to_have_count(1)
        expect(page.get_by_role("link", name=name)).to_be_visible()
    expect(page.locator(".card-state")).to_have_text("Skipped")
    expect(page.locator(".card-state")).to_have_attribute("title", f"Skipped by {ADMIN}: Dark")
    # What happens elsewhere is told at once.
    queue.client.post(f"/api/images/{queue.images[1]}/work", json={"state": "open"})
    expect(page.locator(".card-state")).not_to_have_text("Skipped")


def test_nothing_is_done_to_an_image_that_is_being_left(queue: Queue) -> None:
    kept = queue.put(0, box(10, 10, 50, 50))
    queue.show(0, 1)
    queue.key("v")
    queue.click(30, 30)
    expect(queue.page.locator("#objects .is-selected")).to_have_count(1)
    on_top = queue.page.evaluate(
        """([x, y]) => {
          const press = (key) => document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
          press("f");
          press("Delete");
          return document.elementFromPoint(x, y).className;
        }""",
        list(queue.at(300, 300)),
    )
    assert "ws-curtain" in on_top
    queue.at_image(1)
    assert [row["id"] for row in queue.rows(0)] == [kept["id"]]
