"""News as they happen: over the socket, through losses, until somebody ends it."""

import contextlib
import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from segweb_client import Client, Event, NotFound, NotSignedIn, Project, SegwebError, events
from tests.conftest import StartServer
from tests.support.pictures import png
from tests.support.server import Server, wait_until

from .running import Command


@contextmanager
def watching(command: Command, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """`segweb watch …`, once it says that it watches."""
    process = subprocess.Popen(
        command.words("watch", *arguments),
        cwd=command.folder, env=command.environment, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        first = process.stderr.readline()
        assert first.startswith("Watching "), first
        yield process
    finally:
        process.kill()
        process.communicate()


def test_what_happens_is_told(
    segweb: Command, client: Client, project: Project, photos: Path
) -> None:
    with watching(segweb, project.id, "--json") as process:
        assert process.stdout is not None
        image = client.upload(project, photos / "p0.png")
        client.annotate(image, project.labels[0], polygons=[[1, 1, 9, 1, 9, 6]])
        seen: list[dict[str, Any]] = []
        while not {"image.created", "annotation.created"} <= {row["type"] for row in seen}:
            seen.append(json.loads(process.stdout.readline()))
        assert {"id": image.id} in [row["data"] for row in seen if row["type"] == "image.created"]
        assert all(set(row) == {"time", "type", "data"} for row in seen)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "Traceback" not in err


def test_one_kind_of_news_and_then_the_end(
    segweb: Command, client: Client, project: Project, photos: Path
) -> None:
    with watching(segweb, project.slug, "--type", "image.updated", "--count", 1) as process:
        client.upload(project, photos / "p0.png")
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "  image.updated         id=" in out
    assert len(out.splitlines()) == 1


def test_who_may_not_watch(segweb: Command, fake_server: Server, project: Project) -> None:
    segweb("watch", 999_999, code=4)
    eve = Command(
        segweb.folder,
        {"SEGWEB_URL": fake_server.url, "SEGWEB_TOKEN": fake_server.create_token("cli_eve")},
    )
    eve("watch", project.id, code=4)
    eve.variables["SEGWEB_TOKEN"] = "wrong"
    eve("watch", project.id, code=3)


def ends_with(client: Client, project: Project, kind: type[Exception], end: Any) -> None:
    """Watching raises `kind` soon after `end` was done."""
    caught: list[BaseException] = []
    opened = threading.Event()

    def watch() -> None:
        try:
            for _ in events(client, project, on_open=opened.set):
                pass
        except Exception as error:
            caught.append(error)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    assert opened.wait(10)
    end()
    thread.join(10)
    assert [type(error) for error in caught] == [kind]


def test_a_revoked_token_ends_it(fake_server: Server, project: Project) -> None:
    with fake_server.client() as page:
        made = page.post("/api/tokens", json={"name": "watcher"}).json()
        with Client(fake_server.url, made["token"]) as client:
            ends_with(
                client, project, NotSignedIn, lambda: page.delete(f"/api/tokens/{made['id']}")
            )


def test_a_lost_membership_ends_it(fake_server: Server, client: Client, project: Project) -> None:
    members = f"/api/projects/{project.id}/members"
    client.transport.json("POST", members, json={"username": "cli_bob"})

    def remove() -> None:
        client.transport.json("DELETE", f"{members}?username=cli_bob")

    with Client(fake_server.url, fake_server.create_token("cli_bob")) as bob:
        ends_with(bob, project, NotFound, remove)


def test_a_server_that_comes_back(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server()
    (tmp_path / "a.png").write_bytes(png())
    with Client(server.url, server.create_token()) as client:
        project = client.create_project("Watched")
        seen: list[Event] = []

        def watch() -> None:
            with contextlib.suppress(SegwebError):
                seen.extend(events(client, project, retries=20, on_open=lambda: seen.append(OPEN)))

        threading.Thread(target=watch, daemon=True).start()
        wait_until(lambda: OPEN in seen, what="the socket")
        server.stop()
        server.start()
        wait_until(lambda: Event("reconnected") in seen, 60, what="the second socket")
        image = client.upload(project, tmp_path / "a.png")
        created = Event("image.created", {"id": image.id})
        wait_until(lambda: created in seen, what="the event")
        client.transport.stop()


OPEN = Event("opened")


@pytest.mark.parametrize("arguments", [["1", "--count", "0"], []])
def test_usage(segweb: Command, arguments: list[str]) -> None:
    segweb("watch", *arguments, code=2)
