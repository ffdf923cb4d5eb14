"""The running server against its own OpenAPI document: requests made from the document, good and
bad, and every answer held against it.

`SCHEMATHESIS_EXAMPLES=300` makes so many examples for each operation instead of a few.
"""

import json
import os
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case, GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi import checks

from annotations.api.native import api
from tests.support.pictures import png
from tests.support.server import Server

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "8"))
SCHEMA = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema())))

# Held for every operation.
ALWAYS = (
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
)
# Not held, since more than the document can say decides whether a good body is taken:
UNDECIDED = {
    # the text must hold a character, a colour must be one;
    "create_project", "change_project", "add_label", "change_label", "create_token",
    # an attribute must not contradict itself;
    "add_attribute", "change_attribute",
    # the person must exist;
    "set_member", "remove_member",
    # points and outlines must lie within the image and enclose a pixel;
    "segment_image", "create_annotation", "change_annotation",
    # the ids must be those of the project's images;
    "start_export",
    # the range must begin within the file;
    "download_image", "download_result", "get_embedding",
    # the addresses must lead outside;
    "fetch_images", "create_webhook", "change_webhook",
    # a reason is needed by one state alone, and a key does one thing;
    "set_image_work", "change_preferences",
    # a cursor must come from this server.
    "list_projects", "list_tokens", "list_members", "list_images", "list_annotations", "list_jobs",
    "list_webhooks", "list_deliveries", "list_replays", "list_proposals", "list_revisions",
    "list_deleted_annotations",
    # the model must exist, and a decision name its proposals in one way.
    "start_replay", "decide",
}  # fmt: skip


class Rows:
    """One row of each kind; what an example deletes is made anew for the next."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.number = 0
        self.project, self.label = self._project()
        self.image = self._image()
        self.kept: dict[str, Any] = {
            "project_id": self.project,
            "image_id": self.image,
            "label_id": self.label,
            "version": 1,
        }

    def _made(self, path: str, body: Any) -> Any:
        return self.client.post(f"/api/{path}", json=body).raise_for_status().json()

    def _project(self) -> tuple[int, int]:
        made = self._made("projects", {"name": "S", "labels": [{"name": "cat"}]})
        return made["id"], made["labels"][0]["id"]

    def _image(self) -> int:
        picture = png(40 + self.number // 200, 30, self.number % 200)
        files = [("files", ("a.png", picture, "image/png"))]
        answer = self.client.post(f"/api/projects/{self.project}/images", files=files)
        pk: int = answer.raise_for_status().json()["items"][0]["id"]
        return pk

    def _annotation(self) -> str:
        body = {"id": str(uuid.uuid4()), "label": self.label, "polygons": [[1, 1, 9, 1, 9, 9]]}
        pk: str = self._made(f"images/{self.image}/annotations", body)["id"]
        return pk

    def _job(self) -> int:
        pk: int = self._made(f"projects/{self.project}/exports", {})["id"]
        return pk

    def _replay(self) -> int:
        # Of a project of its own: one at a time is at work on a model.
        project, label = self._project()
        files = [("files", ("a.png", png(40, 30, self.number % 200), "image/png"))]
        answer = self.client.post(f"/api/projects/{project}/images", files=files)
        image = answer.raise_for_status().json()["items"][0]["id"]
        body = {
            "id": str(uuid.uuid4()), "label": label, "polygons": [[1, 1, 9, 1, 9, 9]],
            "prompts": {"points": [{"x": 4, "y": 3, "label": 1}]},
        }  # fmt: skip
        self._made(f"images/{image}/annotations", body)
        pk: int = self._made(f"projects/{project}/replays", {"model": "fake"})["id"]
        return pk

    def _webhook(self) -> int:
        # Of a project of its own: each may have a few only.
        body = {"url": "https://example.com/hook", "events": ["image.ready"]}
        pk: int = self._made(f"projects/{self._project()[0]}/webhooks", body)["id"]
        return pk

    def _new(self, name: str) -> Any:
        self.number += 1
        if name == "project_id":
            return self._project()[0]
        if name == "image_id":
            return self._image()
        if name == "label_id":
            body = {"name": f"label {self.number}"}
            return self._made(f"projects/{self.project}/labels", body)["id"]
        if name == "attribute_id":
            body = {"name": f"attribute {self.number}", "type": "text"}
            project = self._project()[0]
            return self._made(f"projects/{project}/attributes", body)["id"]
        if name == "token_id":
            return self._made("tokens", {"name": "short"})["id"]
        if name == "webhook_id":
            return self._webhook()
        if name == "delivery_id":
            return self._made(f"webhooks/{self._webhook()}/test", {})["id"]
        if name == "replay_id":
            return self._replay()
        return self._annotation() if name == "annotation_id" else self._job()

    def of(self, name: str, *, to_delete: bool) -> Any:
        """A value for the path parameter `name`."""
        if to_delete:
            return self._new(name)
        if name not in self.kept:
            self.kept[name] = self._new(name)
        return self.kept[name]


@pytest.fixture(scope="module")
def client(fake_server: Server) -> Iterator[httpx.Client]:
    with fake_server.token_client(fake_server.create_token(name="schemathesis")) as client:
        yield client
        # The server has other tests to serve, some of which press keys.
        client.patch("/api/me/preferences", json={"keys": {}}).raise_for_status()


@pytest.fixture(scope="module")
def rows(client: httpx.Client) -> Rows:
    return Rows(client)


def point_at_rows(case: Case, rows: Rows) -> None:
    """Good ids become those of rows, or all that would be tested is 'there is no such thing'."""
    components = case.meta.components if case.meta else {}
    part = components.get(ParameterLocation.PATH)
    if part is None or part.mode == GenerationMode.POSITIVE:
        members = case.path.endswith("/members")
        to_delete = case.method.upper() == "DELETE" and not members
        for name in case.path_parameters:
            case.path_parameters[name] = rows.of(name, to_delete=to_delete)
    part = components.get(ParameterLocation.BODY)
    good = part is not None and part.mode == GenerationMode.POSITIVE
    if good and isinstance(case.body, dict) and "annotations" in case.path:
        if "label" in case.body:
            case.body["label"] = rows.label
        if "id" in case.body:
            case.body["id"] = str(uuid.uuid4())


@SCHEMA.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_in_the_document(
    case: Case, fake_server: Server, client: httpx.Client, rows: Rows
) -> None:
    point_at_rows(case, rows)
    held = list(ALWAYS)
    if case.operation.definition.raw["operationId"] not in UNDECIDED:
        held.append(checks.positive_data_acceptance)
    headers = {"Authorization": client.headers["Authorization"]}
    answer = case.call(base_url=fake_server.url, headers=headers, timeout=30)
    if answer.status_code == 206:
        # A part of a JSON file keeps the type of the whole, and is no JSON.
        held.remove(checks.response_schema_conformance)
    case.validate_response(answer, headers=headers, checks=held)


def test_what_is_left_open_is_in_the_document() -> None:
    paths = api.get_openapi_schema()["paths"]
    known = {
        operation["operationId"] for methods in paths.values() for operation in methods.values()
    }
    assert known >= UNDECIDED
