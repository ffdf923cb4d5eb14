"""Every path of the API as a stranger, as nobody and with a forged form.

The paths come from the OpenAPI document, so a new one is covered on the day it is added.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from annotations.models import (
    Annotation,
    ApiToken,
    Attribute,
    Delivery,
    Image,
    Job,
    Label,
    Preferences,
    Project,
    Replay,
    ReplayProposal,
    Webhook,
)
from tests.api.conftest import Api, error, outline
from tests.support.pictures import png

pytestmark = pytest.mark.django_db

UNSAFE = {"post", "patch", "put", "delete"}
# What a person may do without belonging to anything.
OWN = {"/api/me", "/api/me/preferences", "/api/models", "/api/projects", "/api/tokens"}
_HOOK = {"url": "https://example.com/hook", "events": ["image.ready"]}
UPLOAD = "/api/projects/{project_id}/images"


def operations() -> list[tuple[str, str]]:
    paths = Client().get("/api/openapi.json").json()["paths"]
    return [(method, path) for path, methods in paths.items() for method in methods]


@pytest.fixture
def ids(ann: Api, project: Project, image: Image, cat: Label) -> dict[str, Any]:
    """An id of Ann's for each kind of parameter."""
    token = ann.send("POST", "/api/tokens", {"name": "t"}).json()["id"]
    prompted = outline(label=cat.pk, prompts={"points": [{"x": 5, "y": 3, "label": 1}]})
    made = ann.send("POST", f"/api/images/{image.pk}/annotations", prompted).json()
    replay = ann.send("POST", f"/api/projects/{project.pk}/replays", {"model": "fake"}).json()
    field = {"name": "sex", "type": "text"}
    attribute = ann.send("POST", f"/api/projects/{project.pk}/attributes", field).json()["id"]
    job = Job.objects.filter(image=image).first()
    assert job is not None
    hook = ann.send("POST", f"/api/projects/{project.pk}/webhooks", _HOOK).json()["id"]
    delivery = ann.send("POST", f"/api/webhooks/{hook}/test").json()["id"]
    return {
        "project_id": project.pk, "image_id": image.pk, "label_id": cat.pk,
        "annotation_id": made["id"], "job_id": job.pk, "token_id": token,
        "webhook_id": hook, "delivery_id": delivery, "replay_id": replay["id"],
        "attribute_id": attribute, "version": 1,
    }  # fmt: skip


def bodies(path: str, ids: dict[str, Any]) -> dict[str, Any]:
    """A good body for each unsafe call, so that a refusal is for who asks."""
    label = ids["label_id"]
    return {
        "post /api/projects": {"name": "x"},
        "post /api/tokens": {"name": "x"},
        "patch /api/projects/{project_id}": {"name": "stolen"},
        "post /api/projects/{project_id}/labels": {"name": "x"},
        "patch /api/labels/{label_id}": {"name": "stolen"},
        "post /api/projects/{project_id}/attributes": {"name": "x", "type": "text"},
        "patch /api/attributes/{attribute_id}": {"name": "stolen"},
        "post /api/annotations/{annotation_id}/restore": {"version": 1, "revision": 1},
        "post /api/projects/{project_id}/members": {"username": "eve", "role": "owner"},
        "delete /api/projects/{project_id}/members": {"username": "ann"},
        "post /api/projects/{project_id}/exports": {"format": "coco"},
        "post /api/projects/{project_id}/fetches": {"urls": ["http://127.0.0.1:1/"]},
        "post /api/projects/{project_id}/webhooks": _HOOK,
        "post /api/projects/{project_id}/replays": {"model": "sam_onnx"},
        "post /api/replays/{replay_id}/decisions": {"decision": "accept", "all": True},
        "patch /api/webhooks/{webhook_id}": {"active": False},
        "patch /api/images/{image_id}": {"name": "stolen"},
        "post /api/images/{image_id}/work": {"state": "submitted"},
        "patch /api/me/preferences": {"keys": {"tool-brush": ["W"]}},
        "post /api/images/{image_id}/segment": {"points": [{"x": 1, "y": 1, "label": 1}]},
        "post /api/images/{image_id}/regions": {},
        "post /api/images/{image_id}/everything": {},
        "post /api/images/{image_id}/alike": {"objects": [ids["annotation_id"]]},
        "post /api/images/{image_id}/annotations": outline(label=label),
        "patch /api/annotations/{annotation_id}": {"version": 1, "attributes": {"a": 1}},
    }


