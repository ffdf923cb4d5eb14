"""The editing tools in headless Chromium: `python -m tests.bench.bench_tools`.

On a picture of 24 megapixels with 1,000 objects: from the pointer's event to the painted frame of
a brush stroke, the frames while panning, and what saving one of the objects sends. All times are
the browser's own; the machine's other work is in them.
"""

import argparse
import math
import random
import uuid
from io import BytesIO
from typing import Any

import httpx
import numpy as np
from PIL import Image
from playwright.sync_api import Page
from pycocotools import mask as coco

from tests.support.browser import launch, sign_in
from tests.support.server import ADMIN, ADMIN_PASSWORD

from . import photos, running

_SIZE = (6000, 4000)
_CANVAS = 'canvas[data-testid="canvas"]'
_STROKES = "() => performance.getEntriesByName('segweb:stroke').map(entry => entry.duration)"
# Each frame's script and painting: from its callbacks' begin to the moment after it went out.
_WATCH = """() => {
  window.frames_ = { work: [], gaps: [] };
  const channel = new MessageChannel();
  const starts = [];
  channel.port1.onmessage = () => window.frames_.work.push(performance.now() - starts.shift());
  let last = 0;
  const step = (now) => {
    if (!window.frames_) return;
    if (last) window.frames_.gaps.push(now - last);
    last = now;
    starts.push(performance.now());
    requestAnimationFrame(step);
    channel.port2.postMessage(null);
  };
  requestAnimationFrame(step);
}"""
# From the moment at which the page hears of a pointer's move to the moment after its frame went
# out: without the wait for the screen's next frame, which no page can shorten.
_HEARD = """() => {
  window.heard_ = [];
  const channel = new MessageChannel();
  const starts = [];
  channel.port1.onmessage = () => window.heard_.push(performance.now() - starts.shift());
  window.addEventListener("pointermove", () => {
    const now = performance.now();
    requestAnimationFrame(() => {
      starts.push(now);
      channel.port2.postMessage(null);
    });
  }, { capture: true });
}"""
_WATCHED = "() => { const found = window.frames_; window.frames_ = null; return found; }"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=1000)
    parser.add_argument("--moves", type=int, default=150)
    arguments = parser.parse_args()
    with running.product("fake") as (server, client), launch() as browser:
        project = running.project(client)
        image = running.upload(client, project["id"], "large.jpg", _picture())["id"]
        running.wait_ready(client, project["id"], 1, 120)
        _objects(client, image, project["labels"][0]["id"], arguments.objects)
        page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        sign_in(page, server.url, ADMIN, ADMIN_PASSWORD)
        page.goto(f"{server.url}/images/{image}/annotate/")
        page.wait_for_selector(f'{_CANVAS}[data-state="armed"]', timeout=60_000)
        page.wait_for_function(
            "count => document.querySelector('#objects-count').textContent === count",
            arg=str(arguments.objects),
        )
        page.wait_for_timeout(4000)
        page.evaluate(_HEARD)
        result: dict[str, Any] = {
            "megapixels": _SIZE[0] * _SIZE[1] / 1e6,
            "objects": arguments.objects,
            "panning": panning(page, arguments.moves),
            "stroke": {
                "wide_brush": stroke(page, arguments.moves, 400),
                "narrow_brush": stroke(page, arguments.moves, 24),
            },
            "saving_one": saving(page, client, image),
        }
        running.tell(result)


def _picture() -> bytes:
    with Image.open(BytesIO(photos.make(1)[0])) as photo:
        out = BytesIO()
        photo.resize(_SIZE, Image.Resampling.BICUBIC).save(out, "JPEG", quality=85)
        return out.getvalue()


