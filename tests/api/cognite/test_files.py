"""Files as the contract has them, and every way to ask for them wrongly."""

from typing import Any

import httpx
import pytest

from tests.api.cognite.conftest import Room, picture, refusal
from tests.support.server import Server


def test_a_declared_file(room: Room) -> None:
    made = room.declare(name="cup.png", externalId="cup", mimeType="image/png", metadata={"a": "b"})
    assert made["uploadUrl"].startswith(f"{room.server.url}/api/v1/files/content/")
    assert made["uploaded"] is False
    assert made["metadata"] == {"a": "b"}
    assert "uploadedTime" not in made
    assert 0 < made["createdTime"] <= made["lastUpdatedTime"]
    assert 2**40 < made["id"] < 2**53
    assert room.images() == []
    shown = room.get(f"files/{made['id']}").json()
    del made["uploadUrl"]
    assert shown == made


def test_its_content_makes_it_an_image(room: Room) -> None:
    data = picture()
    made = room.declare(name="cup.png", externalId="cup")
    assert httpx.put(made["uploadUrl"], content=data).status_code == 200
    shown = room.get(f"files/{made['id']}").json()
    assert shown["uploaded"] is True
    assert shown["mimeType"] == "image/png"
    assert shown["uploadedTime"] >= made["createdTime"]
    (image,) = room.images()
    assert (image["name"], image["externalId"]) == ("cup.png", "cup")
    listed = room.post("files/list", {}).json()["items"]
    assert [item["id"] for item in listed] == [made["id"]]
    # By the id that the browser's address shows it is the same file.
    assert room.get(f"files/{image['id']}").json()["externalId"] == "cup"


def test_one_content_in_two_files_is_one_image(room: Room) -> None:
    data = picture()
    one, two = (room.upload(data, externalId=name) for name in ("one", "two"))
    assert len(room.images()) == 1
    listed = room.post("files/list", {}).json()["items"]
    assert [item["id"] for item in listed] == [one, two]
    assert room.post("files/delete", {"items": [{"id": one}]}).json() == {}
    (image,) = room.images()
    assert image["externalId"] == "two"
    assert room.post("files/delete", {"items": [{"externalId": "two"}]}).json() == {}
    assert room.images() == []


def test_a_file_of_a_native_image_leaves_it_there(room: Room) -> None:
    data = picture()
    sent = {"files": ("native.png", data, "image/png")}
    room.native.post(f"/api/projects/{room.id}/images", files=sent)
    file = room.upload(data, externalId="mine")
    assert len(room.images()) == 1
    assert len(room.post("files/list", {}).json()["items"]) == 1
    room.post("files/delete", {"items": [{"id": file}]})
    (image,) = room.images()
    listed = room.post("files/list", {}).json()["items"]
    assert [item["id"] for item in listed] == [image["id"]]
    assert "externalId" not in listed[0]


def test_an_image_deleted_in_the_browser_takes_its_files(room: Room) -> None:
    file = room.upload()
    (image,) = room.images()
    room.native.delete(f"/api/images/{image['id']}")
    assert room.get(f"files/{file}").status_code == 404
    assert room.post("files/list", {}).json() == {"items": []}


def test_pages(room: Room) -> None:
    sent = [("files", (f"{n}.png", picture(), "image/png")) for n in range(3)]
    room.native.post(f"/api/projects/{room.id}/images", files=sent)
    for n in range(4):
        room.declare(name=f"d{n}.png")
    everything = [item["id"] for item in room.post("files/list", {}).json()["items"]]
    assert len(everything) == 7
    assert everything == sorted(everything)
    for page_size in (1, 2, 3, 7):
        seen: list[int] = []
        body: dict[str, Any] = {"limit": page_size, "cursor": None}
        while True:
            answer = room.post("files/list", body).json()
            seen += [item["id"] for item in answer["items"]]
            if "nextCursor" not in answer:
                break
            body["cursor"] = answer["nextCursor"]
        assert seen == everything
    first = room.get("files?limit=2").json()
    again = room.get("files", params={"cursor": first["nextCursor"], "limit": "1000"}).json()
    assert [item["id"] for item in first["items"] + again["items"]] == everything


def test_filters(room: Room) -> None:
    sent = {"files": ("native.png", picture(), "image/png")}
    room.native.post(f"/api/projects/{room.id}/images", files=sent)
    waiting = room.declare(name="waiting.jpg", externalId="a-1", mimeType="image/jpeg")
    there = room.upload(name="there.png", externalId="a-2")
    now = room.get(f"files/{there}").json()["uploadedTime"]

    def names(**wanted: Any) -> list[str]:
        items = room.post("files/list", {"filter": wanted}).json()["items"]
        return [item["name"] for item in items]

    assert names() == ["native.png", "waiting.jpg", "there.png"]
    assert names(uploaded=False) == ["waiting.jpg"]
    assert names(uploaded=True) == ["native.png", "there.png"]
    assert names(name="native.png") == ["native.png"]
    assert names(externalIdPrefix="a-") == ["waiting.jpg", "there.png"]
    assert names(mimeType="image/png") == ["native.png", "there.png"]
    assert names(mimeType="image/jpeg") == ["waiting.jpg"]
    assert names(uploadedTime={"min": now}) == ["there.png"]
    assert names(createdTime={"max": 5}) == []
    assert len(names(createdTime={"min": 5, "max": 2**60})) == 3
    assert [i["id"] for i in room.get("files?uploaded=false").json()["items"]] == [waiting["id"]]


