"""A real server for benchmarks, and the words they share."""

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx

from tests.support.server import Server, prepare_data


@contextmanager
def product(engine: str, **settings: str) -> Iterator[tuple[Server, httpx.Client]]:
    """The running product with an empty data folder, and a client with a token."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"SEGWEB_WORKERS": "by_queue", **settings}
        server = Server(Path(folder), prepare_data(), SEGWEB_ENGINE=engine, **settings)
        server.start()
        try:
            with server.token_client(server.create_token()) as client:
                yield server, client
        finally:
            server.stop()


def project(client: httpx.Client) -> dict[str, Any]:
    answer = client.post("/api/projects", json={"name": "Bench", "labels": [{"name": "thing"}]})
    row: dict[str, Any] = answer.raise_for_status().json()
    return row


def upload(client: httpx.Client, project_id: int, name: str, data: bytes) -> dict[str, Any]:
    files = {"files": (name, data, "image/jpeg")}
    answer = client.post(f"/api/projects/{project_id}/images", files=files).raise_for_status()
    row: dict[str, Any] = answer.json()["items"][0]
    return row


def timed(action: Callable[[], Any]) -> float:
    """Seconds."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def at_once(clients: int, work: Sequence[Callable[[], Any]]) -> tuple[float, list[float]]:
    """Does all of `work` with so many threads: seconds in all, and of each."""
    with ThreadPoolExecutor(clients) as pool:
        start = time.perf_counter()
        each = list(pool.map(timed, work))
        return time.perf_counter() - start, each


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile and maximum in milliseconds."""
    values = [value * 1000 for value in seconds]
    return {
        "median_ms": round(median(values), 1),
        "p95_ms": round(quantiles(values, n=20)[-1], 1),
        "max_ms": round(max(values), 1),
    }


def wait_ready(client: httpx.Client, project_id: int, count: int, seconds: float) -> None:
    """Until `count` images of the project have their embedding."""
    end = time.monotonic() + seconds
    address = f"/api/projects/{project_id}/jobs?kind=embed&status=Completed&limit=1000"
    while time.monotonic() < end:
        done = len(client.get(address).json()["items"])
        if done >= count:
            return
        # Asking costs the same cores: seldom at first, often at the end.
        time.sleep(min(1.0, 0.05 + 0.3 * (count - done)))
    raise TimeoutError(f"{count} images were not ready within {seconds} s")


def tell(result: dict[str, Any]) -> None:
    print(json.dumps(result, indent=1))
