"""Datasets out and in again; COCO as other tools write it, and files that are none."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from annotations.domain.rle import Rle
from segweb_client import Client, Image, Invalid, Project, import_coco
from tests.support.pictures import png

from .running import Command

SQUARE = [1, 1, 9, 1, 9, 6, 1, 6]
Stored = Callable[[], list[tuple[str, str, str]]]


def plain(path: Path) -> dict[str, Any]:
    """The dataset of an export without its ids and dates, in one order."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            data = json.loads(archive.read("annotations.json"))
    else:
        data = json.loads(path.read_text())
    names = {row["id"]: row["file_name"] for row in data["images"]}
    labels = {row["id"]: row["name"] for row in data["categories"]}
    objects = [
        (names[row["image_id"]], labels[row["category_id"]],
         {k: v for k, v in row.items() if k not in {"id", "image_id", "category_id"}})
        for row in data["annotations"]
    ]  # fmt: skip
    return {
        "images": sorted((r["file_name"], r["width"], r["height"]) for r in data["images"]),
        "categories": [(row["id"], row["name"]) for row in data["categories"]],
        # In the order in which an image's objects were made.
        "annotations": sorted(objects, key=lambda row: row[0]),
    }


@pytest.fixture
def objects(client: Client, project: Project, images: list[Image]) -> int:
    """Masks of every kind on three of the images: a hole, islands, overlaps, two alike."""
    cat, dog = project.labels
    random = np.random.default_rng(0)
    for image in images[:3]:
        client.annotate(image, cat, polygons=[SQUARE], attributes={"side": "left", "age": 3.5})
        client.annotate(image, dog, polygons=[[5, 3, 30, 3, 30, 28, 5, 28], [9, 9, 20, 9, 15, 20]])
        client.annotate(image, cat, polygons=[SQUARE, [12, 12, 19, 12, 19, 20]])
        client.annotate(image, cat, polygons=[SQUARE])
        speckles = np.asfortranarray((random.random((30, 40)) < 0.1).astype(np.uint8))
        rle = coco_mask.encode(speckles)
        client.annotate(image, dog, rle={"size": rle["size"], "counts": rle["counts"].decode()})
    return 15


@pytest.fixture
def stored(client: Client, project: Project) -> Stored:
    """(image's name, label's name, counts) of every object of the project."""

    def look() -> list[tuple[str, str, str]]:
        labels = {label.id: label.name for label in client.project(project.id).labels}
        return [
            (image.name, labels[row.label], row.rle.counts)
            for image in client.images(project)
            for row in client.annotations(image)
        ]

    return look


# --- Out and in again ----------------------------------------------------------------------------


@pytest.mark.parametrize("segmentation", ["rle", "polygon"])
@pytest.mark.parametrize("zipped", [True, False])
def test_there_and_back(
    segweb: Command, project: Project, objects: int, photos: Path, segmentation: str, zipped: bool
) -> None:
    """Export, import into a new project, export: the same dataset. And once more: no change."""
    name = "a.zip" if zipped else "a.json"
    how = ["--segmentation", segmentation, *(["--images"] if zipped else [])]
    done = segweb("export", project.id, *how, "--out", name)
    size = (segweb.folder / name).stat().st_size
    assert done.out.startswith(f"{name}: {size} bytes, sha256 ")
    other = f"Other {project.id}"
    folder = [] if zipped else ["--images", photos]
    told = segweb("import", other, name, "--create", *folder).out
    sent = 6
    assert f"{objects} objects added, 0 there already, 0 entries skipped, {sent} images" in told
    assert "2 labels made" in told
    for spelled in ("rle", "polygon"):
        segweb("export", project.id, "--segmentation", spelled, "--out", "first.json")
        segweb("export", other, "--segmentation", spelled, "--out", "second.json")
        assert plain(segweb.folder / "first.json") == plain(segweb.folder / "second.json")
    for place in (other, project.id):
        told = segweb("import", place, name).out
        assert f"0 objects added, {objects} there already" in told
        assert "0 images sent, 0 labels made" in told


def test_an_export_has_a_name_by_default(segweb: Command, project: Project) -> None:
    segweb("export", project.id)
    segweb("export", project.id, "--images")
    names = {path.name for path in segweb.folder.iterdir()}
    assert {f"{project.slug}-coco.json", f"{project.slug}-coco.zip"} <= names


