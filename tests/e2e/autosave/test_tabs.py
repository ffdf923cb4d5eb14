"""Two tabs of one person, and two versions of one object."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Route, expect

from tests.e2e import drawing
from tests.e2e.workspace import Workspace
from tests.support.browser import intercept
from tests.support.environment import CACHE

from .conftest import ANNOTATION, LEFT, Desk, close, hold, label, saved, state


def test_what_one_tab_saves_the_other_shows(desk: Desk):
    first, second = desk.work, desk.tab()
    label(first, LEFT, "2")
    saved(first)
    # On top of it, without a question.
    expect(second.page.locator("#objects .object", has_text="two")).to_have_count(1)
    label(second, LEFT, "1")
    saved(second)
    expect(first.page.locator("#objects .object", has_text="two")).to_have_count(0)
    label(first, LEFT, "2")
    saved(first)
    assert (desk.row(0)["label"], desk.row(0)["version"]) == (desk.labels[1], 4)
    for work in (first, second):
        expect(work.page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("desk", ["https", "http"], indirect=True)
def test_a_living_tab_sends_its_own_changes(desk: Desk):
    first = desk.work

    def fail(route: Route) -> None:
        if route.request.method == "GET":
            route.continue_()
        else:
            route.abort()

    intercept(first.page, ANNOTATION, fail)
    label(first, LEFT, "2")
    state(first, "offline", "Offline · 1")
    second = desk.tab()
    saved(second)

    def by_the_second() -> list[str]:
        return [each.method for each in desk.sent if each.frame.page is second.page]

    second.page.wait_for_timeout(4000)
    assert by_the_second() == []
    assert desk.row(0)["version"] == 1
    # Gone with its work unsent, the tab that is left takes it over.
    close(first, [])
    desk.version(0, 2)
    saved(second)
    assert by_the_second() == ["PATCH"]
    assert desk.row(0)["label"] == desk.labels[1]


@pytest.mark.parametrize("desk", ["https", "http"], indirect=True)
def test_two_tabs_that_open_at_once_send_it_once(desk: Desk):
    held = hold(desk.work.page)
    for key in ("2", "1", "2"):
        label(desk.work, LEFT, key)
    desk.until(lambda: len(held) == 1, "the request")
    close(desk.work, held)
    desk.sent.clear()
    pages = [desk.context.new_page() for _ in range(2)]
    for page in pages:
        page.goto(f"{desk.server.url}/images/{desk.image}/annotate/", wait_until="commit")
    tabs = [Workspace(page, desk.server.url) for page in pages]
    desk.version(0, 4)
    for tab in tabs:
        tab.armed()
        saved(tab)
    assert desk.methods() == ["PATCH"] * 3
    for page in pages:
        expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("choice", ["Keep mine", "Keep the server's"])
def test_two_tabs_edit_one_object_and_a_person_chooses(desk: Desk, choice: str):
    first, second, before = desk.work, desk.tab(), desk.row(0)
    # The news of the other's change stays away, as on a slow network.
    first.page.context.set_offline(True)
    label(first, LEFT, "2")
    state(first, "offline", "Offline · 1")
    mask = drawing.encoded(drawing.disc(120.5, 150.5, 60))
    change = {"version": 1, "rle": mask}
    desk.client.patch(f"/api/annotations/{desk.objects[0]}", json=change).raise_for_status()
    first.page.context.set_offline(False)
    dialog = first.page.get_by_role("dialog", name="Two versions of one object")
    expect(dialog).to_be_visible()
    state(first, "saving", "Saving 1")
    assert dialog.locator("h3").all_inner_texts() == ["Yours", "On the server"]
    assert dialog.locator(".conflict-label").all_inner_texts() == ["two", "one"]
    first.page.screenshot(path=CACHE / "e2e" / "autosave-conflict.png")
    mine, theirs = (_shown(dialog.locator("canvas").nth(n)) for n in (0, 1))
    # A square and a disc, each as it is.
    assert np.abs(mine.astype(int) - theirs.astype(int)).max(axis=2).mean() > 5
    # Neither Escape nor Enter decides.
    first.key("Escape")
    first.key("Enter")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name=choice).click()
    expect(dialog).to_be_hidden()
    saved(first)
    row = desk.row(0)
    if choice == "Keep mine":
        # As it was shown, not the label alone over the other's mask.
        assert (row["label"], row["version"], row["rle"]) == (desk.labels[1], 3, before["rle"])
    else:
        assert (row["label"], row["version"], row["rle"]) == (desk.labels[0], 2, mask)
    saved(second)


# Width, height and all values of a canvas.
_PIXELS = """(canvas) => [canvas.width, canvas.height,
    ...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data]"""


def _shown(canvas: Any) -> Any:
    width, height, *data = canvas.evaluate(_PIXELS)
    return np.array(data, np.uint8).reshape(height, width, 4)[:, :, :3]
