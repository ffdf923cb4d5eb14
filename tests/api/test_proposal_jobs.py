"""The work of everything and alike jobs where images go, are not ready yet, or hold very much."""

from typing import Any

import numpy as np
import pytest
from django.core.files.storage import default_storage

from annotations.domain.rle import Rle
from annotations.models import Image, Job, Label, Project
from annotations.services.images import encoder_input
from annotations.services.jobs import lifecycle, results
from annotations.services.segmentation import (
    find_similar,
    search_job,
    suggestions,
)
from tests.support.pictures import png

from .conftest import Api, outline, prepare

pytestmark = pytest.mark.django_db(transaction=True)


def run(kind: str) -> Job:
    """Does what a worker does for the newest job of this kind."""
    job = Job.objects.filter(kind=kind).latest("pk")
    lifecycle.run(job.pk)
    job.refresh_from_db()
    return job


def added(ann: Api, project: Project, seed: int) -> Image:
    """Another image, ready."""
    answer = ann.upload(project.pk, (f"{seed}.png", png(seed=seed)))
    image = Image.objects.get(pk=answer.json()["items"][0]["id"])
    prepare(image)
    image.refresh_from_db()
    return image


def drawn(ann: Api, image: Image, label: Label) -> str:
    """A new object's id."""
    answer = ann.send("POST", f"/api/images/{image.pk}/annotations", outline(label=label.pk))
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def alike(ann: Api, given: str, *images: Image) -> int:
    """The id of a new job that looks in `images` for objects like the given one."""
    body = {"objects": [given], "images": [image.pk for image in images]}
    answer = ann.send("POST", f"/api/images/{images[0].pk}/alike", body)
    assert answer.status_code == 202, answer.content
    return int(answer.json()["id"])


# --- Images that go ------------------------------------------------------------------------------


def test_an_image_without_its_file_is_skipped(
    ann: Api, project: Project, image: Image, cat: Label
) -> None:
    lost, last = added(ann, project, 3), added(ann, project, 4)
    default_storage.delete(lost.original)
    alike(ann, drawn(ann, image, cat), image, lost, last)
    job = run("alike")
    assert job.status == "Completed", job.error_message
    (skipped,) = job.result["skipped"]
    assert (skipped["image"], skipped["code"]) == (lost.pk, "missing_file")
    assert {row["image"] for row in results.of(job)["proposals"]} <= {image.pk, last.pk}