def _objects(client: httpx.Client, image: int, label: int, count: int) -> None:
    """Blobs with wavy edges, spread evenly; each with a hole and a part of its own."""
    random = np.random.default_rng(3)
    columns = math.ceil(math.sqrt(count * _SIZE[0] / _SIZE[1]))
    step = _SIZE[0] / columns
    rows, across = np.mgrid[: int(step), : int(step)]
    centre = step / 2
    angle = np.arctan2(rows - centre, across - centre)
    far = np.hypot(rows - centre, across - centre)
    for number in range(count):
        phase, waves = random.uniform(0, 6), int(random.integers(3, 12))
        radius = step * 0.36 * (1 + 0.12 * np.sin(waves * angle + phase))
        blob = (far < radius) & (far > step * 0.06)
        blob[:4, :4] = True
        x, y = int(number % columns * step), int(number // columns * step)
        whole = np.zeros((_SIZE[1], _SIZE[0]), np.uint8, order="F")
        part = whole[y : y + int(step), x : x + int(step)]
        part[:] = blob[: part.shape[0], : part.shape[1]]
        rle = coco.encode(whole)
        body = {
            "id": str(uuid.UUID(int=number + 1)),
            "label": label,
            "rle": {"size": [_SIZE[1], _SIZE[0]], "counts": rle["counts"].decode("ascii")},
        }
        client.post(f"/api/images/{image}/annotations", json=body).raise_for_status()


def stroke(page: Page, moves: int, size: int) -> dict[str, Any]:
    """A long stroke on a new object: milliseconds from each pointer event to its frame."""
    page.keyboard.press("b")
    field = page.get_by_label("Size")
    field.fill(str(size))
    field.press("Enter")
    page.evaluate("() => { performance.clearMeasures('segweb:stroke'); window.heard_ = []; }")
    box = page.locator(_CANVAS).bounding_box()
    assert box is not None
    cx, cy = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(cx + 200, cy)
    page.mouse.down()
    chance = random.Random(1)
    for number in range(moves):
        turn = number / moves * 4 * math.pi
        reach = 200 - 120 * number / moves
        page.mouse.move(cx + reach * math.cos(turn), cy + reach * math.sin(turn))
        # A move that is sent as soon as the last one was answered always just misses a frame;
        # a hand moves at any time between two of them.
        page.wait_for_timeout(chance.uniform(0, 50))
    page.mouse.up()
    page.wait_for_timeout(1500)
    times: list[float] = page.evaluate(_STROKES)
    heard: list[float] = page.evaluate("window.heard_")
    page.keyboard.press("Enter")
    return {
        "frames": len(times),
        "from_the_event": _spread(times),
        "from_hearing_of_it": _spread(heard),
    }


def panning(page: Page, moves: int) -> dict[str, Any]:
    """Script and painting of each frame while the middle button drags the picture."""
    box = page.locator(_CANVAS).bounding_box()
    assert box is not None
    cx, cy = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(cx, cy)
    for _ in range(3):
        page.mouse.wheel(0, -200)
    page.wait_for_timeout(1500)
    page.mouse.down(button="middle")
    page.evaluate(_WATCH)
    for number in range(moves):
        turn = number / moves * 2 * math.pi
        page.mouse.move(cx + 150 * math.sin(turn), cy + 100 * math.sin(2 * turn))
        page.wait_for_timeout(8)
    found: dict[str, list[float]] = page.evaluate(_WATCHED)
    page.mouse.up(button="middle")
    page.keyboard.press("Control+0")
    page.wait_for_timeout(1500)
    return {
        "frames": len(found["work"]),
        "script_and_paint": _spread(found["work"]),
        "between_frames": _spread(found["gaps"]),
    }


def saving(page: Page, client: httpx.Client, image: int) -> dict[str, Any]:
    """One stroke into one object: the requests that change something, and their bytes."""
    sent: list[Any] = []
    changing = {"POST", "PATCH", "PUT", "DELETE"}
    page.on("request", lambda request: request.method in changing and sent.append(request))
    page.keyboard.press("v")
    page.keyboard.press("Tab")
    chosen = page.locator("#objects .is-selected").get_attribute("data-id")
    page.keyboard.press("g")
    page.wait_for_timeout(2500)
    row = client.get(f"/api/annotations/{chosen}").raise_for_status().json()
    body = sum(len(request.post_data or "") for request in sent)
    own = len(row["rle"]["counts"])
    return {
        "requests": len(sent),
        "bytes": body,
        "object_bytes": own,
        "more_than_object": body - own,
    }


def _spread(values: list[float]) -> dict[str, float]:
    return running.spread([value / 1000 for value in values]) if len(values) > 1 else {}


if __name__ == "__main__":
    main()
