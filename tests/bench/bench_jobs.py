"""Embedding a drop of photos, and server decodes: `python -m tests.bench.bench_jobs`.

Each beside the bare ONNX Runtime session on the same files in the same run: half of the bare
side, then ours, then the other half, so that a machine that gets busy slows both. The bare
encoder is the one that serves (`--precision`); beside it, on a few photos, float32. Like the
workers that embed, it lets other work on the machine go first.

Photos are embedded twice: on their way from upload to 'ready', and then by the worker alone,
after all embeddings were lost and an operator has them made again.
"""

import argparse
import asyncio
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import numpy as np
import onnxruntime
import websockets
from PIL import Image

from annotations.engines.mobile_sam.sam_onnx import frame_input
from tests.support.server import Server

from . import photos, running

_ENCODERS = {"f32": "encoder.onnx", "int8": "encoder-int8.onnx"}
_NICENESS = 10
# Enough to tell the ratio of two encoders, side by side.
_FEW = 10


def session(server: Server, name: str) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(os.cpu_count() or 1, 8)
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    path = Path(server.data) / "models" / "mobile_sam" / name
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def bare_embedding(encoder: Any, data: list[bytes]) -> float:
    """Seconds to decode and encode all of `data`, one after the other."""
    start = time.perf_counter()
    for photo in data:
        with Image.open(BytesIO(photo)) as image:
            picture = image.convert("RGB")
        encoder.run(None, {"input": frame_input(picture, picture.size)[None]})
    return time.perf_counter() - start


def _go_behind() -> None:
    """Niceness is the thread's own, and that of the threads that a session starts from it."""
    os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)


def _ratio(encoder: Any, exact: Any, data: list[bytes]) -> float:
    """Bare decoding and encoding with the one encoder, over that with the other."""
    times = [[bare_embedding(e, [photo]) for e in (encoder, exact)] for photo in data]
    return median(one for one, _ in times) / median(other for _, other in times)


def pipeline(client: httpx.Client, project: int, data: list[bytes]) -> float:
    """Seconds from the first upload to the last 'ready'."""
    start = time.perf_counter()
    for number, photo in enumerate(data):
        running.upload(client, project, f"{number}.jpg", photo)
    running.wait_ready(client, project, len(data), 60 + 5 * len(data))
    return time.perf_counter() - start


def worker(server: Server, client: httpx.Client, project: int, count: int) -> float:
    """Seconds from the first job to the end of the last, for images that are there already."""
    for file in (Path(server.data) / "media" / "embeddings").rglob("*.gz"):
        file.unlink()
    server.manage("embeddings", "--rebuild")
    running.wait_ready(client, project, 2 * count, 60 + 5 * count)
    address = f"/api/projects/{project}/jobs?kind=embed&limit=1000"
    rows = client.get(address).raise_for_status().json()["items"]
    again = sorted(rows, key=lambda row: int(row["id"]))[count:]
    first, last = min(row["createdTime"] for row in again), max(row["statusTime"] for row in again)
    return (int(last) - int(first)) / 1000


def _warm_up(client: httpx.Client, photo: bytes) -> None:
    """Loads the worker's encoder, as a server that is up has done."""
    project = running.project(client)["id"]
    pipeline(client, project, [photo])
    client.delete(f"/api/projects/{project}").raise_for_status()


def bare_decode(decoder: Any, rounds: int) -> float:
    """Median milliseconds of one decode."""
    feeds = {
        "image_embeddings": np.zeros((1, 256, 64, 64), np.float32),
        "point_coords": np.array([[[500, 400], [0, 0]]], np.float32),
        "point_labels": np.array([[1, -1]], np.float32),
        "mask_input": np.zeros((1, 1, 256, 256), np.float32),
        "has_mask_input": np.zeros(1, np.float32),
    }
    decoder.run(None, feeds)
    return median(running.timed(lambda: decoder.run(None, feeds)) for _ in range(rounds)) * 1000


