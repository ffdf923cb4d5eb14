"""Replays by the API: asked for, worked on in pieces, reviewed; nothing overwritten unasked."""

import uuid
from copy import copy
from typing import Any

import numpy as np
import pytest

from annotations.domain.logits import rle_from_logits
from annotations.domain.prompts import Prompts
from annotations.engines.session import PromptSession
from annotations.models import (
    Annotation,
    AnnotationRevision,
    Image,
    Job,
    Label,
    Project,
    Replay,
    ReplayProposal,
)
from annotations.services.embeddings import lookup
from annotations.services.jobs import lifecycle
from annotations.services.reprediction import runs
from tests.api.conftest import Api, error, member, outline, prepare
from tests.support.engines import load
from tests.support.pictures import png

pytestmark = pytest.mark.django_db(transaction=True)

POINT = {"x": 5, "y": 3, "label": 1}


def draw(api: Api, image: Image, label: Label, **more: Any) -> str:
    """A new object's id; it has prompts unless it is told otherwise."""
    body = outline(label=label.pk, **{"prompts": {"points": [POINT]}, "source": "smart", **more})
    answer = api.send("POST", f"/api/images/{image.pk}/annotations", body)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def start(api: Api, project: Project, model: str = "fake") -> dict[str, Any]:
    answer = api.send("POST", f"/api/projects/{project.pk}/replays", {"model": model})
    assert answer.status_code == 202, answer.content
    found: dict[str, Any] = answer.json()
    return found


def work(replay: dict[str, Any]) -> dict[str, Any]:
    """Does what a worker does when the message comes; the replay after it."""
    lifecycle.run(replay["job"])
    return state(replay)


