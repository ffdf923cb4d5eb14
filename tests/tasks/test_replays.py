"""A replay whose worker dies in the middle of it: it goes on, and asks about each object once."""

import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.support.server import Server, wait_until
from tests.tasks.test_embeddings import all_ready, photo
from tests.tasks.test_resilience import kill, worker

StartServer = Callable[..., Server]
IMAGES, OBJECTS, CLICKS = 3, 8, 6


@pytest.fixture(scope="module")
def server(start_module_server: StartServer) -> Server:
    return start_module_server(SEGWEB_WORKERS="by_queue")


def _annotated(client: httpx.Client) -> tuple[int, set[str]]:
    """A project's id and its objects', each with some clicks and a box for prompts."""
    body = {"name": "P", "labels": [{"name": "cat"}]}
    project: dict[str, Any] = client.post("/api/projects", json=body).raise_for_status().json()
    label = project["labels"][0]["id"]
    files = [("files", (f"{n}.jpg", photo(n))) for n in range(IMAGES)]
    answer = client.post(f"/api/projects/{project['id']}/images", files=files)
    images = [item["id"] for item in answer.raise_for_status().json()["items"]]

    all_ready(client, images)
    made = set()
    for image in images:
        for n in range(OBJECTS):
            x, y = 20 + 5 * n, 20 + 3 * n
            points = [{"x": x + 7 + k, "y": y + 5, "label": 1} for k in range(CLICKS)]
            box = {"x0": x, "y0": y, "x1": x + 20, "y1": y + 20}
            row = {
                "id": str(uuid.uuid4()), "label": label,
                "polygons": [[x, y, x + 20, y, x + 20, y + 20]],
                "prompts": {"points": points, "box": box},
            }  # fmt: skip
            client.post(f"/api/images/{image}/annotations", json=row).raise_for_status()
            made.add(row["id"])
    return project["id"], made


def test_a_killed_worker_goes_on_where_it_was(server: Server) -> None:
    with server.client() as client:
        project, objects = _annotated(client)
        body = {"model": "sam_onnx"}
        replay = client.post(f"/api/projects/{project}/replays", json=body).json()

        def state() -> dict[str, Any]:
            row: dict[str, Any] = client.get(f"/api/replays/{replay['id']}").json()
            return row

        wait_until(lambda: state()["counts"]["pending"] >= 6, 60, 0.05, "the first masks")
        kill(server, worker("batch"))
        assert state()["counts"]["pending"] < len(objects), "it was done before it was killed"
        wait_until(lambda: state()["status"] == "Completed", 120, 0.2, "the replay's end")
        answer = client.get(f"/api/replays/{replay['id']}/proposals?limit=1000").json()
        asked = [row["annotation"] for row in answer["items"]]
        assert len(asked) == len(objects)
        assert set(asked) == objects
        rows = client.get(f"/api/projects/{project}/jobs?kind=replay").json()["items"]
        assert [row["status"] for row in rows] == ["Completed"]


def test_an_upload_does_not_wait_for_a_replay(server: Server) -> None:
    with server.client() as client:
        project, objects = _annotated(client)
        replay = client.post(f"/api/projects/{project}/replays", json={"model": "sam_onnx"}).json()
        path = f"/api/replays/{replay['id']}"
        wait_until(lambda: client.get(path).json()["status"] == "Running", 30, what="the replay")
        files = {"files": ("new.jpg", photo(77))}
        answer = client.post(f"/api/projects/{project}/images", files=files)
        image = answer.raise_for_status().json()["items"][0]["id"]

        def embedded() -> bool:
            return bool(client.get(f"/api/images/{image}").json()["embedding"] == "ready")

        wait_until(embedded, 60, 0.05, "the new image's embedding")
        assert client.get(path).json()["counts"]["pending"] < len(objects)
        stopped = client.post(f"{path}/cancel").raise_for_status().json()
        assert stopped["error"]["code"] == "cancelled"
        resumed = client.post(f"{path}/resume").raise_for_status().json()
        done = server.wait_for_job(client, resumed["job"], 120)
        assert done["status"] == "Completed"
        assert done["result"]["proposals"] == len(objects)
