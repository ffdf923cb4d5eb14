"""The annotate page in headless Chromium: `python -m tests.bench.bench_browser`.

Pointer to painted mask, beside ONNX Runtime web's bare decode of the same file in the same
browser, with the pointer at leisure and with a move every 20 ms; and what opening an image of
several asks for and transfers, cold and warm.
"""

import argparse
import time
from statistics import median
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.browser import launch, sign_in
from tests.support.server import ADMIN, ADMIN_PASSWORD, Server

from . import photos, running

_IMAGES = 5
_VIEWPORT = {"width": 1280, "height": 800}
CANVAS = 'canvas[data-testid="canvas"]'
# The decoder that the page loads, asked without the page's own code, in a worker as there.
_BARE_WORKER = """
self.onmessage = async ({ data: { manifest, origin, rounds } }) => {
  const ort = await import(new URL(manifest.ort.wasm, origin));
  ort.env.wasm.wasmPaths = new URL(manifest.ort.base, origin).href;
  ort.env.wasm.numThreads = Math.min(navigator.hardwareConcurrency, 4);
  const decoder = new URL(manifest.models.mobile_sam.decoder, origin).href;
  const session = await ort.InferenceSession.create(decoder);
  const zeros = (dims) => new Float32Array(dims.reduce((a, b) => a * b));
  const tensor = (dims, values) => new ort.Tensor("float32", values ?? zeros(dims), dims);
  const feeds = {
    image_embeddings: tensor([1, 256, 64, 64]), mask_input: tensor([1, 1, 256, 256]),
    has_mask_input: tensor([1]), point_labels: tensor([1, 2], Float32Array.of(1, -1)),
    point_coords: tensor([1, 2, 2], Float32Array.of(500, 400, 0, 0)),
  };
  const times = [];
  for (let n = 0; n < rounds + 3; n++) {
    const start = performance.now();
    await session.run(feeds);
    if (n > 2) times.push(performance.now() - start);
  }
  self.postMessage(times);
};
"""
BARE = """([source, rounds]) => new Promise((resolve, reject) => {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module" });
  worker.onmessage = ({ data }) => { worker.terminate(); resolve(data); };
  worker.onerror = (event) => reject(new Error(event.message));
  const manifest = JSON.parse(document.getElementById("page-data").textContent).assets;
  worker.postMessage({ manifest, origin: location.origin, rounds });
})"""
HOVERS = "() => performance.getEntriesByName('segweb:hover').map(entry => entry.duration)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=40)
    moves = parser.parse_args().moves
    with running.product("sam_onnx") as (server, client), launch() as browser:
        project = running.project(client)["id"]
        data = photos.make(_IMAGES)
        sent = [running.upload(client, project, f"{n}.jpg", photo) for n, photo in enumerate(data)]
        image = sent[0]["id"]
        running.wait_ready(client, project, _IMAGES, 60)
        state = _signed_in(browser, server)
        context = browser.new_context(viewport=_VIEWPORT, storage_state=state)
        # The bare side's worker is made from text, which the page's own policy forbids.
        other = browser.new_context(viewport=_VIEWPORT, storage_state=state, bypass_csp=True)
        page = context.new_page()
        result: dict[str, Any] = {
            "images_in_project": _IMAGES,
            "cold": opening(context, page, server, image),
            "warm": opening(context, page, server, image),
        }
        before = bare(other, server, image, moves // 2)
        hovers = hover(page, moves, 400)
        pressed = hover(page, 5 * moves, 20)
        after = bare(other, server, image, moves // 2)
        alone = median(before + after)
        result["hover"] = {
            "decoder": page.locator(CANVAS).get_attribute("data-decoder"),
            "bare_ms": round(alone, 1),
            "painted_ms": round(median(hovers), 1),
            "ratio": round(median(hovers) / alone, 2),
            "moves": len(hovers),
        }
        # A move waits for the decode that runs, then for its own: two decodes at the most.
        result["hover_under_pressure"] = {
            "moves": 5 * moves,
            "every_ms": 20,
            "decodes": len(pressed),
            "median_in_decodes": round(median(pressed) / alone, 2),
            "p95_in_decodes": round(sorted(pressed)[int(0.95 * len(pressed))] / alone, 2),
            "last_in_decodes": round(pressed[-1] / alone, 2),
        }
        running.tell(result)


def _signed_in(browser: Browser, server: Server) -> Any:
    """Cookies only: what the page caches belongs to the measured context."""
    context = browser.new_context()
    sign_in(context.new_page(), server.url, ADMIN, ADMIN_PASSWORD)
    state = context.storage_state()
    context.close()
    return state


def opening(context: BrowserContext, page: Page, server: Server, image: int) -> dict[str, Any]:
    """Opens the image in the page: requests, and bytes over the network by what they are."""
    cdp = context.new_cdp_session(page)
    cdp.send("Network.enable")
    urls: dict[str, str] = {}
    sizes: dict[str, int] = {}
    cdp.on(
        "Network.requestWillBeSent", lambda e: urls.update({e["requestId"]: e["request"]["url"]})
    )
    cdp.on(
        "Network.loadingFinished",
        lambda e: sizes.update({e["requestId"]: int(e["encodedDataLength"])}),
    )
    page.goto("about:blank")
    start = time.perf_counter()
    page.goto(f"{server.url}/images/{image}/annotate/?decoder=browser")
    page.wait_for_selector(f'{CANVAS}[data-state="armed"]', timeout=60_000)
    armed = time.perf_counter() - start
    asked = [u for u in urls.values() if "/api/" in u and "/thumbnail" not in u]
    page.wait_for_timeout(1500)
    cdp.detach()

    def total(*parts: str) -> int:
        return sum(n for k, n in sizes.items() if any(p in urls.get(k, "") for p in parts))

    return {
        "armed_s": round(armed, 2),
        "api_requests_before_armed": len(asked),
        "embedding_bytes": total("/embedding"),
        "preview_bytes": total("/preview"),
        "page_static_thumbnails_annotations_bytes": total("/static/", "/annotate/", "/thumbnail",
                                                          "/annotations"),
    }  # fmt: skip


def bare(context: BrowserContext, server: Server, image: int, rounds: int) -> list[float]:
    """Milliseconds of each bare decode, in a tab whose own decoder is off."""
    page = context.new_page()
    page.goto(f"{server.url}/images/{image}/annotate/?decoder=server")
    page.wait_for_selector(f'{CANVAS}[data-state="armed"]', timeout=60_000)
    times: list[float] = page.evaluate(BARE, [_BARE_WORKER, rounds])
    page.close()
    return times


def hover(page: Page, moves: int, pause: int) -> list[float]:
    """Milliseconds from pointer event to the frame with its mask, of each mask that was painted;
    `pause` milliseconds lie between the moves."""
    page.bring_to_front()
    box = page.locator(CANVAS).bounding_box()
    assert box is not None
    page.evaluate("performance.clearMeasures()")
    for number in range(moves):
        share = number / moves
        page.mouse.move(box["x"] + box["width"] * (0.2 + 0.6 * share), box["y"] + 200 + 200 * share)
        page.wait_for_timeout(pause)
    page.wait_for_timeout(1500)
    times: list[float] = page.evaluate(HOVERS)
    return times


if __name__ == "__main__":
    main()
