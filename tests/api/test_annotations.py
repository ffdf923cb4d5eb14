"""Objects: sent twice, changed by two people, deleted and brought back."""

import uuid
from typing import Any

import pytest

from annotations.domain.rle import Rle
from annotations.models import AnnotationRevision, Image, Label, Project
from tests.api.conftest import Api, error, member, outline, prepare
from tests.support.pictures import png

pytestmark = pytest.mark.django_db

FIELDS = {
    "id", "image", "label", "rle", "bbox", "area", "source", "prompts", "attributes", "candidate",
    "score", "model", "z", "author", "version", "createdTime", "updatedTime",
}  # fmt: skip


@pytest.fixture
def path(image: Image) -> str:
    return f"/api/images/{image.pk}/annotations"


@pytest.fixture
def made(ann: Api, path: str, cat: Label) -> dict[str, Any]:
    answer = ann.send("POST", path, outline(label=cat.pk))
    assert answer.status_code == 201
    row: dict[str, Any] = answer.json()
    return row


def test_an_object_has_the_promised_fields(made: dict[str, Any], image: Image, cat: Label) -> None:
    assert set(made) == FIELDS
    assert (made["image"], made["label"], made["author"]) == (image.pk, cat.pk, "ann")
    assert (made["bbox"], made["area"]) == ([1, 1, 8, 5], 40)
    assert made["rle"]["size"] == [30, 40]
    assert (made["source"], made["version"], made["attributes"]) == ("api", 1, {})


def test_the_mask_comes_back_bit_by_bit(ann: Api, path: str, made: dict, cat: Label) -> None:
    body = {"id": str(uuid.uuid4()), "label": cat.pk, "rle": made["rle"], "source": "brush"}
    again = ann.send("POST", path, body).json()
    assert again["rle"] == made["rle"]
    assert again["source"] == "brush"
    counts = Rle(30, 40, made["rle"]["counts"]).to_mask()
    assert int(counts.sum()) == 40


