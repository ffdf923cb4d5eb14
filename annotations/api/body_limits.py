"""How large a body each address takes: declared with its view, held before Django reads it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpResponse
from django.urls import Resolver404, resolve

from . import errors

View = TypeVar("View", bound=Callable[..., Any])

_MESSAGE = "The request is larger than this server takes."
# For the parts of a form around its file, and for what is wrong with JSON to be told by its view.
FORM_BYTES = 1_000_000


@dataclass(frozen=True)
class Rule:
    """The most bytes that an address takes, and how its API refuses more."""

    max_bytes: Callable[[], int]
    answer: Callable[[int, str], HttpResponse]


_DEFAULT = Rule(lambda: settings.DATA_UPLOAD_MAX_MEMORY_SIZE + FORM_BYTES, errors.answer)


def body_limit(
    max_bytes: Callable[[], int], answer: Callable[[int, str], HttpResponse] = errors.answer
) -> Callable[[View], View]:
    """Declares of a view, or of an operation's function, what its address takes."""

    def declare(view: View) -> View:
        view.body_limit = Rule(max_bytes, answer)  # type: ignore[attr-defined]
        return view

    return declare


def declared(view: Any) -> Rule | None:
    """What `body_limit` declared of the view."""
    rule: Rule | None = getattr(view, "body_limit", None)
    return rule


class _Body:
    """What is known of a request's body; its address is looked up for the first byte only."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.seen = 0

    @cached_property
    def rule(self) -> Rule:
        try:
            return declared(resolve(self._path).func) or _DEFAULT
        except Resolver404:
            return _DEFAULT

    @cached_property
    def _max_bytes(self) -> int:
        return self.rule.max_bytes()

    def allows(self, size: int) -> bool:
        return size == 0 or size <= self._max_bytes


class _TooLarge(Exception):
    pass


class BodyLimit:
    """ASGI wrapper. Django writes a whole body to disk before any view sees it, so the limit
    must stand in front: by Content-Length where there is one, else by counting."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        body = _Body(scope["path"])
        length = next((v for k, v in scope["headers"] if k == b"content-length"), b"0")
        if length.isdigit() and not body.allows(int(length)):
            await _refuse(body.rule, send)
            return

        async def counted() -> Any:
            message = await receive()
            body.seen += len(message.get("body", b""))
            if not body.allows(body.seen):
                raise _TooLarge
            return message

        try:
            await self.application(scope, counted, send)
        except _TooLarge:
            await _refuse(body.rule, send)


async def _refuse(rule: Rule, send: Any) -> None:
    answer = rule.answer(413, _MESSAGE)
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content})
