"""The OpenAPI document is complete, and its examples are true."""

import json
import re
from typing import Any

import jsonschema_rs
import pytest
from django.http import JsonResponse
from django.test import Client

from annotations.api import examples, typescript
from annotations.domain.polygons import rasterise
from annotations.domain.rle import validate_rle
from annotations.representations.events import HookType
from tests.support import conformance
from tests.support.environment import ROOT

pytestmark = pytest.mark.django_db

BYTES = {
    "/api/images/{image_id}/file", "/api/images/{image_id}/preview",
    "/api/images/{image_id}/thumbnail", "/api/images/{image_id}/embedding",
    "/api/images/{image_id}/tile", "/api/jobs/{job_id}/download",
}  # fmt: skip


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(Client().get("/api/openapi.json").content)
    return answer


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def contents(operation: dict[str, Any]) -> list[dict[str, Any]]:
    """Every body that the operation takes or answers."""
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    return [media for body in bodies for media in body.get("content", {}).values()]


def test_every_operation_is_told_in_full(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", operation["operationId"]), where
        assert re.fullmatch(r"[A-Z][a-z ]+", operation["summary"]), where
        assert operation["description"].endswith((".", "`", ")")), where
        assert any("example" in media for media in contents(operation)), where
        for parameter in operation["parameters"]:
            if parameter["in"] != "query" or parameter["name"] in {"limit", "cursor", "q", "v"}:
                assert parameter["description"], (where, parameter["name"])
            if parameter["in"] == "path" and parameter["schema"]["type"] == "integer":
                schema = parameter["schema"]
                assert (schema["minimum"], schema["maximum"]) == (1, 2**63 - 1)
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))


