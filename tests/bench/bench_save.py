"""Saving annotations, one client and four: `python -m tests.bench.bench_save [--count N]`.

Then the COCO export of what was saved. The peer's figures are in the README.
"""

import argparse
import math
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx

from . import photos, running


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--export", type=int, default=10_000, help="objects to export")
    options = parser.parse_args()
    with running.product("fake") as (server, client):
        project = running.project(client)
        image = running.upload(client, project["id"], "photo.jpg", photos.make(1)[0])
        work = partial(save, client, image["id"], project["labels"][0]["id"])
        running.at_once(1, [work] * 20)
        _, alone = running.at_once(1, [work] * options.count)
        total, together = running.at_once(4, [work] * options.count)
        stored = client.get(f"/api/projects/{project['id']}").json()["counts"]["annotations"]
        result = {
            "one_client": running.spread(alone),
            "four_clients": running.spread(together)
            | {"saves_per_second": round(options.count / total, 1)},
            "lost": 20 + 2 * options.count - stored,
        }
        _fill(server, options.export - stored)
        result["export"] = {
            kind: _export(client, project["id"], kind) for kind in ("rle", "polygon")
        }
        running.tell(result)


def polygon(points: int = 50) -> list[float]:
    turn = 2 * math.pi / points
    return [
        value
        for n in range(points)
        for value in (
            900 + (60 + 8 * math.sin(5 * n * turn)) * math.cos(n * turn),
            700 + (60 + 8 * math.sin(5 * n * turn)) * math.sin(n * turn),
        )
    ]


_POLYGON = polygon()


def save(client: httpx.Client, image: int, label: int) -> str:
    """Makes an object; its id."""
    body = {
        "id": str(uuid.uuid4()),
        "label": label,
        "polygons": [_POLYGON],
        "source": "polygon",
    }
    client.post(f"/api/images/{image}/annotations", json=body).raise_for_status()
    return str(body["id"])


_FILL = """
import uuid
from annotations.models import Annotation
row = Annotation.objects.select_related("image").first()
rows = []
for _ in range({count}):
    rows.append(Annotation(id=uuid.uuid4(), image=row.image, label=row.label, counts=row.counts,
        bbox_x=row.bbox_x, bbox_y=row.bbox_y, bbox_w=row.bbox_w, bbox_h=row.bbox_h, area=row.area))
Annotation.objects.bulk_create(rows, batch_size=500)
"""


def _fill(server: Any, count: int) -> None:
    if count > 0:
        server.manage("shell", "-c", _FILL.format(count=count))


def _export(client: httpx.Client, project: int, kind: str) -> dict[str, float]:
    start = time.perf_counter()
    body = {"format": "coco", "segmentation": kind, "images": False}
    job = client.post(f"/api/projects/{project}/exports", json=body).raise_for_status().json()
    read: Callable[[], dict[str, Any]] = lambda: client.get(f"/api/jobs/{job['id']}").json()  # noqa: E731
    while (row := read())["status"] in {"Queued", "Running"}:
        time.sleep(0.02)
    seconds = time.perf_counter() - start
    assert row["status"] == "Completed", row
    return {"seconds": round(seconds, 2), "megabytes": round(row["result"]["bytes"] / 1e6, 1)}


if __name__ == "__main__":
    main()
