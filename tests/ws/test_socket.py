"""The project's socket as the running server offers it."""

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.support.pictures import png
from tests.support.server import Server


@dataclass
class Place:
    """A project of the administrator's, whose client is signed in."""

    server: Server
    client: httpx.Client
    project: int

    def api(self, method: str, path: str, **options: Any) -> Any:
        answer = self.client.request(method, f"/api/{path}", **options)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def upload(self, seed: int) -> int:
        files = [("files", ("a.png", png(seed=seed), "image/png"))]
        pk: int = self.api("POST", f"projects/{self.project}/images", files=files)["items"][0]["id"]
        return pk


@pytest.fixture
def place(fake_server: Server) -> Iterator[Place]:
    with fake_server.client() as client:
        body = {"name": "Sockets", "labels": [{"name": "cat"}]}
        project = client.post("/api/projects", json=body).json()["id"]
        yield Place(fake_server, client, project)


def opened(
    server: Server, client: httpx.Client, project: int, origin: str | None = "", **more: Any
) -> ClientConnection:
    """A socket with the client's cookies, from the server's own page unless told otherwise."""
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    address = f"ws://127.0.0.1:{server.port}/ws/projects/{project}/"
    return connect(
        address,
        origin=server.url if origin == "" else origin,  # type: ignore[arg-type]
        additional_headers={"Cookie": cookies} if cookies else {},
        open_timeout=10,
        close_timeout=2,
        **more,
    )


def refused(*arguments: Any, **options: Any) -> bool:
    """True when the handshake, or the socket before any message, ends."""
    try:
        with opened(*arguments, **options) as socket:
            socket.recv(timeout=5)
    except InvalidStatus as error:
        return error.response.status_code in {401, 403, 404}
    except ConnectionClosed:
        return True
    return False


def closes(socket: ClientConnection, seconds: float) -> int:
    """The code with which the socket closes; fails when it does not in time."""
    end = time.monotonic() + seconds
    while True:
        try:
            socket.recv(timeout=max(0.01, end - time.monotonic()))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


def events(socket: ClientConnection, until: str, seconds: float = 20) -> list[dict[str, Any]]:
    """Every event up to one whose JSON holds `until`."""
    seen, end = [], time.monotonic() + seconds
    while True:
        text = socket.recv(timeout=max(0.01, end - time.monotonic()))
        event = json.loads(text)
        assert set(event) == {"v", "type", "data"}
        assert event["v"] == 1
        seen.append(event)
        if until in json.dumps(event):
            return seen


def alive(socket: ClientConnection) -> bool:
    socket.send('{"type": "ping"}')
    return bool(events(socket, "pong", 5)[-1] == {"v": 1, "type": "pong", "data": {}})


# --- Who may open one ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin",
    [None, "null", "http://evil.example", "https://127.0.0.1", "http://127.0.0.1:1", "file://"],
)
def test_another_origin_is_refused(place: Place, origin: str | None) -> None:
    assert refused(place.server, place.client, place.project, origin)


def test_nobody_is_refused(place: Place) -> None:
    with httpx.Client() as nobody:
        assert refused(place.server, nobody, place.project)
        nobody.cookies.set("sessionid", "x" * 32)
        assert refused(place.server, nobody, place.project)


def test_a_foreign_project_is_refused_like_one_that_is_not(place: Place) -> None:
    with place.server.client("ws_eve") as eve:
        assert refused(place.server, eve, place.project)
    assert refused(place.server, place.client, 10**9)
    assert refused(place.server, place.client, 10**30)


# --- Programs -----------------------------------------------------------------------------------


def by_token(server: Server, secret: str, project: int, **more: Any) -> ClientConnection:
    """A socket as a script opens it: no cookies, no origin."""
    address = f"ws://127.0.0.1:{server.port}/ws/projects/{project}/"
    headers = {"Authorization": f"Bearer {secret}"} | more.pop("headers", {})
    return connect(address, additional_headers=headers, open_timeout=10, close_timeout=2, **more)