def test_every_body_has_an_example(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        for status, answer in operation["responses"].items():
            for kind, media in answer.get("content", {}).items():
                if kind == "application/json" and path not in BYTES:
                    assert "example" in media, (method, path, status)
        media = operation.get("requestBody", {}).get("content", {}).get("application/json")
        assert media is None or "example" in media, (method, path)


def test_every_refusal_that_applies_is_there_with_the_shape_of_errors(
    document: dict[str, Any],
) -> None:
    shapes = {"#/components/schemas/Error", "#/components/schemas/Stale"}
    for method, path, operation in operations(document):
        answers = operation["responses"]
        expected = {"400", "401", "429", "503"}
        expected |= {"404"} if "{" in path else set()
        expected |= {"403", "507"} if method != "get" else set()
        expected |= {"413", "422"} if "requestBody" in operation else set()
        assert expected <= set(answers), (method, path)
        assert any(status < "300" for status in answers), (method, path)
        for status, answer in answers.items():
            if status >= "400":
                media = answer["content"]["application/json"]
                assert media["schema"]["$ref"] in shapes, (method, path, status)
                assert set(media["example"]["error"]) <= {"code", "message", "field"}
        assert "Retry-After" in answers["429"]["headers"]


def test_files_are_told_by_their_true_types(document: dict[str, Any]) -> None:
    for path in BYTES:
        answers = document["paths"][path]["get"]["responses"]
        assert "304" in answers
        assert "ETag" in answers["200"]["headers"]
        for kind, media in answers["200"]["content"].items():
            assert kind.startswith(("image/", "application/"))
            data = {"type": "string", "format": "binary"}
            assert media["schema"] == ({"type": "object"} if kind.endswith("json") else data)
    images = document["paths"]["/api/images/{image_id}/file"]["get"]["responses"]
    assert {"image/jpeg", "image/png", "image/webp"} <= set(images["200"]["content"])
    assert {"206", "416"} <= set(images)
    embedding = document["paths"]["/api/images/{image_id}/embedding"]["get"]["responses"]
    assert embedding["202"]["content"]["application/json"]["schema"]["$ref"].endswith("/Job")


def test_examples_are_of_their_schemas(document: dict[str, Any]) -> None:
    checked = 0
    for _, _, operation in operations(document):
        for media in contents(operation):
            if "example" in media:
                schema = media["schema"] | {"components": document["components"]}
                jsonschema_rs.validator_for(schema).validate(media["example"])
                checked += 1
    assert checked > 250
    unknown = set(examples.EXAMPLES) - set(document["components"]["schemas"])
    assert not unknown, "examples of schemas that are no more"


def test_events_to_webhooks_are_told_with_examples(document: dict[str, Any]) -> None:
    assert set(document["webhooks"]) == {str(kind) for kind in HookType}
    for kind, methods in document["webhooks"].items():
        media = methods["post"]["requestBody"]["content"]["application/json"]
        schema = media["schema"] | {"components": document["components"]}
        jsonschema_rs.validator_for(schema).validate(media["example"])
        assert media["example"]["type"] == kind


def test_the_examples_are_of_one_story() -> None:
    """The mask that is sent as an outline is the one that is answered as run lengths."""
    sent, answered = examples.EXAMPLES["AnnotationIn"], examples.EXAMPLES["Annotation"]
    image = examples.EXAMPLES["Image"]
    size = image["width"], image["height"]
    outline = rasterise(sent["polygons"], *size)
    stored = validate_rle(answered["rle"]["size"], answered["rle"]["counts"], *size)
    assert outline.counts == stored.counts == answered["rle"]["counts"]
    assert list(stored.bbox) == answered["bbox"]
    assert stored.area == answered["area"]
    assert (sent["id"], sent["label"]) == (answered["id"], answered["label"])


def test_operations_keep_their_names(document: dict[str, Any]) -> None:
    """Generated clients call them by these."""
    known = {operation["operationId"] for _, _, operation in operations(document)}
    assert known >= {
        "get_me", "list_tokens", "create_token", "revoke_token", "list_projects",
        "create_project", "get_project", "change_project", "delete_project", "add_label",
        "change_label", "delete_label", "list_members", "set_member", "remove_member",
        "start_export", "upload_images", "list_images", "get_image", "change_image",
        "delete_image", "download_image", "get_preview", "get_thumbnail", "get_embedding",
        "make_embedding", "get_pyramid", "make_pyramid", "get_tile", "fetch_images",
        "segment_image", "list_annotations", "create_annotation",
        "get_annotation", "change_annotation", "delete_annotation", "get_job", "list_jobs",
        "download_result", "list_webhooks", "create_webhook", "change_webhook", "delete_webhook",
        "test_webhook", "list_deliveries", "retry_delivery",
    }  # fmt: skip


def test_what_the_pages_call_is_in_the_document(document: dict[str, Any]) -> None:
    """Paths as the pages' scripts write them, their variables standing for any id."""
    known = {
        (method, re.sub(r"{\w+}", "*", path.removeprefix("/api")))
        for method, path, _ in operations(document)
    }
    called = set()
    for script in (ROOT / "static" / "js").rglob("*.js"):
        text = script.read_text()
        for method, path in re.findall(
            r"\bapi\.(get|post|patch|delete|all)\(\s*[\"`](/[^\"`?]*)", text
        ):
            called.add(("get" if method == "all" else method, re.sub(r"\${[^}]+}", "*", path)))
        for method, path in re.findall(r"api\.send\(\"([A-Z]+)\", `([^`?]*)", text):
            called.add((method.lower(), re.sub(r"\${[^}]+}", "*", path)))
    called -= {("get", "/openapi.json")}
    assert len(called) > 12
    assert called <= known


def test_bounds_of_numbers_are_told(document: dict[str, Any]) -> None:
    named = document["components"]["schemas"]
    order = named["LabelPatch"]["properties"]["order"]["anyOf"][0]
    assert (order["minimum"], order["maximum"]) == (0, 1_000_000)
    version = named["AnnotationPatch"]["properties"]["version"]
    assert (version["type"], version["minimum"]) == ("integer", 1)
    space = named["RegionsIn"]["properties"]["colourSpace"]
    assert (space["minimum"], space["maximum"]) == (1, 22)


def test_the_types_of_the_pages_are_those_of_the_document(document: dict[str, Any]) -> None:
    made = typescript.types(document)
    again = "Run `.venv/bin/python -m annotations.api.typescript`."
    assert typescript.FILE.read_text() == made, again


@pytest.mark.parametrize(
    ("method", "path", "answer", "complaint"),
    [
        ("GET", "/api/me", {"id": 1, "username": "ann", "email": "", "isStaff": 0}, "isStaff"),
        ("GET", "/api/me", {"id": 1, "username": "ann", "email": ""}, "isStaff"),
        ("GET", "/api/images/7", {"error": {"code": "gone"}}, "message"),
        ("DELETE", "/api/labels/7", {}, "not in the document"),
    ],
)
def test_an_answer_unlike_the_document_is_noticed(
    method: str, path: str, answer: Any, complaint: str
) -> None:
    """Every other test of the API leans on this."""
    status = 404 if "error" in answer else 200
    with pytest.raises(AssertionError, match=complaint):
        conformance.check(method, path, JsonResponse(answer, status=status))