def test_by_ids_keeps_the_order(room: Room) -> None:
    one, two = room.declare(externalId="x")["id"], room.declare()["id"]
    asked = [{"id": two}, {"externalId": "x"}]
    answer = room.post("files/byids", {"items": asked}).json()
    assert [item["id"] for item in answer["items"]] == [two, one]
    asked.append({"id": 2**52})
    answer = room.post("files/byids", {"items": asked})
    assert refusal(answer)[0] == 400
    assert answer.json()["error"]["missing"] == [{"id": 2**52}]
    answer = room.post("files/byids", {"items": asked, "ignoreUnknownIds": True})
    assert len(answer.json()["items"]) == 2


def test_deletion_is_all_or_none(room: Room) -> None:
    one = room.declare()["id"]
    answer = room.post("files/delete", {"items": [{"id": one}, {"id": 77}, {"externalId": "no"}]})
    assert refusal(answer)[0] == 400
    assert answer.json()["error"]["missing"] == [{"id": 77}, {"externalId": "no"}]
    assert room.get(f"files/{one}").status_code == 200


def test_one_file_by_both_of_its_names(room: Room) -> None:
    file = room.upload(externalId="x")
    answer = room.post("files/delete", {"items": [{"id": file}, {"externalId": "x"}]})
    assert answer.status_code == 200
    assert room.images() == []


def test_external_ids_are_unique_over_files_and_images(room: Room) -> None:
    sent = {"files": ("native.png", picture(), "image/png")}
    answer = room.native.post(f"/api/projects/{room.id}/images", files=sent)
    image = answer.json()["items"][0]["id"]
    room.native.patch(f"/api/images/{image}", json={"externalId": "taken"})
    room.declare(externalId="also taken")
    for name in ("taken", "also taken"):
        answer = room.post("files", {"name": "a.png", "externalId": name})
        assert refusal(answer)[0] == 409
        assert answer.json()["error"]["duplicated"] == [{"externalId": name}]
    answer = room.post("files?overwrite=true", {"name": "b.png", "externalId": "taken"})
    assert answer.status_code == 201
    assert answer.json()["uploaded"] is True
    assert answer.json()["name"] == "b.png"


def test_overwriting_keeps_the_content_until_there_is_another(room: Room) -> None:
    before, after = picture(), picture()
    file = room.upload(before, externalId="x", metadata={"a": "1"})
    body = {"name": "new.png", "externalId": "x"}
    again = room.post("files?overwrite=True", body).json()
    assert (again["id"], again["name"]) == (file, "new.png")
    assert again["metadata"] == {"a": "1"}

    def content() -> bytes:
        answer = room.post("files/downloadlink", {"items": [{"externalId": "x"}]}).json()
        return httpx.get(answer["items"][0]["downloadUrl"]).content

    assert content() == before
    assert httpx.put(again["uploadUrl"], content=after).status_code == 200
    assert content() == after
    assert len(room.images()) == 1


def test_overwriting_spares_what_people_have_worked_on(room: Room) -> None:
    room.upload(externalId="x")
    (image,) = room.images()
    label = room.native.get(f"/api/projects/{room.id}").json()["labels"][0]["id"]
    body = {"id": "6a3c7d5e-0d7e-4d2b-9f0a-3a4b5c6d7e8f", "label": label,
            "polygons": [[1, 1, 9, 1, 9, 6]]}  # fmt: skip
    made = room.native.post(f"/api/images/{image['id']}/annotations", json=body)
    assert made.status_code == 201
    again = room.post("files?overwrite=true", {"name": "n.png", "externalId": "x"}).json()
    assert httpx.put(again["uploadUrl"], content=picture()).status_code == 200
    assert sorted(row.get("externalId", "") for row in room.images()) == ["", "x"]
    room.native.delete(f"/api/annotations/{body['id']}?version=1")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"name": "a" * 257}, "name"),
        ({"name": "a.png", "externalId": ""}, "externalId"),
        ({"name": "a.png", "externalId": 5}, "externalId"),
        ({"name": "a.png", "externalId": "x" * 256}, "externalId"),
        ({"name": "a.png", "mimeType": True}, "mimeType"),
        ({"name": "a.png", "metadata": {"a": 1}}, "metadata.a"),
        ({"name": "a.png", "metadata": {"a": "b" * 64_001}}, "metadata"),
        ({"name": "a.png", "surprise": 1}, "surprise"),
        ([], "object"),
        ("text", "object"),
    ],
)
def test_bad_declarations(room: Room, body: Any, named: str) -> None:
    for call in ("files", "files/initmultipartupload?parts=1"):
        status, message = refusal(room.post(call, body))
        assert status == 400
        assert named in message
    assert room.post("files/list", {}).json() == {"items": []}


