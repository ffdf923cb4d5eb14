"""Everything mode and find alike by the native API, against the running product."""

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pycocotools import mask as coco_mask

from tests.support.environment import ROOT
from tests.support.server import Server, wait_until

PHOTO = ROOT / "static" / "demo" / "coffee.jpg"


@pytest.fixture(scope="module")
def client(fake_server: Server) -> Iterator[httpx.Client]:
    with fake_server.client() as client:
        yield client


def made_project(client: httpx.Client) -> dict[str, Any]:
    body = {"name": "Proposals", "labels": [{"name": "cup"}]}
    project: dict[str, Any] = client.post("/api/projects", json=body).raise_for_status().json()
    return project


def uploaded(client: httpx.Client, project: int, data: bytes) -> dict[str, Any]:
    answer = client.post(f"/api/projects/{project}/images", files={"files": ("a", data)})
    number = answer.raise_for_status().json()["items"][0]["id"]

    def ready() -> dict[str, Any] | None:
        row: dict[str, Any] = client.get(f"/api/images/{number}").json()
        return row if row["state"] != "preparing" else None

    row = wait_until(ready, 60, what="the image")
    assert row is not None
    return row


@pytest.fixture(scope="module")
def project(client: httpx.Client) -> dict[str, Any]:
    return made_project(client)


@pytest.fixture(scope="module")
def image(client: httpx.Client, project: dict[str, Any]) -> dict[str, Any]:
    return uploaded(client, project["id"], PHOTO.read_bytes())


def asked(
    server: Server, client: httpx.Client, image: int, what: str, **body: Any
) -> dict[str, Any]:
    answer = client.post(f"/api/images/{image}/{what}", json=body)
    assert answer.status_code == 202, answer.text
    assert answer.json()["kind"] == what
    return server.wait_for_job(client, answer.json()["id"])


def kept(client: httpx.Client, image: dict[str, Any], proposal: dict[str, Any]) -> dict[str, Any]:
    """The proposal as an object of the image."""
    labels = client.get(f"/api/projects/{image['project']}").json()["labels"]
    body = {
        "id": str(uuid.uuid4()),
        "label": labels[0]["id"],
        "source": "smart",
        "model": "fake",
        **{name: proposal[name] for name in ("rle", "score", "candidate", "prompts")},
    }
    row = client.post(f"/api/images/{image['id']}/annotations", json=body)
    assert row.status_code == 201, row.text
    data: dict[str, Any] = row.json()
    return data


def test_everything_proposes_masks(
    fake_server: Server, client: httpx.Client, image: dict[str, Any]
) -> None:
    job = asked(fake_server, client, image["id"], "everything", pointsPerSide=4, score=0.9)
    assert job["status"] == "Completed", job
    assert (job["image"], job["progress"]) == (image["id"], 1.0)
    assert job["result"]["model"] == "fake"
    found = job["result"]["proposals"]
    assert len(found) == 16
    for proposal in found:
        assert proposal["rle"]["size"] == [image["height"], image["width"]]
        assert coco_mask.area(proposal["rle"]) == proposal["area"] > 0
        assert coco_mask.toBbox(proposal["rle"]).tolist() == proposal["bbox"]
        assert proposal["score"] >= 0.9
        (point,) = proposal["prompts"]["points"]
        assert point["candidate"] == proposal["candidate"] == 2


def test_a_proposal_is_its_prompts_mask_and_can_be_kept(
    fake_server: Server, client: httpx.Client, image: dict[str, Any]
) -> None:
    job = asked(fake_server, client, image["id"], "everything", pointsPerSide=2)
    proposal = job["result"]["proposals"][0]
    points = proposal["prompts"]["points"]
    answer = client.post(f"/api/images/{image['id']}/segment", json={"points": points})
    again = fake_server.wait_for_job(client, answer.json()["id"])
    assert again["result"]["masks"][0]["rle"] == proposal["rle"]
    row = kept(client, image, proposal)
    assert (row["model"], row["score"]) == ("fake", proposal["score"])


def test_crops_find_more_without_duplicates(
    fake_server: Server, client: httpx.Client, image: dict[str, Any]
) -> None:
    job = asked(fake_server, client, image["id"], "everything", pointsPerSide=8, crops=True)
    assert job["status"] == "Completed", job
    found = job["result"]["proposals"]
    assert {proposal["prompts"] is None for proposal in found} == {True, False}
    for proposal in found:
        assert proposal["rle"]["size"] == [image["height"], image["width"]]
        assert coco_mask.area(proposal["rle"]) == proposal["area"]
    masks = [proposal["rle"] for proposal in found[:60]]
    overlaps = coco_mask.iou(masks, masks, [0] * len(masks))
    assert (overlaps > 0.75).sum() == len(masks)


def test_none_found_is_an_empty_list(
    fake_server: Server, client: httpx.Client, image: dict[str, Any]
) -> None:
    job = asked(fake_server, client, image["id"], "everything", pointsPerSide=2, score=1.0)
    assert (job["status"], job["result"]["proposals"]) == ("Completed", [])


