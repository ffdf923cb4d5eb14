"""From one image to the next in headless Chromium: `python -m tests.bench.bench_next`.

After F, milliseconds until the next picture is on the screen, shown by the page that is left
(it was decoded ahead); until the next page's first paint, to which its picture belongs; until its
canvas draws the picture; and until the tool is armed. Without the hand-over, the canvas is the
first to show it.
"""

import argparse
from statistics import median
from typing import Any

from playwright.sync_api import Page

from tests.support.browser import launch, sign_in
from tests.support.server import ADMIN, ADMIN_PASSWORD

from . import photos, running

CANVAS = 'canvas[data-testid="canvas"]'
_WATCH = """(() => {
  const now = () => performance.timeOrigin + performance.now();
  const kept = JSON.parse(sessionStorage.getItem("bench") ?? "{}");
  const keep = () => sessionStorage.setItem("bench", JSON.stringify(kept));
  if (window.top !== window) return;
  addEventListener("keydown", (event) => {
    if (event.key !== "f") return;
    for (const name of Object.keys(kept)) delete kept[name];
    kept.key = now();
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      // A message posted while a frame is drawn arrives right after that frame went out.
      channel.port1.onmessage = () => {
        if (document.querySelector(".ws-curtain + .ws-poster")) kept.old_page = now();
        keep();
      };
      channel.port2.postMessage(null);
    });
  }, { capture: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.name !== "first-contentful-paint" || !kept.key) continue;
      kept.new_page = performance.timeOrigin + entry.startTime;
    }
    keep();
  }).observe({ type: "paint", buffered: true });
  let poster = false;
  const look = () => {
    const there = document.getElementById("poster") !== null;
    if (poster && !there && kept.key && !kept.canvas) kept.canvas = now();
    poster = there;
    const state = document.querySelector("canvas[data-testid=canvas]")?.dataset.state;
    if (state === "armed" && kept.canvas && !kept.armed) kept.armed = now();
    keep();
    if (!kept.armed || !kept.key) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=6)
    options = parser.parse_args()
    with running.product("fake") as (server, client):
        project = running.project(client)
        rows = [
            running.upload(client, project["id"], f"{n}.jpg", data)
            for n, data in enumerate(photos.make(options.images))
        ]
        running.wait_ready(client, project["id"], len(rows), 120)
        with launch() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.add_init_script(_WATCH)
            sign_in(page, server.url, ADMIN, ADMIN_PASSWORD)
            page.goto(f"{server.url}/images/{rows[0]['id']}/annotate/")
            steps = [_step(page, row["id"]) for row in rows[1:]]
        running.tell(_told(steps))


def _armed(page: Page) -> None:
    page.locator(f'{CANVAS}[data-state="armed"]').wait_for(timeout=60_000)


def _step(page: Page, image: int) -> dict[str, float]:
    _armed(page)
    # Long enough for the next picture to be fetched and decoded, as it is while somebody works.
    page.wait_for_timeout(6500)
    page.keyboard.press("f")
    page.wait_for_url(f"**/images/{image}/annotate/")
    _armed(page)
    page.wait_for_timeout(600)
    kept: dict[str, float] = page.evaluate("() => JSON.parse(sessionStorage.getItem('bench'))")
    return {name: time - kept["key"] for name, time in kept.items() if name != "key"}


def _told(steps: list[dict[str, float]]) -> dict[str, Any]:
    def of(name: str) -> float | None:
        values = [step[name] for step in steps if name in step]
        return round(median(values), 1) if len(values) == len(steps) else None

    return {
        "steps": len(steps),
        "ours": {
            "shown_by_the_page_left_ms": of("old_page"),
            "first_paint_of_the_next_page_ms": of("new_page"),
        },
        "without_hand_over": {"drawn_by_the_canvas_ms": of("canvas"), "armed_ms": of("armed")},
    }


if __name__ == "__main__":
    main()
