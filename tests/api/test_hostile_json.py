"""JSON that nobody's client sends by accident: refused or taken, never a failure, never slow."""

import json
import time
import uuid
from typing import Any

import pytest

from annotations.models import Annotation, Image, Job, Label
from tests.api.conftest import Api, error, outline

pytestmark = pytest.mark.django_db

DEEP = 100_000
RAW = {
    "empty": b"",
    "words": b"hello",
    "half": b'{"id": ',
    "latin": b'{"name": "\xe9"}',
    "nul byte": b'{"name": "a\x00b"}',
    "arrays": b"[" * DEEP + b"]" * DEEP,
    "open": b"[" * DEEP,
    "objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "list": b"[]",
    "number": b"7",
    "null": b"null",
    "bom": b"\xef\xbb\xbf{}",
    "digits": b'{"version": ' + b"9" * 10_000 + b"}",
    "twice": b'{"name": "a", "name": 1}',
}
VALUES = {
    "NaN": "NaN",
    "Infinity": "-Infinity",
    "1e999": "1e999",
    "huge": "1" + "0" * 400,
    "big float": "1e308",
    "true": "true",
    "text": '"1"',
    "surrogate": '"\\ud800"',
    "NUL": '"a\\u0000b"',
    "null": "null",
    "object": '{"__proto__": {"x": 1}}',
    "nested": "[" * 300 + "]" * 300,
    "deeper": "[" * 3000 + "]" * 3000,
}


def sane(answer: Any) -> int:
    """The status, which is no failure; a refusal has the one shape."""
    assert answer.status_code < 500, answer.content[:300]
    if answer.status_code >= 400:
        error(answer)
        assert "Traceback" not in answer.content.decode()
    return int(answer.status_code)


def calls(image: Image, label: Label) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        ("POST", "/api/projects", {"name": "x", "labels": [{"name": "l"}]}),
        ("PATCH", f"/api/labels/{label.pk}", {"name": "x", "color": "#112233", "order": 1}),
        ("POST", f"/api/projects/{image.project_id}/members", {"username": "x", "role": "member"}),
        ("POST", f"/api/projects/{image.project_id}/exports", {"format": "coco", "images": False}),
        ("PATCH", f"/api/images/{image.pk}", {"name": "x", "externalId": "y"}),
        ("POST", f"/api/images/{image.pk}/segment",
         {"points": [{"x": 1, "y": 1, "label": 1}], "box": None, "multimask": True}),
        ("POST", f"/api/images/{image.pk}/annotations",
         outline(label=label.pk, prompts={}, attributes={}, score=1, candidate=1, model="")),
        ("POST", "/api/tokens", {"name": "x"}),
    ]  # fmt: skip


@pytest.mark.parametrize("name", RAW)
def test_bodies_that_are_no_request(ann: Api, image: Image, cat: Label, name: str) -> None:
    for method, path, _ in calls(image, cat):
        assert sane(ann.send(method, path, RAW[name])) in {400, 422, 200}, (method, path)
    assert not Annotation.objects.exists()


@pytest.mark.parametrize("name", VALUES)
def test_each_field_with_each_bad_value(ann: Api, image: Image, cat: Label, name: str) -> None:
    for method, path, body in calls(image, cat):
        for key in body:
            plain = json.dumps(
                body
                | {key: "@"}
                | ({"id": str(uuid.uuid4())} if "id" in body and key != "id" else {})
            )
            sane(ann.send(method, path, plain.replace('"@"', VALUES[name]).encode()))
    for row in Annotation.objects.all():
        assert 0 < row.area <= 1200
        json.dumps([row.prompts, row.attributes, row.score], allow_nan=False)


@pytest.mark.parametrize("name", VALUES)
def test_bad_values_deep_within(ann: Api, image: Image, cat: Label, name: str) -> None:
    points = {"points": [{"x": "@", "y": 1, "label": 1}]}
    bodies = [
        ("segment", points),
        ("segment", {"points": [{"x": 1, "y": 1, "label": "@"}]}),
        ("segment", {"points": [{"x": 1, "y": 1, "label": 1, "candidate": "@"}]}),
        ("segment", {"box": {"x0": 0, "y0": 0, "x1": "@", "y1": 4}}),
        ("annotations", outline(label=cat.pk, polygons=[[0, 0, 9, 0, 9, "@"]])),
        ("annotations", outline(label=cat.pk, attributes={"a": "@"})),
        ("annotations", outline(label=cat.pk, prompts=points)),
        ("annotations", {"id": str(uuid.uuid4()), "label": cat.pk,
                         "rle": {"size": ["@", 40], "counts": "0"}}),
    ]  # fmt: skip
    for noun, body in bodies:
        raw = json.dumps(body).replace('"@"', VALUES[name]).encode()
        sane(ann.send("POST", f"/api/images/{image.pk}/{noun}", raw))
    sane(ann.get(f"/api/images/{image.pk}/annotations"))


