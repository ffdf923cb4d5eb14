"""Error pages in the look of the others. They touch no database: it may be the reason."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string


@dataclass(frozen=True)
class _Page:
    status: int
    code: str
    title: str
    text: str
    again: bool = False


_BAD_REQUEST = _Page(
    400, "bad_request", "The request could not be read",
    "Something in the address or the form was not as expected. Nothing was changed.",
)  # fmt: skip
_FORBIDDEN = _Page(
    403, "forbidden", "Only an owner may do this",
    "You are a member of this project, and this page is for its owners. Ask one of them to do it, "
    "or to make you an owner.",
)  # fmt: skip
_CSRF = _Page(
    403, "csrf", "The form had expired",
    "Nothing was changed. Go back, reload the page and send the form again. If this happens each "
    "time, allow cookies for this address.",
)  # fmt: skip
_NOT_FOUND = _Page(
    404, "not_found", "There is nothing here",
    "The page does not exist, was deleted, or belongs to a project that you are not a member of.",
)  # fmt: skip
_SERVER_ERROR = _Page(
    500, "server_error", "Something went wrong here",
    "The server could not finish this request. What was saved before is safe. Try again in a "
    "moment; if it stays like this, tell whoever runs this server.", again=True,
)  # fmt: skip


def _answer(request: HttpRequest, page: _Page) -> HttpResponse:
    if request.path.startswith("/api/"):
        body = {"error": {"code": page.code, "message": f"{page.title}. {page.text}"}}
        return JsonResponse(body, status=page.status)
    # Without the request: context processors would ask for the user, and so for the database.
    html = render_to_string("error.html", {"error": page})
    return HttpResponse(html, status=page.status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _answer(request, _BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _answer(request, _FORBIDDEN)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _answer(request, _NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    return _answer(request, _SERVER_ERROR)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(request, _CSRF)