def state(replay: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = member("ann").send("GET", f"/api/replays/{replay['id']}").json()
    return found


def listed(api: Api, replay: dict[str, Any], query: str = "") -> list[dict[str, Any]]:
    answer = api.send("GET", f"/api/replays/{replay['id']}/proposals{query}")
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()["items"]
    return rows


def decide(api: Api, replay: dict[str, Any], decision: str, **which: Any) -> dict[str, Any]:
    body = {"decision": decision, **which}
    answer = api.send("POST", f"/api/replays/{replay['id']}/decisions", body)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_the_prompts_are_asked_again_and_nothing_changes(
    ann: Api, project: Project, image: Image, cat: Label
) -> None:
    box = {"x0": 10.0, "y0": 8.0, "x1": 30.0, "y1": 20.0}
    prompts = {"points": [{"x": 20.0, "y": 12.0, "label": 1, "candidate": 3}], "box": box}
    chosen = draw(ann, image, cat, prompts=prompts)
    draw(ann, image, cat)
    draw(ann, image, cat, prompts=None, source="brush")
    draw(ann, image, cat, prompts={"points": [POINT], "notes": "of a client"}, source="api")
    before = list(Annotation.objects.order_by("pk").values())

    replay = start(ann, project)
    assert (replay["status"], replay["total"], replay["model"]) == ("Queued", 4, "fake")
    replay = work(replay)
    assert replay["status"] == "Completed"
    assert (replay["skipped"], replay["failed"]) == (2, 0)
    assert replay["counts"] == {"pending": 2, "accepted": 0, "dismissed": 0, "outdated": 0}
    assert list(Annotation.objects.order_by("pk").values()) == before

    rows = listed(ann, replay)
    assert [row["iou"] for row in rows] == sorted(row["iou"] for row in rows)
    (row,) = [row for row in rows if row["annotation"] == chosen]
    engine = load("fake")
    arrays = lookup.get(image)[1]
    best = PromptSession(engine, arrays).replay(Prompts.from_json(prompts, 40, 30))[0]
    assert best.mask_index == row["new"]["candidate"] == 3
    mask = rle_from_logits(best.logits, arrays.frame)
    assert row["new"]["rle"] == {"size": [30, 40], "counts": mask.counts}
    assert row["new"]["bbox"] == list(mask.bbox)
    old = Annotation.objects.get(pk=chosen)
    assert row["old"]["rle"] == {"size": [30, 40], "counts": old.counts}
    drawn = np.zeros((30, 40), bool)
    drawn[1:6, 1:9] = True
    both = (drawn & (mask.to_mask() > 0)).sum() / (drawn | (mask.to_mask() > 0)).sum()
    assert row["iou"] == pytest.approx(both)


def test_accepting_writes_a_version_and_says_why(
    ann: Api, project: Project, image: Image, cat: Label
) -> None:
    taken, left = draw(ann, image, cat), draw(ann, image, cat, prompts={"points": [POINT] * 2})
    replay = work(start(ann, project))
    rows = {row["annotation"]: row for row in listed(ann, replay)}
    assert decide(ann, replay, "accept", ids=[rows[taken]["id"]])["decided"] == 1
    assert decide(ann, replay, "dismiss", ids=[rows[left]["id"]])["decided"] == 1

    now = Annotation.objects.get(pk=taken)
    assert (now.version, now.counts) == (2, rows[taken]["new"]["rle"]["counts"])
    assert (now.model, now.source, now.label) == ("fake", "smart", cat)
    assert now.prompts == {"points": [POINT]}
    revision = AnnotationRevision.objects.get(annotation=taken, version=2)
    assert revision.reason.startswith("Replayed on fake, agreement 0.")
    assert revision.user is not None
    assert revision.user.get_username() == "ann"
    assert Annotation.objects.get(pk=left).version == 1

    # Decided once, and the old mask is still shown beside the new one.
    again = decide(ann, replay, "accept", ids=[rows[taken]["id"], rows[left]["id"]])
    assert {skip["code"] for skip in again["skipped"]} == {"decided"}
    assert Annotation.objects.get(pk=taken).version == 2
    after = {row["annotation"]: row for row in listed(ann, replay)}
    assert after[taken]["old"] == rows[taken]["old"]
    assert (after[taken]["state"], after[taken]["decidedBy"]) == ("accepted", "ann")
    assert decide(ann, replay, "reopen", ids=[rows[left]["id"]])["decided"] == 1
    assert {row["state"] for row in listed(ann, replay)} == {"accepted", "pending"}


def test_what_has_changed_since_is_left_alone(
    ann: Api, project: Project, image: Image, cat: Label
) -> None:
    changed, gone = draw(ann, image, cat), draw(ann, image, cat)
    replay = work(start(ann, project))
    ann.send("PATCH", f"/api/annotations/{changed}", {"version": 1, "attributes": {"a": 1}})
    ann.send("DELETE", f"/api/annotations/{gone}?version=1")
    rows = listed(ann, replay)
    assert {row["state"] for row in rows} == {"outdated"}
    assert {row["label"] for row in rows} == {cat.pk, None}
    answer = decide(ann, replay, "accept", all=True)
    assert (answer["decided"], answer["remaining"]) == (0, 0)
    assert {skip["code"] for skip in answer["skipped"]} == {"stale_version", "deleted"}
    assert state(replay)["counts"]["outdated"] == 2
    assert Annotation.objects.get(pk=changed).version == 2
    assert not Annotation.objects.filter(pk=gone).exists()


def test_all_above_and_all_below(ann: Api, project: Project, image: Image, cat: Label) -> None:
    dog = project.labels.get(name="dog")
    for n in range(6):
        box = {"x0": 1, "y0": 1, "x1": 14 + 4 * n, "y1": 11}
        draw(ann, image, dog if n == 5 else cat, prompts={"points": [], "box": box})
    replay = work(start(ann, project))
    rows = listed(ann, replay)
    assert len({row["iou"] for row in rows}) == 6
    cut = rows[3]["iou"]
    assert [r["id"] for r in listed(ann, replay, f"?minIou={cut}")] == [r["id"] for r in rows[3:]]
    assert [r["id"] for r in listed(ann, replay, f"?maxIou={cut}")] == [r["id"] for r in rows[:4]]
    (one,) = listed(ann, replay, f"?label={dog.pk}")
    assert one["label"] == dog.pk
    page = ann.send("GET", f"/api/replays/{replay['id']}/proposals?limit=4").json()
    rest = listed(ann, replay, f"?limit=4&cursor={page['next']}")
    assert [r["id"] for r in page["items"] + rest] == [r["id"] for r in rows]

    assert decide(ann, replay, "accept", minIou=cut)["decided"] == 3
    assert decide(ann, replay, "dismiss", maxIou=rows[1]["iou"])["decided"] == 2
    states = [row["state"] for row in listed(ann, replay)]
    assert states == ["dismissed"] * 2 + ["pending"] + ["accepted"] * 3
    assert [r["id"] for r in listed(ann, replay, "?state=pending")] == [rows[2]["id"]]


def test_a_page_of_a_thousand_has_their_old_masks(
    ann: Api, project: Project, image: Image, cat: Label
) -> None:
    first = draw(ann, image, cat)
    replay = work(start(ann, project))
    (asked,) = ReplayProposal.objects.all()
    made = []
    for _ in range(999):
        asked.pk, asked.annotation = None, uuid.uuid4()
        made.append(copy(asked))
    ReplayProposal.objects.bulk_create(made)
    (created,) = AnnotationRevision.objects.filter(annotation=first)
    history = []
    for row in made:
        created.annotation = row.annotation
        for version in (1, 2):
            created.pk, created.version = None, version
            created.snapshot = {**created.snapshot, "model": f"of {row.annotation} {version}"}
            history.append(copy(created))
    AnnotationRevision.objects.bulk_create(history)
    rows = listed(ann, replay, "?limit=1000")
    assert len(rows) == 1000
    for row in rows:
        if row["annotation"] != first:
            assert row["old"]["model"] == f"of {row['annotation']} 1"


def test_a_model_without_an_answer_replaces_nothing(
    ann: Api, project: Project, image: Image, cat: Label
) -> None:
    # A background click alone: the fake model finds nothing.
    name = draw(ann, image, cat, prompts={"points": [{"x": 5, "y": 3, "label": 0}]})
    replay = work(start(ann, project))
    (row,) = listed(ann, replay)
    assert (row["new"], row["iou"]) == (None, 0)
    answer = decide(ann, replay, "accept", ids=[row["id"]])
    assert answer["skipped"] == [{"id": row["id"], "code": "empty_mask"}]
    assert decide(ann, replay, "accept", all=True)["remaining"] == 0
    assert Annotation.objects.get(pk=name).version == 1


def test_delivered_twice_and_stopped_in_between(
    ann: Api, project: Project, image: Image, cat: Label, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(40):
        draw(ann, image, cat)
    replay = start(ann, project)
    # Each run lets others pass after its first sixteen masks.
    monkeypatch.setattr(runs, "_POLITE_SECONDS", 0.0)
    monkeypatch.setattr(runs, "_RUN_SECONDS", 0.0)
    assert work(replay)["counts"]["pending"] == 16
    assert state(replay)["status"] == "Queued"
    assert 0.3 < state(replay)["progress"] < 0.5

    path = f"/api/replays/{replay['id']}"
    assert error(ann.send("POST", f"{path}/resume"))[:2] == (409, "not_stopped")
    stopped = ann.send("POST", f"{path}/cancel").json()
    assert (stopped["status"], stopped["error"]["code"]) == ("Failed", "cancelled")
    assert error(ann.send("POST", f"{path}/cancel"))[:2] == (409, "ended")
    assert work(replay)["counts"]["pending"] == 16
    assert ann.send("POST", f"{path}/resume").status_code == 202
    assert work(replay)["counts"]["pending"] == 32
    assert work(replay)["counts"]["pending"] == 40
    assert work(replay)["status"] == "Completed"
    assert work(replay)["counts"]["pending"] == 40
    assert ReplayProposal.objects.count() == 40


def test_who_asks_for_proposals_does_not_wait_for_all_of_it(
    ann: Api, project: Project, image: Image, cat: Label, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(20):
        draw(ann, image, cat)
    replay = start(ann, project)
    Job.objects.filter(kind=Job.Kind.EMBED).delete()  # it would give way to that, too
    monkeypatch.setattr(runs, "_POLITE_SECONDS", 0.0)
    monkeypatch.setattr(runs, "_RUN_SECONDS", 1e6)
    asked = ann.send("POST", f"/api/images/{image.pk}/everything", {}).json()
    after = work(replay)
    assert (after["status"], after["counts"]["pending"]) == ("Queued", 16)
    assert ann.send("GET", f"/api/jobs/{asked['id']}").json()["status"] == "Queued"
    Job.objects.filter(pk=asked["id"]).delete()
    assert work(replay)["status"] == "Completed"


def test_a_worker_that_was_stopped_writes_nothing_more(
    ann: Api, project: Project, image: Image, cat: Label, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(20):
        draw(ann, image, cat)
    replay = start(ann, project)
    write = runs._Work._write

    def write_and_be_stopped(self: Any, image: Image, rows: Any) -> bool:
        written = write(self, image, rows)
        ann.send("POST", f"/api/replays/{replay['id']}/cancel")
        return written

    monkeypatch.setattr(runs._Work, "_write", write_and_be_stopped)
    after = work(replay)
    assert (after["status"], after["counts"]["pending"]) == ("Failed", 16)


def test_an_image_that_is_deleted_meanwhile_is_passed_over(
    ann: Api, project: Project, image: Image, cat: Label, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = ann.upload(project.pk, ("b.png", png(seed=3))).json()["items"][0]["id"]
    prepare(Image.objects.get(pk=other))
    draw(ann, image, cat)
    left = draw(ann, Image.objects.get(pk=other), cat)
    replay = start(ann, project)
    write = runs._Work._write

    def write_too_late(self: Any, where: Image, rows: Any) -> bool:
        if where.pk == image.pk:
            ann.send("DELETE", f"/api/images/{image.pk}")
        return write(self, where, rows)

    monkeypatch.setattr(runs._Work, "_write", write_too_late)
    assert work(replay)["status"] == "Completed"
    assert [row["annotation"] for row in listed(ann, replay)] == [left]


def test_images_that_cannot_be_read_are_counted(
    ann: Api, project: Project, image: Image, cat: Label
) -> None:
    other = ann.upload(project.pk, ("b.png", png(seed=3))).json()["items"][0]["id"]
    broken = Image.objects.get(pk=other)
    prepare(broken)
    draw(ann, image, cat)
    draw(ann, broken, cat)
    Image.objects.filter(pk=broken.pk).update(state=Image.State.REFUSED)
    replay = work(start(ann, project))
    assert (replay["status"], replay["failed"]) == ("Completed", 1)
    assert replay["counts"]["pending"] == 1


def test_who_may(ann: Api, project: Project, image: Image, cat: Label) -> None:
    draw(ann, image, cat)
    replay = work(start(ann, project))
    ben = member("ben")
    body = {"username": "ben", "role": "member"}
    ann.send("POST", f"/api/projects/{project.pk}/members", body)
    path = f"/api/replays/{replay['id']}"
    for method, address in (
        ("POST", f"/api/projects/{project.pk}/replays"),
        ("POST", f"{path}/cancel"), ("POST", f"{path}/resume"), ("DELETE", path),
    ):  # fmt: skip
        model = {"model": "fake"} if address.endswith("s/replays") else None
        assert ben.send(method, address, model).status_code in (403, 422)
    (row,) = listed(ben, replay)
    assert decide(ben, replay, "accept", ids=[row["id"]])["decided"] == 1
    made = ann.send("POST", "/api/tokens", {"name": "t", "scopes": ["read", "annotate"]}).json()
    bearer = {"Authorization": f"Bearer {made['token']}"}
    program = Api()
    answer = program.send(
        "POST", f"{path}/decisions", {"decision": "dismiss", "all": True}, **bearer
    )
    assert answer.status_code == 200
    started = program.send(
        "POST", f"/api/projects/{project.pk}/replays", {"model": "fake"}, **bearer
    )
    assert error(started)[:2] == (403, "insufficient_scope")


def test_bad_requests(ann: Api, project: Project, image: Image, cat: Label) -> None:
    path = f"/api/projects/{project.pk}/replays"
    assert error(ann.send("POST", path, {"model": "fake"}))[:2] == (409, "no_prompts")
    draw(ann, image, cat)
    refused = ann.send("POST", path, {"model": "sam_hugest"})
    assert error(refused) == (422, "unknown_model", "model")
    names = [model["name"] for model in ann.send("GET", "/api/models").json()["items"]]
    assert {"sam_onnx", "sam_onnx_int8", "sam_openvino", "sam_torch:vit_h", "fake"} <= set(names)
    assert all(name in refused.json()["error"]["message"] for name in names)
    replay = start(ann, project)
    assert error(ann.send("POST", path, {"model": "fake"}))[:2] == (409, "already_replaying")
    decisions = f"/api/replays/{replay['id']}/decisions"
    for body in (
        {"decision": "accept"}, {"decision": "maybe", "all": True},
        {"decision": "accept", "ids": []},
        {"decision": "accept", "ids": [1], "minIou": 0.5}, {"decision": "accept", "minIou": 2},
        {"decision": "accept", "ids": [2**70]}, {"decision": "accept", "label": "cat"},
    ):  # fmt: skip
        assert ann.send("POST", decisions, body).status_code == 422, body
    for query in (
        "minIou=2", "minIou=nan", "state=gone", "label=x", "limit=0", "label=0", "label=-1",
        f"label={2**63}", f"label={10**30}",
    ):  # fmt: skip
        assert ann.send("GET", f"/api/replays/{replay['id']}/proposals?{query}").status_code == 422
    for cursor in ("x", "W251bGwsIDFd", "WzFlOTk5LCAxXQ"):
        answer = ann.send("GET", f"/api/replays/{replay['id']}/proposals?cursor={cursor}")
        assert answer.status_code == 400


def test_a_replay_goes_with_its_project_and_by_itself(
    ann: Api, project: Project, image: Image, cat: Label
) -> None:
    name = draw(ann, image, cat)
    replay = work(start(ann, project))
    assert decide(ann, replay, "accept", all=True)["decided"] == 1
    assert ann.send("DELETE", f"/api/replays/{replay['id']}").status_code == 204
    assert not ReplayProposal.objects.exists()
    assert Annotation.objects.get(pk=name).version == 2
    work(start(ann, project))
    assert ann.send("DELETE", f"/api/projects/{project.pk}").status_code == 204
    assert not Replay.objects.exists()
    assert not ReplayProposal.objects.exists()
    assert not Job.objects.filter(kind=Job.Kind.REPLAY).exists()
