"""The product on PostgreSQL: only the address of the database differs."""

import io
import uuid
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from tests.support.server import Server, wait_until


def _photo() -> bytes:
    file = io.BytesIO()
    Image.radial_gradient("L").resize((160, 120)).convert("RGB").save(file, "JPEG")
    return file.getvalue()


def _rle(width: int, height: int) -> dict[str, Any]:
    from pycocotools import mask

    polygon = [[10.0, 10.0, 60.0, 10.0, 60.0, 70.0, 10.0, 70.0]]
    rle = mask.frPyObjects(polygon, height, width)[0]
    return {"size": [height, width], "counts": rle["counts"].decode()}


def _upload(client: httpx.Client, project: int) -> dict[str, Any]:
    files = [("files", ("photo.jpg", _photo(), "image/jpeg"))]
    answer = client.post(f"/api/projects/{project}/images", files=files)
    assert answer.status_code == 201, answer.text
    image = answer.json()["items"][0]

    def ready() -> dict[str, Any] | None:
        row: dict[str, Any] = client.get(f"/api/images/{image['id']}").json()
        return row if row["state"] == "ready" and row["embedding"] == "ready" else None

    found = wait_until(ready, 60, 0.25, what="the embedding")
    assert found is not None
    return found


def test_the_main_job_on_postgresql(postgres_url: str, prepared_data: Path, tmp_path: Path):
    server = Server(
        tmp_path / "data",
        prepared_data,
        SEGWEB_ENGINE="fake",
        DATABASE_URL=postgres_url,
        SEGWEB_SECRET_KEY="only-for-this-test-" + "0" * 32,
    )
    server.start()
    try:
        with server.client() as client:
            project = client.post("/api/projects", json={"name": "P", "labels": [{"name": "a"}]})
            assert project.status_code == 201, project.text
            label = project.json()["labels"][0]["id"]
            image = _upload(client, project.json()["id"])
            body = {"id": str(uuid.uuid4()), "label": label, "rle": _rle(160, 120)}
            made = client.post(f"/api/images/{image['id']}/annotations", json=body)
            assert made.status_code == 201, made.text
            row = made.json()
            stale = {"version": row["version"] + 7, "label": label}
            assert client.patch(f"/api/annotations/{row['id']}", json=stale).status_code == 409
            listed = client.get(f"/api/images/{image['id']}/annotations").json()["items"]
            assert [item["rle"] for item in listed] == [body["rle"]]
            assert not (server.data / "db.sqlite3").exists()
    finally:
        server.stop()