def test_alike_in_this_image_and_in_others(
    fake_server: Server, client: httpx.Client, project: dict[str, Any], image: dict[str, Any]
) -> None:
    other = uploaded(client, project["id"], (ROOT / "static/demo/cat.jpg").read_bytes())
    first = asked(fake_server, client, image["id"], "everything", pointsPerSide=3)
    row = kept(client, image, first["result"]["proposals"][0])
    job = asked(fake_server, client, image["id"], "alike", objects=[row["id"]])
    assert job["status"] == "Completed", job
    assert {proposal["image"] for proposal in job["result"]["proposals"]} <= {image["id"]}
    for proposal in job["result"]["proposals"]:
        assert 0 <= proposal["score"] <= proposal["similarity"] <= 1
        assert coco_mask.area(proposal["rle"]) == proposal["area"]
    both = [image["id"], other["id"]]
    job = asked(fake_server, client, image["id"], "alike", objects=[row["id"]], images=both)
    assert job["status"] == "Completed", job
    assert job["result"]["skipped"] == []
    sizes = {image["id"]: image, other["id"]: other}
    for proposal in job["result"]["proposals"]:
        of = sizes[proposal["image"]]
        assert proposal["rle"]["size"] == [of["height"], of["width"]]


def test_objects_that_went_end_the_job(
    fake_server: Server, client: httpx.Client, project: dict[str, Any], image: dict[str, Any]
) -> None:
    """Asked for with an object that is deleted before the worker comes to it."""
    first = asked(fake_server, client, image["id"], "everything", pointsPerSide=1)
    row = kept(client, image, first["result"]["proposals"][0])
    answer = client.post(f"/api/images/{image['id']}/alike", json={"objects": [row["id"]]})
    client.delete(f"/api/annotations/{row['id']}", params={"version": row["version"]})
    job = fake_server.wait_for_job(client, answer.json()["id"])
    assert job["status"] == "Completed" or job["error"]["code"] == "objects_deleted"


def test_an_image_deleted_while_its_job_runs(fake_server: Server, client: httpx.Client) -> None:
    own = made_project(client)
    image = uploaded(client, own["id"], PHOTO.read_bytes())
    answer = client.post(f"/api/images/{image['id']}/everything", json={"pointsPerSide": 64})
    assert client.delete(f"/api/images/{image['id']}").status_code == 204
    assert client.get(f"/api/jobs/{answer.json()['id']}").status_code == 404
    # The worker lives on.
    after = uploaded(client, own["id"], PHOTO.read_bytes())
    job = asked(fake_server, client, after["id"], "everything", pointsPerSide=2)
    assert job["status"] == "Completed", job


def test_a_refused_image_is_not_searched(
    client: httpx.Client, project: dict[str, Any], image: dict[str, Any]
) -> None:
    whole = PHOTO.read_bytes()
    refused = uploaded(client, project["id"], whole[:1500] + b"\0" * 500)
    if refused["state"] != "refused":
        pytest.fail(f"the broken image is {refused['state']}")
    answer = client.post(f"/api/images/{refused['id']}/everything", json={})
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "refused_image"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pointsPerSide", 0), ("pointsPerSide", 65), ("pointsPerSide", 2.5), ("score", 1.5),
        ("score", -0.1), ("score", "a"), ("stability", 2), ("stability", None), ("crops", 1),
        ("points", 3),
    ],
)  # fmt: skip
def test_options_out_of_range(
    client: httpx.Client, image: dict[str, Any], name: str, value: Any
) -> None:
    answer = client.post(f"/api/images/{image['id']}/everything", json={name: value})
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["field"] == name


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"objects": []}, 422),
        ({"objects": ["x"]}, 422),
        ({"objects": [str(uuid.uuid4())]}, 404),
        ({"objects": [str(uuid.uuid4()) for _ in range(9)]}, 422),
        ({"objects": [str(uuid.uuid4())], "images": list(range(1, 102))}, 422),
        ({"objects": [str(uuid.uuid4())], "images": [0]}, 422),
    ],
)
def test_alike_refuses(
    client: httpx.Client, image: dict[str, Any], body: dict[str, Any], status: int
) -> None:
    answer = client.post(f"/api/images/{image['id']}/alike", json=body)
    assert answer.status_code == status, answer.text


def test_other_projects_are_unknown_or_refused(
    fake_server: Server, client: httpx.Client, image: dict[str, Any]
) -> None:
    first = asked(fake_server, client, image["id"], "everything", pointsPerSide=2)
    row = kept(client, image, first["result"]["proposals"][1])
    own = made_project(client)
    elsewhere = uploaded(client, own["id"], PHOTO.read_bytes())
    answer = client.post(f"/api/images/{elsewhere['id']}/alike", json={"objects": [row["id"]]})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "objects")
    body = {"objects": [row["id"]], "images": [image["id"], elsewhere["id"]]}
    answer = client.post(f"/api/images/{image['id']}/alike", json=body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "images")
    with fake_server.client("nosy") as stranger:
        for what, body in (("everything", {}), ("alike", {"objects": [row["id"]]})):
            assert stranger.post(f"/api/images/{image['id']}/{what}", json=body).status_code == 404
    for what in ("everything", "alike"):
        assert httpx.post(f"{fake_server.url}/api/images/{image['id']}/{what}").status_code == 401
