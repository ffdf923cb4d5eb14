"""Datasets out and in."""

import re
from contextlib import ExitStack
from pathlib import Path

import click

from .. import importing
from ..errors import SomeRefused
from .session import Bar, Session, note, pass_session, project_of, say


@click.command()
@click.argument("project")
@click.option("--format", "kind", default="coco", show_default=True, type=click.Choice(["coco"]))
@click.option("--segmentation", default="rle", show_default=True,
              type=click.Choice(["rle", "polygon"]), help="How masks are written.")  # fmt: skip
@click.option("--images", is_flag=True, help="A zip with the image files in it.")
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path),
              help="The file to write; by default PROJECT-coco.json or .zip here.")  # fmt: skip
@pass_session
def export(
    session: Session, project: str, kind: str, segmentation: str, images: bool, out: Path | None
) -> None:
    """Write PROJECT's dataset to a file.

    The file is there whole and checked, or not at all; one of the same name is replaced.
    """
    with session.client() as client:
        row = client.project(project)
        if out is None:
            name = re.sub(r"[^A-Za-z0-9_-]", "-", row.slug).strip("-") or "project"
            out = Path(f"{name}-{kind}{'.zip' if images else '.json'}")
        with ExitStack() as bars:
            work = bars.enter_context(Bar("Exporting", 100))
            download: list[Bar] = []

            def begin(size: int) -> None:
                bars.close()
                download.append(bars.enter_context(Bar("Downloading", size, bytes=True)))

            done = client.export(
                row, out, format=kind, segmentation=segmentation, images=images,
                on_progress=lambda share: work.set(int(share * 100)),
                on_size=begin, on_bytes=lambda amount: download[0].add(amount),
            )  # fmt: skip
    say(f"{done.path}: {done.bytes} bytes, sha256 {done.sha256}")


@click.command("import")
@click.argument("project")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--images", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Folder of the image files; those that the project lacks are sent.")  # fmt: skip
@click.option("--create", is_flag=True, help="Make the project if there is none of this name.")
@pass_session
def import_(session: Session, project: str, file: Path, images: Path | None, create: bool) -> None:
    """Add a COCO FILE's objects to PROJECT.

    FILE is COCO JSON, or a zip that `segweb export --images` wrote. Labels that lack are made.
    Importing a file twice adds nothing. What is skipped is named by its path in the file, and the
    exit code is then 1.
    """
    with session.client() as client:
        row = project_of(client, project, create)
        bar: Bar | None = None

        def begin(total: int) -> None:
            nonlocal bar
            bar = Bar("Importing", total)
            bar.__enter__()

        def skipped(line: str) -> None:
            (bar.note if bar else note)(f"skipped: {line}")

        try:
            report = importing.import_coco(
                client, row, file, images=images, on_total=begin,
                on_done=lambda n: bar.add(n) if bar else None,
                on_skip=skipped,
            )  # fmt: skip
        finally:
            if bar is not None:
                bar.__exit__(None, None, None)
    parts = [
        f"{report.added} objects added", f"{report.there} there already",
        f"{len(report.skipped)} entries skipped", f"{report.uploaded} images sent",
        f"{report.labels} labels made",
    ]  # fmt: skip
    if report.crowds:
        parts.append(f"{report.crowds} of the added are crowds (attribute iscrowd)")
    say(f"{row.name} (project {row.id}): {', '.join(parts)}.")
    if report.skipped:
        count = len(report.skipped)
        told = "1 entry was" if count == 1 else f"{count} entries were"
        raise SomeRefused(f"{told} skipped.")