def token(place: Place, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = place.api("POST", "tokens", json={"name": "socket", **more})
    return made


def turned_away(*arguments: Any, **options: Any) -> bool:
    try:
        with by_token(*arguments, **options) as socket:
            socket.recv(timeout=5)
    except InvalidStatus as error:
        return error.response.status_code in {401, 403, 404}
    except ConnectionClosed:
        return True
    return False


def test_a_token_that_may_read_hears_of_everything(place: Place) -> None:
    secret = token(place, scopes=["read"])["token"]
    with by_token(place.server, secret, place.project) as socket:
        assert alive(socket)
        image = place.upload(11)
        assert events(socket, "image.created")[-1]["data"] == {"id": image}


def test_a_token_does_not_open_what_its_person_may_not(place: Place) -> None:
    eve = place.server.create_token("ws_eve")
    assert turned_away(place.server, eve, place.project)
    assert turned_away(place.server, "sw_wrong", place.project)
    assert turned_away(place.server, "", place.project)


def test_a_wrong_token_is_not_saved_by_a_session(place: Place) -> None:
    """Nor does a page of another site get in by showing some header."""
    session = f"sessionid={place.client.cookies['sessionid']}"
    for origin in (None, place.server.url, "http://evil.example"):
        headers = {"Cookie": session}
        assert turned_away(place.server, "sw_wrong", place.project, headers=headers, origin=origin)
    secret = token(place)["token"]
    assert turned_away(place.server, secret, place.project, origin="http://evil.example")


def test_a_revoked_token_closes_its_socket(place: Place) -> None:
    made = token(place)
    with by_token(place.server, made["token"], place.project) as socket:
        assert alive(socket)
        place.api("DELETE", f"tokens/{made['id']}")
        assert closes(socket, 5) >= 4400


def test_an_expired_token_closes_its_socket(place: Place) -> None:
    expires = int(time.time() * 1000) + 3000
    made = token(place, expiresTime=expires)
    with by_token(place.server, made["token"], place.project) as socket:
        assert alive(socket)
        assert closes(socket, expires / 1000 + 5 - time.time()) >= 4400
    assert turned_away(place.server, made["token"], place.project)


# --- What arrives -------------------------------------------------------------------------------


def test_events_arrive_for_all_that_happens(place: Place) -> None:
    with opened(place.server, place.client, place.project) as socket:
        image = place.upload(7001)  # a content of its own: what is known needs no embedding
        seen = events(socket, f'"id": {image}, "state": "ready", "embedding": "ready"')
        kinds = [event["type"] for event in seen]
        assert {"image.created", "image.updated", "job.updated"} <= set(kinds)
        jobs = [e["data"] for e in seen if e["type"] == "job.updated"]
        assert {"prepare", "embed"} <= {job["kind"] for job in jobs}
        assert set(jobs[0]) == {"id", "kind", "status", "progress", "image", "error"}

        label = place.api("GET", f"projects/{place.project}")["labels"][0]["id"]
        key = str(uuid.uuid4())
        body = {"id": key, "label": label, "polygons": [[1, 1, 9, 1, 9, 9]]}
        place.api("POST", f"images/{image}/annotations", json=body)
        made = events(socket, "annotation.created")[-1]["data"]
        assert (made["id"], made["image"], made["version"]) == (key, image, 1)
        place.api("PATCH", f"annotations/{key}", json={"version": 1, "attributes": {"a": 1}})
        assert events(socket, "annotation.updated")[-1]["data"]["version"] == 2
        place.api("DELETE", f"annotations/{key}?version=2")
        assert events(socket, "annotation.deleted")[-1]["data"]["id"] == key

        points = {"points": [{"x": 5, "y": 5, "label": 1}]}
        job = place.api("POST", f"images/{image}/segment", json=points)["id"]
        ended = events(socket, f'"id": {job}, "kind": "segment", "status": "Completed"')
        assert "counts" not in json.dumps(ended), "masks are fetched, not sent"
        place.api("POST", f"projects/{place.project}/labels", json={"name": "dog"})
        assert events(socket, "project.updated")[-1]["data"] == {"id": place.project}
        place.api("DELETE", f"images/{image}")
        assert events(socket, "image.deleted")[-1]["data"] == {"id": image}


def test_events_of_other_projects_never_arrive(place: Place) -> None:
    other = Place(place.server, place.client, 0)
    other.project = place.api("POST", "projects", json={"name": "Other"})["id"]
    with (
        opened(place.server, place.client, place.project) as socket,
        opened(place.server, place.client, other.project) as theirs,
    ):
        other.upload(2)
        events(theirs, '"embedding": "ready"')
        mine = place.upload(3)
        for event in events(socket, f'"id": {mine}, "state": "ready", "embedding": "ready"'):
            assert mine in (event["data"]["id"], event["data"].get("image"))


def test_a_preview_is_told_to_its_asker_alone(place: Place) -> None:
    place.api("POST", f"projects/{place.project}/members", json={"username": "ws_bob"})
    with (
        place.server.client("ws_bob") as bob,
        opened(place.server, place.client, place.project) as mine,
        opened(place.server, bob, place.project) as theirs,
    ):
        image = place.upload(8)
        events(mine, f'"id": {image}, "state": "ready", "embedding": "ready"')
        points = {"points": [{"x": 5, "y": 5, "label": 1}]}
        path = f"images/{image}/segment"
        preview = place.api("POST", path, json={**points, "preview": True})["id"]
        events(mine, f'"id": {preview}, "kind": "segment", "status": "Completed"')
        last = place.api("POST", path, json=points)["id"]
        seen = events(theirs, f'"id": {last}, "kind": "segment", "status": "Completed"')
        assert preview not in {event["data"]["id"] for event in seen}
        assert place.api("GET", f"jobs/{preview}")["result"]["masks"]


# --- When it closes -----------------------------------------------------------------------------


def test_removal_from_the_project_closes_it(place: Place) -> None:
    place.api("POST", f"projects/{place.project}/members", json={"username": "ws_bob"})
    with (
        place.server.client("ws_bob") as bob,
        opened(place.server, bob, place.project) as socket,
    ):
        assert alive(socket)
        place.api("DELETE", f"projects/{place.project}/members?username=ws_bob")
        assert closes(socket, 5) == 4404


def test_sign_out_closes_it(place: Place) -> None:
    with place.server.client(own_session=True) as second:
        with opened(place.server, second, place.project) as socket:
            assert alive(socket)
            referer = {"Referer": f"{place.server.url}/projects/"}
            assert second.post("/logout/", headers=referer).status_code == 302
            assert closes(socket, 5) >= 4400
        with opened(place.server, place.client, place.project) as other:
            assert alive(other), "another session of the same person goes on"


def test_the_projects_end_closes_it(place: Place) -> None:
    with opened(place.server, place.client, place.project) as socket:
        assert alive(socket)
        place.api("DELETE", f"projects/{place.project}")
        assert closes(socket, 5) >= 4400


def test_frames_are_taken_up_to_their_limit(place: Place) -> None:
    with opened(place.server, place.client, place.project) as socket:
        frame = '{"type": "hello", "data": "%s"}'
        room = 256 * 1024 - len(frame % "")
        socket.send(frame % ("x" * room))
        assert alive(socket)
        socket.send(frame % ("x" * (room + 1)))
        assert closes(socket, 5) == 1009


@pytest.mark.parametrize("text", ["hello", "{", "", "[" * 100_000, '{"a": NaN', b"\xff\x00"])
def test_what_is_no_json_closes_it(place: Place, text: str | bytes) -> None:
    with opened(place.server, place.client, place.project) as socket:
        socket.send(text)
        assert closes(socket, 5) == 4400


@pytest.mark.parametrize("text", ["1", "null", "[]", '{"type": []}', '{"type": "project.event"}'])
def test_json_that_means_nothing_is_left_alone(place: Place, text: str) -> None:
    with opened(place.server, place.client, place.project) as socket:
        socket.send(text)
        assert alive(socket)
