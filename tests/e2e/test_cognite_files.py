"""What a program uploads by the Cognite-compatible API shows on the open page, and goes from it."""

import httpx
from playwright.sync_api import Page, expect

from tests.support.browser import signed_in
from tests.support.pictures import png
from tests.support.server import Server


def test_an_upload_by_a_program_appears_on_the_open_page(fake_server: Server, page: Page) -> None:
    with fake_server.token_client(fake_server.create_token()) as client:
        body = {"name": "Programs", "labels": [{"name": "thing"}]}
        project = client.post("/api/projects", json=body).raise_for_status().json()
        signed_in(page, fake_server)
        page.goto(f"{fake_server.url}/projects/{project['id']}/")
        page.wait_for_load_state("networkidle")
        base = f"/api/v1/projects/{project['slug']}/files"
        made = client.post(base, json={"name": "by-a-program.png"}).raise_for_status().json()
        httpx.put(made["uploadUrl"], content=png(64, 48, 200)).raise_for_status()
        grid = page.locator("#grid")
        expect(grid.get_by_text("by-a-program.png")).to_be_visible()
        expect(grid.get_by_text("Ready")).to_have_count(1)
        client.post(f"{base}/delete", json={"items": [{"id": made["id"]}]}).raise_for_status()
        expect(grid.get_by_text("by-a-program.png")).to_have_count(0)