def test_an_export_replaces_whole_or_not_at_all(segweb: Command, project: Project) -> None:
    (segweb.folder / "a.json").write_text("old")
    segweb("export", "no such project", "--out", "a.json", code=4)
    assert (segweb.folder / "a.json").read_text() == "old"
    segweb("export", project.id, "--out", "a.json")
    assert "info" in json.loads((segweb.folder / "a.json").read_text())
    assert segweb("export", project.id, "--out", "no/folder/a.json", code=6).err
    assert segweb("export", project.id, "--out", ".", code=2).err


# --- COCO as others write it ----------------------------------------------------------------------


def dataset(*annotations: dict[str, Any], images: list[Any] | None = None) -> dict[str, Any]:
    rows = [
        {"id": n, "image_id": 7, "category_id": 3, "iscrowd": 0, **row}
        for n, row in enumerate(annotations, 1)
    ]
    shown = [{"id": 7, "file_name": "p0.png", "width": 40, "height": 30}]
    return {
        "images": shown if images is None else images,
        "categories": [{"id": 3, "name": "cat", "supercategory": "animal"}],
        "annotations": rows,
    }


def put(command: Command, data: Any, name: str = "in.json") -> str:
    (command.folder / name).write_text(json.dumps(data))
    return name


@pytest.mark.usefixtures("images")
def test_every_spelling_of_a_mask(segweb: Command, project: Project, stored: Stored) -> None:
    array = np.zeros((30, 40), np.uint8, order="F")
    array[1:6, 1:9] = 1
    runs = [31, 5, *[25, 5] * 7, 1200 - 31 - 5 - 30 * 7]
    counts = coco_mask.encode(array)["counts"].decode()
    spelled = [
        [SQUARE],
        {"size": [30, 40], "counts": counts},
        {"size": [30, 40], "counts": runs},
        {"size": [30, 40], "counts": [31, 2, 0, 3, *runs[2:]]},
        [[1.2, 0.9, 9.1, 1.4, 8.9, 5.6, 0.6, 6.4]],
        [SQUARE, [4, 2, 5, 3]],
    ]
    for number, segmentation in enumerate(spelled):
        told = segweb("import", project.id, put(segweb, dataset({"segmentation": segmentation})))
        assert f"{int(number == 0)} objects added, {int(number > 0)} there already" in told.out
    assert stored() == [("p0.png", "cat", counts)]


@pytest.mark.usefixtures("images")
def test_parts_that_overlap_are_joined(segweb: Command, project: Project, stored: Stored) -> None:
    parts = [[1, 1, 20, 1, 20, 10, 1, 10], [10, 5, 30, 5, 30, 25, 10, 25], [35, 26, 38, 26, 38, 29]]
    segweb("import", project.id, put(segweb, dataset({"segmentation": parts})))
    array = np.zeros((30, 40), np.uint8, order="F")
    array[1:10, 1:20] = array[5:25, 10:30] = 1
    ((_, _, counts),) = stored()
    found = Rle(30, 40, counts).to_mask()
    assert (found[:26] == array[:26]).all()
    assert 3 <= found[26:].sum() <= 6


@pytest.mark.usefixtures("images")
def test_what_somebody_relabelled_stays(
    segweb: Command, client: Client, project: Project, stored: Stored
) -> None:
    name = put(segweb, dataset({"segmentation": [SQUARE]}))
    segweb("import", project.id, name)
    image = next(iter(client.images(project, state="annotated")))
    (row,) = client.annotations(image)
    given = {"version": row.version, "label": project.labels[1].id}
    client.transport.json("PATCH", f"/api/annotations/{row.id}", json=given)
    assert "0 objects added, 1 there" in segweb("import", project.id, name).out
    assert [label for _, label, _ in stored()] == ["dog"]


