"""Regions of large images: which there are, their embeddings, masks in them."""

import gzip
import json
import struct
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import override_settings
from django.utils import timezone

from annotations.domain.crops import SIDES, parse
from annotations.domain.errors import DomainError
from annotations.domain.rle import Rle
from annotations.models import Embedding, Image, Job, Project, now_ms
from annotations.services.embeddings import compute, crops, eviction
from annotations.services.inference import engine
from annotations.services.jobs import lifecycle, results
from tests.support.pictures import encoded

from .conftest import SIZE, Api, error, make, member, scene, uploaded

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("small_preview"),
]
REGION = [384, 128, 512, 512]
NAME = "384,128,512,512"


def run(kind: str) -> Job:
    job = Job.objects.filter(kind=kind, status="Queued").latest("pk")
    lifecycle.run(job.pk)
    job.refresh_from_db()
    return job


def embedded(ann: Api, image: Image, region: str = NAME) -> dict[str, Any]:
    """The header of the region's embedding, once it is made."""
    path = f"/api/images/{image.pk}/embedding?region={region}"
    assert ann.get(path).status_code == 202
    assert run("closeup").status == "Completed"
    answer = ann.get(path)
    assert answer.status_code == 200
    data = answer.content
    (length,) = struct.unpack_from("<I", data, 4)
    header: dict[str, Any] = json.loads(data[8 : 8 + length])
    return header


# --- The grid ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "region",
    ["0,0,512,512", "128,256,512,512", "789,265,512,512", "0,0,720,720", "581,0,720,720",
     "64,0,256,256"],
)  # fmt: skip
def test_regions_of_the_grid_are_known(region: str) -> None:
    assert parse(region, *SIZE).key == region
    assert parse([int(part) for part in region.split(",")], *SIZE).key == region


@pytest.mark.parametrize(
    "region",
    ["", "1,2,3", "0,0,512,512,0", "1,0,512,512", "0,0,500,500", "0,0,1024,777", "896,0,512,512",
     "-128,0,512,512", "0,0,512,256", "a,b,c,d",
     "0,0,512,5e2", "0,0,512," + "9" * 20, "\u0660,0,512,512",
     None, 7, [0, 0, 512], [0, 0, 512, 512.0], [True, 0, 512, 512], {"x": 0}],
)  # fmt: skip
def test_others_are_refused(region: Any) -> None:
    with pytest.raises(DomainError, match=r"^region"):
        parse(region, *SIZE)


def test_a_narrow_image_has_regions_of_its_width() -> None:
    assert parse("0,256,300,1024", 300, 9000).key == "0,256,300,1024"
    assert all(side % 8 == 0 for side in SIDES), "quarters are whole, on both sides"


# --- Embeddings ----------------------------------------------------------------------------------


def test_a_region_is_embedded_from_the_images_own_pixels(ann: Api, large: Image) -> None:
    header = embedded(ann, large)
    assert (header["image"], header["input"]) == ([512, 512], [1024, 1024])
    row = Embedding.objects.get(region=NAME)
    # The fake engine keeps the mean colours of 64 × 64 cells.
    data = gzip.decompress(default_storage.open(row.file).read())
    scales = struct.unpack_from("<3f", data, len(data) - 256 * 64 * 64 - 4 * 256)
    start = len(data) - 256 * 64 * 64
    cells = scene().crop((384, 128, 896, 640)).resize((64, 64))
    for channel, scale in enumerate(scales):
        value = data[start + channel * 4096 + 64 * 20 + 30] * scale * 255
        assert abs(value - cells.getpixel((30, 20))[channel]) < 6
    assert ann.send("POST", f"/api/images/{large.pk}/embedding?region={NAME}").status_code == 204


def test_the_whole_images_embedding_is_another_thing(ann: Api, large: Image) -> None:
    embedded(ann, large)
    assert ann.get(f"/api/images/{large.pk}").json()["embedding"] != "ready"
    assert ann.get(f"/api/images/{large.pk}/embedding").status_code == 202
    whole = Job.objects.filter(kind="embed", status="Queued")
    assert whole.count() == 1
    assert Embedding.objects.filter(sha256=large.sha256).count() == 2


