"""What an exporter is given: a dataset as streams, so that its size never matters."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Progress = Callable[[float], None]
Segmentation = Literal["rle", "polygon"]


@dataclass(frozen=True, slots=True)
class Category:
    """A label: `id` counts from 1 in the project's order."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """An image, its size in pixels, and its file's name in the export (unique)."""

    id: int
    file_name: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class AnnotationRecord:
    """A mask: compressed COCO counts for an image of `height` × `width`; bbox is
    (x, y, width, height) and area the number of pixels; `attributes` are the object's values by
    name."""

    image_id: int
    category_id: int
    height: int
    width: int
    counts: str
    bbox: Sequence[int]
    area: int
    attributes: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Dataset:
    """What is exported. The streams can be opened more than once."""

    name: str
    categories: Sequence[Category]
    images: Callable[[], Iterator[ImageRecord]]
    annotations: Callable[[], Iterator[AnnotationRecord]]
    annotation_count: int
    segmentation: Segmentation
