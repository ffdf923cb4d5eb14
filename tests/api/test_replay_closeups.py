"""Replays of objects that were made in close-ups: each in its region, and what keeps it from it."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import override_settings

from annotations.models import Annotation, Embedding, Image, Job, Label, Project
from annotations.services.embeddings import crops
from annotations.services.inference import model_catalog
from annotations.services.reprediction import runs
from tests.api.conftest import Api, make, member, scene, uploaded
from tests.api.test_closeups import segment
from tests.api.test_replays import decide, draw, listed, start, work
from tests.support.pictures import encoded

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("small_preview"),
]

REGION, OTHER = [384, 128, 512, 512], [0, 0, 360, 360]
POINT = {"x": 600, "y": 300, "label": 1}
CORNER = {"x": 100, "y": 90, "label": 1}


@pytest.fixture
def serving_another() -> Any:
    """The fake engine is not the one that serves: nothing here loads the one that does."""
    with override_settings(SEGWEB_ENGINE="sam_onnx"):
        yield


def within(point: dict[str, Any], region: Any) -> dict[str, Any]:
    return {"points": [point], "box": None, "region": region}


def embeds(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The sizes of what the fake engine embeds from now on."""
    found: list[tuple[int, int]] = []
    with model_catalog.loaded(model_catalog.find("fake")) as fake:
        embed = type(fake).embed

    def noted(self: Any, pictures: Any, sizes: Any) -> Any:
        found.extend(sizes)
        return embed(self, pictures, sizes)

    monkeypatch.setattr(type(fake), "embed", noted)
    return found


