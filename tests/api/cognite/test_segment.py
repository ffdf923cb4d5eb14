"""The segmentation job as the contract has it, and every way to ask for it wrongly."""

from typing import Any

import numpy as np
import pytest

from annotations.domain import polygons
from annotations.domain.rle import Rle
from tests.api.cognite.conftest import BETA, Room, open_room, picture, refusal
from tests.support.environment import ROOT
from tests.support.server import Server

PATH = "context/vision/segment"
POINT = {"x": 0.5, "y": 0.5, "label": 1}
BOX = {"xMin": 0.1, "yMin": 0.1, "xMax": 0.9, "yMax": 0.9}


def test_the_answer_outlives_the_file_and_not_the_project(room: Room) -> None:
    file = room.upload()
    job = room.segment(file).json()["jobId"]
    before = room.ended(job)
    (image,) = room.images()
    room.native.delete(f"/api/images/{image['id']}").raise_for_status()
    assert room.result(job) == before
    room.native.delete(f"/api/projects/{room.id}").raise_for_status()
    assert room.get(f"{PATH}/{job}", headers=BETA).status_code == 404


def test_another_projects_jobs_and_native_ones_are_unknown(room: Room, foreign: Room) -> None:
    job = foreign.segment(foreign.upload()).json()["jobId"]
    room.upload()
    (image,) = room.images()
    native = {"points": [{"x": 1, "y": 1, "label": 1}]}
    made = room.native.post(f"/api/images/{image['id']}/segment", json=native).json()["id"]
    for pk in (job, made, 10**6, 2**63, 10**40, 0):
        assert refusal(room.get(f"{PATH}/{pk}", headers=BETA))[0] == 404
    assert foreign.ended(job)["status"] == "Completed"


@pytest.mark.parametrize("given", [{}, {"cdf-version": "20230101"}, {"cdf-version": "alpha"}])
def test_the_version_header(room: Room, given: dict[str, str]) -> None:
    body = {"items": [{"fileId": room.upload()}], "points": [POINT]}
    for answer in (room.post(PATH, body, headers=given), room.get(f"{PATH}/1", headers=given)):
        status, message = refusal(answer)
        assert (status, "cdf-version" in message) == (400, True)
    dated = {"cdf-version": "20230101-beta"}
    assert room.post(PATH, body, headers=dated).status_code == 200


@pytest.mark.parametrize(
    ("name", "mime", "taken"),
    [
        ("a.png", None, True), ("a.jpg", None, True), ("a.JPEG", "image/jpeg", True),
        ("a.png", "image/png", True), ("a.webp", None, False), ("a", None, False),
        ("png", "image/png", False), ("a.png", "image/webp", False), ("a.png", "x", False),
        ("a.jpg.bmp", "image/jpeg", False),
    ],
)  # fmt: skip
def test_kinds_of_files(room: Room, name: str, mime: str | None, taken: bool) -> None:
    more = {} if mime is None else {"mimeType": mime}
    answer = room.segment(room.upload(name=name, **more))
    if taken:
        assert answer.status_code == 200
    else:
        status, message = refusal(answer)
        assert status == 400
        assert "name" in message or "mimeType" in message


def test_a_file_without_content(room: Room) -> None:
    status, message = refusal(room.segment(room.declare()["id"]))
    assert (status, "upload" in message) == (400, True)


@pytest.mark.parametrize(
    "item",
    [
        {"fileId": 7}, {"fileId": 2**62}, {"fileExternalId": "nobody's"},
        {"fileInstanceId": {"space": "elsewhere", "externalId": "known"}},
    ],
)  # fmt: skip
def test_unknown_files(room: Room, item: dict[str, Any]) -> None:
    room.upload(externalId="known")
    answer = room.post(PATH, {"items": [item], "points": [POINT]}, headers=BETA)
    assert refusal(answer)[0] == 400
    assert answer.json()["error"]["missing"] == [item]


def test_another_projects_file_is_unknown(room: Room, foreign: Room) -> None:
    file = foreign.upload(externalId="x")
    (image,) = foreign.images()
    for item in ({"fileId": file}, {"fileId": image["id"]}, {"fileExternalId": "x"}):
        answer = room.post(PATH, {"items": [item], "points": [POINT]}, headers=BETA)
        assert refusal(answer)[0] == 400
        assert answer.json()["error"]["missing"] == [item]


def test_a_thousand_points_are_taken(room: Room) -> None:
    points = [{"x": n / 1000, "y": 0.5, "label": n % 2} for n in range(3)]
    points += [{"x": 0.25, "y": n / 1000, "label": 0} for n in range(17)]
    answer = room.segment(room.upload(), points=points)
    assert answer.json()["points"] == points
    assert room.ended(answer.json()["jobId"])["status"] == "Completed"


