"""One click on things in a 60-megapixel mosaic, zoomed in, against the same click on single photos.

Run `python -m tests.bench.bench_closeup` with the product's environment. Photos are made from the
demo photos, each with a thing whose mask is known: a blob cut out of another photo. The zoomed
view shows one of them; the page's own code chooses its region. Small things of 16 to 60 pixels lie
on the mosaic too. Everything goes through the HTTP API. Prints one JSON object: mean IoU of the
first offered mask, and of the best of the three.
"""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from statistics import mean
from typing import Any

import cv2
import httpx
import numpy as np
from PIL import Image

from annotations.domain.rle import Rle
from tests.support.environment import ROOT
from tests.support.server import Server, wait_until

from . import running
from .hand_made import innermost

COLUMNS, ROWS = 4, 4
PHOTO = (2400, 1600)
SIZE = (PHOTO[0] * COLUMNS, PHOTO[1] * ROWS)
_SMALL = 24
_VIEW = (480, 320)
_CHOOSE = """
import { cropWindowFor } from "./static/js/geometry/crop_window.js";
const [views, image] = JSON.parse(process.argv[1]);
console.log(JSON.stringify(views.map((view) => cropWindowFor(view, image))));
"""


@dataclass(frozen=True)
class Thing:
    """`mask` (height, width) of the rectangle at (x, y); the click is its innermost pixel."""

    x: int
    y: int
    mask: np.ndarray

    @property
    def click(self) -> tuple[float, float]:
        x, y = innermost(self.mask)
        return self.x + x, self.y + y

    def moved(self, dx: int, dy: int) -> "Thing":
        return Thing(self.x + dx, self.y + dy, self.mask)

    def rle(self, width: int, height: int) -> Rle:
        return Rle.from_part(self.mask, self.x, self.y, height, width)


def blob(random: np.random.Generator, side: int) -> np.ndarray:
    """A smooth shape without holes, about `side` pixels across."""
    angles = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    radius = np.ones_like(angles)
    for wave in range(2, 6):
        radius += random.uniform(-0.35, 0.35) / wave * np.cos(wave * angles + random.uniform(0, 6))
    stretch = random.uniform(0.6, 1.0)
    scale = 0.42 * side * 16
    xs = (side / 2 * 16 + scale * radius * np.cos(angles)).astype(np.int32)
    ys = (side / 2 * 16 + scale * stretch * radius * np.sin(angles)).astype(np.int32)
    canvas = np.zeros((side, side), np.uint8)
    cv2.fillPoly(canvas, [np.stack([xs, ys], 1)], 255, cv2.LINE_AA, 4)
    return canvas


def paste(ground: np.ndarray, source: np.ndarray, x: int, y: int, alpha: np.ndarray) -> Thing:
    """Pastes a part of `source` in the shape of `alpha`, with soft edges."""
    side = alpha.shape[0]
    soft = cv2.GaussianBlur(alpha, (0, 0), 0.8).astype(np.float32)[..., None] / 255
    patch = ground[y : y + side, x : x + side].astype(np.float32)
    ground[y : y + side, x : x + side] = (patch * (1 - soft) + source * soft).astype(np.uint8)
    return Thing(x, y, alpha > 127)


