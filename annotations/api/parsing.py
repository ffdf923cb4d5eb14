"""JSON bodies, read so that nothing hostile gets past: depth, NaN, 1e999, lone surrogates."""

import json
import math
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.parser import Parser

# Deeper values pass Python's reader and then fail in what stores them.
_MAX_DEPTH = 64


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large")
    return number


def _check_depth(value: Any) -> None:
    """Raises RecursionError for lists and objects within more than `_MAX_DEPTH` others."""
    level = [value]
    for _ in range(_MAX_DEPTH + 1):
        parts = (v.values() if isinstance(v, dict) else v for v in level)
        level = [v for part in parts for v in part if isinstance(v, dict | list)]
        if not level:
            return
    raise RecursionError


def load_json(body: bytes) -> Any:
    """The body's value. Raises HttpError 400 for what is no JSON or cannot be stored."""
    try:
        text = body.decode("utf-8")
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
        if isinstance(value, dict | list):
            _check_depth(value)
        if "\\u" in text:
            plain = json.dumps(value, ensure_ascii=False)
            plain.encode("utf-8")
            if "\\u0000" in plain:
                raise ValueError("text may not hold NUL characters")
    except RecursionError as error:
        raise HttpError(400, "The JSON is nested too deeply.") from error
    except ValueError as error:
        raise HttpError(400, f"The body is not JSON that can be read: {error}"[:300]) from error
    return value


class StrictParser(Parser):
    """django-ninja's body parser with `load_json`, for bodies that are said to be JSON or are
    said to be nothing."""

    def parse_body(self, request: HttpRequest) -> Any:
        kind = request.content_type or "application/json"
        if kind != "application/json" and not kind.endswith("+json"):
            raise HttpError(415, "Send the body as application/json.")
        return load_json(request.body)
