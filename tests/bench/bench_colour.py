"""Colour segmentation against `convert -segment`, on the same pixels in the same run.

Run `python -m tests.bench.bench_colour [--sides 512,2000] [--spaces 13,5] [--seconds 900]`.
Prints one JSON object: seconds of both, how many times faster ours is, and the agreement (the
adjusted Rand index of the label maps). Ours is timed from the PNG file to the painted PNG file,
as a job does it, in a process that runs already; theirs with the start of `convert`.
"""

import argparse
import json
import subprocess
import tempfile
import time
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from PIL import Image as PILImage

from annotations.engines.colour_clusters import ColourSpace, Segmentation, segment
from tests.support.environment import ROOT
from tests.support.magick import NAMES, adjusted_rand, imagemagick, labels_of

_ST = 1.5
_ROUNDS = 3


def _photo(name: str, side: int) -> np.ndarray:
    with PILImage.open(ROOT / "static" / "demo" / f"{name}.jpg") as image:
        scale = side / max(image.size)
        size = (round(image.width * scale), round(image.height * scale))
        return np.asarray(image.convert("RGB").resize(size, PILImage.Resampling.LANCZOS))


def _ours(file: bytes, space: ColourSpace) -> Segmentation:
    with PILImage.open(BytesIO(file)) as image:
        pixels = np.asarray(image.convert("RGB"))
    found = segment(pixels, cluster_threshold=0, smoothing_threshold=_ST, space=space)
    found.to_png()
    return found


def _timed(action: Any) -> tuple[float, Any]:
    start = time.perf_counter()
    result = action()
    return time.perf_counter() - start, result


def compare(name: str, side: int, cs: int, seconds: float) -> dict[str, Any]:
    """One photo in one colour space, both programs."""
    pixels = _photo(name, side)
    file = BytesIO()
    PILImage.fromarray(pixels).save(file, "PNG")
    runs = [_timed(lambda: _ours(file.getvalue(), ColourSpace(cs))) for _ in range(_ROUNDS)]
    ours, found = median(run[0] for run in runs), runs[0][1]
    row = {"pixels": f"{pixels.shape[1]}x{pixels.shape[0]}", "clusters": len(found.palette)}
    with tempfile.TemporaryDirectory() as folder:
        try:
            theirs, reference = _timed(
                lambda: imagemagick(pixels, Path(folder), 0, _ST, cs, seconds)
            )
        except subprocess.TimeoutExpired:
            return row | {"ours_s": round(ours, 3), "convert_s": f"over {seconds:g}"}
    return row | {
        "ours_s": round(ours, 3),
        "convert_s": round(theirs, 2),
        "times_faster": round(theirs / ours, 1),
        "convert_clusters": reference.clusters,
        "agreement": round(adjusted_rand(found.labels, labels_of(reference.pixels)), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", default="astronaut,cat,coffee,rocket")
    parser.add_argument("--sides", default="512,2000")
    parser.add_argument("--spaces", default="13,5")
    parser.add_argument("--seconds", type=float, default=900)
    given = parser.parse_args()
    rows = {
        f"{photo} {side} {NAMES[cs - 1]}": compare(photo, side, cs, given.seconds)
        for side in map(int, given.sides.split(","))
        for photo in given.photos.split(",")
        for cs in map(int, given.spaces.split(","))
    }
    print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
