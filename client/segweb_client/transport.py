"""Requests with patience: retries, bounded answers, and refusals as exceptions."""

import email.utils
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx

from . import errors
from .errors import BadAnswer, Invalid, SegwebError, Unavailable

_MAX_JSON = 256_000_000
_JSON_SECONDS = 300.0
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_LONGEST_RETRY_AFTER = 300.0
_SLOWED_SECONDS = 900.0
# Nothing was done, so that any request may be sent again.
_NOT_DONE = {429, 503}
# A proxy cannot tell whether the server did it: sent again only where twice is once.
_PERHAPS_DONE = {502, 504}
_KINDS: dict[int, type[SegwebError]] = {
    400: Invalid,
    401: errors.NotSignedIn,
    403: errors.Forbidden,
    404: errors.NotFound,
    409: errors.Conflict,
    410: errors.NotFound,
    413: Invalid,
    415: errors.FileRefused,
    422: Invalid,
}

Tell = Callable[[str, float], None]
_LOCAL = {"localhost", "127.0.0.1", "::1"}


class Stopped(SegwebError):
    """The work was called off from elsewhere in this process."""


def clean_url(text: str) -> str:
    """The server's address without a trailing slash; without a scheme it is https, but http for
    this machine. Raises Invalid for what is none."""
    text = text.strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        _ = parts.port
    except ValueError as error:
        raise Invalid(f"{text!r} is no address: {error}.") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Invalid(f"{text!r} is no address; give one like https://segweb.example.")
    if parts.username is not None or parts.password is not None:
        raise Invalid("Give the address without a user name; the token says who you are.")
    if parts.query or parts.fragment:
        raise Invalid(f"{text!r} is no server's address: leave out what follows ? and #.")
    scheme = "http" if "://" not in text and parts.hostname in _LOCAL else parts.scheme
    return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}"


class Transport:
    """One server, one token. Safe to use from several threads.

    `timeout` is how many seconds the server may stay silent, `retries` how often a request is
    sent again. `tell` is told of each pause: why, and how many seconds.
    """

    def __init__(
        self, url: str, token: str, *, timeout: float = 60, retries: int = 6,
        tell: Tell | None = None,
    ) -> None:  # fmt: skip
        self.url = clean_url(url)
        self.stopped = threading.Event()
        self._retries = retries
        self.tell = tell or (lambda _why, _seconds: None)
        if token and not (token.isascii() and token.isprintable() and " " not in token):
            raise errors.NotSignedIn("The token holds characters that no token has.")
        self._http = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=httpx.Timeout(timeout, connect=min(10.0, timeout)),
            limits=httpx.Limits(max_connections=32),
            follow_redirects=False,
        )

    def close(self) -> None:
        self._http.close()

    def stop(self) -> None:
        """Ends every pause and every upload in other threads."""
        self.stopped.set()

    def check(self) -> None:
        """Raises Stopped after `stop`."""
        if self.stopped.is_set():
            raise Stopped("stopped")

    # --- Requests ----------------------------------------------------------------------------

    def json(self, method: str, path: str, *, again: bool = True, **options: Any) -> Any:
        """The answer's JSON, None for an empty one. `again=False`: twice would not be once, so a
        request that may have been done is not sent again. Raises SegwebError."""

        return self.patiently(lambda: self.once(method, path, **options), again)

    def once(self, method: str, path: str, **options: Any) -> Any:
        """As `json`, but sent a single time. Raises also what httpx does."""
        with self._answer(method, path, **options) as response:
            return _value(response)

    @contextmanager
    def stream(self, path: str) -> Iterator[httpx.Response]:
        """An answer whose body the caller reads; refusals are raised. Not sent again."""
        with self._answer("GET", path, headers={"Accept": "*/*"}) as response:
            yield response

    @contextmanager
    def _answer(self, method: str, path: str, **options: Any) -> Iterator[httpx.Response]:
        with self._http.stream(method, path, **options) as response:
            if not response.is_success:
                raise _refusal(response)
            yield response

    def patiently(self, once: Callable[[], Any], again: bool = True) -> Any:
        """What `once` returns, tried again after failures that pass. Raises SegwebError.

        Being asked to slow down is no failure: as often as the server names a time, it is kept,
        for up to a quarter of an hour.
        """
        end, attempt = time.monotonic() + _SLOWED_SECONDS, 0
        while True:
            self.check()
            try:
                return once()
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, SegwebError) as error:
                self.check()
                pause = _pause(error, attempt, again)
                slowed = isinstance(error, _Passing) and error.slowed and time.monotonic() < end
                if pause is None or not self._retries or (attempt >= self._retries and not slowed):
                    raise _spoken(error, self.url) from error
                self.tell(_spoken(error, self.url).message, pause)
                self.stopped.wait(pause)
                attempt += not slowed


