"""Images up, and masks from points and boxes."""

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from .. import uploading
from ..api import Client
from ..errors import FileRefused, Invalid, NotFound, SomeRefused
from ..values import Image, Mask, Project
from .session import BOX, POINT, Bar, Session, pass_session, project_of, say, say_json


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-p", "--project", required=True, help="Id, short name or name of the project.")
@click.option("--create", is_flag=True, help="Make the project if there is none of this name.")
@click.option("--wait", is_flag=True, help="Wait until every image is prepared or refused.")
@click.option(
    "--all", "every", is_flag=True, help="Send all files in folders, whatever their names end with."
)
@click.option(
    "--in-flight", default=4, show_default=True, type=click.IntRange(1, 16),
    help="Files sent at the same time.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print a JSON line for each file.")
@pass_session
def upload(
    session: Session, paths: tuple[Path, ...], project: str, create: bool, wait: bool, every: bool,
    in_flight: int, as_json: bool,
) -> None:  # fmt: skip
    """Send images: files, and folders with all below them.

    What the project has already is not sent again, so a run that broke is taken up by running it
    once more. Each file that is refused is named with the reason, and the exit code is then 1.
    """
    files, problems, ignored = uploading.find(paths, every)
    with session.client() as client:
        place = project_of(client, project, create)
        counts: Counter[str] = Counter()
        taken: dict[int, uploading.Outcome] = {}
        with Bar("Uploading", sum(file.bytes for file in files), bytes=True) as bar:
            sent = uploading.upload_many(client, place, files, workers=in_flight, on_bytes=bar.add)
            for outcome in _both(problems, sent):
                counts[outcome.kind] += 1
                if outcome.image is not None and outcome.kind != "refused":
                    taken[outcome.image.id] = outcome
                _tell(outcome, bar, as_json)
        if wait:
            _wait(client, place, taken, counts, as_json)
    if not as_json:
        _summary(place, counts, ignored)
    if counts["refused"]:
        raise SomeRefused(f"{_files(counts['refused'])} not taken.")


def _both(
    problems: list[uploading.Outcome], sent: Iterable[uploading.Outcome]
) -> Iterable[uploading.Outcome]:
    yield from problems
    yield from sent


def _tell(outcome: uploading.Outcome, bar: Bar, as_json: bool) -> None:
    if as_json:
        row: dict[str, Any] = {"path": str(outcome.path), "outcome": outcome.kind}
        if outcome.image is not None:
            row["image"] = outcome.image.id
        if outcome.reason:
            row["reason"] = outcome.reason
        say_json(row)
    elif outcome.kind == "refused":
        bar.note(f"refused: {outcome.path}: {outcome.reason}")


def _wait(
    client: Client, project: Project, taken: dict[int, uploading.Outcome], counts: Counter[str],
    as_json: bool,
) -> None:  # fmt: skip
    with Bar("Preparing", len(taken)) as bar:
        for image in uploading.wait_until_prepared(client, project, taken, on_done=bar.set):
            before = taken[image.id]
            counts[before.kind] -= 1
            counts["refused"] += 1
            reason = image.error or "The image was refused."
            _tell(uploading.Outcome(before.path, "refused", image, reason), bar, as_json)


def _files(count: int) -> str:
    return "1 file was" if count == 1 else f"{count} files were"


def _summary(project: Project, counts: Counter[str], ignored: int) -> None:
    parts = [f"{counts['new']} new", f"{counts['duplicate']} there already",
             f"{counts['refused']} refused"]  # fmt: skip
    if ignored:
        parts.append(f"{ignored} passed over (no image's name)")
    say(f"{project.name} (project {project.id}): {', '.join(parts)}.")


@click.command()
@click.argument("image")
@click.option("--point", "points", multiple=True, type=POINT,
              help="A click, in pixels: 1 belongs to the object (default), 0 does not. Repeat it; "
              "the order counts.")  # fmt: skip
