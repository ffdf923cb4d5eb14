"""What proposals look like in a job's result, and which of them it holds."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...domain.prompts import Point, Prompts
from ...domain.rle import Rle

if TYPE_CHECKING:
    from ...engines.found import Found

# Characters of all masks of one job together.
MAX_RESULT = 4_000_000
# A mask more ragged than this is no object.
_MAX_COUNTS = 200_000
# Masks whose IoU is above this are one.
_ONE = 0.7

Row = dict[str, Any]
_Shapes = npt.NDArray[np.int64]


def rounded(number: float) -> float:
    """As results have it."""
    return round(float(number), 6)


def row(found: "Found", mask: Rle) -> Row:
    """A proposal as the job's result has it; its prompts give the mask again."""
    point = Point(round(found.point[0], 2), round(found.point[1], 2), 1, found.mask_index)
    return {
        "rle": {"size": [mask.height, mask.width], "counts": mask.counts},
        "bbox": list(mask.bbox),
        "area": mask.area,
        "score": rounded(found.score),
        "stability": rounded(found.stability),
        "candidate": found.mask_index,
        "prompts": Prompts((point,)).to_json(),
    }


def bounded(rows: Iterable[Row], max_rows: int) -> list[Row]:
    """The first of them, as many as the job's result may hold. Asks for no more than it takes."""
    kept: list[Row] = []
    characters = 0
    for each in rows:
        length = len(each["rle"]["counts"])
        characters += length
        if each["area"] == 0 or length > _MAX_COUNTS:
            continue
        if characters > MAX_RESULT:
            break
        kept.append(each)
        if len(kept) == max_rows:
            break
    return kept


def distinct(rows: Sequence[Row], progress: Callable[[float], None]) -> Iterator[Row]:
    """Of masks that are one the one of the best score; the best first. `progress` hears shares
    (0..1) before each mask, and may raise: many masks of a large image take long."""
    ranked = sorted(rows, key=lambda each: -each["score"])
    shapes = np.array([[*each["bbox"], each["area"]] for each in ranked], dtype=np.int64)
    kept: list[int] = []
    masks: list[Rle] = []
    for turn, each in enumerate(ranked):
        progress(turn / len(ranked))
        mask = Rle(*each["rle"]["size"], each["rle"]["counts"])
        bounds = _max_iou(shapes[turn], shapes[kept])
        likely = [index for index in np.argsort(-bounds) if bounds[index] > _ONE]
        if not any(mask.iou(masks[index]) > _ONE for index in likely):
            kept.append(turn)
            masks.append(mask)
            yield each


def _max_iou(one: _Shapes, others: _Shapes) -> npt.NDArray[np.float64]:
    """The highest IoU that masks of these boxes (x, y, width, height) and areas can have."""
    x, y, w, h, area = one
    across = np.minimum(x + w, others[:, 0] + others[:, 2]) - np.maximum(x, others[:, 0])
    down = np.minimum(y + h, others[:, 1] + others[:, 3]) - np.maximum(y, others[:, 1])
    boxes = np.maximum(across, 0) * np.maximum(down, 0)
    both = np.minimum(boxes, np.minimum(area, others[:, 4]))
    highest: npt.NDArray[np.float64] = both / np.maximum(1, area + others[:, 4] - both)
    return highest
