"""Images by their addresses: the dialog, the API, and what is refused."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import sign_in
from tests.support.pictures import png
from tests.support.server import ADMIN, ADMIN_PASSWORD, Server, wait_until
from tests.support.web import OtherSite, other_site

FILE = png(40, 30, seed=5)


@pytest.fixture(scope="module")
def site() -> Iterator[OtherSite]:
    with other_site(FILE) as site:
        yield site


@pytest.fixture(scope="module")
def shop(start_module_server: Callable[..., Server], site: OtherSite) -> Server:
    """A server that may fetch from the site, which lies inside."""
    return start_module_server(
        SEGWEB_FETCH_ALLOW=f"127.0.0.1:{site.port}", SEGWEB_FETCH_SECONDS="2"
    )


def _ended(client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    def probe() -> dict[str, Any] | None:
        row: dict[str, Any] = client.get(f"/api/jobs/{job['id']}").json()
        return row if row["status"] in {"Completed", "Failed"} else None

    row = wait_until(probe, 30, 0.1, "the end of the job")
    assert row
    return row


def test_the_api_fetches_each_address_as_a_job(shop: Server, site: OtherSite) -> None:
    with shop.client() as client:
        project = client.post("/api/projects", json={"name": "By URL"}).json()["id"]
        paths = ["/file.png", "/to?url=/named", "/page", "/slow-body", "/missing"]
        urls = [site.url + path for path in paths] + ["http://127.0.0.1:1/", "http://[::1]/"]
        answer = client.post(f"/api/projects/{project}/fetches", json={"urls": urls})
        assert answer.status_code == 202, answer.text
        rows = [_ended(client, job) for job in answer.json()["items"]]
        first, again = rows[0]["result"], rows[1]["result"]
        assert first["image"] == again["image"]
        assert {first["duplicate"], again["duplicate"]} == {True, False}
        codes = [row["error"] and row["error"]["code"] for row in rows[2:]]
        assert codes == ["not_an_image", "too_slow", "bad_status", "not_reached", "not_reached"]
        row = client.get(f"/api/images/{first['image']}").json()
        assert (row["width"], row["height"]) == (40, 30)
        assert client.get(f"/api/images/{row['id']}/file").content == FILE


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"urls": []}, "urls"),
        ({"urls": ["http://a/"] * 101}, "urls"),
        ({"urls": ["http://a/", "ftp://b/"]}, "urls.1"),
        ({"urls": ["http://u:p@a/"]}, "urls.0"),
        ({"urls": [5]}, "urls.0"),
        ({"urls": "http://a/"}, "urls"),
        ({"urls": ["http://a/\u0000"]}, None),
        ({}, "urls"),
    ],
)
def test_bad_addresses_are_named(fake_server: Server, body: Any, field: str | None) -> None:
    with fake_server.client() as client:
        project = client.post("/api/projects", json={"name": "Bad"}).json()["id"]
        answer = client.post(f"/api/projects/{project}/fetches", json=body)
        assert answer.status_code in {400, 422}, answer.text
        assert answer.json()["error"].get("field") == field
        assert client.get(f"/api/projects/{project}/jobs").json()["items"] == []


def test_a_person_adds_images_by_their_addresses(page: Page, shop: Server, site: OtherSite) -> None:
    sign_in(page, shop.url, ADMIN, ADMIN_PASSWORD)
    with shop.client() as client:
        project = client.post("/api/projects", json={"name": "By URL"}).json()["id"]
    page.goto(f"{shop.url}/projects/{project}/")
    page.get_by_role("button", name="Add images by URL").focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("Addresses, one a line")
    expect(field).to_be_focused()
    field.fill("no address")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("is no web address")
    inner = "http://127.0.0.1:1/secret.png"
    field.fill(f"{site.url}/file.png\n{inner}")
    page.get_by_role("button", name="Add", exact=True).click()
    tray = page.get_by_role("region", name="Uploads")
    expect(tray.get_by_text("Ready", exact=True)).to_be_visible()
    expect(tray.get_by_text("The address cannot be reached")).to_be_visible()
    expect(page.get_by_role("link", name="file.png, Ready")).to_be_visible()


def test_an_address_can_be_pasted(page: Page, shop: Server, site: OtherSite) -> None:
    sign_in(page, shop.url, ADMIN, ADMIN_PASSWORD)
    with shop.client() as client:
        project = client.post("/api/projects", json={"name": "Pasted"}).json()["id"]
    page.goto(f"{shop.url}/projects/{project}/")
    expect(page.get_by_role("heading", name="Drop images here")).to_be_visible()
    page.evaluate(
        """(text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            document.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
        }""",
        f"{site.url}/named",
    )
    expect(page.get_by_role("link", name="a cup.png, Ready")).to_be_visible()
