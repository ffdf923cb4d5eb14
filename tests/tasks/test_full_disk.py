"""A disk that is full: clear refusals, nothing half-written, and work that goes on with room."""

import os
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pictures import encoded, picture
from tests.support.server import Server, wait_until

pytestmark = pytest.mark.faults

MEGABYTE = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 40 MB, where one can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def may_mount() -> bool:
    """True for root in a machine or container that lets it mount."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]
        try:
            mounted = subprocess.run(command, capture_output=True).returncode == 0
        except FileNotFoundError:
            return False
        if mounted:
            subprocess.run(["umount", folder], check=True)
        return mounted


def fill(path: Path, leave: int) -> None:
    """Writes to `path` until `leave` bytes are free."""
    status = os.statvfs(path.parent)
    free = status.f_bavail * status.f_frsize
    with open(path, "wb") as file:
        for _ in range(max(0, free - leave) // 4096):
            file.write(bytes(4096))


def bmp(seed: int) -> bytes:
    return encoded(picture(800, 600, seed), "BMP")


def check_full_disk(server: Server, disk: Path) -> None:
    with server.token_client(server.create_token()) as client:
        labels = [{"name": "cat"}]
        project = client.post("/api/projects", json={"name": "P", "labels": labels}).json()
        label = project["labels"][0]["id"]
        images = f"/api/projects/{project['id']}/images"

        def upload(seed: int) -> int:
            return client.post(images, files={"files": ("a.bmp", bmp(seed))}).status_code

        assert upload(0) == 201
        image = client.get(images).json()["items"][0]["id"]
        wait_until(lambda: client.get(f"/api/images/{image}").json()["state"] == "ready")
        objects = f"/api/images/{image}/annotations"

        def save() -> str | None:
            body = {"id": str(uuid.uuid4()), "label": label, "polygons": [[1, 1, 90, 1, 90, 90]]}
            answer = client.post(objects, json=body)
            assert answer.status_code in {201, 507}, answer.text
            return body["id"] if answer.status_code == 201 else None

        kept = [save()]
        fill(disk / "fill", 2 * MEGABYTE)
        answers = [upload(seed) for seed in range(1, 6)]
        assert set(answers) == {201, 507}
        fill(disk / "fill2", 0)
        kept += [found for _ in range(30) if (found := save())]
        assert save() is None, "there was room all the time: the test tests nothing"
        assert client.get(images).status_code == 200

        (disk / "fill").unlink()
        (disk / "fill2").unlink()
        taken = answers.count(201) + 1
        ready = f"{images}?state=ready"
        wait_until(lambda: len(client.get(ready).json()["items"]) == taken, 60, what="preparation")
        stored = {row["id"] for row in client.get(f"{objects}?limit=1000").json()["items"]}
        assert stored == set(kept)
        assert upload(99) == 201
        for row in client.get(images).json()["items"]:
            assert len(client.get(f"/api/images/{row['id']}/file").content) == row["bytes"]


@pytest.mark.skipif(not may_mount(), reason="a disk to fill can only be mounted by root")
def test_a_full_disk_refuses_and_loses_nothing(prepared_data: Path, small_disk: Path) -> None:
    data = small_disk / "data"
    data.mkdir()
    for name in ("models", "public"):
        (data / name).symlink_to(prepared_data / name)
    server = Server(data, None, SEGWEB_ENGINE="fake").start()
    try:
        check_full_disk(server, small_disk)
    finally:
        server.stop()
