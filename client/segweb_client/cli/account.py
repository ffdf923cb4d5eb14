"""Signing in and out; my projects."""

import sys

import click

from .. import config
from ..api import Client
from ..errors import NotSignedIn
from ..transport import clean_url
from .session import Session, note, pass_session, say, say_json


@click.command()
@click.argument("url", required=False)
@click.option("--token", "given", help="The token; asked for, or read from a pipe, without.")
@pass_session
def login(session: Session, url: str | None, given: str | None) -> None:
    """Sign in to the server at URL and remember it.

    The token comes from the server's page "API tokens". It is checked and then kept in a file that
    only you can read.
    """
    url = url or session.url
    if url is None:
        if not sys.stdin.isatty():
            raise click.UsageError("Name the server: segweb login URL")
        url = click.prompt("Server", default="http://127.0.0.1:8000", err=True)
    url = clean_url(url)
    token = (given or session.token or _ask(url)).strip()
    if not token:
        raise NotSignedIn("No token was given.")
    with session.client_for(url, token) as client:
        person = client.me()
    place = config.save(config.Login(url, token))
    say(f"Signed in to {url} as {person.username}.")
    if session.verbose:
        note(f"The token is kept in {place}.")


def _ask(url: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline(4096)
    note(f"Make a token on {url}/tokens/ and paste it here; it is not shown.")
    token: str = click.prompt("Token", hide_input=True, err=True)
    return token


@click.command()
def logout() -> None:
    """Forget the server and the token.

    The token itself lives on until it is revoked on the server's page "API tokens".
    """
    say("Signed out." if config.forget() else "You were not signed in.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON line for each.")
@pass_session
def projects(session: Session, as_json: bool) -> None:
    """List my projects."""
    with session.client() as client:
        _print_json(client) if as_json else _print_table(client)


def _print_json(client: Client) -> None:
    for row in client.projects():
        counts = {"images": row.images, "annotated": row.annotated, "annotations": row.annotations}
        labels = [{"id": label.id, "name": label.name, "color": label.color}
                  for label in row.labels]  # fmt: skip
        say_json(
            {"id": row.id, "slug": row.slug, "name": row.name, "role": row.role,
             "labels": labels, "counts": counts}
        )  # fmt: skip


def _print_table(client: Client) -> None:
    form = "{:>6}  {:>8}  {:>9}  {:>8}  {}"
    say(form.format("ID", "IMAGES", "ANNOTATED", "OBJECTS", "NAME"))
    for row in client.projects():
        say(form.format(row.id, row.images, row.annotated, row.annotations, row.name))
