"""Projects, labels, members, tokens: fields, codes and who may do what."""

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.models import ApiToken, Image, Label, Membership, Project
from tests.api.conftest import Api, error, member, outline

pytestmark = pytest.mark.django_db

COUNTS = ("images", "annotated", "annotations", "submitted", "skipped")


def test_who_i_am(ann: Api) -> None:
    answer = ann.get("/api/me").json()
    assert answer.pop("id") > 0
    assert answer == {"username": "ann", "email": "ann@example.org", "isStaff": False}


def test_a_project_has_the_promised_fields(ann: Api, project: Project) -> None:
    row = ann.get(f"/api/projects/{project.pk}").json()
    assert set(row) == {
        "id",
        "slug",
        "name",
        "role",
        "labels",
        "attributes",
        "counts",
        "createdTime",
    }
    assert (row["name"], row["slug"], row["role"]) == ("Pets", "pets", "owner")
    assert [(label["name"], label["order"]) for label in row["labels"]] == [("cat", 0), ("dog", 1)]
    assert row["labels"][0]["color"] == "#ff0000"
    assert row["counts"] == dict.fromkeys(COUNTS, 0)
    assert row["createdTime"] > 1_600_000_000_000


def test_counts_follow_images_and_objects(ann: Api, project: Project, image: Image, cat: Label):
    ann.send("POST", f"/api/images/{image.pk}/annotations", outline(label=cat.pk))
    counts = ann.get(f"/api/projects/{project.pk}").json()["counts"]
    assert counts == dict.fromkeys(COUNTS, 0) | {"images": 1, "annotated": 1, "annotations": 1}


def test_a_project_without_counts_does_not_count(ann: Api, project: Project, image: Image) -> None:
    whole = ann.get(f"/api/projects/{project.pk}").json()
    with CaptureQueriesContext(connection) as asked:
        row = ann.get(f"/api/projects/{project.pk}?counts=false").json()
    assert row == {name: value for name, value in whole.items() if name != "counts"}
    assert not [each["sql"] for each in asked if "COUNT(" in each["sql"]]
    assert error(ann.get(f"/api/projects/{project.pk}?counts=some"))[2] == "counts"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": 7}, "name"),
        ({"name": "x", "labels": [{"name": "a"}, {"name": "a"}]}, "labels.1.name"),
        ({"name": "x", "labels": [{"name": "a", "color": "red"}]}, "labels.0.color"),
        ({"name": "x", "labels": [{}]}, "labels.0.name"),
        ({"name": "x", "lables": []}, "lables"),
    ],
)
def test_a_refusal_names_the_field(ann: Api, body: dict, field: str) -> None:
    status, _code, named = error(ann.send("POST", "/api/projects", body))
    assert (status, named) == (422, field)
    assert not Project.objects.exists()


def test_renaming_and_deleting_are_for_owners(ann: Api, project: Project) -> None:
    bob = member("bob")
    path = f"/api/projects/{project.pk}"
    added = ann.send("POST", f"{path}/members", {"username": "bob", "role": "member"})
    assert (added.status_code, added.json()["role"]) == (201, "member")
    assert bob.get(path).json()["role"] == "member"
    for method, body in (("PATCH", {"name": "Mine"}), ("DELETE", None)):
        assert error(bob.send(method, path, body))[:2] == (403, "forbidden")
    assert (
        error(bob.send("POST", f"{path}/members", {"username": "bob", "role": "owner"}))[0] == 403
    )
    assert error(bob.send("DELETE", f"{path}/members", {"username": "ann"}))[0] == 403
    assert ann.send("PATCH", path, {"name": "Ours"}).json()["name"] == "Ours"
    assert ann.delete(path).status_code == 204
    assert ann.get(path).status_code == 404


def test_members_come_change_and_go(ann: Api, project: Project) -> None:
    bob = member("bob")
    path = f"/api/projects/{project.pk}/members"
    assert error(ann.send("POST", path, {"username": "nobody"})) == (
        422, "unknown_user", "username",
    )  # fmt: skip
    assert error(ann.send("POST", path, {"username": "bob", "role": "king"}))[2] == "role"
    ann.send("POST", path, {"username": "bob"})
    items = ann.get(path).json()["items"]
    assert [(row["username"], row["role"]) for row in items] == [
        ("ann", "owner"), ("bob", "member"),
    ]  # fmt: skip
    assert ann.send("POST", path, {"username": "bob", "role": "owner"}).json()["role"] == "owner"
    assert ann.send("POST", path, {"username": "bob", "role": "member"}).json()["role"] == "member"
    for method, body in (
        ("DELETE", {"username": "ann"}),
        ("POST", {"username": "ann", "role": "member"}),
    ):
        assert error(ann.send(method, path, body))[:2] == (409, "last_owner")
    assert bob.send("DELETE", path, {"username": "bob"}).status_code == 204
    assert bob.get(path).status_code == 404
    assert Membership.objects.count() == 1