def demo() -> list[np.ndarray]:
    pictures = []
    for path in sorted((ROOT / "static" / "demo").glob("*.jpg")):
        with Image.open(path) as photo:
            size = (PHOTO[0] * 4 // 3, PHOTO[1] * 4 // 3)
            pictures.append(np.asarray(photo.convert("RGB").resize(size, Image.Resampling.BICUBIC)))
    return pictures


def _part(random: np.random.Generator, picture: np.ndarray, width: int, height: int) -> np.ndarray:
    x = int(random.integers(0, picture.shape[1] - width))
    y = int(random.integers(0, picture.shape[0] - height))
    return picture[y : y + height, x : x + width].copy()


def photos(random: np.random.Generator) -> list[tuple[np.ndarray, Thing]]:
    """Photos of `PHOTO` pixels, each with a thing of an eighth to a half of its height."""
    pictures = demo()
    made = []
    for n in range(COLUMNS * ROWS):
        ground = _part(random, pictures[n % len(pictures)], *PHOTO)
        side = int(random.integers(PHOTO[1] // 8, PHOTO[1] // 2))
        x = int(random.integers(100, PHOTO[0] - side - 100))
        y = int(random.integers(100, PHOTO[1] - side - 100))
        source = _part(random, pictures[(n + 1 + n // 4) % len(pictures)], side, side)
        made.append((ground, paste(ground, source, x, y, blob(random, side))))
    return made


def specks(random: np.random.Generator, mosaic: np.ndarray) -> list[Thing]:
    """Small things in plain colours of their own, on the mosaic."""
    made = []
    for _ in range(_SMALL):
        side = int(random.integers(16, 61))
        x = int(random.integers(300, SIZE[0] - 400))
        y = int(random.integers(300, SIZE[1] - 400))
        around = mosaic[y : y + side, x : x + side].reshape(-1, 3).mean(0)
        source = np.full((side, side, 3), (around + 128) % 256, np.float32)
        source += random.normal(0, 10, source.shape)
        made.append(paste(mosaic, source.clip(0, 255), x, y, blob(random, side)))
    return made


def jpeg(pixels: np.ndarray) -> bytes:
    out = BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=92)
    return out.getvalue()


def regions(views: Sequence[tuple[int, int, int, int]]) -> list[list[int] | None]:
    """What the page chooses for these views (x, y, width, height) of the mosaic."""
    told = [{"x0": x, "y0": y, "x1": x + w, "y1": y + h} for x, y, w, h in views]
    words = json.dumps([told, {"width": SIZE[0], "height": SIZE[1]}])
    command = ["node", "--input-type=module", "-e", _CHOOSE, words]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found: list[list[int] | None] = json.loads(done.stdout)
    return found


class Judge:
    """Clicks once through the API, and holds the masks against the truth."""

    def __init__(self, server: Server, client: httpx.Client) -> None:
        self.server, self.client = server, client

    def click(
        self, image: dict[str, Any], thing: Thing, region: list[int] | None = None
    ) -> tuple[float, float]:
        """IoU of the first mask, and of the best."""
        x, y = thing.click
        body = {"points": [{"x": x, "y": y, "label": 1}], "region": region}
        answer = self.client.post(f"/api/images/{image['id']}/segment", json=body)
        job = self.server.wait_for_job(self.client, answer.raise_for_status().json()["id"])
        if job["status"] != "Completed":
            raise RuntimeError(f"{region}: {job['error']}")
        truth = thing.rle(image["width"], image["height"])
        masks = [Rle(*m["rle"]["size"], m["rle"]["counts"]) for m in job["result"]["masks"]]
        each = [truth.iou(mask) for mask in masks]
        return each[0], max(each)


def summary(found: Sequence[tuple[float, float]]) -> dict[str, float]:
    return {
        "mean_iou": round(mean(first for first, _ in found), 4),
        "best_of_three": round(mean(best for _, best in found), 4),
        "count": len(found),
    }


def main() -> None:
    random = np.random.default_rng(11)
    single = photos(random)
    corners = [(n % COLUMNS * PHOTO[0], n // COLUMNS * PHOTO[1]) for n in range(len(single))]
    mosaic = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    for (x, y), (pixels, _) in zip(corners, single, strict=True):
        mosaic[y : y + PHOTO[1], x : x + PHOTO[0]] = pixels
    files = [jpeg(pixels) for pixels, _ in single]
    small = specks(random, mosaic)
    with running.product("sam_onnx") as (server, client):
        judge = Judge(server, client)
        project = running.project(client)["id"]
        whole = running.upload(client, project, "mosaic.jpg", jpeg(mosaic))
        wait_until(
            lambda: client.get(f"/api/images/{whole['id']}/pyramid").status_code == 200, 120, 0.2
        )
        sent = [running.upload(client, project, f"{n}.jpg", each) for n, each in enumerate(files)]
        running.wait_ready(client, project, len(sent) + 1, 120)
        things = [thing for _, thing in single]
        placed = [thing.moved(*corner) for thing, corner in zip(things, corners, strict=True)]
        chosen = regions([(*corner, *PHOTO) for corner in corners])
        width, height = _VIEW
        near = regions([_around(thing, width, height) for thing in small])
        on_photos = [judge.click(image, thing) for image, thing in zip(sent, things, strict=True)]
        zoomed = [judge.click(whole, t, r) for t, r in zip(placed, chosen, strict=True)]
        result = {
            "single_photos": summary(on_photos),
            "mosaic_zoomed_in": summary(zoomed),
            "mosaic_as_a_whole": summary([judge.click(whole, thing) for thing in placed]),
            "small_zoomed_in": summary(
                [judge.click(whole, t, r) for t, r in zip(small, near, strict=True)]
            ),
            "small_as_a_whole": summary([judge.click(whole, thing) for thing in small]),
        }
        first = mean(f for f, _ in zoomed) - mean(f for f, _ in on_photos)
        result["difference_points"] = round(100 * first, 2)  # type: ignore[assignment]
        running.tell(result)


def _around(thing: Thing, width: int, height: int) -> tuple[int, int, int, int]:
    x, y = thing.click
    return int(x - width / 2), int(y - height / 2), width, height


if __name__ == "__main__":
    main()
