"""COCO exports, as pycocotools reads them."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from pycocotools.coco import COCO

from annotations.domain.polygons import rasterise
from annotations.domain.rle import Rle
from annotations.exporters import registry
from annotations.exporters.base import AnnotationRecord, Category, Dataset, ImageRecord

_WIDTH, _HEIGHT = 120, 90


def _masks() -> list[Rle]:
    """A square, one with a hole, islands, a pixel, the whole image, noise."""
    square, holed, islands, pixel = (np.zeros((_HEIGHT, _WIDTH), np.uint8) for _ in range(4))
    square[10:40, 20:70] = 1
    holed[5:80, 5:80] = 1
    holed[20:50, 30:60] = 0
    islands[0:5, 0:5] = islands[60:90, 100:120] = islands[30:40, 30:40] = 1
    pixel[44, 55] = 1
    full = np.ones_like(pixel)
    noise = np.random.default_rng(3).random((_HEIGHT, _WIDTH)) < 0.6
    return [Rle.from_mask(mask) for mask in (square, holed, islands, pixel, full, noise)]


def _record(rle: Rle, image: int = 1, category: int = 1) -> AnnotationRecord:
    return AnnotationRecord(image, category, rle.height, rle.width, rle.counts, rle.bbox, rle.area)


def _dataset(masks: list[Rle], segmentation: Literal["rle", "polygon"]) -> Dataset:
    images = [ImageRecord(1, "plain.jpg", _WIDTH, _HEIGHT), ImageRecord(7, "äö ü.png", 5, 6)]
    records = [_record(rle, category=1 + n % 2) for n, rle in enumerate(masks)]
    return Dataset(
        name="Birds",
        categories=[Category(1, "beak"), Category(2, 'wi"ng')],
        images=lambda: iter(images),
        annotations=lambda: iter(records),
        annotation_count=len(records),
        segmentation=segmentation,
    )


def _ignored(_: float) -> None:
    pass


def _written(dataset: Dataset, progress: Callable[[float], None] = _ignored) -> bytes:
    file = io.BytesIO()
    registry.write("coco", dataset, file, progress)
    return file.getvalue()


def _loaded(dataset: Dataset, folder: Path) -> COCO:
    path = folder / "coco.json"
    path.write_bytes(_written(dataset))
    return COCO(str(path))


def test_rle_reads_back_bit_for_bit(tmp_path: Path) -> None:
    masks = _masks()
    coco = _loaded(_dataset(masks, "rle"), tmp_path)
    rows = coco.loadAnns(coco.getAnnIds())
    assert len(rows) == len(masks)
    for row, rle in zip(rows, masks, strict=True):
        assert np.array_equal(coco.annToMask(row), rle.to_mask())
        assert (row["area"], row["bbox"], row["iscrowd"]) == (rle.area, list(rle.bbox), 0)


def test_polygons_read_back_with_their_holes(tmp_path: Path) -> None:
    masks = _masks()
    coco = _loaded(_dataset(masks, "polygon"), tmp_path)
    for row, rle in zip(coco.loadAnns(coco.getAnnIds()), masks, strict=True):
        assert np.array_equal(coco.annToMask(row), rle.to_mask())
        # What readers take for boxes, or drop, has four numbers.
        assert all(len(ring) >= 6 for ring in row["segmentation"])
        assert (row["area"], row["bbox"]) == (rle.area, list(rle.bbox))


@pytest.mark.parametrize("segmentation", ["rle", "polygon"])
def test_the_document(segmentation: Literal["rle", "polygon"]) -> None:
    document: dict[str, Any] = json.loads(_written(_dataset(_masks(), segmentation)))
    assert document["info"]["description"] == "Birds"
    assert document["info"]["contributor"] == "segweb"
    assert document["categories"] == [
        {"id": 1, "name": "beak", "supercategory": ""},
        {"id": 2, "name": 'wi"ng', "supercategory": ""},
    ]
    assert [row["file_name"] for row in document["images"]] == ["plain.jpg", "äö ü.png"]
    assert [row["id"] for row in document["annotations"]] == [1, 2, 3, 4, 5, 6]
    assert {row["category_id"] for row in document["annotations"]} == {1, 2}


def test_attributes_are_written_where_there_are_any() -> None:
    plain = _record(_masks()[0])
    values = {"side": "left", "age": 3.5, "occluded": True}
    rows = [plain, replace(plain, attributes=values), replace(plain, attributes={})]
    dataset = replace(_dataset([], "rle"), annotations=lambda: iter(rows), annotation_count=3)
    document = json.loads(_written(dataset))
    assert [row.get("attributes") for row in document["annotations"]] == [None, values, None]


def test_an_empty_dataset_is_a_document_too(tmp_path: Path) -> None:
    coco = _loaded(_dataset([], "polygon"), tmp_path)
    assert coco.getAnnIds() == []


def test_it_is_written_piece_by_piece_and_tells_how_far_it_is() -> None:
    rle = rasterise([[3, 3, 40, 8, 20, 50]], _WIDTH, _HEIGHT)
    taken: list[int] = []

    def records() -> Any:
        for n in range(2000):
            taken.append(n)
            yield _record(rle)

    class Watched(io.BytesIO):
        ahead = 0
        seen = 0

        def write(self, data: Any) -> int:
            self.ahead = max(self.ahead, len(taken) - self.seen)
            self.seen = len(taken)
            return super().write(data)

    told: list[float] = []
    file = Watched()
    dataset = Dataset("Many", [Category(1, "a")], lambda: iter([]), records, 2000, "rle")
    registry.write("coco", dataset, file, told.append)
    assert len(json.loads(file.getvalue())["annotations"]) == 2000
    assert file.ahead <= 501
    assert told == [0.25, 0.5, 0.75, 1.0]


def test_an_unknown_format_is_told() -> None:
    with pytest.raises(KeyError):
        registry.write("tarot", _dataset([], "rle"), io.BytesIO(), _ignored)
