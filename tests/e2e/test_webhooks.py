"""The page of a project's webhooks, as its owner uses it."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import StartServer
from tests.support.browser import sign_in, violations
from tests.support.pictures import png
from tests.support.receiver import Web, reply, web
from tests.support.server import ADMIN, ADMIN_PASSWORD, Server


@pytest.fixture(scope="module")
def outer() -> Iterator[Web]:
    """A web server that the product may fetch from and call."""
    down = [True, True]

    def answer(request: str, connection: Any) -> None:
        path = request.split(" ", 2)[1]
        if path.startswith("/hook"):
            first = down.pop() if down else False
            reply(b"later" if first else b"ok", "503 Busy" if first else "200 OK")(
                request, connection
            )
        else:
            reply(png(80, 60))(request, connection)

    with web(answer) as server:
        yield server


@pytest.fixture(scope="module")
def server(start_module_server: StartServer, outer: Web) -> Server:
    return start_module_server(
        SEGWEB_FETCH_ALLOW=f"127.0.0.1:{outer.port}", SEGWEB_WEBHOOK_RETRY_SECONDS="1"
    )


@pytest.fixture(scope="module")
def project(server: Server) -> int:
    with server.client() as client:
        return int(client.post("/api/projects", json={"name": "Found"}).json()["id"])


@pytest.fixture
def signed_in(page: Page, server: Server) -> Page:
    sign_in(page, server.url, ADMIN, ADMIN_PASSWORD)
    return page


def test_a_webhook_is_made_tried_and_its_log_read(
    signed_in: Page, server: Server, project: int, outer: Web
):
    page = signed_in
    page.goto(f"{server.url}/projects/{project}/settings/")
    page.get_by_role("link", name="Manage webhooks").click()
    expect(page.get_by_text("This project has no webhooks yet.")).to_be_visible()
    page.get_by_label("Address to call").fill("http://127.0.0.1:1/")
    page.get_by_role("button", name="Add webhook").click()
    expect(
        page.get_by_text("The address cannot be reached, or is not allowed here.")
    ).to_be_visible()
    page.get_by_label("Address to call").fill(f"{outer.url}/hook")
    page.get_by_label("created").first.check()
    page.keyboard.press("Enter")
    secret = page.get_by_label("The new secret").inner_text()
    card = page.get_by_role("listitem", name=f"{outer.url}/hook")
    expect(card.get_by_text("On", exact=True)).to_be_visible()

    with server.client() as client:
        body = {"urls": [f"{outer.url}/told.png"]}
        client.post(f"/api/projects/{project}/fetches", json=body)
    card.get_by_text("Log", exact=True).click()
    expect(card.get_by_text("The server answered with status 503.")).to_be_visible()
    expect(card.get_by_text("Waiting")).to_be_visible()
    expect(card.get_by_text("Delivered")).to_be_visible(timeout=30_000)
    expect(card.locator("strong", has_text="image.ready")).to_be_visible()
    expect(card.get_by_text("3 attempts")).to_be_visible()
    calls = [seen for seen in outer.seen if seen.startswith("POST /hook")]
    assert len(calls) == 3
    assert len({seen.partition("\r\n\r\n")[2] for seen in calls}) == 1
    assert _verified(calls[2], secret)["type"] == "image.ready"

    assert violations(page) == []

    card.get_by_role("button", name="Send a test").click()
    expect(card.get_by_text("ping", exact=True)).to_be_visible()
    card.get_by_role("button", name="Retry image.ready").click()
    expect(card.get_by_text("4 attempts")).to_be_visible()
    card.get_by_role("button", name="Switch off").click()
    expect(card.get_by_text("Off", exact=True)).to_be_visible()
    card.get_by_role("button", name="Edit").click()
    page.get_by_label("Address to call").last.fill(f"{outer.url}/hook2")
    page.get_by_role("button", name="Save").click()
    card = page.get_by_role("listitem", name=f"{outer.url}/hook2")
    card.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("This project has no webhooks yet.")).to_be_visible()


def _verified(request: str, secret: str) -> Any:
    head, _, body = request.partition("\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    stamp, given = headers["X-Segweb-Signature"].split(",")
    signed = f"{stamp.removeprefix('t=')}.{body}".encode()
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(given, f"v1={expected}")
    return json.loads(body)
