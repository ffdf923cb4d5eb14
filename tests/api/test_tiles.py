"""Tiles of large images: what they show, who gets them, when they are made and when they go."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.test import override_settings
from PIL import Image as PILImage

from annotations.domain.pyramid import levels_of
from annotations.models import Image, Job, Project
from annotations.services.errors import ImageRefused
from annotations.services.images import full_resolution, tiles
from annotations.services.images import prepare as preparation
from annotations.services.jobs import lifecycle
from tests.support.pictures import encoded

from .conftest import SIZE, Api, error, make, prepare, scene, uploaded

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("small_preview"),
    pytest.mark.filterwarnings("ignore::UserWarning:PIL"),
]

STORED = {
    1: [],
    2: [PILImage.Transpose.FLIP_LEFT_RIGHT],
    3: [PILImage.Transpose.ROTATE_180],
    4: [PILImage.Transpose.FLIP_TOP_BOTTOM],
    5: [PILImage.Transpose.TRANSPOSE],
    6: [PILImage.Transpose.ROTATE_90],
    7: [PILImage.Transpose.TRANSVERSE],
    8: [PILImage.Transpose.ROTATE_270],
}


def level_picture(ann: Api, image: Image, level: dict[str, Any], version: str) -> PILImage.Image:
    """A whole level, put together from its tiles."""
    whole = PILImage.new("RGB", (level["width"], level["height"]))
    for row in range(level["rows"]):
        for column in range(level["columns"]):
            query = {"level": level["level"], "column": column, "row": row, "v": version}
            answer = ann.get(f"/api/images/{image.pk}/tile", query)
            assert answer.status_code == 200, query
            tile = PILImage.open(BytesIO(answer.content))
            assert max(tile.size) <= 512
            whole.paste(tile, (column * 512, row * 512))
    return whole


def differs(one: PILImage.Image, other: PILImage.Image) -> float:
    assert one.size == other.size
    a, b = (np.asarray(each.convert("RGB"), np.float32) for each in (one, other))
    return float(np.abs(a - b).mean())


# --- What they show ------------------------------------------------------------------------------


def test_each_level_is_the_picture_at_half_the_size_of_the_one_before(
    ann: Api, large: Image
) -> None:
    told = ann.get(f"/api/images/{large.pk}/pyramid").json()
    assert [(each["level"], each["width"], each["height"]) for each in told["levels"]] == [
        (0, 1301, 777), (1, 651, 389), (2, 326, 195),
    ]  # fmt: skip
    assert (told["levels"][0]["columns"], told["levels"][0]["rows"]) == (3, 2)
    for level in told["levels"]:
        step = 2 ** level["level"]
        expected = scene().reduce(step) if step > 1 else scene()
        assert differs(level_picture(ann, large, level, told["version"]), expected) < 1.5
    # The corner's edge, which lies on pixel 260 of column and 111 of row, has not moved.
    full = np.asarray(level_picture(ann, large, told["levels"][0], "x"), np.int16)
    red = np.asarray(scene(), np.int16)
    assert np.abs(full[100:122, 250:270] - red[100:122, 250:270]).mean() < 6


def test_the_levels_agree_with_pillows_resize(ann: Api, large: Image) -> None:
    told = ann.get(f"/api/images/{large.pk}/pyramid").json()
    for level in told["levels"][1:]:
        step = 2 ** level["level"]
        # Only what lies wholly in the image: its size is no multiple of the step.
        width, height = (side // step for side in SIZE)
        box = PILImage.Resampling.BOX
        expected = scene().crop((0, 0, width * step, height * step)).resize((width, height), box)
        found = level_picture(ann, large, level, told["version"]).crop((0, 0, width, height))
        assert differs(found, expected) < 1.5


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_tiles_are_upright_in_every_orientation(
    ann: Api, project: Project, kind: str, orientation: int
) -> None:
    stored = scene()
    for step in STORED[orientation]:
        stored = stored.transpose(step)
    exif = PILImage.Exif()
    exif[0x0112] = orientation
    image = uploaded(ann, project, encoded(stored, kind, exif=exif, quality=95))
    assert (image.width, image.height) == SIZE
    assert make(image).status == "Completed"
    told = ann.get(f"/api/images/{image.pk}/pyramid").json()
    whole = level_picture(ann, image, told["levels"][0], told["version"])
    assert differs(whole, scene()) < 3


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "L"), ("PNG", "P"), ("PNG", "1"), ("PNG", "RGBA"), ("PNG", "I;16"), ("TIFF", "F"),
     ("JPEG", "CMYK"), ("GIF", "P"), ("BMP", "RGB")],
)  # fmt: skip
def test_every_kind_of_pixels_looks_like_its_preview(
    ann: Api, project: Project, kind: str, mode: str
) -> None:
    if mode in {"I;16", "F"}:
        grey = np.asarray(scene().convert("L"))
        values = grey.astype(np.uint16) * 257 if mode == "I;16" else grey.astype(np.float32) * 3
        picture = PILImage.fromarray(values)
    else:
        picture = scene().convert(mode)
    image = uploaded(ann, project, encoded(picture, kind))
    assert make(image).status == "Completed"
    told = ann.get(f"/api/images/{image.pk}/pyramid").json()
    whole = level_picture(ann, image, told["levels"][0], told["version"])
    preview = PILImage.open(BytesIO(ann.get(f"/api/images/{image.pk}/preview").content))
    assert differs(whole.resize(preview.size, PILImage.Resampling.LANCZOS), preview) < 5


def test_a_jpeg_beyond_the_memory_has_coarser_tiles() -> None:
    data = encoded(scene(), "JPEG", quality=95)
    with (
        override_settings(SEGWEB_DECODE_MEMORY_MB=2),
        full_resolution.opened(BytesIO(data)) as found,
    ):
        assert (found.level, found.width, found.height) == (1, 651, 389)
        part = found.part(0, 0, found.width, found.height)
    assert differs(part, scene().reduce(2)) < 3
    assert [level.number for level in levels_of(*SIZE, 1)] == [1, 2]
    png = BytesIO(encoded(scene(), "PNG"))
    with (
        override_settings(SEGWEB_DECODE_MEMORY_MB=2),
        pytest.raises(ImageRefused, match="memory"),
        full_resolution.opened(png),
    ):
        pass


# --- Who gets them -------------------------------------------------------------------------------


def test_tiles_are_for_members_and_never_change(ann: Api, eve: Api, large: Image) -> None:
    path = f"/api/images/{large.pk}/tile"
    answer = ann.get(path, {"level": 0, "column": 1, "row": 1})
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]
    tag = {"If-None-Match": answer["ETag"]}
    assert ann.get(path, {"column": 1, "row": 1}, headers=tag).status_code == 304
    assert ann.get(path, {"column": 2, "row": 1}, headers=tag).status_code == 200
    for noun in ("tile", "pyramid"):
        foreign = eve.get(f"/api/images/{large.pk}/{noun}")
        unknown = eve.get(f"/api/images/{large.pk + 1000}/{noun}")
        assert error(foreign) == error(unknown) == (404, "not_found", None)
        assert foreign.json() == unknown.json()
        assert error(Api().get(f"/api/images/{large.pk}/{noun}"))[0] == 401
    assert error(eve.send("POST", f"/api/images/{large.pk}/pyramid"))[0] == 404
    assert error(Api().send("POST", f"/api/images/{large.pk}/pyramid"))[0] == 401


@pytest.mark.parametrize(
    "query",
    ["level=0&column=3", "level=0&row=2", "level=1&column=2", "level=3", "level=30",
     "column=2147483647&row=2147483647"],
)  # fmt: skip
def test_a_tile_outside_the_picture_is_unknown(ann: Api, large: Image, query: str) -> None:
    answer = ann.get(f"/api/images/{large.pk}/tile?{query}")
    assert error(answer)[:2] == (404, "not_found")


@pytest.mark.parametrize("query", ["level=-1", "column=x", "row=1.5", "level=99", "row=1e9"])
def test_what_is_no_tile_names_the_parameter(ann: Api, large: Image, query: str) -> None:
    answer = ann.get(f"/api/images/{large.pk}/tile?{query}")
    assert error(answer)[0] == 422
    assert query.split("=")[0] in (error(answer)[2] or "")


# --- When they are made, and when they go --------------------------------------------------------


def files() -> set[Path]:
    root = Path(default_storage.path("pyramids"))
    return {path for path in root.rglob("*") if path.is_file()}


def test_small_images_have_none_and_middling_ones_when_asked(ann: Api, project: Project) -> None:
    small = uploaded(ann, project, encoded(scene(300, 200), "PNG"))
    assert error(ann.send("POST", f"/api/images/{small.pk}/pyramid"))[:2] == (409, "small_image")
    middling = uploaded(ann, project, encoded(scene(400, 200), "PNG"))
    assert not Job.objects.filter(kind="pyramid").exists()
    assert error(ann.get(f"/api/images/{middling.pk}/pyramid"))[0] == 404
    first = ann.send("POST", f"/api/images/{middling.pk}/pyramid")
    again = ann.send("POST", f"/api/images/{middling.pk}/pyramid")
    assert (first.status_code, first.json()["kind"]) == (202, "pyramid")
    assert first.json()["id"] == again.json()["id"], "asked for twice it is one job"
    make(middling)
    answer = ann.send("POST", f"/api/images/{middling.pk}/pyramid")
    assert (answer.status_code, len(answer.json()["levels"])) == (200, 1)


def test_an_image_that_is_not_ready_has_none(ann: Api, project: Project) -> None:
    row = ann.upload(project.pk, ("a.png", encoded(scene(), "PNG"))).json()["items"][0]
    assert error(ann.send("POST", f"/api/images/{row['id']}/pyramid"))[:2] == (409, "not_ready")


def test_they_go_with_the_image(ann: Api, large: Image) -> None:
    mine = Path(default_storage.path(large.pyramid))
    assert mine.exists()
    assert ann.delete(f"/api/images/{large.pk}").status_code == 204
    assert not mine.exists()


def test_they_go_when_the_image_is_refused_after_all(large: Image) -> None:
    mine = Path(default_storage.path(large.pyramid))
    preparation.refuse(large, "damaged", "The image is damaged.")
    assert not mine.exists()
    large.refresh_from_db()
    assert large.pyramid == ""


@pytest.mark.parametrize("harm", ["gone", "empty", "foreign"])
def test_they_are_made_anew_when_their_file_is_lost(ann: Api, large: Image, harm: str) -> None:
    path = Path(default_storage.path(large.pyramid))
    tiles._described.cache_clear()
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(b"" if harm == "empty" else b"<html>")
    assert error(ann.get(f"/api/images/{large.pk}/tile"))[0] == 404
    asked = ann.send("POST", f"/api/images/{large.pk}/pyramid")
    assert asked.status_code == 202
    make(large)
    assert ann.get(f"/api/images/{large.pk}/tile").status_code == 200


def test_a_file_lost_after_it_was_read_once_is_noticed(ann: Api, large: Image) -> None:
    assert ann.get(f"/api/images/{large.pk}/tile").status_code == 200
    Path(default_storage.path(large.pyramid)).unlink()
    assert error(ann.get(f"/api/images/{large.pk}/tile?column=1"))[0] == 404
    assert ann.send("POST", f"/api/images/{large.pk}/pyramid").status_code == 202


def test_an_image_deleted_meanwhile_leaves_nothing(
    ann: Api, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = uploaded(ann, project, encoded(scene(), "PNG"))
    before = files()
    original = tiles.write

    def delete_then_write(*arguments: Any) -> None:
        Image.objects.get(pk=image.pk).delete()
        original(*arguments)

    monkeypatch.setattr(tiles, "write", delete_then_write)
    job = Job.objects.get(kind="pyramid")
    lifecycle.run(job.pk)
    assert files() == before
    assert not Job.objects.filter(pk=job.pk).exists()


def test_work_that_stops_half_way_leaves_nothing(
    ann: Api, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = uploaded(ann, project, encoded(scene(), "PNG"))
    before = files()
    appended = tiles._append
    count = 0

    def fail(*arguments: Any) -> Any:
        nonlocal count
        count += 1
        if count > 4:
            raise MemoryError
        return appended(*arguments)

    monkeypatch.setattr(tiles, "_append", fail)
    job = make(image)
    assert (job.status, job.error_code) == ("Failed", "out_of_memory")
    assert files() == before
    assert image.pyramid == ""
    assert image.state == "ready", "the image itself is as good as before"


def test_whoever_waits_for_an_image_goes_first(ann: Api, project: Project) -> None:
    image = uploaded(ann, project, encoded(scene(), "PNG"))
    ann.upload(project.pk, ("next.png", encoded(scene(60, 40), "PNG")))
    job = Job.objects.get(kind="pyramid")
    lifecycle.run(job.pk)
    job.refresh_from_db()
    assert (job.status, job.attempt) == ("Queued", 0)
    prepare(Image.objects.get(name="next.png"))
    assert make(image).status == "Completed"


def test_tiles_survive_a_second_preparation(ann: Api, large: Image) -> None:
    key = large.pyramid
    preparation.prepare_again(large, None)
    prepare(large)
    large.refresh_from_db()
    assert large.pyramid == key
    assert default_storage.exists(key)
    assert not Job.objects.filter(kind="pyramid", status="Queued").exists()
