"""News of a project as they happen."""

import time

import click

from .. import watching
from .session import Session, note, pass_session, say, say_json


@click.command()
@click.argument("project")
@click.option("--type", "kinds", multiple=True,
              help="Only events of this type, as in annotation.created. Repeat it.")  # fmt: skip
@click.option("--count", type=click.IntRange(min=1), help="End after so many events.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON line for each.")
@pass_session
def watch(
    session: Session, project: str, kinds: tuple[str, ...], count: int | None, as_json: bool
) -> None:
    """Print PROJECT's events until Ctrl+C.

    A lost connection is opened anew; an event `reconnected` tells that some may be missing.
    """
    with session.client() as client:
        row = client.project(project)
        told = 0
        opened = lambda: note(f"Watching {row.name} (project {row.id}).")  # noqa: E731
        for event in watching.events(client, row, on_open=opened):
            if kinds and event.type not in kinds:
                continue
            if as_json:
                say_json({"time": watching.stamp(), "type": event.type, "data": event.data})
            else:
                fields = " ".join(f"{k}={v}" for k, v in event.data.items() if v is not None)
                say(f"{time.strftime('%H:%M:%S')}  {event.type:<20}  {fields}")
            told += 1
            if told == count:
                return
