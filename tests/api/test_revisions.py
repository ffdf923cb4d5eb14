"""The history of objects: pages of it, what was deleted, and the way back."""

import uuid
from typing import Any

import pytest

from annotations.models import Annotation, Image, Label, Project
from tests.api.conftest import Api, error, member, outline, prepare
from tests.support.pictures import png

pytestmark = pytest.mark.django_db

SQUARE = [[10, 10, 20, 10, 20, 20, 10, 20]]


@pytest.fixture
def ben(ann: Api, project: Project) -> Api:
    ben = member("ben")
    ann.send("POST", f"/api/projects/{project.pk}/members", {"username": "ben"})
    return ben


@pytest.fixture
def made(ann: Api, image: Image, cat: Label) -> dict[str, Any]:
    body = outline(label=cat.pk, attributes={"full": True})
    row: dict[str, Any] = ann.send("POST", f"/api/images/{image.pk}/annotations", body).json()
    return row


@pytest.fixture
def path(made: dict[str, Any]) -> str:
    return f"/api/annotations/{made['id']}"


@pytest.fixture
def edited(ben: Api, path: str, project: Project) -> dict[str, Any]:
    """Version 2 with another label and height, version 3 with another mask."""
    dog = project.labels.get(name="dog")
    ben.send("PATCH", path, {"version": 1, "label": dog.pk, "z": 4.5})
    row: dict[str, Any] = ben.send("PATCH", path, {"version": 2, "polygons": SQUARE}).json()
    return row


