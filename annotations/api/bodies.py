"""What the native API takes, as the OpenAPI document tells it; what more than one noun needs."""

import json
import uuid
from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StrictBool, WithJsonSchema

from ..exporters import registry as exporters
from ..exporters.base import Segmentation
from ..representations.annotations import AnnotationSource
from ..representations.fields import Choice
from ..representations.images import Work
from ..representations.projects import Role


def _whole(value: Any) -> Any:
    """18.0 is an integer, says JSON Schema; a text or a truth value is none."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = BeforeValidator(_whole)
Id = Annotated[int, Field(ge=1, le=2**63 - 1, strict=True), Whole]
Text = Annotated[str, Field(max_length=1000)]
Score = Annotated[float, Field(allow_inf_nan=False, ge=-1e6, le=1e6, strict=True)]
# Where an object lies above others; far beyond the epoch's milliseconds, far within a float.
Height = Annotated[float, Field(allow_inf_nan=False, ge=-1e15, le=1e15, strict=True)]
_JSON_BYTES = 64_000


def _small(value: Any) -> Any:
    if len(json.dumps(value)) > _JSON_BYTES:
        raise ValueError(f"at most {_JSON_BYTES} bytes of JSON are taken")
    return value


# What the domain's parsers take; they name the very number that is wrong.
_COORDINATE = {"type": "number", "minimum": 0}
_CANDIDATE = {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 3}, {"type": "null"}]}
_POINT = {
    "type": "object",
    "properties": {
        "x": _COORDINATE,
        "y": _COORDINATE,
        "label": {"type": "integer", "enum": [0, 1], "description": "1: foreground"},
        "candidate": _CANDIDATE,
    },
    "required": ["x", "y", "label"],
    "additionalProperties": False,
}
_BOX = {
    "type": "object",
    "properties": {side: _COORDINATE for side in ("x0", "y0", "x1", "y1")}
    | {"candidate": _CANDIDATE},
    "required": ["x0", "y0", "x1", "y1"],
    "additionalProperties": False,
}
_RING = {
    "type": "array",
    "items": {"type": "number", "minimum": -1e9, "maximum": 1e9},
    "minItems": 6,
    "description": "x, y, x, y, …",
}
_RINGS = {"type": "array", "items": _RING, "minItems": 1, "maxItems": 10_000}
_SIDES = {
    "type": "array",
    "items": {"type": "integer", "minimum": 1},
    "minItems": 2,
    "maxItems": 2,
    "description": "height and width",
}
_REGION = {
    "type": "array",
    "items": {"type": "integer", "minimum": 0},
    "minItems": 4,
    "maxItems": 4,
}
_RUNS = {"type": "array", "items": {"type": "integer", "minimum": -1}, "minItems": 1}
_COUNTS = {
    "anyOf": [{"type": "string", "minLength": 1}, _RUNS],
    "description": "COCO's compressed string, or the run lengths",
}


def _told(kind: Any, schema: dict[str, Any]) -> Any:
    """`kind` as it is checked here, with the schema of what is taken in the end."""
    return Annotated[kind, WithJsonSchema(schema)]


Points = _told(list[dict[str, Any]], {"type": "array", "items": _POINT, "maxItems": 1000})
Box = _told(dict[str, Any] | None, {"anyOf": [_BOX, {"type": "null"}]})
Region = _told(Any, {"anyOf": [_REGION, {"type": "null"}]})
Polygons = _told(Any, {"anyOf": [_RINGS, {"type": "null"}]})

SmallObject = Annotated[dict[str, Any], AfterValidator(_small)]


class Body(Schema):
    """A request body; unknown keys are refused so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid")


class LabelIn(Body):
    name: Text
    color: Text | None = None


class LabelPatch(Body):
    name: Text | None = None
    color: Text | None = None
    order: Annotated[int, Field(ge=0, le=1_000_000, strict=True), Whole] | None = None


class ProjectIn(Body):
    name: Text
    labels: Annotated[list[LabelIn], Field(max_length=1000)] = []


class ProjectPatch(Body):
    name: Text | None = None


class MemberIn(Body):
    username: Text
    role: Role = "member"


class MemberOut(Body):
    username: Text


class ImagePatch(Body):
    name: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    externalId: Annotated[str, Field(max_length=255)] | None = None


class WorkIn(Body):
    """`reason` says why an image is skipped, and belongs to that alone."""

    state: Work
    reason: Text | None = None


class SegmentIn(Body):
    """Points in the order they were clicked, a box, or both (the box counts as first).

    `candidate` on a point or the box is the decoder's token (0..3) that a person chose then.
    A `preview` is for a pointer that moves on: told to its asker alone, and gone after minutes.
    `region` (x, y, width, height) of a large image has an embedding of its own, in which small
    things are seen; all prompts must lie in it. Without it the image is seen as a whole.
    """

    points: Points = []
    box: Box = None
    multimask: StrictBool = True
    preview: StrictBool = False
    region: Region = None


class RleIn(Body):
    size: _told(Any, _SIDES)  # type: ignore[valid-type]
    counts: _told(Any, _COUNTS)  # type: ignore[valid-type]


class AnnotationIn(Body):
    id: uuid.UUID
    label: Id
    rle: RleIn | None = None
    polygons: Polygons = None
    source: AnnotationSource = "api"
    prompts: SmallObject | None = None
    attributes: SmallObject = {}
    candidate: Annotated[int, Field(ge=0, le=3, strict=True), Whole] | None = None
    score: Score | None = None
    model: Annotated[str, Field(max_length=60)] = ""
    z: Height | None = None


class AnnotationPatch(Body):
    version: Annotated[int, Field(ge=1, le=2**31 - 2, strict=True), Whole]
    label: Id | None = None
    rle: RleIn | None = None
    polygons: Polygons = None
    source: AnnotationSource | None = None
    prompts: SmallObject | None = None
    attributes: SmallObject | None = None
    candidate: Annotated[int, Field(ge=0, le=3, strict=True), Whole] | None = None
    score: Score | None = None
    model: Annotated[str, Field(max_length=60)] | None = None
    z: Height | None = None


Format = Annotated[str, Choice(*exporters.names())]


class ExportIn(Body):
    format: Format = "coco"
    segmentation: Segmentation = "rle"
    images: StrictBool = False
    ids: Annotated[list[Id], Field(max_length=100_000)] | None = None
