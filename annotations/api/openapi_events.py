"""What the document says of events: the bodies that webhooks are sent, and the data of each."""

from typing import Any

from pydantic import TypeAdapter

from ..representations.events import DATA, HOOK_DATA, HookType, SentEvent
from ..representations.fields import example

_REF = "#/components/schemas/"


def webhooks() -> dict[str, Any]:
    """The document's `webhooks`: a POST for each event that a hook can be sent."""
    return {str(kind): {"post": _operation(kind)} for kind in HookType}


def schemas() -> dict[str, Any]:
    """Those of the data of events, by name."""
    found: dict[str, Any] = {}
    for shape in (SentEvent, *DATA.values(), *HOOK_DATA.values()):
        schema = TypeAdapter(shape).json_schema(ref_template=_REF + "{model}")
        found |= schema.pop("$defs", {})
        found[shape.__name__] = schema
    return found


def _operation(kind: HookType) -> dict[str, Any]:
    shape = HOOK_DATA[kind]
    fields = {"type": {"const": str(kind)}, "data": {"$ref": _REF + shape.__name__}}
    body = {
        "schema": {"allOf": [{"$ref": _REF + "SentEvent"}, {"properties": fields}]},
        "example": example(SentEvent, type=str(kind), data=_data(kind)),
    }
    return {
        "summary": f"{kind} to a webhook",
        "requestBody": {"content": {"application/json": body}, "required": True},
        "responses": {"200": {"description": "Taken. Any status from 200 to 299 will do."}},
    }


def _data(kind: HookType) -> Any:
    data = example(HOOK_DATA[kind])
    if kind is HookType.JOB_FAILED:
        error = {"code": "internal", "message": "Something went wrong in the worker; try it again."}
        data |= {"status": "Failed", "error": error}
    return data