@pytest.mark.parametrize(
    ("call", "body", "named"),
    [
        ("byids", {"items": []}, "items"),
        ("byids", {}, "items"),
        ("byids", {"items": [{}]}, "items.0"),
        ("byids", {"items": [{"id": 1, "externalId": "x"}]}, "items.0"),
        ("byids", {"items": [{"id": True}]}, "items.0.id"),
        ("byids", {"items": [{"id": 1.5}]}, "items.0.id"),
        ("byids", {"items": [{"id": "1"}]}, "items.0.id"),
        ("byids", {"items": [{"id": 2**63}]}, "items.0.id"),
        ("byids", {"items": [{"id": -1}]}, "items.0.id"),
        ("byids", {"items": [{"id": 1}] * 1001}, "items"),
        ("byids", {"items": [{"id": 1}, {"id": 1}]}, "items"),
        ("byids", {"items": [{"id": 1}], "ignoreUnknownIds": "yes"}, "ignoreUnknownIds"),
        ("byids", {"items": [{"id": 1}], "extra": 0}, "extra"),
        ("delete", {"items": {"id": 1}}, "items"),
        ("downloadlink", {"items": [{"id": 1, "extra": 2}]}, "items.0.extra"),
        ("uploadlink", {"items": [{"id": 1}, {"id": 2}]}, "items"),
        ("uploadlink", {"items": [{"id": 1}]}, "no such files"),
        ("multiuploadlink", {"items": [{"id": 1}]}, "parts"),
        ("completemultipartupload", {"id": 1}, "uploadId"),
        ("completemultipartupload", {"uploadId": "x"}, "externalId"),
        ("list", {"limit": 0}, "limit"),
        ("list", {"limit": 1001}, "limit"),
        ("list", {"limit": True}, "limit"),
        ("list", {"limit": 5.0}, "limit"),
        ("list", {"cursor": "nonsense"}, "cursor"),
        ("list", {"cursor": 5}, "cursor"),
        ("list", {"cursor": "Wy01XQ"}, "cursor"),
        ("list", {"filter": {"surprise": 1}}, "filter.surprise"),
        ("list", {"filter": {"uploaded": "yes"}}, "filter.uploaded"),
        ("list", {"filter": {"createdTime": {"min": -1}}}, "filter.createdTime.min"),
        ("list", {"filter": {"createdTime": {"max": 2**63}}}, "filter.createdTime.max"),
        ("list", {"filter": []}, "filter"),
    ],
)
def test_bad_requests(room: Room, call: str, body: Any, named: str) -> None:
    status, message = refusal(room.post(f"files/{call}", body))
    assert status == 400
    assert named in message


@pytest.mark.parametrize("query", ["overwrite=maybe", "overwrite="])
def test_bad_flags(room: Room, query: str) -> None:
    status, message = refusal(room.post(f"files?{query}", {"name": "a.png"}))
    assert (status, "overwrite" in message) == (400, True)


@pytest.mark.parametrize("parts", ["", "0", "251", "-1", "1.5", "x", "9" * 400, "²"])
def test_bad_numbers_of_parts(room: Room, parts: str) -> None:
    body = {"name": "a.png"}
    answer = room.api.post(
        room.path("files/initmultipartupload"), params={"parts": parts}, json=body
    )
    status, message = refusal(answer)
    assert (status, "parts" in message) == (400, True)


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=²", "uploaded=7", "other=1"])
def test_bad_queries(room: Room, query: str) -> None:
    status, message = refusal(room.get(f"files?{query}"))
    assert (status, query.split("=")[0] in message) == (400, True)


def test_another_projects_files_are_unknown(room: Room, foreign: Room) -> None:
    file = foreign.upload(externalId="secret")
    (image,) = foreign.images()
    for name in ({"id": file}, {"id": image["id"]}, {"externalId": "secret"}):
        for call in ("byids", "delete", "downloadlink", "uploadlink"):
            answer = room.post(f"files/{call}", {"items": [name]})
            assert refusal(answer)[0] == 400
            assert answer.json()["error"]["missing"] == [name]
    assert refusal(room.get(f"files/{file}"))[0] == 404
    assert refusal(room.get(f"files/{image['id']}"))[0] == 404
    assert len(foreign.images()) == 1


def test_another_persons_project_is_as_one_that_is_not_there(
    fake_server: Server, room: Room
) -> None:
    with fake_server.token_client(fake_server.create_token("cora")) as cora:
        theirs = cora.post(room.path("files/list"), json={})
        none = cora.post("/api/v1/projects/there-is-none/files/list", json={})
        assert refusal(theirs) == refusal(none)
        assert theirs.status_code == 404
        told = cora.get("/api/v1/token/inspect").json()
        assert told == {"subject": "cora", "projects": [], "capabilities": []}