def revisions(api: Api, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = api.get(f"{path}/revisions", query)
    assert answer.status_code == 200
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.mark.usefixtures("edited")
def test_who_when_and_what(ann: Api, path: str, made: dict[str, Any], cat: Label) -> None:
    third, second, first = revisions(ann, path)
    assert [row["version"] for row in (third, second, first)] == [3, 2, 1]
    assert [row["user"] for row in (third, second, first)] == ["ben", "ben", "ann"]
    assert (first["action"], first["changed"], first["label"]) == ("created", [], cat.pk)
    assert (second["action"], second["changed"]) == ("updated", ["label", "z"])
    assert (second["z"], third["changed"]) == (4.5, ["rle"])
    assert first["attributes"] == {"full": True}
    assert first["time"] <= second["time"] <= third["time"]
    assert first["reason"] is None
    assert {row["annotation"] for row in (third, second, first)} == {made["id"]}


@pytest.mark.usefixtures("edited")
def test_pages(ann: Api, path: str) -> None:
    whole = revisions(ann, path)
    page = ann.get(f"{path}/revisions?limit=2").json()
    rest = ann.get(f"{path}/revisions", {"limit": 2, "cursor": page["next"]}).json()
    assert page["items"] + rest["items"] == whole
    assert rest["next"] is None
    assert error(ann.get(f"{path}/revisions?cursor=x"))[0] == 400


def test_a_version_with_its_mask(ann: Api, path: str, made: dict, edited: dict) -> None:
    one = ann.get(f"{path}/revisions/1").json()
    assert (one["rle"], one["bbox"], one["area"]) == (made["rle"], made["bbox"], made["area"])
    last = ann.get(f"{path}/revisions/3").json()
    assert (last["rle"], last["changed"]) == (edited["rle"], ["rle"])
    for version in (4, 2**40):
        assert error(ann.get(f"{path}/revisions/{version}"))[:2] == (404, "not_found")


def test_restore_makes_a_new_version(ben: Api, path: str, made: dict, edited: dict) -> None:
    answer = ben.send("POST", f"{path}/restore", {"version": 3, "revision": 1})
    assert answer.status_code == 200
    row = answer.json()
    same = {"rle", "bbox", "area", "label", "attributes", "z", "author", "createdTime", "score"}
    assert {k: row[k] for k in same} == {k: made[k] for k in same}
    assert row["version"] == 4
    newest = revisions(ben, path)[0]
    assert (newest["user"], newest["reason"]) == ("ben", "Version 1 restored")
    assert newest["changed"] == ["label", "rle", "z"] or set(newest["changed"]) == {
        "label", "rle", "z",
    }  # fmt: skip
    assert edited["version"] == 3


def test_a_stale_restore_changes_nothing(ann: Api, path: str, edited: dict) -> None:
    answer = ann.send("POST", f"{path}/restore", {"version": 2, "revision": 1})
    assert error(answer) == (409, "stale_version", "version")
    assert answer.json()["current"] == edited
    assert len(revisions(ann, path)) == 3


def test_what_was_deleted_is_listed_and_comes_back(
    ann: Api, ben: Api, image: Image, path: str, made: dict, edited: dict
) -> None:
    gone = f"/api/images/{image.pk}/deleted-annotations"
    assert ann.get(gone).json() == {"items": [], "next": None}
    ben.send("DELETE", f"{path}?version=3")
    (row,) = ann.get(gone).json()["items"]
    assert (row["annotation"], row["version"], row["action"]) == (made["id"], 4, "deleted")
    assert row["user"] == "ben"
    assert len(revisions(ann, path)) == 4
    assert ann.get(f"{path}/revisions/4").json()["rle"] == edited["rle"]

    stale = ann.send("POST", f"{path}/restore", {"version": 3, "revision": 3})
    assert error(stale) == (409, "stale_version", "version")
    back = ann.send("POST", f"{path}/restore", {"version": 4, "revision": 4}).json()
    same = set(edited) - {"version", "updatedTime"}
    assert {k: back[k] for k in same} == {k: edited[k] for k in same}
    assert back["version"] == 5
    assert ann.get(gone).json()["items"] == []
    again = ann.send("POST", f"{path}/restore", {"version": 4, "revision": 4})
    assert error(again) == (409, "stale_version", "version")
    assert Annotation.objects.count() == 1


def test_an_undone_deletion_keeps_author_and_time(
    ann: Api, ben: Api, image: Image, path: str, made: dict
) -> None:
    ben.send("DELETE", f"{path}?version=1")
    body = {k: made[k] for k in ("id", "label", "rle", "attributes", "source")}
    back = ben.send("POST", f"/api/images/{image.pk}/annotations", body).json()
    assert (back["author"], back["createdTime"]) == ("ann", made["createdTime"])
    assert back["version"] == 3
    assert revisions(ann, path)[0]["user"] == "ben"


def test_pages_of_deleted_objects(ann: Api, image: Image, cat: Label) -> None:
    ids = []
    for _ in range(3):
        body = outline(label=cat.pk)
        ids.append(body["id"])
        ann.send("POST", f"/api/images/{image.pk}/annotations", body)
        ann.send("DELETE", f"/api/annotations/{body['id']}?version=1")
    path = f"/api/images/{image.pk}/deleted-annotations"
    first = ann.get(path, {"limit": 2}).json()
    second = ann.get(path, {"limit": 2, "cursor": first["next"]}).json()
    found = [row["annotation"] for row in first["items"] + second["items"]]
    assert found == ids[::-1]


def test_a_label_that_is_gone_is_asked_for(
    ann: Api, path: str, edited: dict, cat: Label, project: Project
) -> None:
    assert ann.send("DELETE", f"/api/labels/{cat.pk}").status_code == 204
    body = {"version": 3, "revision": 1}
    assert error(ann.send("POST", f"{path}/restore", body)) == (422, "unknown_label", "label")
    answer = ann.send("POST", f"{path}/restore", body | {"label": edited["label"]})
    assert answer.json()["label"] == edited["label"]
    other = ann.send("POST", "/api/projects", {"name": "O", "labels": [{"name": "x"}]}).json()
    body = {"version": 4, "revision": 1, "label": other["labels"][0]["id"]}
    assert error(ann.send("POST", f"{path}/restore", body)) == (422, "unknown_label", "label")


@pytest.mark.usefixtures("edited")
def test_strangers_see_and_restore_nothing(
    ann: Api, eve: Api, path: str, image: Image, made: dict
) -> None:
    for deleted in (False, True):
        if deleted:
            ann.send("DELETE", f"{path}?version=3")
        for address in (f"{path}/revisions", f"{path}/revisions/1"):
            assert error(eve.get(address))[:2] == (404, "not_found")
            assert error(Api().get(address))[:2] == (401, "unauthenticated")
        body = {"version": 3 + deleted, "revision": 1}
        assert error(eve.send("POST", f"{path}/restore", body))[:2] == (404, "not_found")
        gone = f"/api/images/{image.pk}/deleted-annotations"
        assert error(eve.get(gone))[:2] == (404, "not_found")
    nobody = f"/api/annotations/{uuid.uuid4()}/revisions"
    assert error(ann.get(nobody))[:2] == (404, "not_found")
    assert ann.get(f"{path}/revisions").status_code == 200


def test_scopes(ann: Api, path: str, made: dict) -> None:
    token = ann.send("POST", "/api/tokens", {"name": "r", "scopes": ["read"]}).json()["token"]
    reader = {"Authorization": f"Bearer {token}"}
    assert Api().get(f"{path}/revisions", headers=reader).status_code == 200
    answer = Api().send("POST", f"{path}/restore", {"version": 1, "revision": 1}, **reader)
    assert error(answer)[:2] == (403, "insufficient_scope")


def test_an_object_of_a_deleted_image_is_gone_for_good(
    ann: Api, project: Project, cat: Label
) -> None:
    pk = ann.upload(project.pk, ("b.png", png(seed=3))).json()["items"][0]["id"]
    prepare(Image.objects.get(pk=pk))
    body = outline(label=cat.pk)
    ann.send("POST", f"/api/images/{pk}/annotations", body)
    ann.send("DELETE", f"/api/images/{pk}")
    assert error(ann.get(f"/api/annotations/{body['id']}/revisions"))[:2] == (404, "not_found")


@pytest.mark.parametrize("z", [1e300, "3", True, [1]])
def test_heights_are_bounded(ann: Api, path: str, made: dict, z: Any) -> None:
    assert error(ann.send("PATCH", path, {"version": 1, "z": z}))[0] == 422
    assert ann.send("PATCH", path, {"version": 1, "z": -3}).json()["z"] == -3
    assert ann.send("PATCH", path, {"version": 2, "z": None}).json()["z"] is None
