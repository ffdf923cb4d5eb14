"""SEGMENT of pictures that lie at addresses outside, fetched by the worker."""

from collections.abc import Iterator

import httpx
import numpy as np
import pytest

from tests.api.test_pixlab import GOOD, PHOTO, expected, linked, pixels, refused
from tests.conftest import StartServer
from tests.support.web import OtherSite, other_site


@pytest.fixture(scope="module")
def site() -> Iterator[OtherSite]:
    with other_site(PHOTO.read_bytes()) as site:
        yield site


@pytest.fixture(scope="module")
def text_site() -> Iterator[OtherSite]:
    with other_site(b"<html>not a picture</html>") as site:
        yield site


@pytest.fixture(scope="module")
def call(
    start_module_server: StartServer, site: OtherSite, text_site: OtherSite
) -> Iterator[httpx.Client]:
    """A client of a server that may fetch from the two sites alone; it shows its key."""
    allowed = f"127.0.0.1:{site.port},127.0.0.1:{text_site.port}"
    server = start_module_server(SEGWEB_FETCH_ALLOW=allowed, SEGWEB_FETCH_SECONDS="4")
    params = {**GOOD, "key": server.create_token()}
    with httpx.Client(base_url=server.url, timeout=60, params=params) as client:
        yield client


def test_pictures_outside(call: httpx.Client, site: OtherSite) -> None:
    painted = expected(PHOTO.read_bytes())
    for address in ("/file.png", "/file.png?", "/file.png?a=b&c=d", "/to?url=/file.png"):
        answer = call.get("/segment", params={"img": site.url + address, "blob": "1"})
        assert answer.status_code == 200, answer.text
        assert np.array_equal(pixels(answer.content), painted)
    body = {"img": f"{site.url}/file.png?", **GOOD, "key": call.params["key"]}
    assert np.array_equal(
        pixels(httpx.get(linked(httpx.post(f"{call.base_url}/segment?", json=body))).content),
        painted,
    )

    for address in ("/missing", "/loop", "/endless", "/short", "/no-http", "/packed", "/slow-body"):
        refused(call.get("/segment", params={"img": site.url + address}), 422, "img:")
    for inside in (
        "http://127.0.0.1:22/", "http://[::1]/a.png", "http://169.254.169.254/latest/meta-data/",
        "http://2130706433/", "http://user:secret@example.org/", f"{call.base_url}/healthz",
        f"{site.url}/to?url=http://10.0.0.1/",
    ):  # fmt: skip
        text = refused(call.get("/segment", params={"img": inside}), 422, "img:")
        assert "secret" not in text
        assert "refused" not in text.lower()


def test_what_is_no_picture(call: httpx.Client, text_site: OtherSite) -> None:
    refused(call.get("/segment", params={"img": f"{text_site.url}/file.png"}), 415)
