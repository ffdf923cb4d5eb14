"""COCO instance segmentation (Lin et al., 2014; the format page of cocodataset.org).

`iscrowd` is 0 also for RLE: loaders drop crowds. As RLE every mask survives as it is. As
polygons each connected piece is one ring; COCO's readers fill every ring, so a hole is joined
to its outer ring by a cut without width. Rings turn on the corners of pixels, so
that pycocotools reads back the very same mask.

An object's attributes are written beside the standard's fields, as `attributes`, which readers of
the standard pass over; objects without any have no such field.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

from ..domain.polygons import bridged, contours
from ..domain.rle import Rle
from .base import AnnotationRecord, Dataset, ImageRecord, Progress

_FLUSH_ITEMS = 500
_NAMELESS = {"supercategory": ""}


def write(dataset: Dataset, file: BinaryIO, progress: Progress) -> None:
    """Writes the dataset as one JSON document, never holding more than a few hundred rows."""
    segmentation = _rle if dataset.segmentation == "rle" else _polygons
    now = datetime.now(UTC)
    info = {
        "description": dataset.name,
        "version": "1.0",
        "year": now.year,
        "contributor": "segweb",
        "date_created": now.isoformat(timespec="seconds"),
    }
    categories = [{"id": c.id, "name": c.name, **_NAMELESS} for c in dataset.categories]
    file.write(b'{"info":' + _dump(info) + b',"licenses":[]')
    file.write(b',"categories":' + _dump(categories))
    file.write(b',"images":[')
    _write_items(file, (_image(row) for row in dataset.images()))
    file.write(b'],"annotations":[')
    rows = _counted(dataset.annotations(), dataset.annotation_count, progress)
    _write_items(file, (_annotation(n, row, segmentation) for n, row in enumerate(rows, 1)))
    file.write(b"]}")


def _dump(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _write_items(file: BinaryIO, items: Iterable[Any]) -> None:
    separator = b""
    batch: list[bytes] = []
    for item in items:
        batch.append(_dump(item))
        if len(batch) == _FLUSH_ITEMS:
            file.write(separator + b",".join(batch))
            separator, batch = b",", []
    if batch:
        file.write(separator + b",".join(batch))


def _counted(
    rows: Iterator[AnnotationRecord], total: int, progress: Progress
) -> Iterator[AnnotationRecord]:
    for done, row in enumerate(rows, 1):
        yield row
        if done % _FLUSH_ITEMS == 0:
            progress(min(1.0, done / max(1, total)))


def _image(row: ImageRecord) -> dict[str, Any]:
    return {"id": row.id, "file_name": row.file_name, "width": row.width, "height": row.height}


def _annotation(
    number: int, row: AnnotationRecord, segmentation: Callable[[AnnotationRecord], Any]
) -> dict[str, Any]:
    attributes = {"attributes": dict(row.attributes)} if row.attributes else {}
    return {
        "id": number,
        "image_id": row.image_id,
        "category_id": row.category_id,
        "segmentation": segmentation(row),
        "area": row.area,
        "bbox": list(row.bbox),
        "iscrowd": 0,
        **attributes,
    }


def _rle(row: AnnotationRecord) -> dict[str, Any]:
    return {"size": [row.height, row.width], "counts": row.counts}


def _polygons(row: AnnotationRecord) -> list[list[int]]:
    parts = contours(Rle(row.height, row.width, row.counts))
    # Corners of pixels: whole numbers, which are shorter to write than 12.0.
    return [bridged(part).astype(int).ravel().tolist() for part in parts]
