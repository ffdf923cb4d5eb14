"""COCO into a project: images that lack are sent, labels made, objects stored once.

The id of an object is made from its image, its label and its mask, so that importing a file twice
adds nothing, however its masks are spelled.
"""

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from . import coco, rle, sources
from .api import Client
from .errors import Conflict, FileRefused, Invalid, Unavailable
from .parallel import in_order
from .transfers import sha256_of
from .values import Image, Label, Project

_NAMESPACE = uuid.UUID("5e9b0e2c-6b1c-5b53-9a55-6f9d2f0b7a11")


@dataclass(slots=True)
class Report:
    """What an import did. `skipped` holds a line for each entry that was not taken and why, the
    path in the file first."""

    uploaded: int = 0
    labels: int = 0
    added: int = 0
    there: int = 0
    crowds: int = 0
    skipped: list[str] = field(default_factory=list)


Count = Callable[[int], None]


def import_coco(
    client: Client, project: Project | int, path: str | Path, *, images: str | Path | None = None,
    on_total: Count | None = None, on_done: Count | None = None,
    on_skip: Callable[[str], None] | None = None,
) -> Report:  # fmt: skip
    """Imports a COCO file, or a zip that `export` made with its images.

    Images are found in the project by content when `images` (a folder) or the zip holds them, and
    sent when they lack; else by name and size. `on_total` is told the number of objects, `on_done`
    of each image's. Raises Invalid for a file that is no COCO, SegwebError when the server fails.
    """
    return _Import(client, on_skip).run(project, Path(path), images, on_total, on_done)