def _pause(error: Exception, attempt: int, again: bool) -> float | None:
    """Seconds until the next try, None when there is none."""
    backoff = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0**attempt) * random.uniform(0.75, 1.25)
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return backoff
    if isinstance(error, httpx.TransportError):
        retried = isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError)
        return backoff if again and (retried or isinstance(error, httpx.TimeoutException)) else None
    if isinstance(error, _Passing) and (error.not_done or again):
        if error.retry_after is None:
            return backoff
        # Others who were told the same time come at it, too.
        return error.retry_after + random.uniform(0.05, 0.5)
    return None


class _Passing(Unavailable):
    """A refusal that may be gone in a moment."""

    not_done = True
    retry_after: float | None = None

    @property
    def slowed(self) -> bool:
        return self.status == 429 and self.retry_after is not None


def _spoken(error: Exception, url: str) -> SegwebError:
    if isinstance(error, SegwebError):
        return error
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return Unavailable(f"Cannot reach {url}: {_reason(error)}.")
    if isinstance(error, httpx.TimeoutException):
        return Unavailable(f"{url} does not answer in time.")
    if isinstance(error, httpx.LocalProtocolError):
        return Unavailable(f"The request could not be sent: {_reason(error)}.")
    if isinstance(error, httpx.DecodingError):
        return BadAnswer(f"The answer of {url} is damaged.")
    return Unavailable(f"The connection to {url} broke: {_reason(error)}.")


def _reason(error: Exception) -> str:
    return (str(error) or error.__class__.__name__).rstrip(".")


# --- Answers ------------------------------------------------------------------------------------


def body(response: httpx.Response, most: int = _MAX_JSON) -> bytes:
    """The whole body. Raises BadAnswer when it is larger, or takes longer, than any real one."""
    end = time.monotonic() + _JSON_SECONDS
    data = bytearray()
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > most:
            raise BadAnswer("The server's answer is larger than any that segweb gives.")
        if time.monotonic() > end:
            raise BadAnswer("The server's answer does not come to an end.")
    return bytes(data)


def _value(response: httpx.Response) -> Any:
    data = body(response)
    if not data:
        return None
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadAnswer(
            f"{response.request.url.copy_with(query=None)} answers with something that is no JSON; "
            "is this segweb's address?"
        ) from error


def _refusal(response: httpx.Response) -> SegwebError:
    """The answer's own words where it has some."""
    status = response.status_code
    if response.is_redirect:
        place = response.headers.get("Location", "elsewhere")
        return BadAnswer(f"The server sends us to {place[:200]}; use that server's address.")
    told = _told(response)
    message = told.get("message") or _without_words(response)
    more: dict[str, Any] = {
        "code": told.get("code", ""), "field": told.get("field"), "status": status,
    }  # fmt: skip
    if status in _NOT_DONE | _PERHAPS_DONE:
        passing = _Passing(message, **more)
        passing.not_done = status in _NOT_DONE
        passing.retry_after = _seconds(response.headers.get("Retry-After"))
        return passing
    kind = _KINDS.get(status, Unavailable if status >= 500 else SegwebError)
    if kind is errors.NotFound and not told:
        # A page that is no part of the API: more likely another server than a missing row.
        kind = BadAnswer
    return kind(message, **more)


def _told(response: httpx.Response) -> dict[str, str]:
    try:
        error = json.loads(body(response, 1_000_000))["error"]
        return {
            name: str(error[name])[:2000]
            for name in ("code", "message", "field")
            if error.get(name) is not None
        }
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, BadAnswer):
        return {}


def _without_words(response: httpx.Response) -> str:
    status = response.status_code
    words = {
        413: "The request is larger than this server takes.",
        429: "The server has had too many requests.",
    }
    if status in words:
        return words[status]
    address = response.request.url.copy_with(query=None)
    return f"{address} answers {status} {response.reason_phrase}".rstrip() + "."


def _seconds(text: str | None) -> float | None:
    """Retry-After in seconds: a number, or a date (RFC 9110, section 10.2.3)."""
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        try:
            value = email.utils.parsedate_to_datetime(text).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    if not value >= 0:
        return 0.0
    return min(value, _LONGEST_RETRY_AFTER)