def reasons(replay: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Code and message of each problem, by the object's id."""
    return {row["annotation"]: (row["code"], row["message"]) for row in replay["problems"]}


def test_each_object_is_asked_about_in_its_region(
    ann: Api, project: Project, large: Image, cat: Label
) -> None:
    prompts = within(POINT, REGION)
    best = segment(ann, large, points=[POINT], region=REGION)["masks"][0]
    whole = segment(ann, large, points=[POINT])["masks"][0]
    kept = {"rle": best["rle"], "polygons": None, "source": "smart"}
    there = draw(ann, large, cat, prompts=prompts, **kept)
    both = {
        "points": [POINT, {"x": 610, "y": 310, "label": 0, "candidate": 2}],
        "box": {"x0": 500, "y0": 200, "x1": 700, "y1": 400}, "region": REGION,
    }  # fmt: skip
    refined = draw(ann, large, cat, prompts=both, **kept)
    beside = draw(ann, large, cat, prompts=within(CORNER, OTHER))
    plain = draw(ann, large, cat, prompts=within(POINT, None), **kept)
    before = list(Annotation.objects.order_by("pk").values())

    replay = work(start(ann, project))
    assert (replay["status"], replay["skipped"], replay["failed"]) == ("Completed", 0, 0)
    assert replay["problems"] == []
    assert list(Annotation.objects.order_by("pk").values()) == before
    rows = {row["annotation"]: row for row in listed(ann, replay)}
    assert set(rows) == {there, refined, beside, plain}
    assert rows[there]["new"]["rle"] == best["rle"]
    assert rows[there]["iou"] == 1
    assert rows[plain]["new"]["rle"] == whole["rle"]
    again = segment(ann, large, **{**both, "multimask": False})["masks"][0]
    assert rows[refined]["new"]["rle"] == again["rle"]
    assert rows[refined]["new"]["candidate"] == 2
    x, y, width, height = rows[beside]["new"]["bbox"]
    assert abs(x + width / 2 - CORNER["x"]) <= 1
    assert abs(y + height / 2 - CORNER["y"]) <= 1

    # Accepted it is the same object, made in the same region.
    assert decide(ann, replay, "accept", ids=[rows[beside]["id"]])["decided"] == 1
    now = Annotation.objects.get(pk=beside)
    assert (now.version, now.prompts) == (2, within(CORNER, OTHER))
    assert now.counts == rows[beside]["new"]["rle"]["counts"]


def test_regions_of_the_model_that_serves_are_kept(
    ann: Api, project: Project, large: Image, cat: Label, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        draw(ann, large, cat, prompts=within(POINT, REGION))
    made = embeds(monkeypatch)
    assert work(start(ann, project))["counts"]["pending"] == 3
    assert Embedding.objects.get(region="384,128,512,512").bytes
    assert work(start(ann, project))["counts"]["pending"] == 3
    assert made == [(512, 512)]


def test_each_region_is_embedded_once_and_another_models_is_not_kept(
    ann: Api, project: Project, large: Image, cat: Label, serving_another: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for n in range(20):
        draw(ann, large, cat, prompts=within({**POINT, "x": 500 + n}, REGION))
        if n < 5:
            draw(ann, large, cat, prompts=within(CORNER, OTHER))
            draw(ann, large, cat, prompts={"points": [CORNER]})
    made = embeds(monkeypatch)
    before = list(Embedding.objects.order_by("pk").values("pk", "file"))
    # Each run lets others pass as soon as it has found something.
    monkeypatch.setattr(runs, "_POLITE_SECONDS", 0.0)
    monkeypatch.setattr(runs, "_RUN_SECONDS", 0.0)
    replay = start(ann, project)
    for found in (5, 10, 26, 30):
        row = work(replay)
        assert (row["status"], row["counts"]["pending"]) == ("Queued", found)
        assert row["progress"] == pytest.approx(min(0.99, found / 30))
    assert work(replay)["status"] == "Completed"
    assert sorted(made) == [(360, 360), (512, 512), (large.width, large.height)]
    assert list(Embedding.objects.order_by("pk").values("pk", "file")) == before


@pytest.mark.parametrize(
    ("region", "message"),
    [([385, 128, 512, 512], "region must be a region of the grid"),
     ([384, 128, 500, 500], "region must be a region of the grid"),
     ([1408, 128, 512, 512], "region must be a region of the grid"),
     ("left", "region must be four whole numbers"), ([1e99, 0, 1, 1], "region must be four"),
     ({"x": 1}, "region must be four whole numbers"), (OTHER, "points.0 must lie within")],
)  # fmt: skip
def test_a_region_that_does_not_fit_fails_its_object_alone(
    ann: Api, project: Project, large: Image, cat: Label, region: Any, message: str
) -> None:
    wrong = draw(ann, large, cat, prompts=within(POINT, region))
    right = draw(ann, large, cat, prompts=within(POINT, REGION))
    draw(ann, large, cat, prompts=within({**POINT, "x": -1}, REGION))
    replay = work(start(ann, project))
    assert replay["status"] == "Completed"
    assert (replay["total"], replay["skipped"], replay["failed"]) == (3, 1, 1)
    assert [row["annotation"] for row in listed(ann, replay)] == [right]
    code, text = reasons(replay)[wrong]
    assert code == "invalid_region"
    assert text.startswith("The close-up that the object was made in does not fit: ")
    assert message in text
    assert replay["problems"][0]["image"] == large.pk


def test_what_has_no_regions_any_more_says_so(
    ann: Api, project: Project, large: Image, cat: Label
) -> None:
    draw(ann, large, cat, prompts={"points": [POINT]})
    ids = {draw(ann, large, cat, prompts=within(POINT, REGION)) for _ in range(21)}
    with override_settings(SEGWEB_PREVIEW_SIDE=2048):
        replay = work(start(ann, project))
    assert (replay["failed"], replay["counts"]["pending"]) == (21, 1)
    found = reasons(replay)
    assert set(found) < ids
    assert len(found) == 20
    assert {code for code, _ in found.values()} == {"small_image"}


def test_a_replay_waits_for_the_tiles(ann: Api, project: Project, cat: Label) -> None:
    image = uploaded(ann, project, encoded(scene(), "PNG"))
    Job.objects.filter(kind="pyramid").delete()
    draw(ann, image, cat, prompts={"points": [POINT]})
    draw(ann, image, cat, prompts=within(POINT, REGION))
    replay = start(ann, project)
    waiting = work(replay)
    assert (waiting["status"], waiting["counts"]["pending"]) == ("Queued", 1)
    assert Job.objects.filter(kind="pyramid", status="Queued").count() == 1
    assert work(replay)["status"] == "Queued"
    assert make(image).status == "Completed"
    done = work(replay)
    assert (done["status"], done["counts"]["pending"], done["failed"]) == ("Completed", 2, 0)


def test_without_tiles_for_good_its_objects_fail(ann: Api, project: Project, cat: Label) -> None:
    image = uploaded(ann, project, encoded(scene(), "PNG"))
    Job.objects.filter(kind="pyramid").update(status="Failed", error_message="No room.")
    lost = draw(ann, image, cat, prompts=within(POINT, REGION))
    draw(ann, image, cat, prompts={"points": [POINT]})
    replay = work(start(ann, project))
    assert (replay["status"], replay["counts"]["pending"]) == ("Completed", 1)
    assert reasons(replay) == {lost: ("no_tiles", "The image has no tiles: No room.")}


def test_damaged_tiles_are_made_anew(ann: Api, project: Project, large: Image, cat: Label) -> None:
    draw(ann, large, cat, prompts=within(POINT, REGION))
    path = Path(default_storage.path(large.pyramid))
    data = path.read_bytes()
    # The table of the tiles is whole, and most of the tiles are not.
    path.write_bytes(data[:2000] + bytes(len(data) - 2000))
    replay = start(ann, project)
    assert work(replay)["status"] == "Queued"
    assert make(large).status == "Completed"
    done = work(replay)
    assert (done["status"], done["counts"]["pending"]) == ("Completed", 1)


def test_an_image_deleted_while_its_regions_are_asked_is_passed_over(
    ann: Api, project: Project, large: Image, cat: Label, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = uploaded(ann, project, encoded(scene(640, 480), "PNG"), "after.png")
    make(after)
    for region in (REGION, OTHER):
        point = POINT if region is REGION else CORNER
        draw(ann, large, cat, prompts=within(point, region))
    kept = draw(ann, after, cat, prompts=within({"x": 99, "y": 99, "label": 1}, [0, 0, 256, 256]))
    replay = start(ann, project)
    made = crops.picture_of

    def delete_first(image: Image, *rest: Any) -> Any:
        picture = made(image, *rest)
        if image.pk == large.pk:
            member("ann").send("DELETE", f"/api/images/{image.pk}")
        return picture

    monkeypatch.setattr(crops, "picture_of", delete_first)
    done = work(replay)
    assert (done["status"], done["failed"]) == ("Completed", 2)
    assert {code for code, _ in reasons(done).values()} == {"image_gone"}
    assert [row["annotation"] for row in listed(ann, done)] == [kept]
    assert set(Embedding.objects.exclude(region="").values_list("sha256", flat=True)) == {
        after.sha256
    }
