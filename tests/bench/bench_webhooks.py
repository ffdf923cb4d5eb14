"""What webhooks cost a save, and how soon they arrive: `python -m tests.bench.bench_webhooks`.

Saves go by turns to a project without webhooks and to one with, so that both meet the same noise.
"""

import argparse
import json
import statistics
import threading
import time
from typing import Any

import httpx

from tests.support.environment import free_port
from tests.support.receiver import Web

from . import bench_save, photos, running


class Receiver:
    """Notes when each annotation's event came."""

    def __init__(self, port: int) -> None:
        self.came: dict[str, float] = {}
        self._lock = threading.Lock()
        self.web = Web(self._take, port=port)

    def _take(self, request: str, connection: Any) -> None:
        event = json.loads(request.partition("\r\n\r\n")[2])
        with self._lock:
            self.came.setdefault(event["data"]["id"], time.perf_counter())
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    options = parser.parse_args()
    receiver = Receiver(free_port())
    allowed = f"127.0.0.1:{receiver.web.port}"
    with running.product("fake", SEGWEB_FETCH_ALLOW=allowed) as (_server, client):
        plain, hooked = (_image(client, data) for data in photos.make(2))
        body = {"url": receiver.web.url, "events": ["annotation.created"]}
        client.post(f"/api/projects/{hooked[0]}/webhooks", json=body).raise_for_status()
        time.sleep(2)
        times: dict[str, list[float]] = {"without": [], "with": []}
        saved: dict[str, float] = {}
        for _ in range(options.count):
            for name, (_, image, label) in (("without", plain), ("with", hooked)):
                began = time.perf_counter()
                row = bench_save.save(client, image, label)
                times[name].append((time.perf_counter() - began) * 1000)
                if name == "with":
                    saved[row] = time.perf_counter()
        end = time.monotonic() + 60
        while len(receiver.came) < len(saved) and time.monotonic() < end:
            time.sleep(0.1)
    waits = [receiver.came[row] - moment for row, moment in saved.items() if row in receiver.came]
    medians = {name: round(statistics.median(values), 2) for name, values in times.items()}
    running.tell(
        {
            "save_ms": medians,
            "ratio": round(medians["with"] / medians["without"], 3),
            "lost": len(saved) - len(waits),
            "arrival_s": {
                "median": round(statistics.median(waits), 2),
                "most": round(max(waits), 2),
            },
        }
    )


def _image(client: httpx.Client, data: bytes) -> tuple[int, int, int]:
    """(project, image, label) of a new project."""
    project = running.project(client)
    image = running.upload(client, project["id"], "photo.jpg", data)
    return project["id"], image["id"], project["labels"][0]["id"]


if __name__ == "__main__":
    main()
