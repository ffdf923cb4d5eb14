"""Keys: shown, changed, refused, kept for the person, and given back."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.browser import intercept, sign_in, signed_in, violations
from tests.support.environment import ROOT
from tests.support.server import PEOPLE, Server, wait_until

from . import drawing
from .workspace import CANVAS, Workspace


@pytest.fixture(scope="module")
def place(fake_server: Server) -> Iterator[tuple[httpx.Client, int]]:
    """Ann's client, and an image of a project that Bob belongs to, too."""
    with fake_server.client("keys_ann") as client:
        body = {"name": "Keys", "labels": [{"name": "cell"}]}
        project = client.post("/api/projects", json=body).json()["id"]
        client.post(f"/api/projects/{project}/members", json={"username": "keys_bob"})
        files = [("files", ("picture.png", drawing.picture(), "image/png"))]
        items = client.post(f"/api/projects/{project}/images", files=files).json()["items"]
        image = items[0]["id"]

        def ready() -> bool:
            return bool(client.get(f"/api/images/{image}").json()["embedding"] == "ready")

        wait_until(ready, 60, 0.3, "the embedding")
        yield client, image


@pytest.fixture
def work(page: Page, fake_server: Server, place: tuple[httpx.Client, int]) -> Workspace:
    client, image = place
    client.patch("/api/me/preferences", json={"keys": {}}).raise_for_status()
    signed_in(page, fake_server, "keys_ann")
    work = Workspace(page, fake_server.url)
    work.open(image)
    return work


def _dialog(work: Workspace) -> Locator:
    work.key("?")
    work.page.get_by_role("button", name="Change keys…").click()
    dialog = work.page.get_by_role("dialog", name="Change keys")
    expect(dialog).to_be_visible()
    return dialog


def _kept(place: tuple[httpx.Client, int]) -> dict[str, Any]:
    keys: dict[str, Any] = place[0].get("/api/me/preferences").json()["keys"]
    return keys


def _tool(work: Workspace, name: str) -> None:
    expect(work.page.locator(CANVAS)).to_have_attribute("data-tool", name)


BRUSH = "Brush: into the selected object, or a new one"


def test_a_key_is_changed_shown_everywhere_and_kept(
    work: Workspace, place: tuple[httpx.Client, int], chromium: Browser
) -> None:
    dialog = _dialog(work)
    dialog.get_by_role("button", name=f"{BRUSH} B").click()
    expect(dialog.get_by_text("Press the key for: Brush")).to_be_visible()
    work.key("Alt+b")
    expect(dialog.get_by_text(f"{BRUSH}: Alt+B.")).to_be_visible()
    wait_until(lambda: _kept(place) == {"tool-brush": ["Alt+B"]}, 5, what="the kept key")
    work.key("Escape")
    expect(dialog).to_be_hidden()

    work.key("b")
    _tool(work, "smart")
    work.key("Alt+b")
    _tool(work, "brush")
    button = work.page.locator("#tool-brush")
    expect(button).to_have_attribute("aria-keyshortcuts", "Alt+B")
    expect(button).to_have_attribute("title", "Brush: paint into the mask (Alt+B)")
    work.key("?")
    row = work.page.locator(".help-row", has_text=BRUSH)
    assert row.locator("kbd").all_inner_texts() == ["Alt", "B"]
    work.key("?")

    # In another browser, too, and not for others.
    for user, key, tool in (("keys_ann", "Alt+b", "brush"), ("keys_bob", "b", "brush")):
        context = chromium.new_context()
        try:
            other = Workspace(context.new_page(), work.url)
            sign_in(other.page, work.url, user, PEOPLE[user])
            other.open(place[1])
            other.key("s")
            other.key(key)
            _tool(other, tool)
        finally:
            context.close()


def test_a_key_that_is_taken_is_refused_in_words(
    work: Workspace, place: tuple[httpx.Client, int]
) -> None:
    dialog = _dialog(work)
    dialog.get_by_role("button", name=f"{BRUSH} B").focus()
    work.key("Enter")
    alert = dialog.get_by_role("alert")
    for pressed, words in (
        ("e", "E is taken: Eraser."),
        ("5", "It cannot be given away."),
        ("Tab", "Tab moves to the next control."),
        ("Control+w", "Ctrl+W belongs to the browser."),
    ):
        work.key(pressed)
        expect(alert).to_contain_text(words)
    # Esc leaves it as it is, and the dialog open.
    work.key("Escape")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name=f"{BRUSH} B")).to_be_focused()
    assert _kept(place) == {}


def test_one_or_all_keys_are_given_back(work: Workspace, place: tuple[httpx.Client, int]) -> None:
    keys = {"tool-brush": ["E"], "tool-eraser": ["B"], "undo": ["Alt+U"]}
    place[0].patch("/api/me/preferences", json={"keys": keys}).raise_for_status()
    work.page.reload()
    work.armed()
    work.key("e")
    _tool(work, "brush")
    dialog = _dialog(work)
    dialog.get_by_role("button", name=f"Reset {BRUSH}").click()
    expect(dialog.get_by_role("alert")).to_contain_text("B is taken: Eraser.")
    dialog.get_by_role("button", name="Reset Undo; inside the smart tool one prompt").click()
    wait_until(lambda: "undo" not in _kept(place), 5, what="the key given back")
    dialog.get_by_role("button", name="Reset all").click()
    wait_until(lambda: _kept(place) == {}, 5, what="all keys given back")
    expect(dialog.get_by_role("button", name="Reset all")).to_be_disabled()
    work.key("Escape")
    work.key("e")
    _tool(work, "eraser")


def test_keys_that_cannot_be_kept_are_as_they_were(
    work: Workspace, place: tuple[httpx.Client, int]
) -> None:
    intercept(work.page, "**/api/me/preferences", lambda route: route.abort())
    dialog = _dialog(work)
    dialog.get_by_role("button", name=f"{BRUSH} B").click()
    work.key("Alt+b")
    expect(dialog.get_by_role("alert")).to_contain_text("The keys are as they were.")
    expect(dialog.get_by_role("button", name=f"{BRUSH} B")).to_be_visible()
    work.key("Escape")
    work.key("b")
    _tool(work, "brush")


def test_the_help_sheet_names_what_the_docs_name(work: Workspace) -> None:
    docs = (ROOT / "docs" / "keys.md").read_text()
    work.key("F1")
    rows = work.page.locator(".help-row dd").all_inner_texts()
    assert len(rows) > 60
    assert [row for row in rows if f"| {row} |" not in docs] == []


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_a_screen_reader_finds_its_way(work: Workspace, scheme: Any) -> None:
    page = work.page
    page.emulate_media(color_scheme=scheme)
    work.key("y")
    expect(page.get_by_role("dialog", name="View")).to_be_visible()
    assert violations(page) == []
    work.key("Escape")
    dialog = _dialog(work)
    assert violations(page) == []
    work.key("Escape")
    expect(dialog).to_be_hidden()
    work.key("Control+Shift+Enter")
    expect(page.get_by_role("dialog", name="Skip this image")).to_be_visible()
    assert violations(page) == []