def test_the_same_sent_twice_is_made_once(ann: Api, path: str, cat: Label) -> None:
    body = outline(
        label=cat.pk, source="smart", attributes={"hidden": True}, score=0.5, candidate=2,
        model="mobile_sam", prompts={"points": [{"x": 1.5, "y": 2, "label": 1}]},
    )  # fmt: skip
    first, second = (ann.send("POST", path, body) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert ann.get(path).json()["items"] == [first.json()]
    assert AnnotationRevision.objects.count() == 1


def test_another_content_under_a_used_id_is_a_conflict(
    ann: Api, path: str, made: dict, cat: Label
) -> None:
    body = outline(id=made["id"], label=cat.pk, polygons=[[0, 0, 3, 0, 3, 3]])
    answer = ann.send("POST", path, body)
    assert error(answer) == (409, "stale_version", "version")
    assert answer.json()["current"] == made


def test_a_used_id_tells_a_stranger_nothing(eve: Api, made: dict) -> None:
    own = eve.send("POST", "/api/projects", {"name": "E", "labels": [{"name": "x"}]}).json()
    pk = eve.upload(own["id"], ("e.png", png())).json()["items"][0]["id"]
    prepare(Image.objects.get(pk=pk))
    body = outline(id=made["id"], label=own["labels"][0]["id"])
    answer = eve.send("POST", f"/api/images/{pk}/annotations", body)
    assert error(answer) == (409, "id_taken", "id")
    assert "current" not in answer.json()


def test_a_stale_version_gets_the_current_object(ann: Api, project: Project, made: dict) -> None:
    bob = member("bob")
    ann.send("POST", f"/api/projects/{project.pk}/members", {"username": "bob"})
    path = f"/api/annotations/{made['id']}"
    dog = project.labels.get(name="dog").pk
    changed = bob.send("PATCH", path, {"version": 1, "label": dog})
    assert changed.status_code == 200
    assert changed.json() == {
        **made, "label": dog, "version": 2, "updatedTime": changed.json()["updatedTime"],
    }  # fmt: skip
    stale = ann.send("PATCH", path, {"version": 1, "attributes": {"a": 1}})
    assert error(stale) == (409, "stale_version", "version")
    assert stale.json()["current"] == changed.json() == ann.get(path).json()
    stale = ann.delete(f"{path}?version=1")
    assert error(stale)[:2] == (409, "stale_version")
    assert stale.json()["current"]["version"] == 2
    assert ann.delete(f"{path}?version=2").status_code == 204
    assert ann.get(path).status_code == 404


def test_only_what_is_sent_changes(ann: Api, path: str, cat: Label) -> None:
    body = outline(label=cat.pk, score=0.5, candidate=1, attributes={"a": 1}, source="smart")
    row = ann.send("POST", path, body).json()
    path = f"/api/annotations/{row['id']}"
    row = ann.send("PATCH", path, {"version": 1, "score": None}).json()
    assert (row["score"], row["candidate"], row["attributes"]) == (None, 1, {"a": 1})
    square = {"version": 2, "polygons": [[0, 0, 2, 0, 2, 2, 0, 2]], "source": "polygon"}
    row = ann.send("PATCH", path, square).json()
    assert (row["area"], row["bbox"], row["source"]) == (4, [0, 0, 2, 2], "polygon")


def test_a_deletion_is_undone_by_sending_it_again(
    ann: Api, path: str, made: dict, cat: Label
) -> None:
    assert ann.delete(f"/api/annotations/{made['id']}?version=1").status_code == 204
    body = outline(id=made["id"], label=cat.pk)
    again = ann.send("POST", path, body)
    assert again.status_code == 201
    assert again.json()["version"] > made["version"]
    assert error(ann.send("PATCH", f"/api/annotations/{made['id']}", {"version": 1}))[0] == 409
    actions = AnnotationRevision.objects.values_list("action", flat=True)
    assert list(actions) == ["created", "deleted", "created"]


def test_every_change_is_kept_with_its_author(ann: Api, made: dict) -> None:
    ann.send("PATCH", f"/api/annotations/{made['id']}", {"version": 1, "attributes": {"a": 1}})
    rows = AnnotationRevision.objects.select_related("user")
    assert [(r.version, r.action, r.user.username) for r in rows] == [
        (1, "created", "ann"), (2, "updated", "ann"),
    ]  # fmt: skip
    assert rows[0].snapshot["attributes"] == {}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"label": 10**6}, "label"),
        ({"label": True}, "label"),
        ({"label": "1"}, "label"),
        ({"id": "x"}, "id"),
        ({"polygons": None}, "rle"),
        ({"polygons": []}, "polygons"),
        ({"polygons": [[1, 1, 2, 2]]}, "polygons.0"),
        ({"polygons": [[1, 1, 2, 2, 3]]}, "polygons.0"),
        ({"polygons": [[1, 1, 2, 2, 3, "4"]]}, "polygons.0.5"),
        ({"polygons": [[1, 1, 2, 2, 3, True]]}, "polygons.0.5"),
        ({"polygons": [[100, 100, 200, 100, 200, 200]]}, "polygons"),
        ({"polygons": "1,2,3"}, "polygons"),
        ({"polygons": {"a": 1}}, "polygons"),
        ({"rle": {"size": [30, 40], "counts": "0"}}, "polygons"),
        ({"source": "magic"}, "source"),
        ({"candidate": 4}, "candidate"),
        ({"score": 1e300}, "score"),
        ({"attributes": []}, "attributes"),
        ({"attributes": {"a": "x" * 70_000}}, "attributes"),
        ({"model": "m" * 61}, "model"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_refused_object_names_its_field(
    ann: Api, path: str, cat: Label, change: dict, field: str
) -> None:
    answer = ann.send("POST", path, outline(label=cat.pk) | change)
    status, _code, named = error(answer)
    assert (status, named) == (422, field)
    assert ann.get(path).json()["items"] == []


@pytest.mark.parametrize(
    "rle",
    [
        {"size": [40, 30], "counts": "0"},
        {"size": [30], "counts": "0"},
        {"size": [30, 40], "counts": ""},
        {"size": [30, 40], "counts": "\u00e9"},
        {"size": [30, 40], "counts": "o" * 40},
        {"size": [30, 40], "counts": [1, 2]},
        {"size": [30, 40], "counts": None},
        {"size": [30.0, True], "counts": "0"},
        {"size": "30", "counts": "0"},
    ],
)
def test_a_broken_rle_is_refused(ann: Api, path: str, cat: Label, rle: dict) -> None:
    body = {"id": str(uuid.uuid4()), "label": cat.pk, "rle": rle}
    status, _code, field = error(ann.send("POST", path, body))
    assert status == 422
    assert field.startswith("rle")


def test_objects_come_in_pages_in_the_order_they_were_made(ann: Api, path: str, cat: Label) -> None:
    made = [ann.send("POST", path, outline(label=cat.pk)).json()["id"] for _ in range(5)]
    first = ann.get(f"{path}?limit=3").json()
    second = ann.get(f"{path}?limit=3&cursor={first['next']}").json()
    assert [row["id"] for row in first["items"] + second["items"]] == made
    assert second["next"] is None


def test_an_unchanged_list_is_not_sent_again(ann: Api, path: str, made: dict) -> None:
    first = ann.get(path)
    assert first["Cache-Control"] == "private, no-cache"
    seen = {"If-None-Match": first["ETag"]}
    again = ann.get(path, headers=seen)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    change = {"version": made["version"], "z": 3}
    changed = ann.send("PATCH", f"/api/annotations/{made['id']}", change).json()
    after = ann.get(path, headers=seen)
    assert (after.status_code, after.json()["items"]) == (200, [changed])
    ann.delete(f"/api/annotations/{made['id']}?version={changed['version']}")
    assert ann.get(path, headers={"If-None-Match": after["ETag"]}).json()["items"] == []


def test_until_an_image_is_ready_it_says_so(ann: Api, unprepared: Image) -> None:
    for noun in ("thumbnail", "preview"):
        answer = ann.get(f"/api/images/{unprepared.pk}/{noun}")
        assert error(answer)[:2] == (404, "not_ready")
