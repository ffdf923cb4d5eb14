"""Segmentation by the Cognite-compatible API: `python -m tests.bench.bench_cognite`.

First so many clients at once, each posting a job and polling it every 100 ms until it is seen
Completed, beside the same prompts decoded by the bare ONNX Runtime session on this machine.
Then 1,000 jobs queued at once over 50 projects: each ends once, and the web process's memory.
"""

import argparse
import json
import threading
import time
from collections import Counter
from statistics import median
from typing import Any

import httpx
import psutil

from tests.support.server import Server

from . import photos, running
from .bench_jobs import bare_decode, session

BETA = {"cdf-version": "beta"}
POLL_S = 0.1


def base(project: dict[str, Any]) -> str:
    return f"/api/v1/projects/{project['slug']}/context/vision/segment"


def one(client: httpx.Client, path: str, image: int, x: float) -> float:
    """Milliseconds from the POST to the poll that shows Completed."""
    start = time.perf_counter()
    body = {"items": [{"fileId": image}], "points": [{"x": x, "y": 0.5, "label": 1}]}
    job = client.post(path, json=body, headers=BETA).raise_for_status().json()["jobId"]
    while True:
        time.sleep(POLL_S)
        answer = client.get(f"{path}/{job}", headers=BETA).raise_for_status().json()
        if answer["status"] == "Completed":
            return (time.perf_counter() - start) * 1000
        assert answer["status"] in {"Queued", "Running"}, answer


def at_once(server: Server, token: str, path: str, image: int, clients: int, each: int) -> Any:
    times: list[float] = []

    def work(number: int) -> None:
        with server.token_client(token) as client:
            for turn in range(each):
                times.append(one(client, path, image, 0.2 + 0.6 * turn / each + number / 100))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    assert len(times) == clients * each
    return running.spread([ms / 1000 for ms in times]) | {
        "jobs_a_second": round(len(times) / seconds, 1)
    }


def web_process(server: Server) -> psutil.Process:
    children = psutil.Process(server.pid).children(recursive=True)
    return next(child for child in children if "uvicorn" in child.cmdline())


def flood(server: Server, client: httpx.Client, photo: bytes, projects: int) -> dict[str, Any]:
    """20 jobs in each of the projects, all accepted before the first poll."""
    rooms = [running.project(client) for _ in range(projects)]
    images = [running.upload(client, room["id"], "photo.jpg", photo)["id"] for room in rooms]
    for image in images:
        while client.get(f"/api/images/{image}").json()["embedding"] != "ready":
            time.sleep(0.1)
    web = web_process(server)
    peak = [web.memory_info().rss]
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.05):
            peak.append(web.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    bodies = [
        (base(room), {"items": [{"fileId": image}], "points": [{"x": 0.03 * n + 0.2, "y": 0.5}]})
        for n in range(20)
        for room, image in zip(rooms, images, strict=True)
    ]
    start = time.perf_counter()
    jobs = []
    for path, body in bodies:
        answer = client.post(path, json=body, headers=BETA)
        jobs.append((path, answer.raise_for_status().json()["jobId"]))
    queued = time.perf_counter() - start
    ends: Counter[str] = Counter()
    for path, job in jobs:
        while True:
            answer = client.get(f"{path}/{job}", headers=BETA).raise_for_status().json()
            if answer["status"] in {"Completed", "Failed"}:
                ends[answer["status"]] += 1
                break
            time.sleep(POLL_S)
    done = time.perf_counter() - start
    stop.set()
    watcher.join()
    return {
        "jobs": len(jobs),
        "different": len({job for _, job in jobs}),
        "ends": dict(ends),
        "queued_s": round(queued, 1),
        "done_s": round(done, 1),
        "web_rss_before_mb": round(peak[0] / 1e6),
        "web_rss_peak_mb": round(max(peak) / 1e6),
        "attempts": attempts(server),
    }


def attempts(server: Server) -> dict[str, int]:
    """How many jobs were started how often."""
    code = (
        "from collections import Counter; from annotations.models import Job; import json;"
        "rows = Job.objects.filter(origin='cognite').values_list('attempt', flat=True);"
        "print(json.dumps(Counter(rows)))"
    )
    counts: dict[str, int] = json.loads(server.manage("shell", "-c", code).splitlines()[-1])
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--each", type=int, default=20)
    parser.add_argument("--projects", type=int, default=50)
    options = parser.parse_args()
    photo = photos.make(1)[0]
    with running.product("sam_onnx") as (server, client):
        token = client.headers["Authorization"].split()[1]
        project = running.project(client)
        image = running.upload(client, project["id"], "photo.jpg", photo)["id"]
        running.wait_ready(client, project["id"], 1, 60)
        decoder = session(server, "decoder.onnx")
        path = base(project)
        one(client, path, image, 0.5)
        bare = [bare_decode(decoder, 20)]
        alone = median(one(client, path, image, 0.3 + n / 100) for n in range(10))
        many = at_once(server, token, path, image, options.clients, options.each)
        bare.append(bare_decode(decoder, 20))
        # What the same decodes cost one after the other, without anything around them.
        least = options.clients * sum(bare) / len(bare)
        many["over_bare"] = round(many["median_ms"] / least, 2)
        result: dict[str, Any] = {
            "bare_decode_ms": [round(ms, 1) for ms in bare],
            "one_client_ms": round(alone, 1),
            f"{options.clients}_clients": many,
        }
        if options.projects:
            result["flood"] = flood(server, client, photo, options.projects)
    running.tell(result)


if __name__ == "__main__":
    main()
