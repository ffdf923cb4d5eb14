"""Content: signed addresses, parts, uploads that are late, double, cut short or no images."""

import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.api.cognite.conftest import Room, open_room, picture, refusal
from tests.support.server import Server, wait_until


def stored(server: Server) -> set[str]:
    """Files in the storage, but for those that workers make of images."""
    media = Path(server.data) / "media"
    found = {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}
    return {path for path in found if path.startswith(("originals", "parts"))}


def download(room: Room, file: int) -> httpx.Response:
    answer = room.post("files/downloadlink", {"items": [{"id": file}]})
    assert answer.status_code == 200, answer.text
    (item,) = answer.json()["items"]
    assert item["id"] == file
    return httpx.get(item["downloadUrl"])


def test_a_download_needs_no_key(room: Room) -> None:
    data = picture()
    got = download(room, room.upload(data, name="cup of tea.png"))
    assert got.content == data
    assert got.headers["content-type"] == "image/png"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-disposition"].startswith("attachment")
    assert "cup of tea.png" in got.headers["content-disposition"]


def test_an_address_takes_one_upload(room: Room) -> None:
    data = picture()
    made = room.declare()
    assert httpx.put(made["uploadUrl"], content=data).status_code == 200
    again = httpx.put(made["uploadUrl"], content=picture())
    assert refusal(again)[0] == 409
    assert "used" in refusal(again)[1]
    assert download(room, made["id"]).content == data
    assert len(room.images()) == 1


def test_of_many_uploads_at_once_one_counts(room: Room) -> None:
    made = room.declare()
    start = threading.Barrier(8)

    def put(data: bytes) -> int:
        start.wait()
        return httpx.put(made["uploadUrl"], content=data, timeout=60).status_code

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(put, [picture() for _ in range(8)]))
    assert sorted(codes) == [200] + [409] * 7
    assert len(room.images()) == 1


def test_a_newer_address_ends_the_older_one(room: Room) -> None:
    made = room.declare(externalId="x")
    items = {"items": [{"externalId": "x"}]}
    (newer,) = room.post("files/uploadlink", items).json()["items"]
    assert newer["id"] == made["id"]
    assert refusal(httpx.put(made["uploadUrl"], content=picture()))[0] == 409
    assert httpx.put(newer["uploadUrl"], content=picture()).status_code == 200


def test_what_is_no_image_leaves_nothing_and_may_be_tried_again(room: Room) -> None:
    before = stored(room.server)
    made = room.declare(name="a.jpg")
    for data in (b"", b"hello", b"<html>" * 100, picture()[:20], b"%!PS-Adobe-3.0 EPSF-3.0\n"):
        status, message = refusal(httpx.put(made["uploadUrl"], content=data))
        assert status == 415
        assert message.endswith(".")
    assert stored(room.server) == before
    assert room.get(f"files/{made['id']}").json()["uploaded"] is False
    assert httpx.put(made["uploadUrl"], content=picture()).status_code == 200


def test_a_damaged_picture_is_refused_and_segments_nothing(room: Room) -> None:
    """Its header is fine: the full decode finds out."""
    file = room.upload(picture()[:-40])
    wait_until(lambda: room.images()[0]["state"] == "refused")
    status, message = refusal(room.segment(file))
    assert (status, "refused" in message) == (409, True)
    answer = room.post("files/downloadlink", {"items": [{"id": file}]})
    assert refusal(answer)[0] == 400


def test_an_upload_that_is_cut_short_leaves_nothing(room: Room) -> None:
    before = stored(room.server)
    made = room.declare()
    parts = urlsplit(made["uploadUrl"])
    data = picture()
    for ending in (socket.SHUT_WR, None):
        with socket.create_connection((parts.hostname, parts.port), 10) as line:
            head = f"PUT {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            line.sendall(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data[:-9])
            if ending is not None:
                line.shutdown(ending)
                line.settimeout(5)
                assert b" 200 " not in line.recv(100)
    shown = room.get(f"files/{made['id']}").json()
    assert shown["uploaded"] is False
    assert stored(room.server) == before
    assert httpx.put(made["uploadUrl"], content=data).status_code == 200


def test_a_chunked_upload(room: Room) -> None:
    data = picture()
    made = room.declare()
    assert httpx.put(made["uploadUrl"], content=iter([data[:50], data[50:]])).status_code == 200
    assert download(room, made["id"]).content == data


@pytest.mark.parametrize(
    "spoil",
    [
        lambda url: url[:-1] + ("A" if url[-1] != "A" else "B"),
        lambda url: url.rsplit("/", 1)[0] + "/nonsense",
        lambda url: url + "x",
        lambda url: url.rsplit(":", 2)[0] + ":1aaaaa:" + url.rsplit(":", 1)[1],
    ],
)
def test_forged_addresses(room: Room, spoil: Callable[[str], str]) -> None:
    made = room.declare()
    assert refusal(httpx.put(spoil(made["uploadUrl"]), content=picture()))[0] == 403
    file = room.upload()
    answer = room.post("files/downloadlink", {"items": [{"id": file}]}).json()
    assert refusal(httpx.get(spoil(answer["items"][0]["downloadUrl"])))[0] == 403


def test_addresses_are_good_for_one_direction(room: Room) -> None:
    made = room.declare()
    assert refusal(httpx.get(made["uploadUrl"]))[0] == 405
    answer = room.post("files/downloadlink", {"items": [{"id": room.upload()}]}).json()
    url = answer["items"][0]["downloadUrl"]
    assert refusal(httpx.put(url, content=picture()))[0] == 405
    assert refusal(httpx.post(url, content=b""))[0] == 405
    assert httpx.head(url).status_code == 200