@pytest.mark.parametrize("region", ["", f"&region={NAME}"])
def test_an_address_gives_no_other_models_embedding(
    ann: Api, large: Image, monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    """What pages ask for names content, model and version: browsers keep it for a year."""

    def path(model: str, version: int, digest: str = large.sha256[:8]) -> str:
        return f"/api/images/{large.pk}/embedding?v={digest}-{model}-{version}{region}"

    key = engine.model_key()
    kind = "closeup" if region else "embed"
    assert ann.get(path(*key)).status_code == 202
    assert run(kind).status == "Completed"
    assert ann.get(path(*key)).status_code == 200
    etag = ann.get(path(*key))["ETag"]
    Embedding.objects.update(model="better")
    monkeypatch.setattr(engine, "model_key", lambda: ("better", key[1]))
    for wrong in (path(*key), path("better", key[1] + 1), path("better", key[1], "0" * 8)):
        refused = ann.send("GET", wrong, **{"If-None-Match": etag})
        assert error(refused)[:2] == (409, "model_changed")
        assert refused["Cache-Control"] == "no-store"
    for right in (path("better", key[1]), f"/api/images/{large.pk}/embedding?v=7{region}"):
        found = ann.get(right)
        assert found.status_code == 200
        assert "immutable" in found["Cache-Control"]


@pytest.mark.parametrize("region", ["", NAME])
def test_what_is_made_while_it_is_asked_for_is_the_answer(
    ann: Api, large: Image, monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    path = f"/api/images/{large.pk}/embedding" + (f"?region={region}" if region else "")
    where, name, kind = (crops, "request", "closeup") if region else (compute, "wanted", "embed")
    asks = getattr(where, name)

    def slow(*args: Any) -> Any:
        if asks(*args) is not None:
            assert run(kind).status == "Completed"
        return asks(*args)

    monkeypatch.setattr(where, name, slow)
    answer = ann.get(path)
    assert answer.status_code == 200
    assert answer.content


def test_who_looks_elsewhere_is_not_waited_for(ann: Api, large: Image) -> None:
    path = f"/api/images/{large.pk}/embedding"
    first = ann.send("POST", f"{path}?region=0,0,512,512").json()["id"]
    again = ann.send("POST", f"{path}?region=0,0,512,512").json()["id"]
    assert first == again
    second = ann.send("POST", f"{path}?region={NAME}").json()["id"]
    assert error(ann.get(f"/api/jobs/{first}"))[0] == 404
    assert ann.get(f"/api/jobs/{second}").json()["status"] == "Queued"


def asked(api: Api, image: Image, region: str) -> int:
    """The id of the job that the region is waited for with."""
    answer = api.send("POST", f"/api/images/{image.pk}/embedding?region={region}")
    assert answer.status_code == 202, answer.content
    return int(answer.json()["id"])


def test_nor_is_what_was_tried_while_the_tiles_are_made(ann: Api, project: Project) -> None:
    image = uploaded(ann, project, encoded(scene(), "PNG"))
    first = asked(ann, image, "0,0,512,512")
    assert run("closeup").status == "Queued"
    second = asked(ann, image, NAME)
    assert list(Job.objects.filter(kind="closeup").values_list("pk", flat=True)) == [second]
    # One that a worker is at goes on.
    assert lifecycle.claim(second) is not None
    third = asked(ann, image, "0,0,512,512")
    left = Job.objects.filter(kind="closeup").values_list("pk", flat=True)
    assert set(left) == {second, third}
    assert first not in left


def test_what_another_member_waits_for_stays(ann: Api, large: Image, project: Project) -> None:
    ben = member("ben")
    body = {"username": "ben", "role": "member"}
    assert ann.send("POST", f"/api/projects/{project.pk}/members", body).status_code == 201
    shared = asked(ann, large, NAME)
    Job.objects.filter(pk=shared).update(expires_ms=now_ms() + 1000)
    assert asked(ben, large, NAME) == asked(ben, large, NAME) == shared
    assert Job.objects.get(pk=shared).expires_ms > now_ms() + lifecycle.EPHEMERAL_MS / 2
    asked(ann, large, "0,0,512,512")
    assert ben.get(f"/api/jobs/{shared}").json()["status"] == "Queued"
    # Nobody waits for it once he looks elsewhere, too.
    asked(ben, large, "0,0,512,512")
    assert error(ben.get(f"/api/jobs/{shared}"))[0] == 404
    assert Job.objects.filter(kind="closeup").count() == 1
    assert run("closeup").status == "Completed"


def test_regions_wait_for_the_tiles(ann: Api, project: Project) -> None:
    image = uploaded(ann, project, encoded(scene(), "PNG"))
    Job.objects.filter(kind="pyramid").delete()
    path = f"/api/images/{image.pk}/embedding?region={NAME}"
    assert ann.get(path).status_code == 202
    assert run("closeup").status == "Queued"
    make(image)
    assert run("closeup").status == "Completed"


def test_regions_fail_where_there_are_no_tiles(ann: Api, project: Project) -> None:
    image = uploaded(ann, project, encoded(scene(), "PNG"))
    Job.objects.filter(kind="pyramid").update(status="Failed", error_message="No room.")
    assert ann.get(f"/api/images/{image.pk}/embedding?region={NAME}").status_code == 202
    job = run("closeup")
    assert (job.status, job.error_code) == ("Failed", "no_tiles")


def test_regions_go_with_the_image_and_with_time(ann: Api, large: Image) -> None:
    embedded(ann, large)
    embedded(ann, large, "0,0,512,512")
    old = Embedding.objects.filter(region=NAME)
    gone = old.get().file
    old.update(used_at=timezone.now() - timezone.timedelta(days=8))
    assert eviction.drop_unused_crops() == 1
    assert not default_storage.exists(gone)
    kept = Embedding.objects.get(region="0,0,512,512").file
    assert default_storage.exists(kept)
    ann.delete(f"/api/images/{large.pk}")
    assert not default_storage.exists(kept)
    assert not Embedding.objects.exists()


def test_regions_count_towards_the_stores_limit(ann: Api, large: Image) -> None:
    embedded(ann, large)
    embedded(ann, large, "0,0,512,512")
    size = Embedding.objects.get(region=NAME).bytes
    assert eviction.evict(limit=size + 10) == 1
    assert not Embedding.objects.filter(region=NAME).exists()


def test_a_region_whose_file_is_lost_is_made_anew(ann: Api, large: Image) -> None:
    embedded(ann, large)
    default_storage.delete(Embedding.objects.get(region=NAME).file)
    embedded(ann, large)


def test_an_image_deleted_meanwhile_leaves_no_embedding(
    ann: Api, large: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = crops.picture_of

    def delete_first(*arguments: Any) -> Any:
        picture = made(*arguments)
        Image.objects.get(pk=large.pk).delete()
        return picture

    monkeypatch.setattr(crops, "picture_of", delete_first)
    ann.get(f"/api/images/{large.pk}/embedding?region={NAME}")
    job = Job.objects.get(kind="closeup")
    lifecycle.run(job.pk)
    assert not Embedding.objects.exists()


# --- Masks ---------------------------------------------------------------------------------------


def segment(ann: Api, image: Image, **body: Any) -> dict[str, Any]:
    answer = ann.send("POST", f"/api/images/{image.pk}/segment", body)
    assert answer.status_code == 202, answer.content
    job = run("segment")
    assert job.status == "Completed", job.error_message
    result: dict[str, Any] = results.of(job)
    return result


def test_masks_in_a_region_lie_where_they_belong(ann: Api, large: Image) -> None:
    point = {"x": 600, "y": 300, "label": 1}
    best = segment(ann, large, points=[point], region=REGION)["masks"][0]
    # The fake engine's best disc has a radius of 40 pixels of the frame: half of them here.
    x, y, width, height = best["bbox"]
    assert abs(x + width / 2 - 600) <= 1
    assert abs(y + height / 2 - 300) <= 1
    assert abs(width - 40) <= 2
    assert best["rle"]["size"] == [777, 1301]
    disc = Rle(777, 1301, best["rle"]["counts"])
    assert disc.contains(600, 300)
    assert disc.area == best["area"]
    whole = segment(ann, large, points=[point])["masks"][0]
    assert whole["bbox"][2] > 90, "on the whole image the same disc is larger"


def test_a_mask_in_a_region_ends_with_it(ann: Api, large: Image) -> None:
    for region in (REGION, [789, 265, 512, 512]):
        x, y, side, _ = region
        box = {"x0": x, "y0": y, "x1": x + side, "y1": y + side}
        best = segment(ann, large, box=box, region=region)["masks"][0]
        assert best["bbox"] == region
        assert best["area"] == side * side


@pytest.mark.parametrize(
    ("body", "field"),
    [({"points": [{"x": 100, "y": 300, "label": 1}], "region": REGION}, "points.0"),
     ({"box": {"x0": 500, "y0": 300, "x1": 1000, "y1": 400}, "region": REGION}, "box"),
     ({"points": [{"x": 600, "y": 300, "label": 1}], "region": [1, 0, 512, 512]}, "region"),
     ({"points": [{"x": 600, "y": 300, "label": 1}], "region": "x"}, "region"),
     ({"points": [{"x": 600, "y": 300, "label": 1}], "region": [1e99] * 4}, "region")],
)  # fmt: skip
def test_what_does_not_fit_the_region_is_named(
    ann: Api, large: Image, body: dict[str, Any], field: str
) -> None:
    answer = ann.send("POST", f"/api/images/{large.pk}/segment", body)
    assert error(answer)[0] == 422
    assert error(answer)[2] == field


def test_regions_are_for_members_and_for_large_images(
    ann: Api, eve: Api, large: Image, project: Project
) -> None:
    path = f"/api/images/{large.pk}/embedding?region={NAME}"
    for method in ("GET", "POST"):
        assert error(eve.send(method, path))[0] == 404
        assert error(Api().send(method, path))[0] == 401
        for wrong, status in (("1,2,3,4", 404), ("x", 422), ("", 422), ("1,2,3", 422)):
            address = f"/api/images/{large.pk}/embedding?region={wrong}"
            assert error(ann.send(method, address))[0] == status
    assert not Job.objects.filter(kind="closeup").exists()
    with override_settings(SEGWEB_PREVIEW_SIDE=2048):
        assert error(ann.get(path))[:2] == (409, "small_image")