@pytest.mark.usefixtures("images")
def test_what_cannot_be_taken_is_named_and_the_rest_goes_on(
    segweb: Command, project: Project, stored: Stored
) -> None:
    good, far = [SQUARE], [[1, 1, 9, 1, 9, 1e30]]
    counts = {"size": [30, 40], "counts": "é"}
    wrong: list[tuple[Any, str]] = [
        ({"segmentation": []}, "segmentation: is missing"),
        ({}, "segmentation: is missing"),
        ({"segmentation": "cat"}, "segmentation: must be a list of polygons"),
        ({"segmentation": [[1, 2, 3]]}, "segmentation[0]: has an odd number"),
        ({"segmentation": [[1, 2, 3, 4]]}, "segmentation: needs at least three points"),
        ({"segmentation": [[1, 2, 3, 4, "5", 6]]}, "segmentation[0][4]: must be a number"),
        ({"segmentation": [[1, 2, 3, 4, float("nan"), 6]]}, "segmentation[0][4]: is too far"),
        ({"segmentation": far}, "segmentation[0][5]: is too far outside"),
        ({"segmentation": [[50, 50, 60, 50, 60, 60]]}, "segmentation: covers no pixel"),
        ({"segmentation": {"size": [40, 30], "counts": [1200]}}, "size: must be [30, 40]"),
        ({"segmentation": {"size": [30, 40], "counts": [1, 2]}}, "counts: the runs add up to 3"),
        ({"segmentation": {"size": [30, 40], "counts": [-1, 1201]}}, "counts: holds a run that"),
        ({"segmentation": {"size": [30, 40], "counts": [1.5]}}, "counts: must be a compressed"),
        ({"segmentation": {"size": [30, 40], "counts": [1200]}}, "segmentation: covers no pixel"),
        ({"segmentation": counts}, "counts: holds characters"),
        ({"segmentation": good, "image_id": 99}, "image_id: the file has no image 99"),
        ({"segmentation": good, "image_id": None}, "image_id: is missing"),
        ({"segmentation": good, "image_id": [1]}, "image_id: must be a number"),
        ({"segmentation": good, "category_id": 99}, "category_id: the file has no category 99"),
    ]  # fmt: skip
    data = dataset(*(row for row, _ in wrong), {"segmentation": good})
    data["annotations"].append("a text")
    done = segweb("import", project.id, put(segweb, data), code=1)
    for number, (_, reason) in enumerate(wrong):
        at = f"skipped: annotations[{number}]"
        assert any(line.startswith(at) and reason in line for line in done.err.splitlines()), reason
    assert f"skipped: annotations[{len(wrong) + 1}]: must be an object" in done.err
    assert "1 objects added" in done.out
    assert f"{len(wrong) + 1} entries skipped" in done.out
    assert len(stored()) == 1


def test_images_that_cannot_be_found_or_taken(
    segweb: Command, client: Client, project: Project, images: list[Image]
) -> None:
    (segweb.folder / "twin").mkdir()
    (segweb.folder / "twin" / "p1.png").write_bytes(png(seed=50))
    client.upload(project, segweb.folder / "twin" / "p1.png")
    rows: list[Any] = [
        {"id": 1, "file_name": "none.png", "width": 40, "height": 30},
        {"id": 2, "file_name": "p0.png", "width": 30, "height": 40},
        {"id": 3, "file_name": "p1.png", "width": 40, "height": 30},
        {"id": 4, "file_name": "train/p2.png"},
        {"id": 4, "file_name": "p3.png"},
        {"id": 5, "file_name": "", "width": 40, "height": 30},
        {"id": 6, "file_name": "p3.png", "width": "40", "height": 30},
        {"file_name": "p3.png"},
        7,
    ]
    things = [{"segmentation": [SQUARE], "image_id": n} for n in (1, 2, 3, 4)]
    done = segweb("import", project.id, put(segweb, dataset(*things, images=rows)), code=1)
    for told in (
        "images[0].file_name: neither the project nor the images hold 'none.png' (and 1 objects",
        "images[1]: is 30 × 40 pixels in the file, but the server's image",
        "images[2].file_name: the project has 2 images called 'p1.png'",
        "images[4].id: 4 is given twice",
        "images[5].file_name: must be a text",
        "images[6].width: must be a number of pixels",
        "images[7].id: is missing",
        "images[8]: must be an object",
    ):
        assert f"skipped: {told}" in done.err
    assert "1 objects added" in done.out
    (found,) = client.images(project, state="annotated")
    assert found.id == images[2].id


def test_the_same_name_is_told_by_content(
    segweb: Command, client: Client, project: Project, images: list[Image], photos: Path
) -> None:
    """With the files at hand, another image of that name is not the one that is meant."""
    (photos / "p0.png").write_bytes(png(seed=60))
    name = put(segweb, dataset({"segmentation": [SQUARE]}))
    told = segweb("import", project.id, name, "--images", photos)
    assert "1 objects added" in told.out
    assert "1 images sent" in told.out
    (found,) = client.images(project, state="annotated")
    assert found.id not in {image.id for image in images}