class _Import:
    def __init__(self, client: Client, on_skip: Callable[[str], None] | None) -> None:
        self.client = client
        self.report = Report()
        self._on_skip = on_skip or (lambda _line: None)
        self.pictures: sources.Pictures = sources.Nothing()
        self.labels: dict[str, Label] = {}
        self.by_content: dict[str, Image] = {}
        self.by_name: dict[str, list[Image]] = {}

    def run(
        self, project: Project | int, path: Path, images: str | Path | None,
        on_total: Count | None, on_done: Count | None,
    ) -> Report:  # fmt: skip
        dataset = self._read(path, images)
        if on_total is not None:
            on_total(dataset.objects)
        self.project = self.client.project(project if isinstance(project, int) else project.id)
        self._prepare_labels(dataset)
        for image in self.client.images(self.project):
            self.by_content[image.sha256] = image
            self.by_name.setdefault(image.name, []).append(image)
        for picture, part in in_order(self._picture, dataset.pictures, self.client.transport):
            self.report.uploaded += part.uploaded
            self.report.added += part.added
            self.report.there += part.there
            self.report.crowds += part.crowds
            for line in part.skipped:
                self._skip(line)
            if on_done is not None:
                on_done(len(picture.objects))
        return self.report

    def _skip(self, line: object) -> None:
        self.report.skipped.append(str(line))
        self._on_skip(str(line))

    def _read(self, path: Path, images: str | Path | None) -> coco.Dataset:
        try:
            with path.open("rb") as file:
                zipped = file.read(4) == b"PK\x03\x04"
            if zipped:
                archive = sources.Archive(path)
                self.pictures = archive
            if images is not None:
                self.pictures = sources.Folder(Path(images))
            with archive.dataset() if zipped else path.open("rb") as file:
                return coco.read(file, self._skip)
        except OSError as error:
            raise Invalid(f"{path} cannot be read: {error.strerror or error}.") from error

    def _prepare_labels(self, dataset: coco.Dataset) -> None:
        self.labels = {label.name: label for label in self.project.labels}
        for name in dataset.labels:
            if name in self.labels:
                continue
            try:
                self.labels[name] = self.client.add_label(self.project, name)
                self.report.labels += 1
            except Invalid as error:
                self._skip(f"categories: the label {name[:80]!r} is not taken: {error.message}")

    # --- One image ---------------------------------------------------------------------------

    def _picture(self, picture: coco.Picture) -> Report:
        part = Report()
        try:
            image = self._image(picture, part)
        except (coco.Skipped, FileRefused, Invalid, Conflict) as error:
            if isinstance(error, Invalid) and error.status not in {None, 413}:
                raise
            lost = len(picture.objects)
            more = f" (and {lost} objects of it)" if lost else ""
            told = str(error) if isinstance(error, coco.Skipped) else f"{picture.at}: {error}"
            part.skipped.append(f"{told}{more}")
            return part
        if picture.objects:
            self._objects(picture, image, part)
        return part

    def _image(self, picture: coco.Picture, part: Report) -> Image:
        """The project's image for this entry. Raises coco.Skipped, FileRefused."""
        with self.pictures.open(picture.file_name) as path:
            if path is not None:
                image = self.by_content.get(sha256_of(path))
                if image is None:
                    image = self.client.upload(self.project, path, name=picture.file_name)
                    part.uploaded += not image.duplicate
            else:
                image = self._named(picture)
        if image.state == "refused":
            raise coco.Skipped(picture.at, f"the server refused the image: {image.error}")
        size = (picture.width or image.width, picture.height or image.height)
        if size != (image.width, image.height):
            raise coco.Skipped(
                picture.at,
                f"is {size[0]} × {size[1]} pixels in the file, but the server's image "
                f"{image.id} is {image.width} × {image.height} (upright)",
            )
        return image

    def _named(self, picture: coco.Picture) -> Image:
        name = picture.file_name.replace("\\", "/").rsplit("/", 1)[-1]
        found = self.by_name.get(picture.file_name) or self.by_name.get(name) or []
        if len(found) > 1:
            size = (picture.width, picture.height)
            found = [image for image in found if (image.width, image.height) == size] or found
        if not found:
            at = f"{picture.at}.file_name"
            raise coco.Skipped(at, f"neither the project nor the images hold {picture.file_name!r}")
        if len(found) > 1:
            at = f"{picture.at}.file_name"
            raise coco.Skipped(at, f"the project has {len(found)} images called {name!r}")
        return found[0]

    def _objects(self, picture: coco.Picture, image: Image, part: Report) -> None:
        """Stores the image's objects one after the other, so that their order lasts."""
        ids: set[str] = set()
        masks: Counter[tuple[int, str]] = Counter()
        stored = list(self.client.annotations(image)) if image.annotations else []
        wanted = self._wanted(picture, image, part)
        mine = {key for key, *_ in wanted}
        for row in stored:
            ids.add(row.id)
            if row.id not in mine:
                masks[row.label, row.rle.counts] += 1
        for key, thing, label, counts in wanted:
            if key in ids:
                part.there += 1
            elif masks[label.id, counts]:
                masks[label.id, counts] -= 1
                part.there += 1
            else:
                self._store(key, thing, image, label, counts, part)

    def _wanted(
        self, picture: coco.Picture, image: Image, part: Report
    ) -> list[tuple[str, coco.Thing, Label, str]]:
        """(id, object, label, counts) of what can be stored."""
        found = []
        times: Counter[str] = Counter()
        for thing in picture.objects:
            label = self.labels.get(thing.label)
            try:
                if label is None:
                    raise coco.Skipped(f"{thing.at}.category_id", "its label is not taken")
                runs = coco.mask(thing, image.width, image.height)
            except coco.Skipped as problem:
                part.skipped.append(str(problem))
                continue
            counts = rle.encode_counts(runs)
            name = f"{image.project}/{image.id}/{label.name}/{counts}"
            # Two alike in the file stay two.
            key = uuid.uuid5(_NAMESPACE, f"{name}/{times[name]}")
            times[name] += 1
            found.append((str(key), thing, label, counts))
        return found

    def _store(
        self, key: str, thing: coco.Thing, image: Image, label: Label, counts: str, part: Report
    ) -> None:
        mask = {"size": [image.height, image.width], "counts": counts}
        attributes = {**thing.attributes, **({"iscrowd": 1} if thing.crowd else {})} or None
        try:
            self.client.annotate(
                image, label, rle=mask, id=key, source="import", attributes=attributes
            )
        except (Invalid, Conflict) as error:
            part.skipped.append(f"{thing.at}: {error.message}")
        except Unavailable as error:
            if error.status != 500:
                raise
            part.skipped.append(f"{thing.at}: {error.message}")
        else:
            part.added += 1
            part.crowds += thing.crowd
