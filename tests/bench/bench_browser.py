"""The annotate page in headless Chromium: `python -m tests.bench.bench_browser`.

Pointer to painted mask, beside ONNX Runtime web's bare decode of the same file in the same
browser; then what opening an image asks for and transfers, cold and warm.
"""

import argparse
import time
from statistics import median
from typing import Any

from playwright.sync_api import BrowserContext, Page

from tests.support.browser import launch, sign_in
from tests.support.server import ADMIN, ADMIN_PASSWORD, Server

from . import photos, running

CANVAS = 'canvas[data-testid="canvas"]'
# The decoder that the page loads, asked without the page's own code; in a document of its own.
BARE = """async (rounds) => {
  const manifest = JSON.parse(document.getElementById("page-data").textContent).assets;
  const ort = await import(manifest.ort.wasm);
  ort.env.wasm.wasmPaths = manifest.ort.base;
  ort.env.wasm.numThreads = Math.min(navigator.hardwareConcurrency, 4);
  const session = await ort.InferenceSession.create(manifest.models.mobile_sam.decoder);
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
  return times;
}"""
HOVERS = "() => performance.getEntriesByName('segweb:hover').map(entry => entry.duration)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=40)
    moves = parser.parse_args().moves
    with running.product("sam_onnx") as (server, client), launch() as browser:
        project = running.project(client)["id"]
        image = running.upload(client, project, "photo.jpg", photos.make(1)[0])["id"]
        running.wait_ready(client, project, 1, 60)
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = context.new_page()
        sign_in(page, server.url, ADMIN, ADMIN_PASSWORD)
        result: dict[str, Any] = {
            "cold": opening(context, page, server, image),
            "warm": opening(context, page, server, image),
        }
        before = bare(context, server, image, moves // 2)
        hovers = hover(page, moves)
        after = bare(context, server, image, moves // 2)
        alone = median(before + after)
        result["hover"] = {
            "decoder": page.locator(CANVAS).get_attribute("data-decoder"),
            "bare_ms": round(alone, 1),
            "painted_ms": round(median(hovers), 1),
            "ratio": round(median(hovers) / alone, 2),
            "moves": len(hovers),
        }
        running.tell(result)


def opening(context: BrowserContext, page: Page, server: Server, image: int) -> dict[str, Any]:
    """Opens the image in the page: requests, and bytes over the network by what they are."""
    cdp = context.new_cdp_session(page)
    cdp.send("Network.enable")
    urls: dict[str, str] = {}
    sizes: dict[str, int] = {}
    cdp.on(
        "Network.requestWillBeSent", lambda e: urls.update({e["requestId"]: e["request"]["url"]})
    )
    cached: set[str] = set()
    cdp.on("Network.requestServedFromCache", lambda e: cached.add(e["requestId"]))
    cdp.on(
        "Network.loadingFinished",
        lambda e: sizes.update({e["requestId"]: int(e["encodedDataLength"])}),
    )
    page.goto("about:blank")
    start = time.perf_counter()
    page.goto(f"{server.url}/images/{image}/annotate/")
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
    times: list[float] = page.evaluate(BARE, rounds)
    page.close()
    return times


def hover(page: Page, moves: int) -> list[float]:
    """Milliseconds from each pointer event to the frame with its mask."""
    page.bring_to_front()
    box = page.locator(CANVAS).bounding_box()
    assert box is not None
    page.evaluate("performance.clearMeasures()")
    for number in range(moves):
        share = number / moves
        page.mouse.move(box["x"] + box["width"] * (0.2 + 0.6 * share), box["y"] + 200 + 200 * share)
        page.wait_for_timeout(400)
    times: list[float] = page.evaluate(HOVERS)
    return times


if __name__ == "__main__":
    main()