def send(client: Api, method: str, path: str, ids: dict[str, Any]) -> Any:
    address = path.format(**ids)
    if method == "delete" and "annotation_id" in path:
        address += "?version=1"
    if method == "post" and path == UPLOAD:
        return client.upload(ids["project_id"], ("b.png", png(seed=1)))
    body = bodies(path, ids).get(f"{method} {path}")
    return client.send(method.upper(), address, body)


def everything() -> list[Any]:
    """All rows, to see whether one was changed."""
    kinds = (
        Project, Label, Image, Annotation, ApiToken, Webhook, Delivery, Preferences, Replay,
        ReplayProposal, Attribute,
    )  # fmt: skip
    return [list(kind.objects.order_by("pk").values()) for kind in kinds]


def test_the_walk_knows_every_parameter(ids: dict[str, Any]) -> None:
    found = operations()
    assert len(found) > 25
    names = {name for _, path in found for name in re.findall(r"{(\w+)}", path)}
    assert names <= set(ids), "a new parameter needs an id of Ann's here"


def test_foreign_ids_are_404_on_every_path(eve: Api, ids: dict[str, Any]) -> None:
    before = everything()
    for method, path in operations():
        if "{" not in path:
            assert path in OWN, f"{path}: name it here if it shows nothing of others"
            continue
        answer = send(eve, method, path, ids)
        assert error(answer)[:2] == (404, "not_found"), (method, path, answer.content[:200])
        for secret in ("Pets", "cat", "a.png"):
            assert secret not in answer.content.decode(), (method, path)
    assert everything() == before


def test_foreign_and_missing_ids_answer_alike(eve: Api, ids: dict[str, Any]) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    missing = {k: nobody if k == "annotation_id" else 2**62 for k in ids}
    for method, path in operations():
        if "{" in path and path != UPLOAD:
            foreign, absent = (send(eve, method, path, i) for i in (ids, missing))
            assert foreign.content == absent.content, (method, path)


def test_lists_of_a_stranger_are_empty(eve: Api, ids: dict[str, Any]) -> None:
    for path in ("/api/projects", "/api/tokens"):
        assert eve.get(path).json() == {"items": [], "next": None}


def test_anonymous_requests_are_401_on_every_path(ids: dict[str, Any]) -> None:
    before = everything()
    for method, path in operations():
        answer = send(Api(), method, path, ids)
        assert error(answer)[:2] == (401, "unauthenticated"), (method, path)
    assert everything() == before


def test_methods_that_an_address_has_not_are_told(ann: Api, ids: dict[str, Any]) -> None:
    before = everything()
    known: dict[str, set[str]] = {}
    for method, path in operations():
        known.setdefault(path, set()).add(method.upper())
    for path, methods in known.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
            answer = send(ann, method, path, ids)
            assert error(answer)[:2] == (405, "method_not_allowed"), (method, path)
            assert set(answer["Allow"].split(", ")) == methods, path
    assert everything() == before


def unsafe() -> Iterator[tuple[str, str]]:
    return ((method, path) for method, path in operations() if method in UNSAFE)


def test_a_session_without_the_csrf_token_changes_nothing(ann: Api, ids: dict[str, Any]) -> None:
    forged = Api(enforce_csrf_checks=True)
    forged.cookies = ann.cookies
    before = everything()
    for method, path in unsafe():
        assert error(send(forged, method, path, ids))[:2] == (403, "forbidden"), (method, path)
    assert everything() == before
    assert forged.get("/api/me").status_code == 200


def test_the_csrf_token_counts_from_our_own_origin_only(ann: Api) -> None:
    page = Api(enforce_csrf_checks=True)
    page.cookies = ann.cookies
    page.get("/projects/")
    csrf = page.cookies["csrftoken"].value
    own = {"X-CSRFToken": csrf, "Origin": "http://testserver"}
    evil = {"X-CSRFToken": csrf, "Origin": "http://evil.example"}
    assert error(page.send("POST", "/api/projects", {"name": "x"}, **evil))[0] == 403
    assert page.send("POST", "/api/projects", {"name": "x"}, **own).status_code == 201


def test_no_get_changes_anything(ann: Api, ids: dict[str, Any]) -> None:
    before = everything()
    for method, path in operations():
        if method == "get":
            assert send(ann, method, path, ids).status_code < 500
    assert everything()[:4] == before[:4]


def test_rows_of_two_projects_do_not_mix(ann: Api, image: Image) -> None:
    """A label of another project of the same person is no label of this one."""
    other = ann.send("POST", "/api/projects", {"name": "O", "labels": [{"name": "x"}]}).json()
    body = outline(label=other["labels"][0]["id"])
    refused = ann.send("POST", f"/api/images/{image.pk}/annotations", body)
    assert error(refused) == (422, "unknown_label", "label")
