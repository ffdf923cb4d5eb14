"""Answers of the native API held against its own OpenAPI document."""

import json
import re
from functools import cache
from typing import Any

import jsonschema_rs
from django.http.response import HttpResponseBase

# What any address may answer, documented or not: no such method, and a failure that tests provoke.
_UNDOCUMENTED = {405, 500}
_JSON = "application/json"


def check(method: str, path: str, answer: HttpResponseBase) -> None:
    """Fails unless the document has the answer's status for this operation, and its body is of the
    documented schema. Addresses that the document does not know are left alone."""
    operation = _operation(method.lower(), path)
    if operation is None or answer.status_code in _UNDOCUMENTED:
        return
    where = f"{method} {path} answered {answer.status_code}"
    responses = _operations()[operation]["responses"]
    assert str(answer.status_code) in responses, f"{where}, which is not in the document"
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    if kind != _JSON or answer.streaming or method == "HEAD":
        return
    validator = _validator(operation, str(answer.status_code))
    assert validator is not None, f"{where} with JSON, which is not in the document"
    body = json.loads(answer.content)  # type: ignore[attr-defined]
    if problem := next(iter(validator.iter_errors(body)), None):
        place = "/".join(str(step) for step in problem.instance_path)
        raise AssertionError(f"{where} with '{place}' unlike the document: {problem.message}")


@cache
def _document() -> dict[str, Any]:
    from annotations.api.native import api

    document: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
    return document


@cache
def _operations() -> dict[tuple[str, str], dict[str, Any]]:
    """By method and path."""
    return {
        (method, path): operation
        for path, methods in _document()["paths"].items()
        for method, operation in methods.items()
    }


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(re.sub(r"{\w+}", "[^/]+", path)), path) for path in _document()["paths"]]


def _operation(method: str, path: str) -> tuple[str, str] | None:
    for pattern, template in _patterns():
        if pattern.fullmatch(path):
            found = ("get" if method == "head" else method, template)
            return found if found in _operations() else None
    return None


@cache
def _validator(operation: tuple[str, str], status: str) -> Any:
    content = _operations()[operation]["responses"][status].get("content", {})
    if _JSON not in content:
        return None
    schema = content[_JSON]["schema"] | {"components": _document()["components"]}
    return jsonschema_rs.validator_for(schema)
