"""The API's nouns as plain values. Fields that a newer server adds are ignored.

Coordinates are pixels of the upright image, origin top left, x right and y down. Times are epoch
milliseconds. Masks are COCO RLE: column-major run lengths, the first run is zeros.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .answers import pick
from .pictures import save_png
from .rle import Rle


@dataclass(frozen=True, slots=True)
class Me:
    """The person a token stands for."""

    id: int
    username: str
    email: str

    @classmethod
    def parse(cls, data: Any) -> "Me":
        email = data.get("email") if isinstance(data, Mapping) else ""
        return cls(pick(data, "id", int), pick(data, "username", str), str(email or ""))


@dataclass(frozen=True, slots=True)
class Label:
    """A class of objects; `color` as #rrggbb."""

    id: int
    name: str
    color: str

    @classmethod
    def parse(cls, data: Any) -> "Label":
        return cls(pick(data, "id", int), pick(data, "name", str), pick(data, "color", str))


@dataclass(frozen=True, slots=True)
class Project:
    """A project with its labels in order and its numbers of images and objects."""

    id: int
    slug: str
    name: str
    role: str
    labels: tuple[Label, ...]
    images: int
    annotated: int
    annotations: int

    @classmethod
    def parse(cls, data: Any) -> "Project":
        counts = pick(data, "counts", dict)
        return cls(
            pick(data, "id", int),
            pick(data, "slug", str),
            pick(data, "name", str),
            pick(data, "role", str),
            tuple(Label.parse(row) for row in pick(data, "labels", list)),
            *(pick(counts, name, int) for name in ("images", "annotated", "annotations")),
        )


@dataclass(frozen=True, slots=True)
class Image:
    """An image of `width` × `height` pixels, upright. `state` is preparing, ready or refused, and
    `error` the reason of a refusal; `duplicate` tells that an upload was there already."""

    id: int
    project: int
    name: str
    width: int
    height: int
    bytes: int
    sha256: str
    state: str
    embedding: str
    error: str
    annotations: int
    duplicate: bool = False

    @classmethod
    def parse(cls, data: Any) -> "Image":
        error = data.get("error") if isinstance(data, Mapping) else None
        return cls(
            pick(data, "id", int),
            pick(data, "project", int),
            pick(data, "name", str),
            pick(data, "width", int),
            pick(data, "height", int),
            pick(data, "bytes", int),
            pick(data, "sha256", str),
            pick(data, "state", str),
            pick(data, "embedding", str),
            str(error.get("message", "")) if isinstance(error, Mapping) else "",
            pick(data, "annotations", int),
            data.get("duplicate") is True,
        )


@dataclass(frozen=True, slots=True)
class Mask:
    """One candidate: `bbox` is (x, y, width, height), `area` in pixels, `score` the model's own
    estimate of the IoU with what was meant."""

    rle: Rle
    bbox: tuple[int, ...]
    area: int
    score: float

    @classmethod
    def parse(cls, data: Any) -> "Mask":
        box = tuple(pick(data, "bbox", list))
        return cls(
            Rle.parse(pick(data, "rle", dict)), box, pick(data, "area", int),
            pick(data, "score", float),
        )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        return {
            "rle": self.rle.as_json(),
            "bbox": list(self.bbox),
            "area": self.area,
            "score": self.score,
        }

    def save_png(self, path: Any) -> None:
        """Writes the mask as an 8-bit grey PNG, 255 inside and 0 outside (needs Pillow)."""
        save_png(self.rle, path)


@dataclass(frozen=True, slots=True)
class Annotation:
    """An object. `id` is a UUID, `image` and `label` are ids; `version` counts its changes."""

    id: str
    image: int
    label: int
    rle: Rle
    bbox: tuple[int, ...]
    area: int
    source: str
    version: int

    @classmethod
    def parse(cls, data: Any) -> "Annotation":
        return cls(
            pick(data, "id", str),
            pick(data, "image", int),
            pick(data, "label", int),
            Rle.parse(pick(data, "rle", dict)),
            tuple(pick(data, "bbox", list)),
            pick(data, "area", int),
            pick(data, "source", str),
            pick(data, "version", int),
        )


@dataclass(frozen=True, slots=True)
class Job:
    """Work of the server: Queued, Running, then Completed with `result` or Failed with `error`."""

    id: int
    kind: str
    status: str
    progress: float
    error: str
    error_code: str
    result: dict[str, Any]

    @classmethod
    def parse(cls, data: Any) -> "Job":
        error, result = pick(data, "id", int) and data.get("error"), data.get("result")
        error = error if isinstance(error, Mapping) else {}
        return cls(
            pick(data, "id", int),
            pick(data, "kind", str),
            pick(data, "status", str),
            pick(data, "progress", float),
            str(error.get("message", "")),
            str(error.get("code", "")),
            dict(result) if isinstance(result, Mapping) else {},
        )

    @property
    def ended(self) -> bool:
        return self.status in {"Completed", "Failed"}


@dataclass(frozen=True, slots=True)
class Event:
    """News of a project: `type` is job.updated, image.created, annotation.updated and the like,
    `data` holds ids and small fields."""

    type: str
    data: dict[str, Any] = field(default_factory=dict)


Point = Sequence[float]
"""(x, y, label): label 1 for foreground, 0 for background; (x, y) is foreground."""

Box = Sequence[float]
"""(x0, y0, x1, y1) with x0 < x1 and y0 < y1."""