@pytest.mark.parametrize(
    "name", ["../secret.png", "/etc/hostname", "link.png", "a/../../secret.png", "..\\secret.png"]
)
def test_a_dataset_never_makes_us_send_other_files(
    segweb: Command, client: Client, project: Project, photos: Path, name: str
) -> None:
    (segweb.folder / "secret.png").write_bytes(png(seed=70))
    (photos / "link.png").symlink_to(segweb.folder / "secret.png")
    rows = [{"id": 7, "file_name": name, "width": 40, "height": 30}]
    told = put(segweb, dataset({"segmentation": [SQUARE]}, images=rows))
    done = segweb("import", project.id, told, "--images", photos, code=1)
    assert "images[0].file_name: neither" in done.err
    assert list(client.images(project)) == []


def test_files_the_server_refuses(segweb: Command, project: Project, photos: Path) -> None:
    (photos / "p0.png").write_bytes(b"no image")
    name = put(segweb, dataset({"segmentation": [SQUARE]}))
    done = segweb("import", project.id, name, "--images", photos, code=1)
    assert "skipped: images[0]: This is not an image" in done.err
    assert "(and 1 objects of it)" in done.err


@pytest.mark.usefixtures("images")
def test_labels_that_lack_are_made_in_order(
    segweb: Command, client: Client, project: Project
) -> None:
    data = dataset({"segmentation": [SQUARE]})
    long = "x" * 101
    data["categories"] += [{"id": 9, "name": " zebra "}, {"id": 4, "name": "ape"},
                           {"id": 5, "name": long}, {"id": 6},
                           {"id": 3, "name": "again"}]  # fmt: skip
    data["annotations"][0]["category_id"] = 5
    done = segweb("import", project.id, put(segweb, data), code=1)
    names = [label.name for label in client.project(project.id).labels]
    assert names == ["cat", "dog", "zebra", "ape"]
    assert "categories: the label 'xxx" in done.err
    assert "annotations[0].category_id: its label is not taken" in done.err
    assert "categories[4].name: must be a text" in done.err
    assert "categories[5].id: 3 is given twice" in done.err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "must hold an object"),
        ("{}", "'images' is missing"),
        ('{"images": {}, "categories": [], "annotations": []}', "'images' must be a list"),
        ('{"images": [], "categories": []}', "'annotations' is missing"),
        ('{"images": [], "categories": 1, "annotations": []}', "'categories' must be a list"),
        ("\xff\xfe", "no JSON"),
        ("PK\x03\x04 a zip that is none", "no zip"),
    ],
)
def test_a_file_that_is_no_coco(segweb: Command, project: Project, text: str, told: str) -> None:
    (segweb.folder / "in.json").write_text(text, "latin-1")
    assert told in segweb("import", project.id, "in.json", code=2).err


def test_zips_that_are_no_export(segweb: Command, project: Project, tmp_path: Path) -> None:
    def made(*names: str) -> str:
        with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
            for name in names:
                archive.writestr(name, json.dumps(dataset()))
        return "in.zip"

    assert "no JSON file" in segweb("import", project.id, made("images/a.png"), code=2).err
    assert "2 JSON files" in segweb("import", project.id, made("a.json", "b.json"), code=2).err
    data = bytearray((tmp_path / made("annotations.json")).read_bytes())
    data[60:70] = b"0123456789"
    (tmp_path / "in.zip").write_bytes(data)
    assert "in the zip" in segweb("import", project.id, "in.zip", code=2).err


def test_an_import_that_broke_is_taken_up(
    client: Client, project: Project, images: list[Image], stored: Stored, tmp_path: Path
) -> None:
    rows = [{"id": image.id, "file_name": image.name} for image in images]
    things = [
        {"segmentation": [[n, n, n + 9, n, n + 9, n + 9]], "image_id": image.id}
        for image in images
        for n in range(3)
    ]
    path = tmp_path / "in.json"
    path.write_text(json.dumps(dataset(*things, images=rows)))

    class Enough(Exception):
        pass

    def stop(done: int) -> None:
        raise Enough

    with pytest.raises(Enough):
        import_coco(client, project, path, on_done=stop)
    before = len(stored())
    assert 0 < before <= 18
    report = import_coco(client, project, path)
    assert (report.added, report.there, report.skipped) == (18 - before, before, [])
    assert len(stored()) == 18


def test_the_module_names_what_is_wrong(client: Client, project: Project, tmp_path: Path) -> None:
    path = tmp_path / "in.json"
    path.write_text('{"images": []}')
    with pytest.raises(Invalid) as caught:
        import_coco(client, project, path)
    assert caught.value.field == "categories"
    with pytest.raises(Invalid, match="cannot be read"):
        import_coco(client, project, tmp_path / "none.json")
