"""What the commands share: the server, what is printed where, values on the command line."""

import json
import math
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from .. import config
from ..api import Client
from ..errors import NotFound, NotSignedIn
from ..transport import clean_url
from ..values import Project

_NOTICED = 4.0
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: object) -> str:
    """Text that cannot steer a terminal and can be written in any encoding."""
    shown = _UNPRINTABLE.sub("\ufffd", str(text))
    return shown.encode("utf-8", "replace").decode("utf-8")


class _Pipe(BrokenPipeError):
    """A reader of our output that went away. Without an errno, so that click leaves it to us."""


def say(text: object) -> None:
    """A line on the standard output: what programs read. Raises BrokenPipeError."""
    try:
        click.echo(plain(text))
    except BrokenPipeError as error:
        raise _Pipe from error


def say_json(value: Any) -> None:
    """A line of JSON, in ASCII: exact, also for names that no terminal could show."""
    say(json.dumps(value))


def note(text: object) -> None:
    """A line for people, on the standard error."""
    click.echo(plain(text), err=True)


def complain(text: object) -> None:
    note(f"segweb: {text}")


class Session:
    """The options before the command's name."""

    def __init__(
        self, url: str | None, token: str | None, retries: int, timeout: float, verbose: bool
    ) -> None:
        self.url = url
        self.token = token
        self.verbose = verbose
        self._more: dict[str, Any] = {
            "retries": retries, "timeout": timeout, "tell": self._pause,
        }  # fmt: skip

    def _pause(self, why: str, seconds: float) -> None:
        """Says why nothing happens, unless it is over before anybody wonders."""
        if self.verbose or seconds >= _NOTICED:
            note(f"{why} Trying again in {seconds:.0f} s.")

    def client_for(self, url: str, token: str) -> Client:
        return Client(url, token, **self._more)

    @contextmanager
    def client(self) -> Iterator[Client]:
        """The client for the named server, else for the one signed in to. A stored token never
        goes to another server than its own. Raises NotSignedIn."""
        stored = config.load() if not (self.url and self.token) else None
        url = self.url or (stored.url if stored else None)
        if url is None:
            raise NotSignedIn("You are not signed in; run: segweb login")
        token = self.token
        if token is None and stored is not None and clean_url(url) == stored.url:
            token = stored.token
        if not token:
            raise NotSignedIn(f"There is no token for {url}; run: segweb login {url}")
        with self.client_for(url, token) as client:
            yield client


pass_session = click.make_pass_decorator(Session)


def project_of(client: Client, which: str, create: bool) -> Project:
    """The project, made when it lacks and `create` is set."""
    try:
        return client.project(which)
    except NotFound as error:
        if create:
            return client.create_project(which)
        raise NotFound(f"{error.message} Add --create to make it.", status=404) from error


class Bar:
    """A progress bar on the standard error, for people only; told of from any thread."""

    def __init__(self, label: str, total: int, bytes: bool = False) -> None:
        self._unit = 1000 if total > 1_000_000 else 1
        self._lock = threading.Lock()
        self._done = 0
        # In kB, or a bar of many GB would be drawn for every chunk.
        self._bar: Any = click.progressbar(
            length=max(1, total // self._unit), label=label, file=sys.stderr, width=30,
            hidden=not sys.stderr.isatty() or total < 1, show_pos=not bytes,
        )  # fmt: skip
        self._shown = 0

    def __enter__(self) -> "Bar":
        self._bar.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        with self._lock:
            self._bar.__exit__(*error)

    def add(self, amount: int) -> None:
        with self._lock:
            self._done += amount
            step = max(0, self._done) // self._unit - self._shown
            if step > 0:
                self._shown += step
                self._bar.update(step)

    def set(self, done: int) -> None:
        self.add(done - self._done)

    def note(self, text: object) -> None:
        """A line above the bar."""
        with self._lock:
            if not self._bar.hidden:
                click.echo("\r\x1b[2K", nl=False, err=True)
            note(text)
            if not self._bar.hidden:
                self._bar.render_progress()


class Numbers(click.ParamType[list[float]]):
    """Numbers with commas between them, as many as `counts` names."""

    name = "numbers"

    def __init__(self, form: str, counts: set[int], check: Callable[[list[float]], str]) -> None:
        self.form = form
        self._counts = counts
        self._check = check

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return self.form

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[float]:
        try:
            numbers = [float(part) for part in str(value).split(",")]
        except ValueError:
            self.fail(f"{value!r} is not of the form {self.form}.", param, ctx)
        if len(numbers) not in self._counts or not all(map(math.isfinite, numbers)):
            self.fail(f"{value!r} is not of the form {self.form}.", param, ctx)
        if problem := self._check(numbers):
            self.fail(f"{value!r}: {problem}.", param, ctx)
        return [int(number) if number.is_integer() else number for number in numbers]


def _check_point(numbers: list[float]) -> str:
    if len(numbers) == 3 and numbers[2] not in (0, 1):
        return "the third number is 1 for foreground or 0 for background"
    return ""


def _check_box(numbers: list[float]) -> str:
    x0, y0, x1, y1 = numbers
    return "" if x0 < x1 and y0 < y1 else "x0 must be less than x1, and y0 than y1"


POINT = Numbers("X,Y[,0|1]", {2, 3}, _check_point)
BOX = Numbers("X0,Y0,X1,Y1", {4}, _check_box)
