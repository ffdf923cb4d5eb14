"""A minute of mixed requests: `python -m tests.bench.bench_load [--seconds N] [--rate N]`.

Starts one request every 1/rate seconds whatever the others do: lists, images, thumbnails,
saves, server decodes. Tells answers by status, the 95th percentile, and what the web process's
memory did from a tenth of the time on.
"""

import argparse
import asyncio
import time
import uuid
from collections import Counter
from statistics import median, quantiles
from typing import Any

import httpx
import psutil

from tests.support.server import Server

from . import photos, running


def web_process(server: Server) -> psutil.Process:
    children = psutil.Process(server.pid).children(recursive=True)
    return next(p for p in children if any("uvicorn" in word for word in p.cmdline()))


def megabytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1e6


def requests(project: dict[str, Any], image: int) -> list[tuple[str, str, Any]]:
    """One round of the mix, as (method, address, body)."""
    box = [[10, 10, 500, 10, 500, 500, 10, 500]]
    label = project["labels"][0]["id"]
    return [
        ("GET", "/projects/", None),
        ("GET", f"/api/projects/{project['id']}/images", None),
        ("GET", f"/api/images/{image}", None),
        ("GET", f"/api/images/{image}/thumbnail", None),
        ("POST", f"/api/images/{image}/annotations", {"label": label, "polygons": box}),
        ("GET", f"/api/images/{image}/annotations?limit=100", None),
        ("POST", f"/api/images/{image}/segment", {"points": [{"x": 700, "y": 700, "label": 1}]}),
        ("GET", f"/api/projects/{project['id']}/jobs", None),
    ]


async def load(
    server: Server, token: str, mix: list[tuple[str, str, Any]], seconds: float, rate: float
) -> dict[str, Any]:
    statuses: Counter[int] = Counter()
    times: list[float] = []
    process = web_process(server)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=30) as client:

        async def one(number: int) -> None:
            method, path, body = mix[number % len(mix)]
            if path.endswith("/annotations"):
                body = body and {"id": str(uuid.uuid4()), **body}
            start = time.perf_counter()
            answer = await client.request(method, path, json=body)
            times.append((time.perf_counter() - start) * 1000)
            statuses[answer.status_code] += 1

        begin = time.perf_counter()
        running_now: list[asyncio.Task[None]] = []
        early = 0.0
        for number in range(int(seconds * rate)):
            await asyncio.sleep(max(0, begin + number / rate - time.perf_counter()))
            if not early and number > seconds * rate / 10:
                early = megabytes(process)
            running_now.append(asyncio.create_task(one(number)))
        await asyncio.gather(*running_now)
    return {
        "requests": len(times),
        "statuses": dict(statuses),
        "median_ms": round(median(times), 1),
        "p95_ms": round(quantiles(times, n=20)[-1], 1),
        "max_ms": round(max(times), 1),
        "web_mb_early_and_late": [round(early), round(megabytes(process))],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=20)
    options = parser.parse_args()
    with running.product("sam_onnx") as (server, client):
        project = running.project(client)
        image = running.upload(client, project["id"], "photo.jpg", photos.make(1)[0])["id"]
        running.wait_ready(client, project["id"], 1, 60)
        mix = requests(project, image)
        token = server.create_token()
        running.tell(asyncio.run(load(server, token, mix, options.seconds, options.rate)))


if __name__ == "__main__":
    main()
