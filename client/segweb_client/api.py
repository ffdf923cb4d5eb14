"""The Python client: `Client(url, token)`."""

import json
import os
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from . import transfers
from .answers import pick
from .errors import BadAnswer, Conflict, FileRefused, Invalid, JobFailed, NotFound, Unavailable
from .rle import Rle
from .transport import Tell, Transport
from .values import Annotation, Box, Image, Job, Label, Mask, Me, Point, Project

T = TypeVar("T")
Count = Callable[[int], None]
Share = Callable[[float], None]

_PAGE = 1000
_FIRST_POLL = 0.05
_LONGEST_POLL = 1.0


class Client:
    """A segweb server, asked in the name of a token's person.

        with Client("http://127.0.0.1:8000", token) as client:
            image = client.upload(project, "cup.jpg")
            masks = client.segment(image, points=[(300, 160, 1)])
            masks[0].save_png("mask.png")

    Calls may come from several threads. Requests that a passing failure ended (no connection, 503)
    are sent again, `retries` times, after growing pauses; after 429 when the server says.
    `timeout` is how many seconds the server may stay silent. `tell` is told of each pause: why,
    and how many seconds.
    Whatever fails raises a `segweb_client.SegwebError`.
    """

    def __init__(
        self, url: str, token: str, *, timeout: float = 60, retries: int = 6,
        tell: Tell | None = None,
    ) -> None:  # fmt: skip
        self.transport = Transport(url, token, timeout=timeout, retries=retries, tell=tell)
        self.token = token

    @property
    def url(self) -> str:
        return self.transport.url

    def close(self) -> None:
        self.transport.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    # --- People and projects -----------------------------------------------------------------

    def me(self) -> Me:
        """The person that the token stands for."""
        return Me.parse(self.transport.json("GET", "/api/me"))

    def projects(self) -> Iterator[Project]:
        """My projects."""
        return self._pages("/api/projects", Project.parse)

    def project(self, which: int | str) -> Project:
        """The project with this id, slug or name. Raises NotFound, and Invalid for a name that
        several projects have."""
        text = str(which)
        if text.isascii() and text.isdigit():
            try:
                return Project.parse(self.transport.json("GET", f"/api/projects/{int(text)}"))
            except NotFound:
                if isinstance(which, int):
                    raise
        named = []
        for row in self.projects():
            if row.slug == text:
                return row
            if row.name == text:
                named.append(row)
        if not named:
            raise NotFound(f"There is no project {text!r}.")
        if len(named) > 1:
            ids = ", ".join(str(row.id) for row in named)
            raise Invalid(f"Several projects are called {text!r}; name one by its id: {ids}.")
        return named[0]

    def create_project(self, name: str, labels: Iterable[str] = ()) -> Project:
        """A new project of mine, with labels of these names."""
        given = {"name": name, "labels": [{"name": label} for label in labels]}
        return Project.parse(self.transport.json("POST", "/api/projects", json=given, again=False))

    def delete_project(self, project: Project | int) -> None:
        """Deletes the project with everything in it. Owners only."""
        self.transport.json("DELETE", f"/api/projects/{_id(project)}", again=False)

    def add_label(self, project: Project | int, name: str, color: str | None = None) -> Label:
        """The project's label `name`, made if it is not there; `color` as #rrggbb."""
        given = {"name": name, "color": color} if color else {"name": name}
        path = f"/api/projects/{_id(project)}"
        try:
            return Label.parse(self.transport.json("POST", f"{path}/labels", json=given))
        except Conflict:
            # Somebody made it a moment ago, or this very call did before its answer was lost.
            rows = Project.parse(self.transport.json("GET", path)).labels
            for row in rows:
                if row.name == name:
                    return row
            raise

    # --- Images ------------------------------------------------------------------------------

    def images(
        self, project: Project | int, *, state: str | None = None, label: Label | int | None = None,
        q: str | None = None,
    ) -> Iterator[Image]:  # fmt: skip
        """The project's images, the oldest first. `state`: preparing, ready, refused, annotated or
        unannotated; `label`: with an object of it; `q`: part of the name."""
        wanted = {"state": state, "label": None if label is None else _id(label), "q": q}
        query = {name: value for name, value in wanted.items() if value is not None}
        return self._pages(f"/api/projects/{_id(project)}/images", Image.parse, query)

    def image(self, image: Image | int) -> Image:
        """The image as it is now."""
        return Image.parse(self.transport.json("GET", f"/api/images/{_id(image)}"))

    def upload(
        self, project: Project | int, path: str | os.PathLike[str], *, name: str | None = None,
        on_bytes: Count | None = None,
    ) -> Image:  # fmt: skip
        """Sends one image file; what the project has already comes back with `duplicate` set.

        `on_bytes` is told how many bytes were read; a negative number takes back those of a try
        that failed. Raises FileRefused for a file that is not taken, or cannot be read.
        """
        source = Path(path)
        # A name of bytes that are no UTF-8 is sent with marks in their place.
        raw = (name or source.name or "image").encode("utf-8", "surrogateescape")
        called = raw.decode("utf-8", "replace")
        address = f"/api/projects/{_id(project)}/images"

        def once() -> Any:
            with transfers.counted(source, self.transport, on_bytes) as file:
                files = {"files": (called, file, "application/octet-stream")}
                return self.transport.once("POST", address, files=files)

        answer = self.transport.patiently(once)
        if taken := pick(answer, "items", list):
            return Image.parse(taken[0])
        refused = pick(answer, "errors", list)
        if not refused:
            raise BadAnswer("The server says neither that it took the file nor why not.")
        raise FileRefused(pick(refused[0], "message", str), code=str(refused[0].get("code", "")))

    def wait_for_image(self, image: Image | int, *, timeout: float = 300) -> Image:
        """The image once it is ready. Raises FileRefused when its decode failed, and Unavailable
        after `timeout` seconds."""
        for _ in self._polls(timeout, f"Image {_id(image)} is still being prepared"):
            row = self.image(image)
            if row.state == "refused":
                raise FileRefused(row.error or "The image was refused.")
            if row.state == "ready":
                return row
        raise AssertionError("unreachable")

    # --- Masks and objects -------------------------------------------------------------------

    def segment(
        self, image: Image | int, points: Iterable[Point] = (), box: Box | None = None, *,
        multimask: bool = True, timeout: float = 300,
    ) -> list[Mask]:  # fmt: skip
        """Masks for points (x, y, label) in the order of the clicks and/or a box (x0, y0, x1, y1),
        the chosen one first. Pixels; label 1 is foreground, 0 background, 1 when left out.

        Each point refines the mask of those before it. Raises JobFailed, and Unavailable after
        `timeout` seconds.
        """
        given: dict[str, Any] = {"points": [_point(p) for p in points], "multimask": multimask}
        if box is not None:
            given["box"] = _box(box)
        path = f"/api/images/{_id(image)}/segment"
        job = Job.parse(self.transport.json("POST", path, **_json(given)))
        result = self.wait_for_job(job, timeout=timeout).result
        return [Mask.parse(row) for row in pick(result, "masks", list)]

    def annotations(self, image: Image | int) -> Iterator[Annotation]:
        """The image's objects in the order they were made."""
        return self._pages(f"/api/images/{_id(image)}/annotations", Annotation.parse)

    def annotate(
        self, image: Image | int, label: Label | int, *, rle: Rle | Mapping[str, Any] | None = None,
        polygons: Sequence[Sequence[float]] | None = None, id: str | uuid.UUID | None = None,
        source: str = "api", prompts: Mapping[str, Any] | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> Annotation:  # fmt: skip
        """Stores an object: its mask as COCO RLE, or as polygons [[x, y, x, y, …], …] in pixels.

        With the same `id` (a UUID; a random one when left out) the same object is never stored
        twice. Raises Invalid for a mask that does not fit the image.
        """
        given: dict[str, Any] = {
            "id": str(id or uuid.uuid4()), "label": _id(label), "source": source,
        }  # fmt: skip
        if rle is not None:
            given["rle"] = rle.as_json() if isinstance(rle, Rle) else dict(rle)
        if polygons is not None:
            given["polygons"] = [list(ring) for ring in polygons]
        if prompts is not None:
            given["prompts"] = dict(prompts)
        if attributes is not None:
            given["attributes"] = dict(attributes)
        path = f"/api/images/{_id(image)}/annotations"
        return Annotation.parse(self.transport.json("POST", path, **_json(given)))

    def delete_annotation(self, annotation: Annotation) -> None:
        """Deletes the object unless somebody changed it since (Conflict)."""
        path = f"/api/annotations/{annotation.id}?version={annotation.version}"
        self.transport.json("DELETE", path, again=False)

    # --- Jobs and exports --------------------------------------------------------------------

    def job(self, job: Job | int) -> Job:
        """The job as it is now."""
        return Job.parse(self.transport.json("GET", f"/api/jobs/{_id(job)}"))

    def wait_for_job(
        self, job: Job | int, *, timeout: float = 300, on_progress: Share | None = None
    ) -> Job:
        """The completed job; `on_progress` is told its share done, 0 to 1. Raises JobFailed, and
        Unavailable after `timeout` seconds."""
        for _ in self._polls(timeout, f"Job {_id(job)} has not ended"):
            row = self.job(job)
            if on_progress is not None:
                on_progress(1.0 if row.ended else row.progress)
            if row.status == "Failed":
                raise JobFailed(row.error or "The job failed.", code=row.error_code)
            if row.ended:
                return row
        raise AssertionError("unreachable")

    def export(
        self, project: Project | int, path: str | os.PathLike[str], *, format: str = "coco",
        segmentation: str = "rle", images: bool = False, timeout: float = 3600,
        on_progress: Share | None = None, on_size: Count | None = None,
        on_bytes: Count | None = None,
    ) -> transfers.Export:  # fmt: skip
        """Writes the project's dataset to `path`: COCO as JSON, or with `images` as a zip.

        `segmentation` is rle or polygon. `on_progress` is told the job's share done, 0 to 1, then
        `on_size` the file's bytes, and `on_bytes` how many more have come. The file appears whole
        and with the right SHA-256, or not at all. Raises BadAnswer for a damaged download, OSError
        for a path that cannot be written.
        """
        given = {"format": format, "segmentation": segmentation, "images": images}
        job = Job.parse(
            self.transport.json("POST", f"/api/projects/{_id(project)}/exports", json=given)
        )
        job = self.wait_for_job(job, timeout=timeout, on_progress=on_progress)
        # The address is made here: what an answer names never gets the token.
        address = f"/api/jobs/{job.id}/download"
        size, digest = pick(job.result, "bytes", int), pick(job.result, "sha256", str)
        if on_size is not None:
            on_size(size)
        return transfers.download(self.transport, address, Path(path), size, digest, on_bytes)

    # --- Inside ------------------------------------------------------------------------------

    def _pages(
        self, path: str, parse: Callable[[Any], T], query: Mapping[str, Any] | None = None
    ) -> Iterator[T]:
        cursor: str | None = None
        while True:
            params: dict[str, Any] = {"limit": _PAGE, **(query or {})}
            if cursor is not None:
                params["cursor"] = cursor
            page = self.transport.json("GET", path, params=params)
            for row in pick(page, "items", list):
                yield parse(row)
            following = page.get("next")
            if following is None:
                return
            if not isinstance(following, str) or following == cursor:
                raise BadAnswer("The server's list has no end.")
            cursor = following

    def _polls(self, timeout: float, what: str) -> Iterator[None]:
        end, pause = time.monotonic() + timeout, _FIRST_POLL
        while True:
            yield
            if time.monotonic() + pause > end:
                raise Unavailable(f"{what} after {timeout:g} s.")
            self.transport.stopped.wait(pause)
            self.transport.check()
            pause = min(_LONGEST_POLL, pause * 1.3)


def _id(row: Any) -> int:
    return int(row if isinstance(row, int) else row.id)


def _json(value: Any) -> dict[str, Any]:
    """The request's body; numbers that JSON does not have are refused here."""
    try:
        content = json.dumps(value, allow_nan=False, separators=(",", ":"))
    except ValueError as error:
        raise Invalid("Coordinates must be finite numbers.") from error
    return {"content": content, "headers": {"Content-Type": "application/json"}}


def _point(point: Point) -> dict[str, Any]:
    if len(point) not in {2, 3}:
        raise Invalid("A point is (x, y) or (x, y, label).", field="points")
    label = point[2] if len(point) == 3 else 1
    return {"x": point[0], "y": point[1], "label": int(label) if label in (0, 1) else label}


def _box(box: Box) -> dict[str, Any]:
    if len(box) != 4:
        raise Invalid("A box is (x0, y0, x1, y1).", field="box")
    return dict(zip(("x0", "y0", "x1", "y1"), box, strict=True))