async def server_decodes(
    server: Server, cookies: str, project: int, image: int, at_once: int, rounds: int
) -> float:
    """Median milliseconds from posting a job to its Completed event on the websocket."""
    waiting: dict[int, asyncio.Future[float]] = {}
    early: dict[int, float] = {}

    async def listen(socket: Any) -> None:
        async for text in socket:
            event = json.loads(text)
            if event["type"] != "job.updated" or event["data"]["status"] != "Completed":
                continue
            job, now = event["data"]["id"], time.perf_counter()
            if job in waiting:
                waiting[job].set_result(now)
            else:
                early[job] = now

    async def one(client: httpx.AsyncClient, x: int) -> float:
        start = time.perf_counter()
        body = {"points": [{"x": x, "y": 700, "label": 1}]}
        answer = await client.post(f"/api/images/{image}/segment", json=body)
        job = answer.raise_for_status().json()["id"]
        if job not in early:
            waiting[job] = asyncio.get_running_loop().create_future()
            await asyncio.wait_for(waiting[job], 30)
        end = early[job] if job in early else waiting[job].result()
        return (end - start) * 1000

    url = f"{server.url.replace('http', 'ws')}/ws/projects/{project}/"
    headers = {"Cookie": cookies, "Origin": server.url}
    token = {"Authorization": f"Bearer {server.create_token()}"}
    times: list[float] = []
    async with (
        websockets.connect(url, additional_headers=headers) as socket,
        httpx.AsyncClient(base_url=server.url, headers=token, timeout=30) as client,
    ):
        listener = asyncio.create_task(listen(socket))
        await one(client, 100)
        for number in range(rounds):
            many = [one(client, 400 + 10 * number + n) for n in range(at_once)]
            times += await asyncio.gather(*many)
        listener.cancel()
    return median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=100)
    parser.add_argument("--precision", choices=list(_ENCODERS), default="int8")
    parser.add_argument("--decodes", type=int, default=40)
    options = parser.parse_args()
    data = photos.make(options.photos)
    half = len(data) // 2
    with (
        running.product("sam_onnx", SEGWEB_PRECISION=options.precision) as (server, client),
        ThreadPoolExecutor(1, initializer=_go_behind) as behind,
    ):
        encoder = behind.submit(session, server, _ENCODERS[options.precision]).result()
        exact = behind.submit(session, server, _ENCODERS["f32"]).result()
        decoder = session(server, "decoder.onnx")
        behind.submit(bare_embedding, encoder, data[:1]).result()
        _warm_up(client, photos.make(options.photos + 1)[-1])
        project = running.project(client)["id"]
        first = behind.submit(bare_embedding, encoder, data[:half]).result()
        ours = pipeline(client, project, data)
        second = behind.submit(bare_embedding, encoder, data[half:]).result()
        alone = worker(server, client, project, len(data))
        third = behind.submit(bare_embedding, encoder, data[:half]).result()
        share = behind.submit(_ratio, encoder, exact, data[:_FEW]).result()
        result: dict[str, Any] = {
            "embedding": {
                "photos": len(data),
                "bare_s": round(first + second, 2),
                "pipeline_s": round(ours, 2),
                "ratio": round(ours / (first + second), 3),
                "ratio_to_f32": round(ours / (first + second) * share, 3),
                "worker_s": round(alone, 2),
                "worker_ratio": round(alone / (second + third), 3),
                "worker_ratio_to_f32": round(alone / (second + third) * share, 3),
            }
        }
        result["decode_ms"] = _decodes(server, decoder, data[0], options.decodes)
        running.tell(result)


def _decodes(server: Server, decoder: Any, photo: bytes, rounds: int) -> dict[str, float]:
    with server.client() as client:
        project = running.project(client)["id"]
        image = running.upload(client, project, "photo.jpg", photo)["id"]
        while client.get(f"/api/images/{image}").json()["embedding"] != "ready":
            time.sleep(0.1)
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        before = bare_decode(decoder, rounds)
        one = asyncio.run(server_decodes(server, cookies, project, image, 1, rounds))
        four = asyncio.run(server_decodes(server, cookies, project, image, 4, rounds // 4))
        after = bare_decode(decoder, rounds)
    bare = (before + after) / 2
    return {
        "bare": round(bare, 1),
        "one_client": round(one, 1),
        "over_bare": round(one - bare, 1),
        "four_at_once": round(four, 1),
        "four_allowed": round(4 * (bare + 20), 1),
    }


if __name__ == "__main__":
    main()
