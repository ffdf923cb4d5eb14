"""How far people are with an image: submitted, skipped, opened again, and what is next."""

import json

import pytest
from django.test import Client

from annotations.models import Image, Label, Project
from tests.api.conftest import Api, error, member, outline, prepare
from tests.support.pictures import png

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(image: Image) -> str:
    return f"/api/images/{image.pk}"


def state(ann: Api, path: str) -> tuple[str, str | None, str | None]:
    row = ann.get(path).json()
    return row["work"], row["skipReason"], row["workBy"]


def test_a_new_image_is_open(ann: Api, path: str) -> None:
    assert state(ann, path) == ("open", None, None)
    assert ann.get(path).json()["workTime"] is None


def test_an_image_is_submitted_skipped_and_opened(ann: Api, path: str) -> None:
    answer = ann.send("POST", f"{path}/work", {"state": "submitted"})
    assert answer.status_code == 200
    assert answer.json() == ann.get(path).json()
    assert state(ann, path) == ("submitted", None, "ann")
    assert ann.get(path).json()["workTime"] > 1_700_000_000_000

    skip = {"state": "skipped", "reason": " Out of\nfocus "}
    assert ann.send("POST", f"{path}/work", skip).status_code == 200
    assert state(ann, path) == ("skipped", "Out of focus", "ann")
    assert ann.send("POST", f"{path}/work", {"state": "open"}).status_code == 200
    assert state(ann, path) == ("open", None, "ann")


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"state": "done"}, "invalid", "state"),
        ({}, "invalid", "state"),
        ({"state": "submitted", "reasons": "x"}, "invalid", "reasons"),
        ({"state": "skipped"}, "required", "reason"),
        ({"state": "skipped", "reason": " \t"}, "required", "reason"),
        ({"state": "skipped", "reason": "x" * 201}, "too_long", "reason"),
        ({"state": "submitted", "reason": "x"}, "unwanted", "reason"),
        ({"state": "open", "reason": ""}, "unwanted", "reason"),
        ({"state": "skipped", "reason": 7}, "invalid", "reason"),
    ],
)
def test_what_makes_no_sense_is_refused(
    ann: Api, path: str, body: dict, code: str, field: str
) -> None:
    assert error(ann.send("POST", f"{path}/work", body)) == (422, code, field)
    assert state(ann, path) == ("open", None, None)


def test_only_a_ready_image_can_be_submitted(ann: Api, unprepared: Image) -> None:
    answer = ann.send("POST", f"/api/images/{unprepared.pk}/work", {"state": "submitted"})
    assert error(answer)[:2] == (409, "image_not_ready")


def test_any_change_of_an_object_opens_the_image_again(ann: Api, path: str, cat: Label) -> None:
    def submit() -> None:
        assert ann.send("POST", f"{path}/work", {"state": "submitted"}).status_code == 200

    submit()
    made = ann.send("POST", f"{path}/annotations", outline(label=cat.pk)).json()
    assert state(ann, path)[0] == "open"
    submit()
    object_path = f"/api/annotations/{made['id']}"
    stale = ann.send("PATCH", object_path, {"version": 9, "attributes": {"a": 1}})
    assert stale.status_code == 409
    assert state(ann, path)[0] == "submitted"
    ann.send("PATCH", object_path, {"version": 1, "attributes": {"a": 1}})
    assert state(ann, path)[0] == "open"
    ann.send("POST", f"{path}/work", {"state": "skipped", "reason": "Dark"})
    assert ann.send("DELETE", f"{object_path}?version=2").status_code == 204
    assert state(ann, path) == ("open", None, "ann")


def test_a_person_without_a_session_or_a_part_in_it_changes_nothing(
    eve: Api, ann: Api, path: str
) -> None:
    body = {"state": "submitted"}
    assert error(eve.send("POST", f"{path}/work", body))[:2] == (404, "not_found")
    assert error(eve.get(f"{path}/next"))[:2] == (404, "not_found")
    anonymous = Client().post(f"{path}/work", json.dumps(body), "application/json")
    assert anonymous.status_code == 401
    assert state(ann, path)[0] == "open"


def test_a_token_needs_the_scope_that_saves_objects(ann: Api, path: str) -> None:
    for scopes, status in ((["read"], 403), (["read", "annotate"], 200)):
        made = ann.send("POST", "/api/tokens", {"name": "t", "scopes": scopes}).json()
        headers = {"Authorization": f"Bearer {made['token']}"}
        answer = Api().send("POST", f"{path}/work", {"state": "submitted"}, **headers)
        assert answer.status_code == status


@pytest.fixture
def queue(ann: Api, project: Project) -> list[int]:
    """Ids of four images that are ready."""
    files = [(f"{n}.png", png(seed=n)) for n in range(4)]
    answer = ann.upload(project.pk, *files).json()
    ids = [item["id"] for item in answer["items"]]
    for pk in ids:
        prepare(Image.objects.get(pk=pk))
    return ids


