"""The bound on what strangers' files may take holds up no model."""

import pytest

from tests.conftest import StartServer
from tests.tasks.test_embeddings import all_ready, embed_jobs, new_project, photo, upload


def test_everything_is_found_behind_a_batch_of_uploads(start_server: StartServer) -> None:
    # What the bound leaves after the batch would not do for a grid of prompts.
    server = start_server(SEGWEB_WORKERS="by_queue", SEGWEB_ENGINE="sam_onnx")
    with server.client() as client:
        images = upload(client, new_project(client), *(photo(seed) for seed in range(8)))
        all_ready(client, images)
        for image in images[:2]:
            job = client.post(f"/api/images/{image}/everything", json={}).raise_for_status().json()
            row = server.wait_for_job(client, job["id"])
            assert (row["status"], row["error"]) == ("Completed", None)
            assert row["result"]["proposals"]


@pytest.mark.parametrize("precision", ["f32", "int8"])
def test_a_batch_is_embedded_however_little_files_may_take(
    start_server: StartServer, precision: str
) -> None:
    server = start_server(
        SEGWEB_WORKERS="by_queue",
        SEGWEB_ENGINE="sam_onnx",
        SEGWEB_PRECISION=precision,
        SEGWEB_DECODE_MEMORY_MB="1",
    )
    with server.client() as client:
        project = new_project(client)
        images = upload(client, project, *(photo(seed) for seed in range(12)))
        all_ready(client, images, 120)
        assert {row["status"] for row in embed_jobs(client, project)} == {"Completed"}