# --- Masks ---------------------------------------------------------------------------------------


def filled(item: dict[str, Any], width: int, height: int) -> Rle:
    """One segment's polygons by the rule that the docs give: even-odd over all together."""
    rings = [
        [value for v in polygon["vertices"] for value in (v["x"] * width, v["y"] * height)]
        for polygon in item["polygons"]
    ]
    return polygons.rasterise(rings, width, height)


def by_direction(item: dict[str, Any], width: int, height: int) -> Rle:
    """The same by the other rule: rings that run clockwise add, the others take away."""
    total = np.zeros((height, width), dtype=np.int32)
    for polygon in item["polygons"]:
        ring = np.array([(v["x"] * width, v["y"] * height) for v in polygon["vertices"]])
        after = np.roll(ring, -1, axis=0)
        clockwise = (ring[:, 0] * after[:, 1] - after[:, 0] * ring[:, 1]).sum() > 0
        mask = polygons.rasterise([ring.ravel().tolist()], width, height).to_mask()
        total += mask if clockwise else -mask.astype(np.int32)
    return Rle.from_mask(total != 0)


@pytest.mark.parametrize(
    "prompt",
    [
        {"points": [{"x": 0.5, "y": 0.5}]},
        {"boundingBox": {"xMin": 0.05, "yMin": 0.05, "xMax": 0.95, "yMax": 0.95}},
        {"points": [{"x": 0.5, "y": 0.4}, {"x": 0.1, "y": 0.9, "label": 0}],
         "boundingBox": {"xMin": 0.2, "yMin": 0.2, "xMax": 0.8, "yMax": 0.8}},
    ],
    ids=["point", "box", "both"],
)  # fmt: skip
def test_polygons_are_the_masks(server: Server, prompt: dict[str, Any]) -> None:
    """With the real model: what this API answers in polygons, the native one does in RLE."""
    room = open_room(server, server.create_token(), "real")
    photo = sorted((ROOT / "static" / "demo").glob("*.jpg"))[0].read_bytes()
    file = room.upload(photo, name="photo.jpg")
    answer = room.segment(file, **prompt)
    job = room.ended(answer.json()["jobId"])
    (image,) = room.images()
    width, height = image["width"], image["height"]
    points = [
        {"x": p["x"] * width, "y": p["y"] * height, "label": p.get("label", 1)}
        for p in prompt.get("points", ())
    ]
    body: dict[str, Any] = {"points": points}
    if box := prompt.get("boundingBox"):
        body["box"] = {"x0": box["xMin"] * width, "y0": box["yMin"] * height,
                       "x1": box["xMax"] * width, "y1": box["yMax"] * height}  # fmt: skip
    queued = room.native.post(f"/api/images/{image['id']}/segment", json=body).json()
    masks = server.wait_for_job(room.native, queued["id"])["result"]["masks"]
    masks.sort(key=lambda mask: -mask["score"])
    (item,) = job["items"]
    assert len(item["segments"]) == len(masks) >= 3
    for segment, mask in zip(item["segments"], masks, strict=True):
        truth = Rle(*mask["rle"]["size"], mask["rle"]["counts"])
        assert segment["score"] == pytest.approx(mask["score"], abs=1e-6)
        assert filled(segment, width, height).iou(truth) >= 0.98
        assert by_direction(segment, width, height).iou(truth) >= 0.98
        assert all(3 <= len(p["vertices"]) <= 1000 for p in segment["polygons"])


def test_a_job_that_was_queued_before_its_image_was_ready(room: Room) -> None:
    """Uploaded and asked about in one go: the job waits for the image."""
    answer = room.segment(room.upload(picture()))
    assert answer.status_code == 200
    assert room.ended(answer.json()["jobId"])["status"] == "Completed"


def test_scopes(room: Room) -> None:
    """A token that may only read can find and fetch, and nothing else."""
    file = room.upload()
    made = room.native.post("/api/tokens", json={"name": "reader", "scopes": ["read"]}).json()
    body = {"items": [{"fileId": file}], "points": [POINT]}
    with room.server.token_client(made["token"]) as reader:
        for call in ("byids", "downloadlink"):
            items = {"items": [{"id": file}]}
            assert reader.post(room.path(f"files/{call}"), json=items).status_code == 200
        assert reader.post(room.path("files/list"), json={}).status_code == 200
        for call, scope in (
            (PATH, "annotate"), ("files", "upload"), ("files/uploadlink", "upload"),
            ("files/initmultipartupload", "upload"), ("files/delete", "manage"),
        ):  # fmt: skip
            status, message = refusal(reader.post(room.path(call), json=body, headers=BETA))
            assert (status, scope in message) == (403, True)
