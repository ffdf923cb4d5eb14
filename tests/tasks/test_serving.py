"""The model that serves changes, and commands that know of another one."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from annotations.engines.mobile_sam import precisions
from tests.conftest import StartServer
from tests.support.pictures import png
from tests.support.server import Server, ServerError, wait_until


def _uploaded(client: httpx.Client, project: int, seed: int) -> int:
    files = {"files": ("a.png", png(seed=seed), "image/png")}
    answer = client.post(f"/api/projects/{project}/images", files=files).raise_for_status()
    return int(answer.json()["items"][0]["id"])


def _wait_ready(client: httpx.Client, image: int) -> None:
    def ready() -> bool:
        row: dict[str, Any] = client.get(f"/api/images/{image}").raise_for_status().json()
        assert row["embedding"] != "failed", row
        return bool(row["embedding"] == "ready")

    wait_until(ready, 60, what="the embedding")


def _choose(server: Server, precision: str) -> None:
    """As `prepare_models` does on another machine."""
    note: Path = server.data / "models" / "mobile_sam" / "precision"
    note.unlink()  # the file is shared with other data folders
    note.write_text(precision)


def _models(server: Server) -> set[str]:
    lines = server.manage("embeddings", "--stats").splitlines()
    return {line.split()[0] for line in lines if line.startswith("mobile_sam")}


def test_a_precision_that_was_chosen_anew_serves_without_a_restart(
    start_server: StartServer,
) -> None:
    server = start_server(SEGWEB_ENGINE="sam_onnx", SEGWEB_DEMO="0")
    with server.client() as client:
        project = client.post("/api/projects", json={"name": "P"}).json()["id"]
        _choose(server, "int8")
        first = _uploaded(client, project, 1)
        _wait_ready(client, first)
        assert _models(server) == {"mobile_sam-int8"}
        _choose(server, "f32")
        _wait_ready(client, _uploaded(client, project, 2))
        client.get(f"/api/images/{first}/embedding").raise_for_status()
        _wait_ready(client, first)
        assert _models(server) == {"mobile_sam-int8", "mobile_sam"}
        click = {"points": [{"x": 10, "y": 10, "label": 1}]}
        job = client.post(f"/api/images/{first}/segment", json=click).raise_for_status().json()
        assert server.wait_for_job(client, job["id"])["result"]["model"] == "mobile_sam"

    # An administrator's shell that lacks the server's settings takes nothing for another model's.
    stored = server.manage("embeddings", "--stats")
    server.environment["SEGWEB_ENGINE"] = "fake"
    for what in ("--prune", "--rebuild"):
        with pytest.raises(ServerError, match="started with SEGWEB_ENGINE=sam_onnx") as refused:
            server.manage("embeddings", what)
        assert "with SEGWEB_ENGINE=fake" in str(refused.value)
    server.environment["SEGWEB_ENGINE"] = "sam_onnx"
    server.environment["SEGWEB_PRECISION"] = precisions.noted(server.data / "models")
    assert "queued: 0" in server.manage("embeddings", "--rebuild"), "in other words the same"
    assert server.manage("embeddings", "--stats") == stored
    assert "removed, of other models: 1" in server.manage("embeddings", "--prune")
