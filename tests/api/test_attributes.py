"""A project's attributes, and the values that objects have of them."""

from typing import Any

import pytest

from annotations.models import Image, Label, Project
from tests.api.conftest import Api, error, member, outline

pytestmark = pytest.mark.django_db

FIELDS = {
    "id", "name", "type", "required", "default", "options", "min", "max", "labels", "order",
}  # fmt: skip


def add(api: Api, project: Project, **body: Any) -> Any:
    return api.send("POST", f"/api/projects/{project.pk}/attributes", body)


def make(api: Api, project: Project, **body: Any) -> dict[str, Any]:
    answer = add(api, project, **body)
    assert answer.status_code == 201, answer.content
    row: dict[str, Any] = answer.json()
    return row


def test_an_attribute_has_the_promised_fields(ann: Api, project: Project, cat: Label) -> None:
    row = make(
        ann, project, name=" Material ", type="choice", options=["china", "glass"],
        default="glass", required=True, labels=[cat.pk],
    )  # fmt: skip
    assert set(row) == FIELDS
    assert (row["name"], row["order"], row["labels"]) == ("Material", 0, [cat.pk])
    second = make(ann, project, name="n", type="number", min=0.5, max=3)
    assert (second["order"], second["min"], second["max"], second["labels"]) == (1, 0.5, 3, None)
    shown = ann.get(f"/api/projects/{project.pk}").json()["attributes"]
    assert shown == [row, second]


def test_members_edit_attributes_and_strangers_do_not(ann: Api, eve: Api, project: Project) -> None:
    row = make(ann, project, name="a", type="text")
    member("ben")
    ann.send("POST", f"/api/projects/{project.pk}/members", {"username": "ben"})
    path = f"/api/attributes/{row['id']}"
    assert member("ben").send("PATCH", path, {"required": True}).json()["required"] is True
    assert error(eve.send("PATCH", path, {"required": False}))[:2] == (404, "not_found")
    assert error(eve.send("DELETE", path))[:2] == (404, "not_found")
    assert ann.send("DELETE", path).status_code == 204
    assert ann.get(f"/api/projects/{project.pk}").json()["attributes"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "", "type": "text"}, "name"),
        ({"name": "x" * 101, "type": "text"}, "name"),
        ({"name": "x", "type": "colour"}, "type"),
        ({"name": "x", "type": "choice"}, "options"),
        ({"name": "x", "type": "choice", "options": ["a", " a "]}, "options.1"),
        ({"name": "x", "type": "choice", "options": ["a", ""]}, "options.1"),
        ({"name": "x", "type": "choice", "options": ["a"] * 501}, "options"),
        ({"name": "x", "type": "text", "options": ["a"]}, "options"),
        ({"name": "x", "type": "checkbox", "required": True}, "required"),
        ({"name": "x", "type": "number", "min": 2, "max": 1}, "max"),
        ({"name": "x", "type": "number", "default": "2"}, "default"),
        ({"name": "x", "type": "text", "default": "y" * 1001}, "default"),
        ({"name": "x", "type": "text", "min": 1}, "min"),
        ({"name": "x", "type": "text", "labels": [999999]}, "labels"),
        ({"name": "x", "type": "text", "required": "yes"}, "required"),
        ({"name": "x", "type": "text", "colour": "red"}, "colour"),
    ],
)
def test_bad_definitions_name_their_field(
    ann: Api, project: Project, body: dict[str, Any], field: str
) -> None:
    answer = add(ann, project, **body)
    status, _, named = error(answer)
    assert status == 422
    assert named is not None
    assert named.startswith(field)
    assert project.attributes.count() == 0


def test_a_label_of_another_project_is_no_label_of_this_one(ann: Api, project: Project) -> None:
    other = ann.send("POST", "/api/projects", {"name": "O", "labels": [{"name": "x"}]}).json()
    answer = add(ann, project, name="a", type="text", labels=[other["labels"][0]["id"]])
    assert error(answer) == (422, "unknown_label", "labels")


def test_a_name_once_a_project(ann: Api, project: Project) -> None:
    make(ann, project, name="a", type="text")
    row = make(ann, project, name="b", type="text")
    assert error(add(ann, project, name="a", type="number")) == (
        409, "duplicate_attribute", "name",
    )  # fmt: skip
    answer = ann.send("PATCH", f"/api/attributes/{row['id']}", {"name": "a"})
    assert error(answer) == (409, "duplicate_attribute", "name")