@pytest.mark.parametrize("depth", [20, 60, 70, 400, 900, 990, 1100, 5000])
def test_nested_attributes_are_stored_or_refused(
    ann: Api, image: Image, cat: Label, depth: int
) -> None:
    raw = json.dumps(outline(label=cat.pk, attributes={"a": "@"}))
    raw = raw.replace('"@"', "[" * depth + "]" * depth)
    answer = ann.send("POST", f"/api/images/{image.pk}/annotations", raw.encode())
    assert sane(answer) == (201 if depth < 62 else 400)
    stored = ann.get(f"/api/images/{image.pk}/annotations")
    assert sane(stored) == 200
    assert len(stored.json()["items"]) == (answer.status_code == 201)


@pytest.mark.parametrize("kind", ["one ring", "many rings", "zigzag", "far"])
def test_a_million_points_end_soon(ann: Api, image: Image, cat: Label, kind: str) -> None:
    n = 1_000_000
    polygons: list[list[float]] = {
        "one ring": lambda: [[i % 40 for i in range(2 * n)]],
        "many rings": lambda: [[0, 0, 1, 0, 1, 1]] * (n // 3),
        "zigzag": lambda: [[(i % 2) * 40 if not i % 3 else i % 30 for i in range(190_000)]],
        "far": lambda: [[-1e9, -1e9, 1e9, -1e9, 1e9, 1e9, -1e9, 1e9] * 20_000],
    }[kind]()
    start = time.monotonic()
    body = outline(label=cat.pk, polygons=polygons)
    assert sane(ann.send("POST", f"/api/images/{image.pk}/annotations", body)) in {201, 413, 422}
    assert time.monotonic() - start < 10


def test_a_million_prompts_are_refused_soon(ann: Api, image: Image) -> None:
    body = {"points": [{"x": 1, "y": 1, "label": 1}] * 300_000}
    start = time.monotonic()
    assert sane(ann.send("POST", f"/api/images/{image.pk}/segment", body)) == 422
    assert time.monotonic() - start < 10
    assert not Job.objects.filter(kind="segment").exists()


def test_a_polygon_that_crosses_itself_and_leaves_the_image_is_cut_to_it(
    ann: Api, image: Image, cat: Label
) -> None:
    body = outline(label=cat.pk, polygons=[[-50, -50, 90, 80, 90, -50, -50, 80]])
    row = ann.send("POST", f"/api/images/{image.pk}/annotations", body).json()
    x, y, w, h = row["bbox"]
    assert min(x, y) >= 0
    assert x + w <= 40
    assert y + h <= 30
    assert 0 < row["area"] < 1200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"points": [{"x": -1, "y": 1, "label": 1}]}, "points.0.x"),
        ({"points": [{"x": 1, "y": 31, "label": 1}]}, "points.0.y"),
        ({"points": [{"x": 1, "y": 1, "label": 2}]}, "points.0.label"),
        ({"points": [{"x": 1, "y": 1, "label": True}]}, "points.0.label"),
        ({"points": [{"x": True, "y": 1, "label": 1}]}, "points.0.x"),
        ({"points": [{"x": 1, "label": 1}]}, "points.0.y"),
        ({"points": [7]}, "points.0"),
        ({"points": []}, "points"),
        ({}, "points"),
        ({"box": {"x0": 5, "y0": 1, "x1": 5, "y1": 9}}, "box.x1"),
        ({"box": {"x0": 0, "y0": 0, "x1": 41, "y1": 9}}, "box.x1"),
        ({"points": [{"x": 1, "y": 1, "label": 1}], "multimask": 1}, "multimask"),
    ],
)
def test_prompts_that_make_no_sense_name_the_field(
    ann: Api, image: Image, body: dict, field: str
) -> None:
    answer = ann.send("POST", f"/api/images/{image.pk}/segment", body)
    status, _code, named = error(answer)
    assert status == 422
    assert named.startswith(field)


@pytest.mark.parametrize("pk", ["0", "-1", str(2**63), "9" * 40, "1.5", "x", "%00", "1%2f2"])
def test_ids_that_are_none(ann: Api, pk: str) -> None:
    for noun in ("projects", "images", "jobs", "annotations"):
        answer = ann.get(f"/api/{noun}/{pk}")
        assert answer.status_code in {404, 422}, (noun, answer.status_code)


@pytest.mark.parametrize(
    "query", ["label=0", "label=x", f"label={2**63}", "state=odd", "q=" + "x" * 201, "q=%00",
              "q=%ff", "order=up", "limit=1e3", "limit=-1"]
)  # fmt: skip
def test_bad_filters(ann: Api, image: Image, query: str) -> None:
    assert sane(ann.get(f"/api/projects/{image.project_id}/images?{query}")) in {200, 400, 422}