def test_labels_are_made_changed_and_kept_while_in_use(
    ann: Api, project: Project, image: Image, cat: Label
) -> None:
    path = f"/api/projects/{project.pk}/labels"
    made = ann.send("POST", path, {"name": "owl", "color": "#00FF00"})
    assert made.status_code == 201
    row = made.json()
    assert (row["name"], row["color"], row["order"]) == ("owl", "#00ff00", 2)
    assert error(ann.send("POST", path, {"name": "owl"})) == (409, "duplicate_label", "name")
    changed = ann.send("PATCH", f"/api/labels/{row['id']}", {"name": "eagle", "order": 9}).json()
    assert changed == {**row, "name": "eagle", "order": 9}
    assert error(ann.send("PATCH", f"/api/labels/{row['id']}", {"name": "cat"}))[0] == 409
    assert error(ann.send("PATCH", f"/api/labels/{row['id']}", {"order": True}))[2] == "order"
    assert ann.delete(f"/api/labels/{row['id']}").status_code == 204
    ann.send("POST", f"/api/images/{image.pk}/annotations", outline(label=cat.pk))
    assert error(ann.delete(f"/api/labels/{cat.pk}"))[:2] == (409, "label_in_use")


def test_lists_come_in_pages_without_gaps_or_repeats(ann: Api) -> None:
    made = [ann.send("POST", "/api/projects", {"name": "P"}).json() for _ in range(5)]
    assert len({row["slug"] for row in made}) == 5
    seen, cursor = [], ""
    for _ in range(3):
        page = ann.get(f"/api/projects?limit=2{cursor}").json()
        seen += [row["id"] for row in page["items"]]
        cursor = f"&cursor={page['next']}"
    assert page["next"] is None
    assert seen == sorted((row["id"] for row in made), reverse=True)


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "cursor=!!", "cursor=W10",
                                   "cursor=WzFlOTk5XQ", "cursor=WzEsMl0", "cursor=é"])  # fmt: skip
def test_a_bad_page_is_refused(ann: Api, query: str) -> None:
    assert error(ann.get(f"/api/projects?{query}"))[0] in {400, 422}


# --- Tokens ----------------------------------------------------------------------------------


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def test_a_token_is_shown_once_and_kept_as_a_hash(ann: Api) -> None:
    made = ann.send("POST", "/api/tokens", {"name": "script"})
    assert made.status_code == 201
    assert {"id", "name", "token"} <= set(made.json())
    secret = made.json()["token"]
    assert len(secret) >= 32
    listed = ann.get("/api/tokens")
    assert secret not in listed.content.decode()
    row = ApiToken.objects.get()
    assert secret not in str(vars(row))
    assert listed.json()["items"][0]["prefix"] == secret[: len(row.prefix)]


def test_a_token_works_without_csrf_until_it_is_revoked(ann: Api) -> None:
    made = ann.send("POST", "/api/tokens", {"name": "script"}).json()
    script = Api(enforce_csrf_checks=True)
    headers = bearer(made["token"])
    assert script.get("/api/me", headers=headers).json()["username"] == "ann"
    assert script.send("POST", "/api/projects", {"name": "x"}, **headers).status_code == 201
    assert ann.get("/api/tokens").json()["items"][0]["lastUsedTime"]
    assert ann.delete(f"/api/tokens/{made['id']}").status_code == 204
    assert error(script.get("/api/me", headers=headers))[:2] == (401, "unauthenticated")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer x", "Basic YTpi", "Bearer é"])
def test_a_bad_header_is_not_saved_by_a_session(ann: Api, header: str) -> None:
    answer = ann.get("/api/me", headers={"Authorization": header})
    assert error(answer)[0] == 401
    assert "WWW-Authenticate" in answer


def test_an_inactive_person_has_no_way_in(ann: Api, project: Project) -> None:
    secret = ann.send("POST", "/api/tokens", {"name": "t"}).json()["token"]
    get_user_model().objects.update(is_active=False)
    assert error(ann.get("/api/me"))[0] == 401
    assert error(Api().get("/api/me", headers=bearer(secret)))[0] == 401


def test_staff_who_are_no_members_see_nothing(project: Project) -> None:
    root = member("root", is_staff=True, is_superuser=True)
    assert root.get("/api/projects").json()["items"] == []
    assert root.get(f"/api/projects/{project.pk}").status_code == 404


@pytest.mark.parametrize(
    ("order", "good"),
    [("3", True), ("3.0", True), ("3.5", False), ('"3"', False), ("true", False), ("1e300", False)],
)
def test_integers_are_those_of_json(ann: Api, cat: Label, order: str, good: bool) -> None:
    answer = ann.send("PATCH", f"/api/labels/{cat.pk}", f'{{"order": {order}}}'.encode())
    assert answer.status_code == (200 if good else 422)
    cat.refresh_from_db()
    assert cat.order == (3 if good else 0)