@click.option("--box", type=BOX, help="A rectangle around the object, in pixels.")
@click.option("-p", "--project", help="Where a local file is sent first.")
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path),
              help="Write the best mask as PNG, 255 inside and 0 outside; - for the standard "
              "output.")  # fmt: skip
@click.option("--all", "every", is_flag=True,
              help="Write the other candidates too: mask-2.png, mask-3.png …")  # fmt: skip
@click.option("--label", help="Keep the best mask as an object with this label.")
@click.option("--create", is_flag=True, help="Make the label if there is none of this name.")
@click.option("--single", is_flag=True, help="Ask for one mask only.")
@click.option("--json", "as_json", is_flag=True, help="Print the masks as JSON, with their RLE.")
@click.option("--within", "seconds", default=300.0, show_default=True,
              type=click.FloatRange(1, 86_400), help="Seconds to wait for the masks.")  # fmt: skip
@pass_session
def segment(
    session: Session, image: str, points: tuple[list[float], ...], box: list[float] | None,
    project: str | None, out: Path | None, every: bool, label: str | None, create: bool,
    single: bool, as_json: bool, seconds: float,
) -> None:  # fmt: skip
    """Cut an object out of IMAGE by points and a box.

    IMAGE is an image's id on the server, or a local file together with --project.
    """
    if not points and box is None:
        raise click.UsageError("Give at least one --point or a --box.")
    if every and (out is None or str(out) == "-"):
        raise click.UsageError("--all needs --out with the name of a file.")
    if str(out) == "-" and as_json:
        raise click.UsageError("--json and --out - would both write to the standard output.")
    with session.client() as client:
        row = _image(client, image, project)
        masks = client.segment(row, points, box, multimask=not single, timeout=seconds)
        if not masks:
            raise Invalid("The server found no mask for these prompts.")
        kept = _keep(client, row, masks[0], label, create, points, box) if label else None
    if out is not None:
        _write(masks, out, every)
    if as_json:
        shown = {"image": row.id, "masks": [mask.as_json() for mask in masks]}
        say_json(shown | ({"annotation": kept} if kept else {}))
    elif str(out) != "-":
        for number, mask in enumerate(masks, 1):
            x, y, w, h = mask.bbox
            say(f"mask {number}: score {mask.score:.3f}, {mask.area} pixels, box {x},{y} {w}×{h}")


def _image(client: Client, image: str, project: str | None) -> Image:
    if image.isascii() and image.isdigit():
        return client.image(int(image))
    path = Path(image)
    if not path.exists():
        raise NotFound(f"{image!r} is neither an image's id nor a file here.")
    if project is None:
        raise click.UsageError("A local file needs --project, where it is sent first.")
    row = client.upload(client.project(project), path)
    if row.state == "refused":
        raise FileRefused(row.error or "The image was refused.")
    return row


def _keep(
    client: Client, image: Image, mask: Mask, label: str, create: bool,
    points: tuple[list[float], ...], box: list[float] | None,
) -> str:  # fmt: skip
    names = {row.name: row for row in client.project(image.project).labels}
    if create and label not in names:
        names[label] = client.add_label(image.project, label)
    if label not in names:
        known = ", ".join(names) or "none"
        raise NotFound(
            f"The project has no label {label!r}; it has: {known}. Add --create to make it."
        )
    clicks = [dict(zip(("x", "y", "label"), [*point, 1][:3], strict=True)) for point in points]
    corners = dict(zip(("x0", "y0", "x1", "y1"), box, strict=True)) if box else None
    prompts = {"points": clicks, "box": corners}
    return client.annotate(image, names[label], rle=mask.rle, source="smart", prompts=prompts).id


def _write(masks: list[Mask], out: Path, every: bool) -> None:
    if str(out) == "-":
        masks[0].save_png(sys.stdout.buffer)
        return
    masks[0].save_png(out)
    for number, mask in enumerate(masks[1:] if every else [], 2):
        mask.save_png(out.with_name(f"{out.stem}-{number}{out.suffix}"))
