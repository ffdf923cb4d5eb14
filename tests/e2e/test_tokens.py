"""The tokens page in a real browser: made with scopes and an end, shown once, revoked."""

import re
import time

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import signed_in
from tests.support.server import Server


@pytest.fixture
def tokens(page: Page, fake_server: Server) -> Page:
    signed_in(page, fake_server)
    page.goto(f"{fake_server.url}/tokens/")
    return page


def may(server: Server, secret: str) -> tuple[int, int]:
    """The answers to reading, and to making a project."""
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx.Client(base_url=server.url, headers=headers) as client:
        made = client.post("/api/projects", json={"name": "By token"})
        return client.get("/api/me").status_code, made.status_code


def test_a_token_is_made_by_keyboard_and_revoked(tokens: Page, fake_server: Server) -> None:
    tokens.get_by_label("What is it for?").fill("Orchard camera")
    tokens.keyboard.press("Tab")
    tokens.keyboard.type("on a date")
    tokens.get_by_label("Last day").fill("2999-12-31")
    for name in ("Annotate", "Export"):
        tokens.get_by_role("checkbox", name=re.compile(name)).press("Space")
    tokens.get_by_label("What is it for?").press("Enter")

    secret = tokens.get_by_label("The new token").text_content() or ""
    assert secret.startswith("sw_")
    expect(tokens.get_by_role("button", name="Copy")).to_be_focused()
    row = tokens.locator("#tokens li", has_text="Orchard camera")
    expect(row).to_contain_text("May read, upload")
    expect(row).to_contain_text("years")
    expect(row).to_contain_text("last used never")
    assert may(fake_server, secret) == (200, 403)

    tokens.reload()
    assert secret not in tokens.content()
    expect(row).to_contain_text("last used just now")
    row.get_by_role("button", name="Revoke Orchard camera").click()
    tokens.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(row).to_have_count(0)
    assert may(fake_server, secret) == (401, 401)


def test_defaults_leave_out_what_is_dangerous(tokens: Page) -> None:
    boxes = tokens.get_by_role("checkbox")
    states = [(box.get_attribute("value"), box.is_checked()) for box in boxes.all()]
    assert states == [
        ("read", True), ("annotate", True), ("upload", True), ("export", True), ("manage", False),
    ]  # fmt: skip
    expect(tokens.get_by_role("checkbox", name=re.compile("Read"))).to_be_disabled()
    assert tokens.get_by_label("Expires").input_value() == "90"


def test_what_is_wrong_is_said_at_its_field(tokens: Page) -> None:
    tokens.get_by_role("button", name="Create token").click()
    expect(tokens.get_by_role("alert")).to_have_text("This must not be empty.")
    expect(tokens.get_by_label("What is it for?")).to_be_focused()
    tokens.get_by_label("What is it for?").fill("x")
    tokens.get_by_label("Expires").select_option("date")
    tokens.get_by_label("Last day").fill("2001-01-01")
    tokens.get_by_role("button", name="Create token").click()
    expect(tokens.get_by_role("alert")).to_contain_text("must not be over")
    expect(tokens.get_by_label("Last day")).to_be_focused()


def test_tokens_near_their_end_stand_out(tokens: Page, fake_server: Server) -> None:
    with fake_server.client() as client:
        for name, left in (("Ends soon", 5 * 86_400_000), ("Over", 1000)):
            end = int(time.time() * 1000) + left
            body = {"name": name, "scopes": ["read"], "expiresTime": end}
            client.post("/api/tokens", json=body).raise_for_status()
    time.sleep(1.1)
    tokens.reload()
    soon = tokens.locator("#tokens li", has_text="Ends soon").locator(".chip-warn")
    expect(soon).to_have_text("expires in 5 days")
    over = tokens.locator("#tokens li", has_text="Over").locator(".chip-danger")
    expect(over).to_have_text("expired")


def test_the_reference_shows_examples_and_scopes(page: Page, fake_server: Server) -> None:
    page.goto(f"{fake_server.url}/api/docs")
    entry = page.locator(".api-entry", has_text="/api/images/{image_id}/segment")
    entry.locator("summary").click()
    expect(entry).to_contain_text("A token needs the scope annotate")
    expect(entry).to_contain_text('"points": [{"x": 3.5, "y": 2.5, "label": 1}]')
    expect(entry).to_contain_text("insufficient_scope")
    expect(entry).to_contain_text("too_many_requests")
