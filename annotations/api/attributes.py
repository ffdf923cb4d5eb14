"""The attributes that a project's objects have."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field, StrictBool

from .. import access
from ..representations.fields import represent
from ..representations.projects import Attribute, AttributeKind
from ..services.annotations import attributes
from . import bodies
from .auth import SessionOrToken
from .responding import CONFLICT, REFUSALS, created, nothing, ok

router = Router(tags=["Projects"], auth=SessionOrToken())

Option = Annotated[str, Field(max_length=100)]
Options = Annotated[list[Option], Field(max_length=500)]
LabelIds = Annotated[list[bodies.Id], Field(max_length=1000)]
AttributeValue = Annotated[
    Annotated[bool, Field(strict=True)]
    | Annotated[float, Field(allow_inf_nan=False, strict=True)]
    | bodies.Text,
    Field(union_mode="left_to_right"),
]
Bound = Annotated[float, Field(allow_inf_nan=False, strict=True)]


class AttributeIn(bodies.Body):
    """A choice has `options`; a number may have `min` and `max`; a checkbox is never required."""

    name: bodies.Text
    type: AttributeKind
    required: StrictBool = False
    default: AttributeValue | None = None
    options: Options = []
    min: Bound | None = None
    max: Bound | None = None
    labels: LabelIds | None = None


class AttributePatch(bodies.Body):
    name: bodies.Text | None = None
    required: StrictBool | None = None
    default: AttributeValue | None = None
    options: Options | None = None
    min: Bound | None = None
    max: Bound | None = None
    labels: LabelIds | None = None
    order: Annotated[int, Field(ge=0, le=1_000_000, strict=True), bodies.Whole] | None = None


# The document's names, where they differ from the rows'.
_COLUMNS = {"type": "kind", "min": "minimum", "max": "maximum"}
# Fields that mean something by being null.
_NULLABLE = {"default", "min", "max", "labels"}


def _columns(given: dict[str, Any]) -> dict[str, Any]:
    return {
        _COLUMNS.get(name, name): value
        for name, value in given.items()
        if value is not None or name in _NULLABLE
    }


@router.post(
    "/projects/{int:project_id}/attributes",
    response={201: Attribute, **REFUSALS, **CONFLICT},
)
def add_attribute(request: HttpRequest, project_id: int, payload: AttributeIn) -> HttpResponse:
    """Adds an attribute after the others. Objects keep their values in `attributes`, by its
    name."""
    project = access.project_for(request.user, project_id)
    return created(represent(Attribute, attributes.add(project, _columns(payload.dict()))))


@router.patch("/attributes/{int:attribute_id}", response={200: Attribute, **REFUSALS, **CONFLICT})
def change_attribute(
    request: HttpRequest, attribute_id: int, payload: AttributePatch
) -> HttpResponse:
    """Changes the fields that are sent. The type stays; the name, too, once objects have values
    under it (409)."""
    row = access.attribute_for(request.user, attribute_id)
    given = _columns(payload.dict(exclude_unset=True))
    return ok(represent(Attribute, attributes.change(row, given)))


@router.delete("/attributes/{int:attribute_id}", response={204: None, **REFUSALS})
def delete_attribute(request: HttpRequest, attribute_id: int) -> HttpResponse:
    """Deletes an attribute. The values stay with the objects."""
    attributes.delete(access.attribute_for(request.user, attribute_id))
    return nothing()
