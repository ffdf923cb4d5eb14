"""Colour regions by the native API, against the running product."""

from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image as PILImage
from pycocotools import mask as coco_mask

from tests.support.environment import ROOT
from tests.support.pictures import encoded
from tests.support.server import Server, wait_until

PHOTO = ROOT / "static" / "demo" / "coffee.jpg"


@pytest.fixture(scope="module")
def client(fake_server: Server) -> Iterator[httpx.Client]:
    with fake_server.client() as client:
        yield client


def uploaded(client: httpx.Client, data: bytes) -> dict[str, Any]:
    project = client.post("/api/projects", json={"name": "Regions"}).json()["id"]
    answer = client.post(f"/api/projects/{project}/images", files={"files": ("a", data)})
    image = answer.raise_for_status().json()["items"][0]["id"]

    def ready() -> dict[str, Any] | None:
        row: dict[str, Any] = client.get(f"/api/images/{image}").json()
        return row if row["state"] != "preparing" else None

    row = wait_until(ready, 60, what="the image")
    assert row is not None
    return row


@pytest.fixture(scope="module")
def image(client: httpx.Client) -> dict[str, Any]:
    return uploaded(client, PHOTO.read_bytes())


def found(
    server: Server, client: httpx.Client, image: dict[str, Any], **options: Any
) -> dict[str, Any]:
    answer = client.post(f"/api/images/{image['id']}/regions", json=options)
    assert answer.status_code == 202, answer.text
    job = server.wait_for_job(client, answer.json()["id"])
    assert job["status"] == "Completed", job
    assert job["image"] == image["id"]
    result: dict[str, Any] = job["result"]
    return result


def test_regions_are_masks_of_the_image(
    fake_server: Server, client: httpx.Client, image: dict[str, Any]
) -> None:
    result = found(fake_server, client, image, clusterThreshold=1, colourSpace=5)
    regions = result["regions"]
    assert len(regions) > 10
    assert [r["area"] for r in regions] == sorted((r["area"] for r in regions), reverse=True)
    covered = np.zeros((image["height"], image["width"]), int)
    for region in regions:
        mask = coco_mask.decode(region["rle"])
        assert mask.shape == covered.shape
        assert mask.sum() == region["area"] >= 30
        assert coco_mask.toBbox(region["rle"]).tolist() == region["bbox"]
        assert region["color"].startswith("#")
        covered += mask
    # Filled holes apart, regions lie beside each other.
    assert (covered > 0).mean() > 0.8
    assert (covered > 1).mean() < 0.05


def test_a_region_can_be_kept(
    fake_server: Server, client: httpx.Client, image: dict[str, Any]
) -> None:
    region = found(fake_server, client, image)["regions"][0]
    label = client.post(f"/api/projects/{image['project']}/labels", json={"name": "cup"}).json()
    body = {
        "id": "0b0f2f0e-7f4f-4a55-9a35-2d7c1d3c8a10",
        "label": label["id"],
        "rle": region["rle"],
        "source": "colour",
    }
    row = client.post(f"/api/images/{image['id']}/annotations", json=body)
    assert row.status_code == 201, row.text
    assert row.json()["area"] == region["area"]
    assert row.json()["source"] == "colour"


def test_regions_are_those_of_the_upright_image(fake_server: Server, client: httpx.Client) -> None:
    picture = PILImage.new("RGB", (90, 60), (250, 250, 250))
    picture.paste((200, 20, 20), (5, 5, 35, 25))
    noise = np.random.default_rng(0).integers(-4, 5, (60, 90, 3))
    pixels = np.clip(np.asarray(picture).astype(int) + noise, 0, 255).astype(np.uint8)
    exif = PILImage.Exif()
    exif[0x0112] = 6
    image = uploaded(client, encoded(PILImage.fromarray(pixels), "PNG", exif=exif))
    assert (image["width"], image["height"]) == (60, 90)
    result = found(fake_server, client, image, clusterThreshold=0, colourSpace=13)
    # Turned by a quarter: what lay left at the top lies right at the top.
    assert any(
        np.allclose(region["bbox"], [35, 5, 20, 30], atol=2) for region in result["regions"]
    ), result


def test_large_images_are_scaled_back(fake_server: Server, client: httpx.Client) -> None:
    with PILImage.open(PHOTO) as photo:
        large = photo.convert("RGB").resize((6000, 4000))
    image = uploaded(client, encoded(large, "JPEG"))
    for region in found(fake_server, client, image)["regions"][:5]:
        assert region["rle"]["size"] == [4000, 6000]
        assert coco_mask.area(region["rle"]) == region["area"]


def test_noise_stays_bounded(fake_server: Server, client: httpx.Client) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (1500, 2000, 3), dtype=np.uint8)
    image = uploaded(client, encoded(PILImage.fromarray(pixels), "PNG"))
    for space in (5, 13):
        result = found(
            fake_server, client, image, clusterThreshold=0, smoothingThreshold=1, colourSpace=space
        )
        assert sum(len(r["rle"]["counts"]) for r in result["regions"]) < 5_000_000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("clusterThreshold", -1), ("clusterThreshold", 101), ("clusterThreshold", "a"),
        ("clusterThreshold", None), ("smoothingThreshold", 0), ("smoothingThreshold", 256),
        ("colourSpace", 0), ("colourSpace", 23), ("colourSpace", 1.5), ("colourSpace", True),
        ("colorSpace", 5),
    ],
)  # fmt: skip
def test_options_out_of_range(
    client: httpx.Client, image: dict[str, Any], name: str, value: Any
) -> None:
    answer = client.post(f"/api/images/{image['id']}/regions", json={name: value})
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["field"] == name


def test_strangers_get_nothing(fake_server: Server, image: dict[str, Any]) -> None:
    with fake_server.client("nosy") as stranger:
        answer = stranger.post(f"/api/images/{image['id']}/regions", json={})
        assert answer.status_code == 404
    assert httpx.post(f"{fake_server.url}/api/images/{image['id']}/regions").status_code == 401
