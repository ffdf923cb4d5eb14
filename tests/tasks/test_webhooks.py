"""Webhooks of the running product: workers that die, receivers that are away, the documentation."""

import json
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.docs import run_examples
from tests.support.environment import free_port
from tests.support.pictures import png
from tests.support.receiver import Web, reply, web
from tests.support.server import Server, wait_until
from tests.tasks.test_resilience import kill, worker

StartServer = Callable[..., Server]


@pytest.fixture(scope="module")
def server(start_module_server: StartServer) -> Server:
    return start_module_server(
        SEGWEB_WORKERS="by_queue", SEGWEB_FETCH_ALLOW="127.0.0.1", SEGWEB_WEBHOOK_RETRY_SECONDS="1"
    )


def hooked(client: httpx.Client, url: str, *events: str) -> tuple[int, int]:
    """(project, webhook) whose events go to `url`."""
    project = client.post("/api/projects", json={"name": "P", "labels": [{"name": "cat"}]}).json()
    body = {"url": url, "events": list(events)}
    made = client.post(f"/api/projects/{project['id']}/webhooks", json=body)
    assert made.status_code == 201, made.text
    time.sleep(1.1)  # other processes have heard of it by now
    return project["id"], made.json()["id"]


def upload(client: httpx.Client, project: int, count: int, first: int = 0) -> list[int]:
    files = [("files", (f"{n}.png", png(seed=n), "image/png")) for n in range(first, first + count)]
    answer = client.post(f"/api/projects/{project}/images", files=files)
    return [item["id"] for item in answer.json()["items"]]


def bodies(receiver: Web) -> list[dict[str, Any]]:
    return [json.loads(seen.partition("\r\n\r\n")[2]) for seen in list(receiver.seen)]


def delivered(client: httpx.Client, hook: int, count: int) -> list[dict[str, Any]]:
    def settled() -> list[dict[str, Any]]:
        path = f"/api/webhooks/{hook}/deliveries?status=delivered"
        items: list[dict[str, Any]] = client.get(path).json()["items"]
        return items if len(items) >= count else []

    return wait_until(settled, 60, 0.2, f"{count} deliveries")


def test_a_killed_worker_loses_nothing_and_keeps_the_ids(server: Server):
    hanging = threading.Event()

    def answer(request: str, connection: Any) -> None:
        if not hanging.is_set():
            hanging.set()
            time.sleep(8)  # the sender is killed meanwhile
        reply(b"ok")(request, connection)

    with web(answer) as receiver, server.client() as client:
        project, hook = hooked(client, f"{receiver.url}/hook", "image.created")
        images = upload(client, project, 5)
        assert hanging.wait(20)
        kill(server, worker("net"), signal.SIGKILL)
        rows = delivered(client, hook, 5)
        told = bodies(receiver)
    assert sorted(row["body"]["data"]["id"] for row in rows) == sorted(images)
    assert {body["id"] for body in told} == {row["event"] for row in rows}
    # The one that was on its way came twice, under one id; the others once.
    assert len(told) == 6
    assert sorted(row["attempts"] for row in rows) == [1, 1, 1, 1, 2]


def test_what_happens_while_redis_is_away_is_told_too(server: Server):
    with web(reply(b"ok")) as receiver, server.client() as client:
        project, hook = hooked(client, receiver.url, "image.created", "image.ready")
        kill(server, "redis-server", signal.SIGKILL)
        upload(client, project, 2, first=20)
        rows = delivered(client, hook, 4)
    kinds = sorted(row["type"] for row in rows)
    assert kinds == ["image.created", "image.created", "image.ready", "image.ready"]


def test_a_receiver_that_is_away_is_told_later(server: Server):
    port = free_port()
    with server.client() as client:
        project, hook = hooked(client, f"http://127.0.0.1:{port}/", "image.created")
        (image,) = upload(client, project, 1, first=40)

        def tried() -> Any:
            items = client.get(f"/api/webhooks/{hook}/deliveries").json()["items"]
            return items[0] if items and items[0]["error"] else None

        failed = wait_until(tried, 20, what="the first attempt")
        assert failed["error"] == "The address cannot be reached, or is not allowed here."
        late = Web(reply(b"ok"), port=port)
        (row,) = delivered(client, hook, 1)
        late.close()
        assert row["attempts"] > 1
        assert [body["data"]["id"] for body in bodies(late)] == [image]


def test_the_examples_of_the_page_work(server: Server, tmp_path: Path):
    port = free_port()
    with server.client() as client:
        project = client.post("/api/projects", json={"name": "P"}).json()["id"]
    ran = run_examples(
        "docs/webhooks.md",
        {
            "SEGWEB_URL": server.url,
            "TOKEN": server.create_token(),
            "PROJECT": str(project),
            "RECEIVER": f"http://127.0.0.1:{port}/hook",
        },
        folder=tmp_path,
    )
    assert any("ping" in one.output for one in ran)


def test_the_examples_of_fetching_work(server: Server, tmp_path: Path):
    with web(reply(png())) as site, server.client() as client:
        project = client.post("/api/projects", json={"name": "P"}).json()["id"]
        run_examples(
            "docs/fetching.md",
            {
                "SEGWEB_URL": server.url,
                "TOKEN": server.create_token(),
                "PROJECT": str(project),
                "ADDRESS": f"{site.url}/cup.png",
            },
            folder=tmp_path,
        )
        (image,) = client.get(f"/api/projects/{project}/images").json()["items"]
        assert image["name"] == "cup.png"