def test_a_file_deleted_before_its_upload(room: Room) -> None:
    made = room.declare()
    room.post("files/delete", {"items": [{"id": made["id"]}]})
    assert refusal(httpx.put(made["uploadUrl"], content=picture()))[0] == 404
    assert room.images() == []


def test_no_content_no_download(room: Room) -> None:
    answer = room.post("files/downloadlink", {"items": [{"id": room.declare()["id"]}]})
    status, message = refusal(answer)
    assert (status, "no content" in message) == (400, True)


def test_native_content_is_not_replaced(room: Room) -> None:
    sent = {"files": ("native.png", picture(), "image/png")}
    answer = room.native.post(f"/api/projects/{room.id}/images", files=sent)
    items = {"items": [{"id": answer.json()["items"][0]["id"]}]}
    assert refusal(room.post("files/uploadlink", items))[0] == 400


def test_addresses_end_with_the_token_and_the_membership(fake_server: Server, room: Room) -> None:
    members = f"/api/projects/{room.id}/members"
    room.native.post(members, json={"username": "dan"}).raise_for_status()
    file = room.upload()

    def links(token: str) -> tuple[str, str]:
        with fake_server.token_client(token) as dan:
            body = {"items": [{"id": file}]}
            got = dan.post(room.path("files/downloadlink"), json=body).json()
            made = dan.post(room.path("files"), json={"name": "a.png"}).json()
        return got["items"][0]["downloadUrl"], made["uploadUrl"]

    first, second = fake_server.create_token("dan"), fake_server.create_token("dan")
    down, up = links(first)
    with fake_server.token_client(second) as dan:
        rows = dan.get("/api/tokens").json()["items"]
        (old,) = [row for row in rows if first.startswith(row["prefix"])]
        dan.delete(f"/api/tokens/{old['id']}")
    assert refusal(httpx.get(down))[0] == 403
    assert refusal(httpx.put(up, content=picture()))[0] == 403
    down, up = links(second)
    assert httpx.get(down).status_code == 200
    room.native.delete(f"{members}?username=dan").raise_for_status()
    assert refusal(httpx.get(down))[0] == 403
    assert refusal(httpx.put(up, content=picture()))[0] == 403


# --- Parts ---------------------------------------------------------------------------------------


def begin(room: Room, parts: int, **body: object) -> dict[str, object]:
    answer = room.post(f"files/initmultipartupload?parts={parts}", {"name": "p.png", **body})
    assert answer.status_code == 201
    made: dict[str, object] = answer.json()
    urls = made["uploadUrls"]
    assert isinstance(urls, list)
    assert len(urls) == len(set(urls)) == parts
    return made


def finish(room: Room, made: dict[str, object]) -> httpx.Response:
    body = {"id": made["id"], "uploadId": made["uploadId"]}
    return room.post("files/completemultipartupload", body)


def test_parts_are_joined_in_their_order(room: Room) -> None:
    data = picture()
    cut = len(data) // 3
    pieces = [data[:cut], data[cut : 2 * cut], data[2 * cut :]]
    made = begin(room, 3, externalId="p")
    for number in (2, 0, 1):
        assert httpx.put(made["uploadUrls"][number], content=pieces[number]).status_code == 200
    assert refusal(httpx.put(made["uploadUrls"][1], content=b"x"))[0] == 409
    assert finish(room, made).json() == {}
    assert finish(room, made).json() == {}  # asked again after an answer that was lost
    assert download(room, int(str(made["id"]))).content == data
    assert not [path for path in stored(room.server) if path.startswith("parts")]
    assert refusal(httpx.put(made["uploadUrls"][0], content=b"x"))[0] == 409


def test_missing_parts_are_named(room: Room) -> None:
    made = begin(room, 250)
    httpx.put(made["uploadUrls"][1], content=b"x")
    status, message = refusal(finish(room, made))
    assert status == 400
    assert "1, 3, 4" in message
    wrong = {**made, "uploadId": "0" * 32}
    assert refusal(finish(room, wrong))[0] == 400
    whole = room.declare()
    assert refusal(finish(room, {"id": whole["id"], "uploadId": "x"}))[0] == 400
    room.post("files/delete", {"items": [{"id": made["id"]}]})
    assert not [path for path in stored(room.server) if path.startswith("parts")]


def test_parts_that_are_no_image_together(room: Room) -> None:
    made = begin(room, 2)
    for url in made["uploadUrls"]:
        httpx.put(url, content=b"nothing")
    assert refusal(finish(room, made))[0] == 415
    assert not [path for path in stored(room.server) if path.startswith("parts")]
    data = picture()
    for url, piece in zip(made["uploadUrls"], (data[:9], data[9:]), strict=True):
        assert httpx.put(url, content=piece).status_code == 200
    assert finish(room, made).status_code == 200


# --- Limits --------------------------------------------------------------------------------------


def test_large_uploads_and_late_ones(start_server: Callable[..., Server]) -> None:
    server = start_server(SEGWEB_MAX_BYTES="300000", SEGWEB_LINK_SECONDS="3")
    room = open_room(server, server.create_token(), "small")
    large = os.urandom(300_001)
    made = room.declare()
    assert refusal(httpx.put(made["uploadUrl"], content=large))[0] == 413
    assert refusal(httpx.put(made["uploadUrl"], content=iter([large])))[0] == 413
    parts = begin(room, 2)
    assert httpx.put(parts["uploadUrls"][0], content=large[:200_000]).status_code == 200
    assert refusal(httpx.put(parts["uploadUrls"][1], content=large[:200_000]))[0] == 413
    assert len(stored(server)) == 1

    def expired() -> bool:
        answer = httpx.put(made["uploadUrl"], content=b"no image")
        return answer.status_code == 403 and "expired" in refusal(answer)[1]

    wait_until(expired, 15)
    assert len(stored(server)) == 1
