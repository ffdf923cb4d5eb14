"""Jobs that wait: the worker that decodes prompts stands still. A server of their own, since
nobody else's prompts would be answered meanwhile."""

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psutil
import pytest

from tests.conftest import StartServer
from tests.support.server import Server

from .conftest import Room, refusal
from .test_segment import BOX

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def fake_server(start_module_server: StartServer) -> Server:
    return start_module_server(SEGWEB_WORKERS="by_queue")


@pytest.fixture(scope="module")
def admin_token(fake_server: Server) -> str:
    return fake_server.create_token(name="cognite")


@contextmanager
def nobody_works(server: Server) -> Iterator[None]:
    """The worker that decodes prompts stands still meanwhile."""
    children = psutil.Process(server.pid).children(recursive=True)
    workers = [c for c in children if "--queues interactive" in " ".join(c.cmdline())]
    assert workers
    for worker in workers:
        worker.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGCONT)


def test_a_job_that_waits(room: Room) -> None:
    file = room.upload(externalId="x")
    room.ended(room.segment(file).json()["jobId"])
    with nobody_works(room.server):
        before = int(time.time() * 1000)
        answer = room.segment(file, points=[{"x": 0, "y": 1}], boundingBox=BOX)
        assert answer.status_code == 200
        made = answer.json()
        job = made["jobId"]
        assert made == {
            "jobId": job, "status": "Queued", "errorMessage": None,
            "createdTime": made["createdTime"], "startTime": made["startTime"],
            "statusTime": made["statusTime"],
            "items": [{"fileId": file, "fileExternalId": "x"}],
            "points": [{"x": 0, "y": 1}], "boundingBox": BOX,
        }  # fmt: skip
        for name in ("createdTime", "startTime", "statusTime"):
            assert type(made[name]) is int
            assert before <= made[name] <= before + 60_000
        waiting = room.result(job)
        assert waiting["items"] == []
        assert waiting["status"] == "Queued"
        assert waiting["prompt"] == {"points": [{"x": 0, "y": 1}], "boundingBox": BOX}
        assert "failedItems" not in waiting
    assert room.ended(job)["status"] == "Completed"


def test_a_file_deleted_before_the_job_ran(room: Room) -> None:
    file = room.upload(externalId="x")
    with nobody_works(room.server):
        job = room.segment(file).json()["jobId"]
        assert room.post("files/delete", {"items": [{"id": file}]}).status_code == 200
        assert room.result(job)["status"] == "Queued"
    ended = room.ended(job)
    assert ended["status"] == "Failed"
    assert ended["items"] == []
    assert "deleted" in ended["errorMessage"]
    (failed,) = ended["failedItems"]
    assert failed["items"] == [{"fileId": file, "fileExternalId": "x"}]
    assert failed["errorMessage"] == ended["errorMessage"]


def test_twenty_unfinished_jobs_a_project(room: Room, foreign: Room) -> None:
    file, other = room.upload(), foreign.upload()
    room.ended(room.segment(file).json()["jobId"])
    with nobody_works(room.server):
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: room.segment(file), range(30)))
        refused = [answer for answer in answers if answer.status_code != 200]
        assert len(refused) == 10
        for answer in refused:
            assert refusal(answer)[0] == 429
            assert int(answer.headers["retry-after"]) >= 1
        assert foreign.segment(other).status_code == 200
        (image,) = room.images()
        native = {"points": [{"x": 1, "y": 1, "label": 1}]}
        assert room.native.post(f"/api/images/{image['id']}/segment", json=native).is_success
    for answer in answers:
        if answer.status_code == 200:
            assert room.ended(answer.json()["jobId"])["status"] == "Completed"
    assert room.segment(file).status_code == 200
