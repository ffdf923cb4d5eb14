"""The running product with the torch engine, through its HTTP API."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
from PIL import Image

from annotations.domain.rle import validate_rle
from tests.support import bare_sam
from tests.support.environment import ROOT
from tests.support.server import Server, wait_until
from tests.tasks.test_replay_closeups import Made, judge

StartServer = Callable[..., Server]
CAT = ROOT / "static" / "demo" / "cat.jpg"
POINT = (225, 150)


def upload(client: httpx.Client, path: Path = CAT) -> int:
    body = {"name": "P", "labels": [{"name": "cat"}]}
    project = client.post("/api/projects", json=body).raise_for_status().json()["id"]
    files = [("files", (path.name, path.read_bytes(), "image/jpeg"))]
    answer = client.post(f"/api/projects/{project}/images", files=files).raise_for_status()
    return int(answer.json()["items"][0]["id"])


def image_row(client: httpx.Client, image: int) -> dict[str, Any]:
    row: dict[str, Any] = client.get(f"/api/images/{image}").raise_for_status().json()
    return row


def embedded(client: httpx.Client, image: int) -> None:
    """Waits until the embedding is there."""
    wait_until(
        lambda: image_row(client, image)["embedding"] == "ready", 90, every=0.2, what="embedding"
    )


def segmented(server: Server, client: httpx.Client, image: int) -> dict[str, Any]:
    """The end of a job for one click on the cat."""
    body = {"points": [{"x": POINT[0], "y": POINT[1], "label": 1}]}
    answer = client.post(f"/api/images/{image}/segment", json=body).raise_for_status()
    return server.wait_for_job(client, answer.json()["id"])


def masks_of(job: dict[str, Any]) -> list[np.ndarray]:
    assert job["status"] == "Completed", job
    with Image.open(CAT) as photo:
        width, height = photo.size
    return [
        validate_rle(mask["rle"]["size"], mask["rle"]["counts"], width, height).to_mask()
        for mask in job["result"]["masks"]
    ]


def truth() -> np.ndarray:
    with Image.open(CAT) as photo:
        return bare_sam.mask(photo.convert("RGB"), [(*POINT, 1), (0, 0, -1)])


def with_torch(server: Server) -> set[str]:
    """The names of the server's processes that have torch in their memory."""
    found = set()
    for child in psutil.Process(server.pid).children(recursive=True):
        words = " ".join(child.cmdline())
        for name in ("uvicorn", "interactive@", "batch@", "io@"):
            if name in words and "libtorch" in Path(f"/proc/{child.pid}/maps").read_text():
                found.add(name)
    return found


def test_the_torch_engine_segments_and_shares_its_embedding(start_server: StartServer) -> None:
    server = start_server(
        SEGWEB_ENGINE="sam_torch", SEGWEB_TORCH_DEVICE="cpu", SEGWEB_WORKERS="by_queue"
    )
    with server.client() as client:
        assert client.get("/readyz").json()["models"] == "ok"
        image = upload(client)
        embedded(client, image)
        job = segmented(server, client, image)
        assert job["result"]["model"] == "mobile_sam"
        masks = masks_of(job)
        assert bare_sam.iou(masks[0], truth()) >= 0.95
        assert with_torch(server) == {"interactive@", "batch@"}
        assert "sam_torch" in server.manage("engines")
    server.stop()

    # The embedding is the same model's to ONNX Runtime: it is there, and gives the same mask.
    server.environment |= {"SEGWEB_ENGINE": "sam_onnx", "SEGWEB_PRECISION": "f32"}
    server.start()
    with server.client() as client:
        assert image_row(client, image)["embedding"] == "ready"
        again = masks_of(segmented(server, client, image))
        for one, other in zip(masks, again, strict=True):
            assert bare_sam.iou(one, other) >= 0.99
        assert with_torch(server) == set()


def test_a_replay_asks_the_torch_engine_in_close_ups_too(start_server: StartServer) -> None:
    server = start_server(
        SEGWEB_WORKERS="by_queue",
        SEGWEB_ENGINE="sam_onnx",
        SEGWEB_PRECISION="int8",
        SEGWEB_TORCH_DEVICE="cpu",
    )
    with server.client() as client:
        made = Made(server, client)
        assert made.objects["cat"]["model"] == "mobile_sam-int8"
        told = server.manage(
            "replay", "--project", made.slug, "--model", "sam_torch:mobile_sam", "--wait"
        )
        assert "to review: 4, without prompts: 0, failed: 0" in told
        (row,) = client.get(f"/api/projects/{made.project}/replays").json()["items"]
        replay, found = made.found(row["id"])
        assert (replay["engine"], replay["model"]) == ("sam_torch:mobile_sam", "mobile_sam")
        assert with_torch(server) == {"batch@"}
        judge(made, found)


def test_a_checkpoint_that_does_not_load_fails_jobs_in_words_and_workers_live_on(
    start_server: StartServer, tmp_path: Path
) -> None:
    path = tmp_path / "own.pth"
    path.write_text("no weights")
    server = start_server(
        SEGWEB_ENGINE="sam_torch", SEGWEB_TORCH_MODEL="vit_b", SEGWEB_TORCH_CHECKPOINT=str(path)
    )

    def failed(message: str) -> None:
        job = segmented(server, client, image)
        assert job["status"] == "Failed"
        assert job["error"]["code"] == "model_unavailable"
        assert message in job["error"]["message"]
        assert str(tmp_path) not in job["error"]["message"]

    with server.client() as client:
        image = upload(client)
        wait_until(
            lambda: image_row(client, image)["embedding"] == "failed", 60, what="the failure"
        )
        failed("own.pth is damaged")
        failed("own.pth is damaged")
        path.unlink()
        failed("own.pth is not there")
        parts = client.get("/readyz").json()
        assert parts["models"] == "the checkpoint own.pth is not there"
        assert parts["worker"] == "ok"
        assert client.get(f"/images/{image}/annotate/").status_code == 200