def test_an_image_deleted_when_its_turn_comes_is_skipped(
    ann: Api, project: Project, image: Image, cat: Label, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = added(ann, project, 3)
    look = encoder_input.picture_of

    def too_late(which: Image, key: str) -> Any:
        if which.pk == gone.pk:
            assert ann.delete(f"/api/images/{gone.pk}").status_code == 204
        return look(which, key)

    monkeypatch.setattr(encoder_input, "picture_of", too_late)
    alike(ann, drawn(ann, image, cat), image, gone)
    job = run("alike")
    assert job.status == "Completed", job.error_message
    assert [row["code"] for row in job.result["skipped"]] == ["image_deleted"]


def test_a_lost_file_is_named_on_the_job(ann: Api, image: Image) -> None:
    default_storage.delete(image.original)
    path = f"/api/images/{image.pk}"
    ann.send("POST", f"{path}/segment", {"points": [{"x": 1, "y": 1, "label": 1}]})
    ann.send("POST", f"{path}/everything", {})
    for kind in ("segment", "everything"):
        job = run(kind)
        assert (job.status, job.error_code) == ("Failed", "missing_file")
        assert "upload it again" in job.error_message


# --- Images that are not ready yet ---------------------------------------------------------------


def test_no_image_is_searched_before_all_are_ready(
    ann: Api, project: Project, image: Image, cat: Label, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = ann.upload(project.pk, ("late.png", png(seed=5)))
    late = Image.objects.get(pk=answer.json()["items"][0]["id"])
    searched = []
    search = find_similar._find_in
    monkeypatch.setattr(
        find_similar, "_find_in", lambda pk, *rest: searched.append(pk) or search(pk, *rest)
    )
    alike(ann, drawn(ann, image, cat), image, late)
    assert run("alike").status == "Queued"
    assert searched == []
    prepare(late)
    job = run("alike")
    assert (job.status, job.result["skipped"]) == ("Completed", [])
    assert searched == [image.pk, late.pk]


# --- Very much -----------------------------------------------------------------------------------


def scattered(seed: int, count: int) -> list[suggestions.Row]:
    """Masks in no order: blocks, some of them nearly the same, ragged ones, and an empty one."""
    random = np.random.default_rng(seed)
    rows = []
    for turn in range(count):
        mask = np.zeros((60, 80), np.uint8)
        x, y = 10 * random.integers(0, (6, 4)) + random.integers(0, 3, 2)
        w, h = random.integers(10, 18, 2)
        mask[y : y + h, x : x + w] = (
            1 if turn % 3 else random.random(mask[y : y + h, x : x + w].shape) > 0.2
        )
        if turn == 7:
            mask[:] = 0
        rle = Rle.from_mask(mask)
        rows.append({
            "rle": {"size": [60, 80], "counts": rle.counts}, "bbox": list(rle.bbox),
            "area": rle.area, "score": float(random.integers(0, 40)),
        })  # fmt: skip
    return rows


def test_masks_are_told_apart_as_if_all_were_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    iou = Rle.iou
    monkeypatch.setattr(Rle, "iou", lambda *pair: compared.append(pair) or iou(*pair))
    rows, shares = scattered(1, 400), list[float]()
    found = list(suggestions.distinct(rows, shares.append))
    looks = len(compared)
    masks = {id(row): Rle(*row["rle"]["size"], row["rle"]["counts"]) for row in rows}
    expected: list[suggestions.Row] = []
    for row in sorted(rows, key=lambda row: -row["score"]):
        mine = masks[id(row)]
        if not any(mine.area and mine.iou(masks[id(old)]) > 0.7 for old in expected):
            expected.append(row)
    assert [id(row) for row in found] == [id(row) for row in expected]
    assert 100 < len(found) < 390
    assert len(shares) == len(rows)
    assert looks < 10 * len(rows) < (len(compared) - looks) / 4


def test_no_more_masks_are_told_apart_than_are_taken() -> None:
    shares: list[float] = []
    rows = scattered(2, 400)
    few = suggestions.bounded(suggestions.distinct(rows, shares.append), 20)
    everything = [row for row in suggestions.distinct(rows, lambda _: None) if row["area"]]
    assert few == everything[:20]
    assert len(shares) < 60


def test_telling_masks_apart_stops_with_the_image(
    ann: Api, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann.send("POST", f"/api/images/{image.pk}/everything", {"score": 0, "crops": True})
    monkeypatch.setattr(search_job, "_PUBLISH_SECONDS", -1.0)
    seen: list[Any] = []
    bound = suggestions._max_iou

    def deleted_in_between(*shapes: Any) -> Any:
        if not seen:
            assert ann.delete(f"/api/images/{image.pk}").status_code == 204
        seen.append(shapes)
        return bound(*shapes)

    monkeypatch.setattr(suggestions, "_max_iou", deleted_in_between)
    job = Job.objects.get(kind="everything")
    lifecycle.run(job.pk)
    assert len(seen) == 1


def test_lists_of_jobs_leave_masks_out(ann: Api, image: Image) -> None:
    ann.send("POST", f"/api/images/{image.pk}/everything", {"pointsPerSide": 2})
    job = run("everything")
    answer = ann.get(f"/api/projects/{image.project_id}/jobs")
    rows = {row["kind"]: row for row in answer.json()["items"]}
    one = ann.get(f"/api/jobs/{job.pk}").json()
    assert one["result"] == results.of(job)
    assert len(one["result"]["proposals"]) == job.suggestions.count() > 0
    assert list(one["result"]) == ["proposals", "model"]
    assert rows["everything"] == one | {"result": None}
    prepared = Job.objects.get(kind="prepare")
    assert rows["prepare"]["result"] == prepared.result
    ann.send("POST", f"/api/images/{image.pk}/segment", {"points": [{"x": 1, "y": 1, "label": 1}]})
    segmented = run("segment")
    (row,) = ann.get(f"/api/projects/{image.project_id}/jobs?kind=segment").json()["items"]
    assert row["result"] == results.of(segmented)
    assert "masks" in row["result"]
    assert len(row["result"]["masks"]) == segmented.suggestions.count() > 0
