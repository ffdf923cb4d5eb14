"""Who is let in, and which addresses and methods there are."""

import httpx
import pytest

from tests.api.cognite.conftest import BETA, Room, refusal

PATH = "context/vision/segment"
POINT = {"x": 0.5, "y": 0.5, "label": 1}
BOX = {"xMin": 0.1, "yMin": 0.1, "xMax": 0.9, "yMax": 0.9}


CALLS = [
    ("POST", PATH), ("GET", f"{PATH}/1"), ("POST", "files"), ("GET", "files"), ("GET", "files/1"),
    ("POST", "files/list"), ("POST", "files/byids"), ("POST", "files/delete"),
    ("POST", "files/uploadlink"), ("POST", "files/multiuploadlink"), ("POST", "files/downloadlink"),
    ("POST", "files/initmultipartupload"), ("POST", "files/completemultipartupload"),
]  # fmt: skip


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Bearer", "Basic YTpi", "Bearer \xff"])
def test_nobody_without_a_token(room: Room, header: str | None) -> None:
    headers = {**BETA} if header is None else {**BETA, "Authorization": header.encode("latin-1")}
    for method, call in CALLS:
        answer = httpx.request(method, f"{room.server.url}{room.path(call)}", headers=headers)
        assert refusal(answer)[0] == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    answer = httpx.get(f"{room.server.url}/api/v1/token/inspect", headers=headers)
    assert refusal(answer)[0] == 401


def test_a_session_is_no_token(room: Room) -> None:
    with room.server.client() as person:
        assert refusal(person.post(room.path("files/list"), json={}))[0] == 401


def test_a_revoked_token_ends_at_once(room: Room) -> None:
    token = room.server.create_token(name="short")
    with room.server.token_client(token) as client:
        assert client.post(room.path("files/list"), json={}).status_code == 200
        rows = client.get("/api/tokens").json()["items"]
        (row,) = [row for row in rows if token.startswith(row["prefix"])]
        room.native.delete(f"/api/tokens/{row['id']}").raise_for_status()
        assert refusal(client.post(room.path("files/list"), json={}))[0] == 401


def test_a_program_needs_no_csrf_and_no_origin(room: Room) -> None:
    foreign = {"Origin": "https://elsewhere.example", "Referer": "https://elsewhere.example/"}
    assert room.post("files/list", {}, headers=foreign).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/api/v1/", "/api/v1/nothing", "/api/v1/token/inspect/", "{}/files/", "{}/files/list/",
     "{}/context/vision/segment/", "{}/context/vision/segment/x", "{}/context/vision/segment/-1",
     "{}/nothing", "/api/v1/projects/%2e%2e/x", "/api/v1/files/content/"],
)  # fmt: skip
def test_addresses_that_are_none(room: Room, path: str) -> None:
    """Neither a redirect nor a page."""
    for method in ("GET", "POST"):
        answer = room.api.request(method, path.format(f"/api/v1/projects/{room.slug}"), json={})
        assert refusal(answer)[0] == 404


def test_methods_that_are_not_taken(room: Room) -> None:
    for method, call in CALLS:
        others = {"GET", "POST", "PUT", "PATCH", "DELETE"} - {method}
        if call == "files":
            others -= {"GET", "POST"}
        for other in others:
            answer = room.api.request(other, room.path(call), headers=BETA)
            assert refusal(answer)[0] == 405
    assert refusal(room.api.post("/api/v1/token/inspect", json={}))[0] == 405
