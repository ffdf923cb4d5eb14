"""Crops and masks in them: the same here and in the browser."""

import json
from pathlib import Path

import numpy as np
import pytest

from annotations.domain.crops import parse
from annotations.domain.frame import ModelFrame
from annotations.domain.logits import rle_from_logits

FRAME = ModelFrame(side=1024, logits_side=256)
FIXTURE = Path(__file__).parents[1] / "fixtures" / "closeups.json"


def test_every_region_that_the_browser_chooses_is_taken() -> None:
    cases = [case for case in json.loads(FIXTURE.read_text()) if case["region"]]
    assert len(cases) > 25
    for case in cases:
        assert parse(case["region"], *case["image"]).to_json() == case["region"]


@pytest.mark.parametrize(
    "part", [(3, 5, 40, 30), (0, 0, 60, 50), (20, 20, 40, 30), (10, 0, 40, 50), (59, 49, 1, 1)]
)
def test_a_mask_over_a_part_lies_where_the_part_does(part: tuple[int, int, int, int]) -> None:
    x, y, w, h = part
    rows, columns = np.mgrid[0:256, 0:256].astype(np.float32)
    logits = 90 - np.hypot(columns - 90, rows - 70) + 20 * np.sin(columns / 9)
    expected = np.zeros((50, 60), np.uint8)
    expected[y : y + h, x : x + w] = rle_from_logits(logits, FRAME.of(w, h)).to_mask()
    placed = rle_from_logits(logits, FRAME.of(w, h), offset=(x, y), size=(60, 50))
    assert (placed.to_mask() == expected).all()
