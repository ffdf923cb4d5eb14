"""Real processes that die while they work: jobs end once, people's work stays."""

import signal
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.support.pictures import png
from tests.support.server import Server, wait_until

pytestmark = pytest.mark.faults

StartServer = Callable[..., Server]
ENDED = {"Completed", "Failed"}


@pytest.fixture(scope="module")
def server(start_module_server: StartServer) -> Server:
    return start_module_server(SEGWEB_WORKERS="by_queue")


def processes(server: Server, word: str) -> list[psutil.Process]:
    """The product's processes with `word` in their command line, the oldest first."""
    found = []
    for child in psutil.Process(server.pid).children(recursive=True):
        try:
            if any(word in part for part in child.cmdline()):
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return sorted(found, key=lambda process: process.create_time())


def worker(queue: str) -> str:
    return f"{queue}@"


def kill(server: Server, word: str, number: signal.Signals = signal.SIGKILL) -> None:
    """Ends every process of that kind once there is one."""
    wait_until(lambda: processes(server, word), 20, what=f"a process with {word}")
    for process in processes(server, word):
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue


def new_project(client: httpx.Client) -> dict[str, Any]:
    row: dict[str, Any] = client.post(
        "/api/projects", json={"name": "P", "labels": [{"name": "cat"}]}
    ).json()
    return row


def upload(client: httpx.Client, project: int, seeds: range) -> list[int]:
    files = [("files", (f"{n}.png", png(seed=n), "image/png")) for n in seeds]
    answer = client.post(f"/api/projects/{project}/images", files=files)
    assert answer.status_code in {200, 201}, answer.text
    return [item["id"] for item in answer.json()["items"]]


def segment(client: httpx.Client, image: int) -> httpx.Response:
    body = {"points": [{"x": 5, "y": 5, "label": 1}]}
    return client.post(f"/api/images/{image}/segment", json=body)


def annotate(client: httpx.Client, image: int, label: int) -> httpx.Response:
    body = {"id": str(uuid.uuid4()), "label": label, "polygons": [[1, 1, 9, 1, 9, 9]]}
    return client.post(f"/api/images/{image}/annotations", json=body)


def jobs(client: httpx.Client, project: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get(f"/api/projects/{project}/jobs?limit=1000").json()[
        "items"
    ]
    return rows


def all_ended(client: httpx.Client, project: int) -> list[dict[str, Any]]:
    rows = jobs(client, project)
    return rows if {row["status"] for row in rows} <= ENDED else []


def objects(client: httpx.Client, image: int) -> Any:
    return client.get(f"/api/images/{image}/annotations").json()["items"]


def files(server: Server) -> set[Path]:
    return {path for path in (server.data / "media").rglob("*") if path.is_file()}


def ready(client: httpx.Client, image: int) -> bool:
    row = client.get(f"/api/images/{image}").json()
    return (row["state"], row["embedding"]) == ("ready", "ready")


def effects(client: httpx.Client, project: int, rows: list[dict[str, Any]]) -> None:
    """Each job that is Completed has its effect; an image is prepared and embedded once."""
    assert {row["status"] for row in rows} == {"Completed"}, rows
    images = client.get(f"/api/projects/{project}/images?limit=1000").json()["items"]
    assert {(row["state"], row["embedding"]) for row in images} == {("ready", "ready")}
    for kind in ("prepare", "embed"):
        done = [row["image"] for row in rows if row["kind"] == kind]
        assert len(done) == len(set(done)), f"{kind} twice"
    for row in rows:
        assert row["progress"] == 1
        assert row["error"] is None
        if row["kind"] == "segment":
            assert row["result"]["masks"]


def shown(client: httpx.Client, images: list[int]) -> None:
    """The files of every image are there, for all to see."""
    for image in images:
        for noun in ("file", "preview", "thumbnail", "embedding"):
            assert client.get(f"/api/images/{image}/{noun}").status_code == 200, (image, noun)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_three_dead_workers_lose_and_double_nothing(server: Server, number: signal.Signals) -> None:
    with server.client() as client:
        project = new_project(client)
        pk, label = project["id"], project["labels"][0]["id"]
        first = 1000 * number
        images = upload(client, pk, range(first, first + 12))
        wait_until(lambda: ready(client, images[0]), 20, what="the first image")
        kept = annotate(client, images[0], label).json()
        for turn, queue in enumerate(("io", "batch", "interactive")):
            more = first + 12 + 4 * turn
            images += upload(client, pk, range(more, more + 4))
            for image in images[-8:]:
                assert segment(client, image).status_code == 202
            kill(server, worker(queue), number)
            time.sleep(1)
        rows = wait_until(lambda: all_ended(client, pk), 60, every=0.3, what="the end of all jobs")
        effects(client, pk, rows)
        assert sum(row["kind"] == "segment" for row in rows) == 24
        assert objects(client, images[0]) == [kept]
        shown(client, images)


def test_work_goes_on_after_redis_was_gone(server: Server) -> None:
    with server.client() as client:
        project = new_project(client)
        pk, label = project["id"], project["labels"][0]["id"]
        (image,) = upload(client, pk, range(100, 101))
        wait_until(lambda: ready(client, image), 20, what="the first image")
        accepted = []
        for _ in range(3):
            kill(server, "redis-server")
            answer = segment(client, image)
            assert answer.status_code in {202, 503}, answer.text
            if answer.status_code == 202:
                accepted.append(answer.json()["id"])
            start = time.monotonic()
            assert annotate(client, image, label).status_code == 201
            assert time.monotonic() - start < 5
            assert client.get(f"/api/projects/{pk}").elapsed.total_seconds() < 3
        late = upload(client, pk, range(101, 104))
        wait_until(lambda: processes(server, "redis-server"), 20, what="the broker's return")
        rows = wait_until(lambda: all_ended(client, pk), 45, every=0.3, what="the end of all jobs")
        effects(client, pk, rows)
        assert {row["id"] for row in rows} >= set(accepted)
        assert all(ready(client, each) for each in late)
        assert len(objects(client, image)) == 3


def test_what_is_deleted_leaves_no_file(server: Server) -> None:
    with server.client() as client:
        before = files(server)
        project = new_project(client)
        pk, label = project["id"], project["labels"][0]["id"]
        first, second = upload(client, pk, range(200, 202))
        for image in (first, second):
            wait_until(lambda image=image: ready(client, image), 20, what="the images")
            annotate(client, image, label)
        both = files(server)
        assert len(both - before) >= 8
        assert client.delete(f"/api/images/{first}").status_code == 204
        one = files(server)
        assert len(both - one) == 4, "original, preview, thumbnail, embedding"
        export = client.post(f"/api/projects/{pk}/exports", json={"format": "coco"}).json()
        assert server.wait_for_job(client, export["id"])["status"] == "Completed"
        assert files(server) > one
        assert client.delete(f"/api/projects/{pk}").status_code == 204
        assert files(server) == before


def test_an_embedding_that_two_projects_share_stays_until_both_are_gone(server: Server) -> None:
    with server.client() as client:
        places = [new_project(client)["id"] for _ in range(2)]
        before = files(server)
        images = [upload(client, pk, range(300, 301))[0] for pk in places]
        for image in images:
            wait_until(lambda image=image: ready(client, image), 20, what="the images")
        made = files(server) - before
        (kept,) = [path for path in made if "embeddings" in path.parts]
        client.delete(f"/api/projects/{places[0]}")
        assert kept.exists()
        assert client.get(f"/api/images/{images[1]}/embedding").status_code == 200
        client.delete(f"/api/images/{images[1]}")
        assert not kept.exists()