def test_next_is_what_nobody_has_begun_with(
    ann: Api, project: Project, cat: Label, queue: list[int]
) -> None:
    def following(pk: int) -> int | None:
        row = ann.get(f"/api/images/{pk}/next").json()["image"]
        return None if row is None else int(row["id"])

    a, b, c, d = queue
    assert [following(pk) for pk in queue] == [b, c, d, a]
    ann.send("POST", f"/api/images/{b}/annotations", outline(label=cat.pk))
    ann.send("POST", f"/api/images/{c}/work", {"state": "skipped", "reason": "Dark"})
    assert [following(pk) for pk in queue] == [d, d, d, a]
    ann.send("POST", f"/api/images/{a}/work", {"state": "submitted"})
    assert [following(pk) for pk in queue] == [d, d, d, None]
    Image.objects.filter(pk=d).update(state="preparing")
    assert following(a) is None


def test_images_are_found_and_counted_by_their_state(
    ann: Api, project: Project, queue: list[int]
) -> None:
    a, b, c, d = queue
    ann.send("POST", f"/api/images/{a}/work", {"state": "submitted"})
    ann.send("POST", f"/api/images/{b}/work", {"state": "skipped", "reason": "Dark"})

    def found(state: str) -> list[int]:
        items = ann.get(f"/api/projects/{project.pk}/images?state={state}").json()["items"]
        return [item["id"] for item in items]

    assert (found("submitted"), found("skipped"), found("open")) == ([a], [b], [c, d])
    counts = ann.get(f"/api/projects/{project.pk}").json()["counts"]
    assert (counts["images"], counts["submitted"], counts["skipped"]) == (4, 1, 1)


def test_preferences_are_each_persons_own(ann: Api, eve: Api) -> None:
    assert ann.get("/api/me/preferences").json() == {"keys": {}}
    keys = {"tool-brush": ["W"], "undo": ["Ctrl+Alt+U", "F2"], "help": ["["]}
    answer = ann.send("PATCH", "/api/me/preferences", {"keys": keys})
    assert answer.status_code == 200
    assert answer.json() == ann.get("/api/me/preferences").json() == {"keys": keys}
    assert eve.get("/api/me/preferences").json() == {"keys": {}}
    # What is left out stays, and all are given up with an empty set.
    assert ann.send("PATCH", "/api/me/preferences", {}).json() == {"keys": keys}
    assert ann.send("PATCH", "/api/me/preferences", {"keys": {}}).json() == {"keys": {}}


@pytest.mark.parametrize(
    "keys",
    [
        {"tool-brush": []},
        {"tool-brush": ["A", "B", "C", "D", "E"]},
        {"tool-brush": ["Shift+Ctrl+A"]},
        {"tool-brush": ["a b"]},
        {"tool-brush": ["Ctrl+"]},
        {"tool-brush": ["x" * 41]},
        {"tool-brush": [7]},
        {"tool-brush": "W"},
        {"Tool Brush": ["W"]},
        {"": ["W"]},
        {"a" * 61: ["W"]},
        {f"a{n}": ["W"] for n in range(201)},
        [],
        {"tool-brush": ["W"], "undo": ["W"]},
    ],
)
def test_keys_that_are_none_are_refused(ann: Api, keys: object) -> None:
    answer = ann.send("PATCH", "/api/me/preferences", {"keys": keys})
    status, _, field = error(answer)
    assert status == 422
    assert field is not None
    assert field.startswith("keys")
    assert ann.get("/api/me/preferences").json() == {"keys": {}}


def test_a_key_for_two_actions_is_refused_with_words(ann: Api) -> None:
    body = {"keys": {"tool-brush": ["W"], "undo": ["W"]}}
    answer = ann.send("PATCH", "/api/me/preferences", body)
    assert error(answer) == (422, "key_taken", "keys.undo")
    assert "tool-brush" in answer.json()["error"]["message"]


def test_preferences_need_a_person_and_their_own_page(ann: Api) -> None:
    assert Client().get("/api/me/preferences").status_code == 401
    strict = member("ann")
    strict.handler.enforce_csrf_checks = True
    answer = strict.send("PATCH", "/api/me/preferences", {"keys": {}})
    assert answer.status_code == 403


def test_the_page_is_given_the_persons_keys(ann: Api, image: Image) -> None:
    ann.send("PATCH", "/api/me/preferences", {"keys": {"tool-brush": ["W"]}})
    html = ann.get(f"/images/{image.pk}/annotate/").content.decode()
    text = html.split('id="page-data" type="application/json">')[1].split("</script>")[0]
    data = json.loads(text)
    assert data["keys"] == {"tool-brush": ["W"]}
    assert data["image"] == ann.get(f"/api/images/{image.pk}").json()
    assert data["strip"][0]["work"] == "open"
