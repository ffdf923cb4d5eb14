"""The bound on what strangers' files may take holds up no model."""

from tests.conftest import StartServer
from tests.tasks.test_embeddings import all_ready, new_project, photo, upload


def test_everything_is_found_behind_a_batch_of_uploads(start_server: StartServer) -> None:
    # What the bound leaves after the batch would not do for a grid of prompts.
    server = start_server(SEGWEB_ENGINE="sam_onnx")
    with server.client() as client:
        images = upload(client, new_project(client), *(photo(seed) for seed in range(8)))
        all_ready(client, images)
        for image in images[:2]:
            job = client.post(f"/api/images/{image}/everything", json={}).raise_for_status().json()
            row = server.wait_for_job(client, job["id"])
            assert (row["status"], row["error"]) == ("Completed", None)
            assert row["result"]["proposals"]
