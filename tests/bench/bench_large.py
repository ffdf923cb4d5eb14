"""A 60-megapixel image in the page: time to sharp pixels, frames while it moves, memory of the tab.

Run `python -m tests.bench.bench_large` with the product's environment. The same moves are made
over an image of 2000 × 1500 pixels, which its preview shows in full: the reference. Prints one
JSON object.
"""

import argparse
import time
from io import BytesIO
from pathlib import Path
from statistics import quantiles
from typing import Any

import numpy as np
import psutil
from PIL import Image
from playwright.sync_api import Page

from tests.e2e.workspace import Workspace
from tests.support.browser import launch, sign_in
from tests.support.environment import ROOT
from tests.support.server import ADMIN, ADMIN_PASSWORD, wait_until

from . import photos, running

SIZE = (9500, 6400)
_MOVES = 60
# The script's share of each frame: from its first callback to the end of its last.
_FRAMES = """
() => {
  window.frames_ = [];
  const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (run) => ask((time) => {
    const start = performance.now();
    run(time);
    window.frames_.push(performance.now() - start);
  });
}
"""


def mosaic(width: int, height: int) -> bytes:
    """A JPEG of the demo photos side by side, with grain."""
    whole = Image.new("RGB", (width, height))
    paths = sorted((ROOT / "static" / "demo").glob("*.jpg"))
    for n, (x, y) in enumerate(
        (x, y) for y in range(0, height, 900) for x in range(0, width, 1200)
    ):
        with Image.open(paths[n % len(paths)]) as photo:
            whole.paste(photo.convert("RGB").resize((1200, 900)), (x, y))
    grain = np.random.default_rng(1).integers(-12, 13, (height, width, 1), dtype=np.int16)
    pixels = (np.asarray(whole, np.int16) + grain).clip(0, 255).astype(np.uint8)
    out = BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=88)
    return out.getvalue()


def _megabytes(page: Page) -> float:
    """Resident memory of the tabs' processes, bitmaps and all."""
    browser = page.context.browser
    assert browser is not None
    page.evaluate("window.gc?.()")
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    pids = [int(row["id"]) for row in processes if row["type"] == "renderer"]
    return round(sum(psutil.Process(pid).memory_info().rss for pid in pids) / 1e6, 1)


def _sweep(page: Page) -> None:
    """Over all of the image, row by row, so that whatever is kept is kept."""
    page.keyboard.down("Space")
    for row in range(12):
        for _ in range(22):
            page.mouse.move(*((840, 500) if row % 2 else (240, 500)))
            page.mouse.down()
            page.mouse.move(*((240, 500) if row % 2 else (840, 500)), steps=3)
            page.mouse.up()
        page.mouse.move(600, 750)
        page.mouse.down()
        page.mouse.move(600, 250, steps=3)
        page.mouse.up()
    page.keyboard.up("Space")


def _moves(page: Page) -> list[float]:
    """Milliseconds of script in each frame while a person drags over the image."""
    page.evaluate("window.frames_.length = 0")
    page.keyboard.down("Space")
    for number in range(_MOVES):
        forth = number % 2 == 0
        page.mouse.move(700 if forth else 300, 500)
        page.mouse.down()
        page.mouse.move(300 if forth else 690, 480, steps=8)
        page.mouse.up()
    page.keyboard.up("Space")
    times: list[float] = page.evaluate("window.frames_")
    return times


def measure(page: Page, url: str, image: int, tiled: bool) -> dict[str, Any]:
    work = Workspace(page, url)
    page.add_init_script(f"({_FRAMES})()")
    work.open(image)
    page.wait_for_timeout(1500)
    result: dict[str, Any] = {"memory_fitted_mb": _megabytes(page)}
    page.mouse.move(600, 400)
    start = time.perf_counter()
    page.keyboard.press("Control+1")
    if tiled:
        wait_until(lambda: int(work.attribute("data-tiles") or 0) >= 6, 30, 0.01, "the tiles")
        result["first_sharp_view_s"] = round(time.perf_counter() - start, 2)
    frames = _moves(page)
    before = _megabytes(page)
    _sweep(page)
    page.wait_for_timeout(500)
    result |= {
        "frames": len(frames),
        "script_p50_ms": round(sorted(frames)[len(frames) // 2], 2),
        "script_p95_ms": round(quantiles(frames, n=20)[-1], 2),
        "memory_zoomed_in_mb": before,
        "memory_after_all_was_seen_mb": _megabytes(page),
        "tiles_held": int(work.attribute("data-tiles") or 0),
    }
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, help="folder for screenshots")
    arguments = parser.parse_args()
    with running.product("fake") as (server, client), launch("--js-flags=--expose-gc") as browser:
        project = running.project(client)["id"]
        start = time.perf_counter()
        large = running.upload(client, project, "large.jpg", mosaic(*SIZE))["id"]
        wait_until(
            lambda: client.get(f"/api/images/{large}/pyramid").status_code == 200, 120, 0.1, "tiles"
        )
        made = time.perf_counter() - start
        small = running.upload(client, project, "small.jpg", photos.make(1)[0])["id"]
        running.wait_ready(client, project, 2, 60)
        result: dict[str, Any] = {"upload_to_tiles_s": round(made, 1)}
        for name, image in (("large", large), ("reference", small)):
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            page = context.new_page()
            sign_in(page, server.url, ADMIN, ADMIN_PASSWORD)
            result[name] = measure(page, server.url, image, name == "large")
            if arguments.pictures:
                page.screenshot(path=arguments.pictures / f"{name}.png")
            context.close()
        running.tell(result)


if __name__ == "__main__":
    main()
