"""COCO instance files: read, checked, and their masks made (the format page of cocodataset.org).

What is wrong is named by its path in the file, as in `annotations[3].segmentation`.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from . import rings, rle
from .errors import Invalid

_FAR = 1e9


class Skipped(Exception):
    """One entry that cannot be taken; says where it is and why."""

    def __init__(self, at: str, reason: str) -> None:
        super().__init__(f"{at}: {reason}")


@dataclass(frozen=True, slots=True)
class Picture:
    """An image's entry; width and height in pixels, None when the file does not tell."""

    at: str
    file_name: str
    width: int | None
    height: int | None
    objects: list["Thing"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Thing:
    """An object's entry: its label, and mask and attributes as the file has them."""

    at: str
    label: str
    segmentation: Any
    crowd: bool
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dataset:
    """Label names in the file's order, and images with their objects."""

    labels: list[str]
    pictures: list[Picture]

    @property
    def objects(self) -> int:
        return sum(len(picture.objects) for picture in self.pictures)


def read(file: IO[Any], skip: Callable[[Skipped], None]) -> Dataset:
    """The dataset; `skip` is told of each entry that cannot be taken.

    Raises Invalid for what is no COCO instance file at all.
    """
    try:
        data = json.load(file)
    except RecursionError as error:
        raise Invalid("The file is nested too deeply to be COCO.") from error
    except UnicodeDecodeError as error:
        raise Invalid("The file is no JSON: it is not UTF-8 text.") from error
    except ValueError as error:
        raise Invalid(f"The file is no JSON: {error}.") from error
    if not isinstance(data, dict):
        raise Invalid("The file is no COCO: it must hold an object with 'images' and more.")
    for name in ("images", "categories", "annotations"):
        if not isinstance(data.get(name), list):
            told = "is missing" if name not in data else "must be a list"
            raise Invalid(f"The file is no COCO instance file: {name!r} {told}.", field=name)
    labels = dict(_each(data["categories"], "categories", _label, skip))
    pictures = dict(_each(data["images"], "images", _picture, skip))

    def thing(entry: Mapping[str, Any], at: str) -> tuple[Picture, Thing]:
        return _thing(entry, at, pictures, labels)

    for index, entry in enumerate(data["annotations"]):
        try:
            picture, found = thing(*_object(entry, f"annotations[{index}]"))
        except Skipped as problem:
            skip(problem)
        else:
            picture.objects.append(found)
    return Dataset(list(dict.fromkeys(labels.values())), list(pictures.values()))


def _object(entry: Any, at: str) -> tuple[Mapping[str, Any], str]:
    if not isinstance(entry, dict):
        raise Skipped(at, "must be an object")
    return entry, at


def _each(
    rows: list[Any], name: str, parse: Callable[[Mapping[str, Any], str], Any],
    skip: Callable[[Skipped], None],
) -> Iterator[tuple[int | str, Any]]:  # fmt: skip
    """(id, value) of each entry that can be taken, the ids unlike each other."""
    seen: set[int | str] = set()
    for index, row in enumerate(rows):
        try:
            entry, at = _object(row, f"{name}[{index}]")
            key = _id(entry, "id", at)
            if key in seen:
                raise Skipped(f"{at}.id", f"{key} is given twice")
            value = parse(entry, at)
        except Skipped as problem:
            skip(problem)
        else:
            seen.add(key)
            yield key, value


def _id(entry: Mapping[str, Any], name: str, at: str) -> int | str:
    value = entry.get(name)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise Skipped(f"{at}.{name}", "is missing" if value is None else "must be a number")
    return value


def _text(entry: Mapping[str, Any], name: str, at: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Skipped(f"{at}.{name}", "must be a text that is not empty")
    return value.strip()


def _label(entry: Mapping[str, Any], at: str) -> str:
    return _text(entry, "name", at)


def _picture(entry: Mapping[str, Any], at: str) -> Picture:
    sides = [entry.get(name) for name in ("width", "height")]
    for name, side in zip(("width", "height"), sides, strict=True):
        if side is not None and (type(side) is not int or side < 1):
            raise Skipped(f"{at}.{name}", "must be a number of pixels")
    return Picture(at, _text(entry, "file_name", at), sides[0], sides[1])


def _thing(
    entry: Mapping[str, Any], at: str, pictures: Mapping[int | str, Picture],
    labels: Mapping[int | str, str],
) -> tuple[Picture, Thing]:  # fmt: skip
    image, category = _id(entry, "image_id", at), _id(entry, "category_id", at)
    if image not in pictures:
        raise Skipped(f"{at}.image_id", f"the file has no image {image!r} that can be taken")
    if category not in labels:
        raise Skipped(f"{at}.category_id", f"the file has no category {category!r}")
    crowd = entry.get("iscrowd") in (1, True)
    # No part of the standard: what other tools keep under this name may be anything.
    attributes = entry.get("attributes")
    values = attributes if isinstance(attributes, dict) else {}
    mask = entry.get("segmentation")
    return pictures[image], Thing(at, labels[category], mask, crowd, values)


# --- Masks ----------------------------------------------------------------------------------------


def mask(thing: Thing, width: int, height: int) -> list[int]:
    """The object's run lengths (column-major, zeros first) in an image of this size, in their one
    spelling. Raises Skipped."""
    given, at = thing.segmentation, f"{thing.at}.segmentation"
    if isinstance(given, dict):
        runs = _runs(given, at, width, height)
    elif isinstance(given, list) and given:
        runs = rings.fill(_rings(given, at), width, height)
    elif given is None or given == []:
        raise Skipped(at, "is missing: an object without a mask cannot be taken")
    else:
        raise Skipped(at, "must be a list of polygons, or RLE with 'size' and 'counts'")
    runs = rle.canonical(runs)
    if len(runs) < 2:
        raise Skipped(at, "covers no pixel of the image")
    return runs


def _runs(given: Mapping[str, Any], at: str, width: int, height: int) -> list[int]:
    if given.get("size") != [height, width]:
        raise Skipped(f"{at}.size", f"must be [{height}, {width}], the image's height and width")
    counts = given.get("counts")
    if isinstance(counts, str):
        try:
            runs = rle.decode_counts(counts)
        except ValueError as error:
            raise Skipped(f"{at}.counts", str(error)) from error
    elif isinstance(counts, list) and all(type(run) is int for run in counts):
        runs = counts
    else:
        raise Skipped(f"{at}.counts", "must be a compressed string or a list of run lengths")
    if min(runs, default=0) < 0:
        raise Skipped(f"{at}.counts", "holds a run that is negative")
    if sum(runs) != width * height:
        raise Skipped(
            f"{at}.counts",
            f"the runs add up to {sum(runs)} pixels, the image has {width * height}",
        )
    return runs


def _rings(given: list[Any], at: str) -> list[Sequence[float]]:
    """The polygons that enclose something; COCO's own files hold some of two points."""
    found: list[Sequence[float]] = []
    for index, ring in enumerate(given):
        place = f"{at}[{index}]"
        if not isinstance(ring, list):
            raise Skipped(place, "must be a list of numbers x, y, x, y, …")
        if len(ring) % 2:
            raise Skipped(place, "has an odd number of coordinates")
        for number, value in enumerate(ring):
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise Skipped(f"{place}[{number}]", "must be a number")
            if not -_FAR <= value <= _FAR:
                raise Skipped(f"{place}[{number}]", "is too far outside the image")
        if len(ring) >= 6:
            found.append(ring)
    if not found:
        raise Skipped(at, "needs at least three points")
    return found
