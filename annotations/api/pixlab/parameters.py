"""Parameters from wherever a client puts them: query, form, JSON, header."""

import math
import re
from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from ...services.compat.pixlab.segment import Options
from ..auth import authenticate_bearer
from ..parsing import load_json
from .answers import INVALID_KEY, Refused

Fields = Mapping[str, Any]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_TRUE = {"true", "1", "yes", "on"}
_FALSE = {"false", "0", "no", "off", ""}
_LONGEST_ADDRESS = 4096
_LONGEST_KEY = 500


def fields(request: HttpRequest) -> Fields:
    """The query's parameters, and over them those of the body.

    Raises Refused for a body that is of neither type, or no JSON object.
    """
    query = request.GET.dict()
    if request.method != "POST":
        return query
    if request.content_type == "multipart/form-data":
        return query | request.POST.dict()
    if request.content_type == "application/json":
        body = load_json(request.body)
        if not isinstance(body, dict):
            raise Refused(400, "The JSON body must be an object.")
        return query | body
    raise Refused(415, "Send the body as multipart/form-data or application/json.")


def user(request: HttpRequest, given: Fields, scope: str) -> Any:
    """Who the key stands for. Raises Refused 401, Forbidden when the key lacks `scope`, and
    TooMany when it asks too often."""
    key = given.get("key") or request.headers.get("WWW-Authenticate", "")
    if isinstance(key, str) and key and len(key) <= _LONGEST_KEY:
        found = authenticate_bearer(request, key.strip(), scope)
        if found is not None:
            return found
    raise Refused(401, INVALID_KEY)


def options(given: Fields) -> Options:
    """`ct`, `st` and `cs`. Raises Refused naming the first that is missing or out of range."""
    return Options(
        ct=_number(given, "ct", 0, math.inf, "a percentage of 0 or more"),
        st=_number(given, "st", 1, 255, "a number from 1 to 255"),
        cs=_colour_space(given),
    )


def _required(given: Fields, name: str, meaning: str) -> Any:
    value = given.get(name)
    if value is None or value == "":
        raise Refused(400, f"{name}: this parameter is required; give {meaning}.")
    return value


def _number(given: Fields, name: str, low: float, high: float, meaning: str) -> float:
    value = _required(given, name, meaning)
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(422, f"{name}: give {meaning}.")
    # An integer of JSON can be larger than any float.
    if not low <= value <= high or not abs(value) < 1e300:
        raise Refused(422, f"{name}: out of range; give {meaning}.")
    return float(value)


def _colour_space(given: Fields) -> int:
    meaning = "a whole number from 1 to 22"
    value = _required(given, "cs", meaning)
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(422, f"cs: give {meaning}.")
    if not 1 <= value <= 22:
        raise Refused(422, f"cs: out of range; give {meaning}.")
    return value


def wants_blob(given: Fields) -> bool:
    """Whether the picture itself is wanted. Raises Refused for what says neither."""
    value = given.get("blob")
    text = str(value).strip().lower() if isinstance(value, str | int) else None
    if value is None or text in _FALSE:
        return False
    if text in _TRUE:
        return True
    raise Refused(422, "blob: give true or false.")


def address(given: Fields) -> str:
    """`img`. Raises Refused for what is no http or https address."""
    value = _required(given, "img", "the address of a picture")
    if not isinstance(value, str) or not value.strip().lower().startswith(("http://", "https://")):
        raise Refused(422, "img: give an address that starts with http:// or https://.")
    if len(value) > _LONGEST_ADDRESS:
        raise Refused(422, f"img: the address is longer than {_LONGEST_ADDRESS} characters.")
    return value.strip()


def file(request: HttpRequest) -> UploadedFile | None:
    """The multipart field `file`, whatever content type the part claims."""
    found = request.FILES.get("file") if request.content_type == "multipart/form-data" else None
    return found if isinstance(found, UploadedFile) else None
