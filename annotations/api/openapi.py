"""The OpenAPI document: what django-ninja knows of each operation, and what follows from it.

Operations declare their own answers and the refusals that are special to them. The refusals that
follow from what an operation is (it takes a body, it names a row, it writes) are added here by
rule, with examples, so that a new operation is documented in full on the day it is written.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from ninja import NinjaAPI, Router
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from . import openapi_events
from .body_limits import body_limit, declared
from .examples import ERRORS, EXAMPLES

_MAX_ID = 2**63 - 1
_SAFE = {"GET", "HEAD", "OPTIONS"}
_ERROR = {"$ref": "#/components/schemas/Error"}
_BINARY = {"type": "string", "format": "binary"}
_JSON = {"type": "object"}
_NOT_MODIFIED = {"description": "Not modified: If-None-Match holds the ETag."}
_STALE = {"$ref": "#/components/schemas/Stale"}
_HEADERS = {
    401: {"WWW-Authenticate": ("Bearer", "how to say who asks")},
    429: {"Retry-After": (3, "seconds to wait")},
}
_COOKIE = {
    "type": "apiKey",
    "in": "cookie",
    "name": "sessionid",
    "description": "The session of somebody who signed in at /login/. Unsafe requests also send "
    "the cookie `csrftoken` as the header `X-CSRFToken`.",
}


def file_answer(
    *media_types: str, description: str, ranges: bool = False, version: bool = False
) -> dict[str, Any]:
    """`openapi_extra` of an operation that answers a file of one of `media_types`.

    It answers 304 to a matching If-None-Match. `ranges`: 206 and 416 to Range; `version`: pages
    add `?v=` to its address.
    """
    content = {kind: {"schema": _JSON if kind == "application/json" else _BINARY}
               for kind in media_types}  # fmt: skip
    headers = {"ETag": _header("string", "stands for these bytes")}
    answers: dict[int, Any] = {
        200: {"description": description, "content": content, "headers": headers},
        304: dict(_NOT_MODIFIED),
    }
    parameters = [_if_none_match()]
    if ranges:
        span = {"Content-Range": _header("string", "which bytes of how many these are")}
        answers[206] = {"description": "The range asked for.", "content": content,
                        "headers": headers | span}  # fmt: skip
        answers[416] = {"description": HTTPStatus(416).phrase}
        parameters.append(_parameter("Range", "header", "one range: `bytes=0-99`, `bytes=100-`"))
    if version:
        parameters.append(_parameter("v", "query", "any text; another one gets past caches"))
    return {"responses": answers, "parameters": parameters}


def conditional_answer() -> dict[str, Any]:
    """`openapi_extra` of an operation whose JSON is asked for again and again."""
    headers = {"ETag": _header("string", "stands for this answer")}
    return {
        "responses": {200: {"headers": headers}, 304: dict(_NOT_MODIFIED)},
        "parameters": [_if_none_match()],
    }


def _if_none_match() -> dict[str, Any]:
    return _parameter("If-None-Match", "header", "the ETag of a copy at hand")


def _header(kind: str, description: str) -> dict[str, Any]:
    return {"schema": {"type": kind}, "description": description}


def _parameter(name: str, place: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": place, "required": False, "description": description,
            "schema": {"type": "string"}}  # fmt: skip


class _Document(OpenAPISchema):
    """django-ninja's document, completed."""

    def get_components(self) -> dict[str, Any]:
        components: dict[str, Any] = super().get_components()
        components["schemas"] |= openapi_events.schemas()
        return components

    def operation_details(self, operation: Operation) -> dict[str, Any]:
        details = super().operation_details(operation)
        details["summary"] = str(details["summary"]).capitalize()
        for parameter in details["parameters"]:
            if parameter["in"] == "path":
                self._complete_path_parameter(parameter)
            else:
                parameter["schema"] = _without_null(parameter["schema"])
        if body := details.get("requestBody"):
            _add_examples(body["content"])
        self._add_refusals(details, operation)
        return details

    @staticmethod
    def _complete_path_parameter(parameter: dict[str, Any]) -> None:
        noun = _noun(parameter["name"])
        if parameter["schema"].get("type") == "integer":
            parameter["schema"] |= {"minimum": 1, "maximum": _MAX_ID}
        elif parameter["schema"].get("format") == "uuid":
            parameter["example"] = EXAMPLES["Annotation"]["id"]
        parameter.setdefault("description", f"the {noun}'s id")

    def _add_refusals(self, details: dict[str, Any], operation: Operation) -> None:
        answers = details["responses"]
        for status in _refusals(details, operation.methods):
            answers.setdefault(status, {"description": HTTPStatus(status).phrase})
        nouns = [_noun(p["name"]) for p in details["parameters"] if p["in"] == "path"]
        for status, answer in answers.items():
            if status >= 400:
                kind = "application/json"
                answer.setdefault("content", {kind: {"schema": _ERROR}})
                media = answer["content"][kind]
                media["example"] = _error(status, nouns, _scope(operation))
                if media["schema"] == _STALE:
                    media["example"]["current"] = EXAMPLES["Annotation"]
                for name, (example, meaning) in _HEADERS.get(status, {}).items():
                    of = "integer" if isinstance(example, int) else "string"
                    answer["headers"] = {name: _header(of, meaning) | {"example": example}}
            else:
                _add_examples(answer.get("content", {}))
        details["responses"] = dict(sorted(answers.items()))

    def operation_security(self, operation: Operation) -> list[dict[str, Any]] | None:
        """A token with the scope, or a session."""
        if not operation.auth_callbacks:
            return None
        token = getattr(operation.auth_callbacks[0], "openapi_security_schema", {})
        self.securitySchemes |= {"token": token, "session": _COOKIE}
        return [{"token": [_scope(operation)]}, {"session": []}]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of what can be written into an address: a parameter is there, or it is not."""
    choices = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    if len(choices) != 1:
        return schema
    return choices[0] | {k: v for k, v in schema.items() if k not in {"anyOf", "default"}}


def _noun(parameter: str) -> str:
    return parameter.removesuffix("_id").replace("_", " ")


def _refusals(details: dict[str, Any], methods: list[str]) -> set[int]:
    """The statuses that follow from what the operation takes."""
    # 400: also what no operation ever sees, such as a Host that is not this server's.
    found = {400, 401, 429, 503}
    places = {(p["in"], p["name"]) for p in details["parameters"]}
    if not set(methods) <= _SAFE:
        # A scope or the CSRF token is missing; the disk is full.
        found |= {403, 507}
    if any(place == "path" for place, _ in places):
        found.add(404)
    # Addresses with anything but digits for an id lead nowhere; other parameters are read.
    if any(place == "query" and name != "v" for place, name in places) or _has_uuid(details):
        found.add(422)
    content = details.get("requestBody", {}).get("content", {})
    if content:
        found |= {413, 422}
    if "application/json" in content:
        found.add(415)
    return found


def _has_uuid(details: dict[str, Any]) -> bool:
    return any(one["schema"].get("format") == "uuid" for one in details["parameters"])


def _scope(operation: Operation) -> str:
    """The scope that a token needs."""
    if set(operation.methods) <= _SAFE:
        return "read"
    return str(getattr(operation.auth_callbacks[0], "scope", "manage"))


def _error(status: int, nouns: list[str], scope: str) -> dict[str, Any]:
    error = dict(ERRORS[status])
    error["message"] = error["message"].replace("'manage'", f"'{scope}'")
    if status == 404 and nouns:
        error["message"] = f"There is no such {nouns[-1]}."
    return {"error": error}


def _add_examples(content: dict[str, Any]) -> None:
    """The example of the schema that each media type's body is of."""
    for media in content.values():
        name = str(media.get("schema", {}).get("$ref", "")).rsplit("/", 1)[-1]
        choices = media.get("schema", {}).get("anyOf", [])
        for choice in choices:
            name = name or str(choice.get("$ref", "")).rsplit("/", 1)[-1]
        if name in EXAMPLES:
            media["example"] = EXAMPLES[name]


class DocumentedAPI(NinjaAPI):
    """The API with its completed document, which is made once."""

    _document: OpenAPISchema | None = None

    @property
    def urls(self) -> tuple[list[Any], str, str]:
        """The addresses. django-ninja makes a view for each, which declares of its body what one
        of its functions does."""
        self._functions: dict[str, Callable[..., Any]] = {}
        patterns, app, namespace = super().urls
        rules = {
            str(one.pattern): rule
            for one in patterns
            if (rule := declared(self._functions.get(one.name)))
        }
        for one in patterns:
            if rule := rules.get(str(one.pattern)):
                body_limit(rule.max_bytes, rule.answer)(one.callback)
        return patterns, app, namespace

    def get_operation_url_name(self, operation: Operation, router: Router) -> str:
        name = super().get_operation_url_name(operation, router)
        self._functions[name] = operation.view_func
        return name

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        if self._document is None:
            prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
            self._document = _Document(self, prefix)
        return self._document

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The function's name: readable, and stable while the function keeps it."""
        return str(operation.view_func.__name__)
