"""Small requests through three handlers: `python -m tests.bench.bench_handler [--rounds N]`.

`pooled` is the product's (`segweb/handler.py`): a request's middleware and view run in one visit to
a thread of a pool. `stock` is Django's own handler, behind which a view could be asynchronous and
wait without a thread; its threads end with their requests, and so do their database connections.
`lent` is Django's own handler with threads that stay. Each round runs all three, in turn, in this
process; CPU time decides, since other work on the machine does not change it.
"""

import argparse
import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from asgiref.sync import ThreadSensitiveContext  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.handlers.asgi import ASGIHandler  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402

from annotations.services import projects, tokens  # noqa: E402
from segweb.handler import PooledASGIHandler  # noqa: E402

from . import running  # noqa: E402

Application = Callable[[Any, Any, Any], Awaitable[None]]


class Lent:
    """Django's handler with eight threads that stay, each request in one of them."""

    def __init__(self) -> None:
        self._handler = ASGIHandler()
        self._threads = [ThreadPoolExecutor(1) for _ in range(8)]
        self._next = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._next = (self._next + 1) % len(self._threads)
        async with ThreadSensitiveContext(executor=self._threads[self._next]):
            await self._handler(scope, receive, send)


def _scope(method: str, path: str, token: str) -> dict[str, Any]:
    headers = [
        (b"host", b"localhost"),
        (b"authorization", f"Bearer {token}".encode()),
        (b"content-type", b"application/json"),
    ]
    return {
        "type": "http", "http_version": "1.1", "method": method, "path": path,
        "raw_path": path.encode(), "query_string": b"", "root_path": "", "scheme": "http",
        "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip


async def _request(application: Application, scope: dict[str, Any], body: bytes) -> None:
    """Raises when the answer is no success."""
    left = asyncio.Event()
    sent = False

    async def receive() -> dict[str, Any]:
        nonlocal sent
        if sent:
            await left.wait()
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start" and message["status"] >= 300:
            raise AssertionError(message)

    await application(dict(scope), receive, send)


async def _batch(
    application: Application, scope: dict[str, Any], body: bytes, count: int, at_once: int
) -> tuple[float, float]:
    """CPU and wall milliseconds of one request."""
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(count // at_once):
        await asyncio.gather(*(_request(application, scope, body) for _ in range(at_once)))
    done = count // at_once * at_once
    return (time.process_time() - cpu) * 1000 / done, (time.perf_counter() - wall) * 1000 / done


async def _measure(rounds: int, count: int, token: str, project: int) -> dict[str, Any]:
    sides = {"pooled": PooledASGIHandler(), "stock": ASGIHandler(), "lent": Lent()}
    database = connections.settings["default"]
    kept_seconds = database["CONN_MAX_AGE"]
    requests = {
        "who am I": ("GET", "/api/me", b""),
        "a project": ("GET", f"/api/projects/{project}", b""),
        "renaming it": ("PATCH", f"/api/projects/{project}", json.dumps({"name": "B"}).encode()),
    }
    result: dict[str, Any] = {}
    for title, (method, path, body) in requests.items():
        scope = _scope(method, path, token)
        for at_once in (1, 4):
            seen: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
            for number in range(rounds + 1):
                for name, side in sides.items():
                    database["CONN_MAX_AGE"] = 0 if name == "stock" else kept_seconds
                    one = await _batch(side, scope, body, count, at_once)
                    # The first round opens connections and compiles routes.
                    if number:
                        seen[name].append(one)
            cpu = {name: median(c for c, _ in pairs) for name, pairs in seen.items()}
            wall = {name: median(w for _, w in pairs) for name, pairs in seen.items()}
            result[f"{title}, {at_once} at once"] = {
                name: {
                    "cpu_ms": round(cpu[name], 2),
                    "wall_ms": round(wall[name], 2),
                    "cpu_against_pooled": round(cpu[name] / cpu["pooled"], 2),
                }
                for name in sides
            }
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--count", type=int, default=60, help="requests of each side a round")
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    user = get_user_model().objects.create_user("bench", password=None)
    project = projects.create(user, "Bench", [("thing", None)])
    _row, token = tokens.issue(user, "bench")
    running.tell(asyncio.run(_measure(options.rounds, options.count, token, project.pk)))


if __name__ == "__main__":
    main()
