"""Embeddings from upload to page, on the running product: once a content, whoever asks first,
within their room, in parts, and anew when they are lost or of another model."""

import gzip
import time
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
import pytest
from PIL import Image

from tests.support.environment import ROOT
from tests.support.pictures import png
from tests.support.server import Server, wait_until

StartServer = Callable[..., Server]


def photo(seed: int) -> bytes:
    """A part of a demo photo: real to the model, another one for each seed."""
    random = np.random.default_rng(seed)
    names = ("cat", "coffee", "rocket", "astronaut")
    with Image.open(ROOT / "static" / "demo" / f"{names[seed % 4]}.jpg") as whole:
        x, y = (int(random.integers(0, side // 3)) for side in whole.size)
        part = whole.convert("RGB").crop((x, y, x + whole.width // 2, y + whole.height // 2))
    out = BytesIO()
    part.save(out, "JPEG", quality=90)
    return out.getvalue()


def new_project(client: httpx.Client) -> int:
    body = {"name": "P", "labels": [{"name": "cat"}]}
    return int(client.post("/api/projects", json=body).raise_for_status().json()["id"])


def upload(client: httpx.Client, project: int, *data: bytes) -> list[int]:
    files = [("files", (f"{n}.img", each)) for n, each in enumerate(data)]
    answer = client.post(f"/api/projects/{project}/images", files=files).raise_for_status()
    return [item["id"] for item in answer.json()["items"]]


def state(client: httpx.Client, image: int) -> str:
    return str(client.get(f"/api/images/{image}").json()["embedding"])


def all_ready(client: httpx.Client, images: list[int], seconds: float = 60) -> None:
    waiting = list(images)

    def ready() -> bool:
        while waiting and state(client, waiting[-1]) == "ready":
            waiting.pop()
        return not waiting

    wait_until(ready, seconds, every=0.2, what="the embeddings")


@pytest.fixture(scope="module")
def server(start_module_server: StartServer) -> Server:
    return start_module_server(SEGWEB_WORKERS="by_queue", SEGWEB_ENGINE="sam_onnx")


def embed_jobs(client: httpx.Client, project: int) -> list[dict[str, Any]]:
    address = f"/api/projects/{project}/jobs?kind=embed&limit=1000"
    rows: list[dict[str, Any]] = client.get(address).json()["items"]
    return rows


def stored(server: Server) -> list[Path]:
    folder = server.data / "media" / "embeddings"
    return [path for path in folder.rglob("*") if path.is_file()]


def segment(server: Server, client: httpx.Client, image: int) -> dict[str, Any]:
    body = {"points": [{"x": 12, "y": 9, "label": 1}]}
    job = client.post(f"/api/images/{image}/segment", json=body).raise_for_status().json()
    return server.wait_for_job(client, job["id"])


# --- Who asks first ----------------------------------------------------------------------------


def test_who_opens_an_image_overtakes_the_batch(server: Server) -> None:
    with server.client() as client:
        project = new_project(client)
        images = upload(client, project, *(photo(seed) for seed in range(9)))
        last = images[-1]
        wait_until(
            lambda: client.get(f"/api/images/{last}").json()["state"] == "ready",
            every=0.02, what="the last image",
        )  # fmt: skip
        opened = client.get(f"/api/images/{last}/embedding")
        assert opened.status_code == 202, "it was there at once: the test tests nothing"
        server.wait_for_job(client, opened.json()["id"])
        assert client.get(f"/api/images/{last}/embedding").status_code == 200
        order = [row["image"] for row in sorted(embed_jobs(client, project), key=_ended)]
        assert order.index(last) < 8, order
        all_ready(client, images)
        rows = embed_jobs(client, project)
        assert sorted(row["image"] for row in rows) == images, "one job for each image"
        assert {row["status"] for row in rows} == {"Completed"}


def _ended(row: dict[str, Any]) -> tuple[bool, int]:
    return row["status"] != "Completed", row["statusTime"]


def test_one_content_in_many_places_is_computed_once(server: Server) -> None:
    before = len(stored(server))
    with server.client() as client:
        projects = [new_project(client) for _ in range(3)]
        data = [photo(seed) for seed in range(100, 103)]
        images = [upload(client, project, *data) for project in projects]
        for image in (row[0] for row in images):
            client.get(f"/api/images/{image}/embedding")
        all_ready(client, [image for row in images for image in row])
        made = {client.get(f"/api/images/{row[0]}/embedding").headers["ETag"] for row in images}
        assert len(made) == 1
        for project in projects:
            wait_until(
                lambda p=project: {j["status"] for j in embed_jobs(client, p)} == {"Completed"},
                30, every=0.2, what="the end of all jobs",
            )  # fmt: skip
        assert len(stored(server)) - before == 3


def test_deleted_while_they_wait_and_run(server: Server) -> None:
    before = set(stored(server))
    with server.client() as client:
        project = new_project(client)
        images = upload(client, project, *(photo(seed) for seed in range(200, 206)))
        for image in images[::2]:
            client.post(f"/api/images/{image}/embedding")
        wait_until(
            lambda: "running" in {state(client, image) for image in images},
            every=0.01, what="the encoder's work",
        )  # fmt: skip
        for image in images:
            assert client.delete(f"/api/images/{image}").status_code == 204
        (after,) = upload(client, project, photo(206))
        all_ready(client, [after])
        made = set(stored(server)) - before
        assert len(made) == 1, "only the last one's"
        client.delete(f"/api/images/{after}")
    assert set(stored(server)) == before


# --- Bytes ---------------------------------------------------------------------------------------


def test_parts_of_an_embedding(fake_server: Server) -> None:
    with fake_server.client() as client:
        (image,) = upload(client, new_project(client), png(seed=7))
        all_ready(client, [image])
        address = f"/api/images/{image}/embedding"

        def get(**headers: str) -> httpx.Response:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            return client.get(address, headers={"Accept-Encoding": "identity", **names})

        whole = get()
        data, etag = whole.content, whole.headers["ETag"]
        assert whole.status_code == 200
        assert "Content-Encoding" not in whole.headers
        assert whole.headers["Accept-Ranges"] == "bytes"
        assert "immutable" in whole.headers["Cache-Control"]
        assert etag.startswith('"')
        size = len(data)
        for asked, start, stop in [
            ("bytes=0-0", 0, 1), ("bytes=0-99", 0, 100), ("bytes=100-", 100, size),
            ("bytes=-100", size - 100, size), (f"bytes=-{size * 2}", 0, size),
            (f"bytes=5-{size * 2}", 5, size), ("BYTES=5-6", 5, 7),
        ]:  # fmt: skip
            part = get(Range=asked)
            assert part.status_code == 206, asked
            assert part.content == data[start:stop], asked
            assert part.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{size}"
            assert part.headers["ETag"] == etag
            assert get(Range=asked, If_Range=etag).status_code == 206
            assert get(Range=asked, If_Range='"another"').content == data
        for asked in (
            f"bytes={size}-",
            f"bytes={size}-{size + 5}",
            "bytes=-0",
            "bytes=9999999999-",
        ):
            answer = get(Range=asked)
            assert answer.status_code == 416, asked
            assert answer.headers["Content-Range"] == f"bytes */{size}"
            assert answer.content == b""
        for asked in ("bytes=5-2", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=0-1,4-5", "bytes"):
            assert get(Range=asked).content == data, asked
        assert get(If_None_Match=etag, Range="bytes=0-9").status_code == 304
        assert get(If_None_Match=f'"x", {etag}').status_code == 304


def test_each_encoding_has_its_own_tag_and_parts_come_unpacked(fake_server: Server) -> None:
    with fake_server.client() as client:
        (image,) = upload(client, new_project(client), png(seed=8))
        all_ready(client, [image])
        address = f"{fake_server.url}/api/images/{image}/embedding"
        plain = client.get(address, headers={"Accept-Encoding": "identity"})
        none = client.get(address, headers={"Accept-Encoding": "gzip;q=0"})
        packed = _raw(client, address)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.content) == plain.content == none.content
        assert packed.headers["ETag"] != plain.headers["ETag"]
        assert "Accept-Encoding" in packed.headers["Vary"]
        parts = [_raw(client, address, Range=asked) for asked in ("bytes=0-999", "bytes=1000-")]
        assert b"".join(part.content for part in parts) == plain.content
        for part in parts:
            assert (part.status_code, part.headers["ETag"]) == (206, plain.headers["ETag"])
            assert "Content-Encoding" not in part.headers


def _raw(client: httpx.Client, address: str, **headers: str) -> httpx.Response:
    """The answer with its bytes as they came, still compressed."""
    with client.stream("GET", address, headers={"Accept-Encoding": "gzip", **headers}) as answer:
        answer._content = b"".join(answer.iter_raw())
    return answer


# --- Room ----------------------------------------------------------------------------------------


def within_limit(server: Server) -> None:
    """What is too much goes right after the job that made it."""

    def room() -> int:
        found = 0
        for path in stored(server):
            with suppress(FileNotFoundError):  # gone since it was listed
                found += path.stat().st_size
        return found

    wait_until(lambda: room() <= 4_000_000, what="the store within its limit")


def test_the_least_used_go_and_come_again_when_opened(start_server: StartServer) -> None:
    server = start_server(SEGWEB_ENGINE="sam_onnx", SEGWEB_EMBEDDINGS_MB="4")
    with server.client() as client:
        project = new_project(client)
        images: list[int] = []
        for seed in range(6):
            images += upload(client, project, photo(seed))
            all_ready(client, images[-1:])
        within_limit(server)
        kept = [image for image in images if state(client, image) == "ready"]
        assert kept == images[-len(kept) :], "the last ones"
        assert 0 < len(kept) < 6
        first = client.get(f"/api/images/{images[0]}/embedding")
        assert first.status_code == 202
        server.wait_for_job(client, first.json()["id"])
        assert client.get(f"/api/images/{images[0]}/embedding").status_code == 200
        wait_until(lambda: state(client, kept[0]) == "missing", what="the next one's going")
        assert segment(server, client, kept[0])["status"] == "Completed"
        within_limit(server)
        told = server.manage("embeddings", "--stats")
        assert "limit: 4 MB" in told
        assert "current" in told


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0x10]) + data[middle + 1 :]


DAMAGE: list[Callable[[bytes], bytes]] = [
    lambda _: b"\x1f\x8bnonsense", lambda _: b"", lambda data: data[: len(data) // 2],
    lambda data: data[:-4], flipped,
]  # fmt: skip


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_damaged_and_lost_files_are_made_anew(fake_server: Server, encoding: str) -> None:
    headers = {"Accept-Encoding": encoding}
    with fake_server.client() as client:
        images = upload(client, new_project(client), *(png(seed=n) for n in range(3000, 3008)))
        all_ready(client, images)
        files = {path.name.split(".")[0]: path for path in stored(fake_server)}

        def get(image: int) -> httpx.Response:
            return client.get(f"/api/images/{image}/embedding", headers=headers)

        def file_of(image: int) -> Path:
            return files[get(image).headers["ETag"].strip('"').removesuffix("-plain")]

        lost, clicked, left, *opened = images
        for image, damage in zip(
            (clicked, left, *opened), (flipped, flipped, *DAMAGE), strict=True
        ):
            path = file_of(image)
            path.write_bytes(damage(path.read_bytes()))
        file_of(lost).unlink()
        assert [get(image).status_code for image in (lost, *opened)] == [202] * 6
        assert segment(fake_server, client, clicked)["status"] == "Completed"
        assert "dropped:" in fake_server.manage("embeddings", "--rebuild")
        all_ready(client, images)
        for image in images:
            assert get(image).status_code == 200
        assert "dropped: 0\nqueued: 0" in fake_server.manage("embeddings", "--rebuild")


# --- Another model --------------------------------------------------------------------------------


def test_another_model_embeds_in_the_background(start_server: StartServer) -> None:
    server = start_server(SEGWEB_ENGINE="fake")
    with server.client() as client:
        images = upload(client, new_project(client), *(photo(seed) for seed in range(3)))
        all_ready(client, images)
    before = set(stored(server))
    server.stop()
    server.environment["SEGWEB_ENGINE"] = "sam_onnx"
    server.start()
    with server.client() as client:
        assert segment(server, client, images[2])["status"] == "Completed"
        all_ready(client, images)
        assert len(set(stored(server)) - before) == 3
        told = server.manage("embeddings", "--stats")
        assert "fake" in told
        assert "mobile_sam" in told
        told = server.manage("embeddings", "--prune")
        assert "of other models: 3" in told
        assert "left: 3" in told
        assert not set(stored(server)) & before
        all_ready(client, images)


# --- Weights -------------------------------------------------------------------------------------


def test_damaged_weights_are_told_everywhere_and_mended_without_a_restart(
    start_server: StartServer,
) -> None:
    server = start_server(SEGWEB_WORKERS="by_queue", SEGWEB_ENGINE="sam_onnx")
    with server.client() as client:
        files = list((server.data / "models" / "mobile_sam").glob("encoder*.onnx"))
        whole = {path: path.read_bytes() for path in files}
        for path in files:
            path.unlink()  # the file is shared with other data folders
            middle = len(whole[path]) // 2
            # Among the weights: the model would load and compute something else.
            path.write_bytes(whole[path][:middle] + bytes(65_536) + whole[path][middle + 65_536 :])
        for queue in ("batch@", "interactive@"):
            _restart(server, queue)
        told = client.get("/readyz")
        assert told.status_code == 503
        assert "damaged" in told.json()["models"]
        project = new_project(client)
        (image,) = upload(client, project, photo(1))
        wait_until(lambda: state(client, image) == "failed", what="the failure")
        (job,) = embed_jobs(client, project)
        assert job["status"] == "Failed"
        assert job["error"]["code"] == "model_unavailable"
        assert "prepare_models" in job["error"]["message"]
        refused = client.get(f"/api/images/{image}/embedding")
        assert refused.status_code == 409
        assert "prepare_models" in refused.json()["error"]["message"]
        for path, data in whole.items():
            path.write_bytes(data)
        assert client.get("/readyz").json()["models"] == "ok"
        again = client.post(f"/api/images/{image}/embedding")
        assert server.wait_for_job(client, again.json()["id"])["status"] == "Completed"
        assert state(client, image) == "ready"


def _restart(server: Server, word: str) -> None:
    def find() -> list[psutil.Process]:
        found = []
        for child in psutil.Process(server.pid).children(recursive=True):
            try:
                if any(word in part for part in child.cmdline()):
                    found.append(child)
            except psutil.NoSuchProcess:
                continue
        return found

    old = find()
    assert old
    for process in old:
        process.kill()
    wait_until(lambda: {p.pid for p in find()} - {p.pid for p in old}, what=f"a new {word}")
    time.sleep(0.1)


@pytest.mark.parametrize("count", [65, 1000])
def test_too_many_points_are_refused(fake_server: Server, count: int) -> None:
    with fake_server.client() as client:
        (image,) = upload(client, new_project(client), png(seed=9))
        body = {"points": [{"x": 1, "y": 1, "label": 1}] * count}
        answer = client.post(f"/api/images/{image}/segment", json=body)
        assert answer.status_code == 422
        assert answer.json()["error"]["field"] == "points"
        assert "64" in answer.json()["error"]["message"]