def test_a_name_that_objects_use_stays(
    ann: Api, project: Project, image: Image, cat: Label
) -> None:
    row = make(ann, project, name="colour", type="text")
    path = f"/api/attributes/{row['id']}"
    assert ann.send("PATCH", path, {"name": "color"}).json()["name"] == "color"
    body = outline(label=cat.pk, attributes={"color": "red"})
    ann.send("POST", f"/api/images/{image.pk}/annotations", body)
    assert error(ann.send("PATCH", path, {"name": "hue"})) == (409, "attribute_in_use", "name")
    assert ann.send("PATCH", path, {"name": "color", "required": True}).status_code == 200


def test_a_label_that_is_gone_does_not_block_a_change(
    ann: Api, project: Project, cat: Label
) -> None:
    dog = project.labels.get(name="dog")
    row = make(ann, project, name="a", type="text", labels=[cat.pk, dog.pk])
    ann.send("DELETE", f"/api/labels/{dog.pk}")
    path = f"/api/attributes/{row['id']}"
    changed = ann.send("PATCH", path, {"labels": row["labels"], "required": True})
    assert changed.json()["labels"] == [cat.pk]
    assert ann.send("PATCH", path, {"labels": None}).json()["labels"] is None


# --- Values of objects -----------------------------------------------------------------------


@pytest.fixture
def path(image: Image) -> str:
    return f"/api/images/{image.pk}/annotations"


@pytest.fixture
def schema(ann: Api, project: Project, cat: Label) -> dict[str, int]:
    """Ids of a choice with a default, a number of cats, and a text that is required."""
    side = make(ann, project, name="side", type="choice", options=["left", "right"],
                default="left")  # fmt: skip
    age = make(ann, project, name="age", type="number", min=0, default=1, labels=[cat.pk])
    plate = make(ann, project, name="plate", type="text", required=True)
    return {"side": side["id"], "age": age["id"], "plate": plate["id"]}


@pytest.mark.usefixtures("schema")
def test_a_new_object_without_attributes_has_the_defaults(
    ann: Api, project: Project, path: str, cat: Label
) -> None:
    body = outline(label=cat.pk)
    made = ann.send("POST", path, body).json()
    assert made["attributes"] == {"side": "left", "age": 1}
    assert ann.send("POST", path, body).status_code == 200
    dog = project.labels.get(name="dog")
    assert ann.send("POST", path, outline(label=dog.pk)).json()["attributes"] == {"side": "left"}
    # What is sent is taken as it is, also nothing.
    bare = ann.send("POST", path, outline(label=cat.pk, attributes={})).json()
    assert bare["attributes"] == {}


@pytest.mark.usefixtures("schema")
@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"side": "up"}, "side"),
        ({"age": -1}, "age"),
        ({"age": "3"}, "age"),
        ({"plate": 5}, "plate"),
    ],
)
def test_values_that_do_not_fit_are_refused(
    ann: Api, path: str, cat: Label, values: dict[str, Any], name: str
) -> None:
    answer = ann.send("POST", path, outline(label=cat.pk, attributes=values))
    assert error(answer) == (422, "bad_attribute", f"attributes.{name}")
    assert ann.get(path).json()["items"] == []
    made = ann.send("POST", path, outline(label=cat.pk, attributes={"age": 2})).json()
    body = {"version": 1, "attributes": values}
    answer = ann.send("PATCH", f"/api/annotations/{made['id']}", body)
    assert error(answer) == (422, "bad_attribute", f"attributes.{name}")
    assert ann.get(path).json()["items"] == [made]


@pytest.mark.usefixtures("schema")
def test_names_of_no_attribute_are_taken(ann: Api, path: str, cat: Label) -> None:
    values = {"mood": {"deep": [1]}, "side": "right"}
    made = ann.send("POST", path, outline(label=cat.pk, attributes=values)).json()
    assert made["attributes"] == values


def test_what_an_object_had_may_come_back(
    ann: Api, path: str, cat: Label, schema: dict[str, int]
) -> None:
    """An undo works although the choice has been taken away meanwhile."""
    made = ann.send("POST", path, outline(label=cat.pk, attributes={"side": "left"})).json()
    one = f"/api/annotations/{made['id']}"
    ann.send("PATCH", one, {"version": 1, "attributes": {"side": "right"}})
    change = {"options": ["right", "top"], "default": None}
    assert ann.send("PATCH", f"/api/attributes/{schema['side']}", change).status_code == 200
    back = ann.send("PATCH", one, {"version": 2, "attributes": {"side": "left"}})
    assert back.json()["attributes"] == {"side": "left"}
    ann.send("DELETE", f"{one}?version=3")
    again = outline(id=made["id"], label=cat.pk, attributes={"side": "left"})
    assert ann.send("POST", path, again).status_code == 201
    other = outline(label=cat.pk, attributes={"side": "left"})
    assert error(ann.send("POST", path, other))[1] == "bad_attribute"
