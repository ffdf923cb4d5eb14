"""Cutting out: the real model through the command, and what is refused."""

import subprocess
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segweb_client import Client, Conflict, Invalid, NotFound, Project, Rle
from tests.support import bare_sam
from tests.support.environment import ROOT
from tests.support.pictures import encoded, picture, png
from tests.support.server import Server

from .running import Command

CUP = ROOT / "static" / "demo" / "coffee.jpg"


@pytest.fixture
def image(client: Client, project: Project, tmp_path: Path) -> int:
    """40 × 30 pixels."""
    (tmp_path / "image.png").write_bytes(png())
    return client.upload(project, tmp_path / "image.png").id


def test_a_photo_through_the_model(server: Server, tmp_path: Path) -> None:
    """The written mask is the one that the server tells of, pixel by pixel, and a cup's."""
    token = server.create_token(name="cups")
    segweb = Command(tmp_path, {"SEGWEB_URL": server.url, "SEGWEB_TOKEN": token})
    segweb("upload", CUP, "-p", "Cups", "--create", "--wait")
    asked = ["segment", CUP, "-p", "Cups", "--box", "100,30,480,392"]
    (told,) = segweb(*asked, "--out", "mask.png", "--json").lines
    shown = np.asarray(Image.open(tmp_path / "mask.png"))
    assert set(np.unique(shown)) == {0, 255}
    with Image.open(CUP) as photo:
        truth = bare_sam.mask(photo.convert("RGB"), [(100, 30, 2), (480, 392, 3)])
    assert bare_sam.iou(shown > 0, truth) >= 0.9
    best = told["masks"][0]
    x, y, w, h = best["bbox"]
    assert (shown > 0).sum() == (shown[y : y + h, x : x + w] > 0).sum() == best["area"]
    with Client(server.url, token) as client:
        box = (100, 30, 480, 392)
        masks = client.segment(told["image"], box=box)
        assert [mask.as_json() for mask in masks] == told["masks"]
        assert client.segment(told["image"], [(20, 380, 0)], box)[0] != masks[0]


def test_candidates_are_written_and_printed(segweb: Command, image: int) -> None:
    done = segweb("segment", image, "--box", "2,2,30,25", "--out", "m.png", "--all")
    lines = done.out.splitlines()
    assert lines[0].startswith("mask 1: score 0.")
    names = sorted(path.name for path in segweb.folder.glob("m*.png"))
    assert names == sorted(["m.png", *(f"m-{n}.png" for n in range(2, len(lines) + 1))])
    for path in segweb.folder.glob("m*.png"):
        assert Image.open(path).size == (40, 30)
    assert len(segweb("segment", image, "--box", "2,2,30,25", "--single").out.splitlines()) == 1
    assert not list(segweb.folder.glob(".*part"))


def test_the_mask_goes_down_a_pipe(segweb: Command, image: int) -> None:
    words = segweb.words("segment", image, "--box", "2,2,30,25", "--out", "-")
    done = subprocess.run(
        words, cwd=segweb.folder, env=segweb.environment, capture_output=True, check=True
    )
    assert Image.open(BytesIO(done.stdout)).size == (40, 30)


def test_the_best_mask_becomes_an_object(segweb: Command, client: Client, image: int) -> None:
    asked = ["segment", image, "--point", "10,10", "--point", "30,20,0"]
    done = segweb(*asked, "--label", "bird", code=4)
    assert "cat, dog" in done.err
    (told,) = segweb(*asked, "--label", "bird", "--create", "--json").lines
    (row,) = client.annotations(image)
    assert row.id == told["annotation"]
    assert row.rle.as_json() == told["masks"][0]["rle"]
    assert row.source == "smart"
    names = {label.id: label.name for label in client.project(client.image(image).project).labels}
    assert names[row.label] == "bird"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--point", "41,10"], 2),
        (["--point", "10"], 2),
        (["--point", "10,10,2"], 2),
        (["--point", "nan,10"], 2),
        (["--point", "1e999,10"], 2),
        (["--box", "1,2,3"], 2),
        (["--box", "9,2,3,4"], 2),
        ([], 2),
        (["--point", "1,1", "--all"], 2),
        (["--point", "1,1", "--json", "--out", "-"], 2),
        (["--point", "1,1", "--out", "no/such/folder/m.png"], 6),
    ],
)
def test_what_is_no_prompt(segweb: Command, image: int, arguments: list[str], code: int) -> None:
    assert segweb("segment", image, *arguments, code=code).err


def test_images_that_are_none(segweb: Command, project: Project, tmp_path: Path) -> None:
    segweb("segment", 999_999_999, "--point", "1,1", code=4)
    segweb("segment", "9" * 40, "--point", "1,1", code=4)
    assert "neither" in segweb("segment", "gone.png", "--point", "1,1", code=4).err
    (tmp_path / "a.txt").write_text("a text")
    assert "--project" in segweb("segment", "a.txt", "--point", "1,1", code=2).err
    done = segweb("segment", "a.txt", "-p", project.id, "--point", "1,1", code=1)
    assert "not an image" in done.err
    whole = encoded(picture(200, 150), "JPEG")
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 3])
    segweb("segment", "cut.jpg", "-p", project.id, "--point", "1,1", code=6)


def test_the_module_refuses_what_the_server_would(client: Client, image: int) -> None:
    with pytest.raises(Invalid, match="finite"):
        client.segment(image, [(float("nan"), 1)])
    with pytest.raises(Invalid, match="within the image"):
        client.segment(image, [(400, 1)])
    with pytest.raises(Invalid, match="label"):
        client.segment(image, [(4, 1, 7)])
    with pytest.raises(Invalid):
        client.segment(image)
    with pytest.raises(Invalid):
        client.segment(image, box=(1, 2, 3))
    with pytest.raises(NotFound):
        client.segment(10**30, [(1, 1)])


def test_an_object_is_stored_once(client: Client, project: Project, image: int) -> None:
    cat, dog = project.labels
    square = [[1, 1, 9, 1, 9, 6, 1, 6]]
    first = client.annotate(image, cat, polygons=square)
    again = client.annotate(image, cat, polygons=square, id=first.id)
    assert again == first
    assert first.area == 40
    assert first.bbox == (1, 1, 8, 5)
    with pytest.raises(Conflict):
        client.annotate(image, dog, polygons=square, id=first.id)
    copy = client.annotate(image, dog, rle=first.rle)
    assert [row.id for row in client.annotations(image)] == [first.id, copy.id]
    client.delete_annotation(copy)
    assert [row.id for row in client.annotations(image)] == [first.id]
    with pytest.raises(Invalid, match=r"rle\.size"):
        client.annotate(image, cat, rle=Rle(3, 3, "9"))
