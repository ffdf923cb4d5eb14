"""SEGMENT and its links, driven as PixLab's clients drive them, against the running product."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
import pytest
import requests
from PIL import Image as PILImage

from annotations.engines.colour_clusters import ColourSpace, segment
from tests.conftest import StartServer
from tests.support.environment import ROOT
from tests.support.pictures import encoded
from tests.support.server import Server, wait_until

PHOTO = ROOT / "static" / "demo" / "coffee.jpg"
GOOD = {"ct": "0.5", "cs": "13", "st": "1.5"}
PNG_START = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def key(fake_server: Server) -> str:
    return fake_server.create_token(name="pixlab")


@pytest.fixture
def http(fake_server: Server) -> Iterator[httpx.Client]:
    """Knows the server's address and shows nothing of its own."""
    with httpx.Client(base_url=fake_server.url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def stored(fake_server: Server, key: str) -> str:
    """The link of a stored photo."""
    answer = requests.post(
        f"{fake_server.url}/store", files={"file": PHOTO.open("rb")}, data={"key": key}, timeout=60
    )
    assert answer.json()["status"] == 200, answer.text
    return str(answer.json()["link"])


def expected(data: bytes, ct: float = 0.5, cs: int = 13, st: float = 1.5) -> np.ndarray:
    """What the engine paints for a file's pixels."""
    with PILImage.open(BytesIO(data)) as image:
        pixels = np.asarray(image.convert("RGB"))
    found = segment(pixels, cluster_threshold=ct, smoothing_threshold=st, space=ColourSpace(cs))
    return found.palette[found.labels]


def pixels(data: bytes) -> np.ndarray:
    assert data.startswith(PNG_START)
    with PILImage.open(BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def linked(answer: Any, code: int = 200) -> str:
    """The link of a good answer, whose shape is checked."""
    assert answer.status_code == code, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert set(body) == {"status", "link", "id"}
    assert body["status"] == 200
    assert isinstance(body["id"], str)
    return str(body["link"])


def refused(answer: Any, code: int, *words: str) -> str:
    """The sentence of a refusal, whose shape is checked."""
    assert answer.status_code == code, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body["status"] == code
    assert set(body) <= {"status", "error", "id"}
    for word in words:
        assert word in body["error"]
    return str(body["error"])


# --- As its clients do ------------------------------------------------------------------------


def test_get_as_the_documentation_does(fake_server: Server, key: str, stored: str) -> None:
    answer = requests.get(
        f"{fake_server.url}/segment", params={"img": stored, "key": key, **GOOD}, timeout=60
    )
    picture = requests.get(linked(answer), timeout=60)
    assert picture.headers["content-type"] == "image/png"
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert picture.headers["cross-origin-resource-policy"] == "cross-origin"
    assert np.array_equal(pixels(picture.content), expected(PHOTO.read_bytes()))


def test_post_a_file_as_the_documentation_does(fake_server: Server, key: str) -> None:
    answer = requests.post(
        f"{fake_server.url}/segment",
        files={"file": PHOTO.open("rb")},
        data={"key": key, "ct": 1, "cs": 5, "st": 2},
        timeout=60,
    )
    picture = requests.get(linked(answer), timeout=60)
    assert np.array_equal(pixels(picture.content), expected(PHOTO.read_bytes(), 1, 5, 2))


def test_post_json_with_a_bare_question_mark(http: httpx.Client, key: str, stored: str) -> None:
    body = {"img": f"{stored}?", "ct": 0.5, "cs": 13, "st": 1.5, "key": key}
    picture = httpx.get(linked(http.post("/segment?", json=body)))
    assert np.array_equal(pixels(picture.content), expected(PHOTO.read_bytes()))


@pytest.mark.parametrize("type_", [None, "application/octet-stream", "image/png", "text/plain"])
def test_multipart_with_any_content_type(http: httpx.Client, key: str, type_: str | None) -> None:
    """Written by hand: a part may claim anything, or nothing."""
    parts = [
        f'--xyz\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in {**GOOD, "key": key}.items()
    ]
    head = '--xyz\r\nContent-Disposition: form-data; name="file"; filename="a b.jpg"\r\n'
    if type_:
        head += f"Content-Type: {type_}\r\n"
    body = b"".join([*parts, head.encode(), b"\r\n", PHOTO.read_bytes(), b"\r\n--xyz--\r\n"])
    headers = {"Content-Type": "multipart/form-data; boundary=xyz"}
    answer = http.post("/segment", content=body, headers=headers)
    assert httpx.get(linked(answer)).content.startswith(PNG_START)


def test_curl(fake_server: Server, key: str, tmp_path: Path) -> None:
    form = [f"-F{name}={value}" for name, value in {**GOOD, "blob": "true"}.items()]
    out = tmp_path / "out.png"
    subprocess.run(
        ["curl", "-sS", "-H", f"WWW-Authenticate: {key}", f"-Ffile=@{PHOTO}", *form,
         "-o", str(out), f"{fake_server.url}/segment"],
        check=True, timeout=60,
    )  # fmt: skip
    assert np.array_equal(pixels(out.read_bytes()), expected(PHOTO.read_bytes()))


@pytest.mark.parametrize("blob", ["true", "1", "TRUE", "yes"])
def test_blob_is_the_picture(http: httpx.Client, key: str, stored: str, blob: str) -> None:
    answer = http.get("/segment", params={"img": stored, "key": key, "blob": blob, **GOOD})
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert np.array_equal(pixels(answer.content), expected(PHOTO.read_bytes()))


@pytest.mark.parametrize("blob", ["false", "0", "", "no"])
def test_no_blob_is_a_link(http: httpx.Client, key: str, stored: str, blob: str) -> None:
    linked(http.get("/segment", params={"img": stored, "key": key, "blob": blob, **GOOD}))


@pytest.mark.parametrize("value", [True, 1, "true"])
def test_blob_in_json(http: httpx.Client, key: str, stored: str, value: Any) -> None:
    body = {"img": stored, "ct": 0, "cs": 3, "st": 5, "key": key, "blob": value}
    answer = http.post("/segment", json=body)
    assert np.array_equal(pixels(answer.content), expected(PHOTO.read_bytes(), 0, 3, 5))


def test_errors_stay_json_with_blob(http: httpx.Client, key: str, stored: str) -> None:
    params = {"img": stored, "key": key, "blob": "true", **GOOD, "cs": "99"}
    refused(http.get("/segment", params=params), 422, "cs", "1 to 22")


def test_a_result_can_be_segmented_again(http: httpx.Client, key: str, stored: str) -> None:
    first = linked(http.get("/segment", params={"img": stored, "key": key, **GOOD}))
    again = http.get("/segment", params={"img": first, "key": key, **GOOD, "blob": "1"})
    assert np.array_equal(pixels(again.content), expected(httpx.get(first).content))


def test_the_id_gives_the_same_result_later(http: httpx.Client, key: str, stored: str) -> None:
    first = http.get("/segment", params={"img": stored, "key": key, **GOOD})
    again = http.get("/segment", params={"id": first.json()["id"], "key": key})
    assert again.json()["id"] == first.json()["id"]
    assert httpx.get(linked(again)).content == httpx.get(linked(first)).content


def test_the_result_is_its_users_alone(
    fake_server: Server, http: httpx.Client, key: str, stored: str
) -> None:
    other = fake_server.create_token("mallory")
    name = http.get("/segment", params={"img": stored, "key": key, **GOOD}).json()["id"]
    refused(http.get("/segment", params={"id": name, "key": other}), 404, "id")
    with fake_server.token_client(other) as client:
        assert client.get(f"/api/jobs/{name}").status_code == 404
    with fake_server.token_client(key) as client:
        row = client.get(f"/api/jobs/{name}").json()
        assert (row["kind"], row["project"], row["status"]) == ("colour", None, "Completed")
        assert client.get(f"/api/jobs/{name}/download").content.startswith(PNG_START)


def test_pixels_are_the_files_own(http: httpx.Client, key: str) -> None:
    """Neither turned upright nor laid on white."""
    with PILImage.open(PHOTO) as image:
        picture = image.convert("RGB").crop((0, 0, 60, 40))
    exif = PILImage.Exif()
    exif[0x0112] = 6
    alpha = picture.copy()
    alpha.putalpha(0)
    for data in (encoded(picture, "PNG", exif=exif), encoded(alpha, "PNG")):
        form = {**GOOD, "key": key, "blob": "true"}
        answer = http.post("/segment", data=form, files={"file": ("a.png", data)})
        assert np.array_equal(pixels(answer.content), expected(encoded(picture, "PNG")))


def test_many_at_once(http: httpx.Client, key: str, stored: str) -> None:
    def one(cs: int) -> bool:
        params = {"img": stored, "key": key, **GOOD, "cs": str(cs), "blob": "1"}
        answer = http.get("/segment", params=params)
        return np.array_equal(pixels(answer.content), expected(PHOTO.read_bytes(), cs=cs))

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(one, range(1, 13)))


# --- Keys --------------------------------------------------------------------------------------


def test_the_key_may_be_in_the_header(http: httpx.Client, key: str, stored: str) -> None:
    headers = {"WWW-Authenticate": key}
    linked(http.get("/segment", params={"img": stored, **GOOD}, headers=headers))
    linked(http.post("/store", files={"file": PHOTO.read_bytes()}, headers=headers))


@pytest.mark.parametrize("value", [None, "", "nonsense", "\x00", "é" * 40, "x" * 9000])
def test_no_or_a_wrong_key(http: httpx.Client, stored: str, value: str | None) -> None:
    given = {"img": stored, **GOOD} | ({} if value is None else {"key": value})
    answers = [
        http.get("/segment", params=given),
        http.post("/segment", data=given, files={"file": PHOTO.read_bytes()}),
        http.post("/store", data=given, files={"file": PHOTO.read_bytes()}),
    ]
    for answer in answers:
        assert refused(answer, 401) == "Missing/Invalid PixLab API Key"


@pytest.mark.parametrize("value", [1, True, None, [], {}, ["a"]])
def test_a_key_of_another_type(http: httpx.Client, value: Any) -> None:
    body = {"img": "http://example.org/", "ct": 1, "cs": 1, "st": 1, "key": value}
    refused(http.post("/segment", json=body), 401)


def test_a_session_is_no_key(fake_server: Server, stored: str) -> None:
    with fake_server.client() as client:
        refused(client.get("/segment", params={"img": stored, **GOOD}), 401)


def test_a_revoked_key_ends_at_once(fake_server: Server, http: httpx.Client, stored: str) -> None:
    secret = fake_server.create_token(name="short")
    linked(http.get("/segment", params={"img": stored, "key": secret, **GOOD}))
    with fake_server.client() as client:
        row = next(t for t in client.get("/api/tokens").json()["items"] if t["name"] == "short")
        assert client.delete(f"/api/tokens/{row['id']}").status_code == 204
    refused(http.get("/segment", params={"img": stored, "key": secret, **GOOD}), 401)


# --- Links -------------------------------------------------------------------------------------


def test_links_need_their_signature(http: httpx.Client, stored: str) -> None:
    path = stored.removeprefix(str(http.base_url).rstrip("/"))
    assert http.get(path).content == PHOTO.read_bytes()
    assert http.get(path).headers["content-type"] == "image/jpeg"
    assert http.head(path).status_code == 200
    name = path.removeprefix("/shared/")
    for wrong in (f"x{name}", name[:-6] + "A.jpg", name.replace("file", "job", 1), "a.png", "."):
        answer = http.get(f"/shared/{wrong}")
        assert answer.status_code == 404
    refused(http.post(path), 405)


def test_links_expire_with_their_files(start_server: StartServer) -> None:
    server = start_server()
    key = server.create_token()
    sent = {"files": {"file": PHOTO.read_bytes()}, "timeout": 60}
    stored = httpx.post(f"{server.url}/store", data={"key": key}, **sent).json()["link"]
    made = httpx.post(f"{server.url}/segment", data={"key": key, **GOOD}, **sent).json()["link"]
    files = lambda: [p for p in (server.data / "media" / "shared").rglob("*") if p.is_file()]  # noqa: E731
    assert len(files()) == 2
    assert not [p for p in (server.data / "media" / "work").rglob("*") if p.is_file()]
    code = (
        "from annotations.models import Job, StoredFile\n"
        "from annotations.services.jobs import maintenance\n"
        "maintenance.tidy()\n"
        "print('kept', Job.objects.filter(kind='colour').count(), StoredFile.objects.count())\n"
        "old = 25 * 3600 * 1000\n"
        "from django.db.models import F\n"
        "Job.objects.update(status_ms=F('status_ms') - old)\n"
        "StoredFile.objects.update(created_ms=F('created_ms') - old)\n"
        "maintenance.tidy()\n"
    )
    assert "kept 1 1" in server.manage("shell", "-c", code)
    assert files() == []
    for address in (stored, made):
        refused(httpx.get(address), 404)
        params = {"img": address, "key": key, **GOOD}
        refused(httpx.get(f"{server.url}/segment", params=params, timeout=60), 422, "img")


# --- When it takes long ------------------------------------------------------------------------


def io_workers(server: Server) -> list[psutil.Process]:
    children = psutil.Process(server.pid).children(recursive=True)
    return [child for child in children if any("io@" in part for part in child.cmdline())]


def test_busy_workers(start_server: StartServer) -> None:
    """503 with the id, no thread held by those who wait, a quota, and the result in the end."""
    server = start_server(
        SEGWEB_WORKERS="by_queue", SEGWEB_PIXLAB_WAIT_SECONDS="2", SEGWEB_PIXLAB_JOBS_A_USER="40"
    )
    key = server.create_token()
    sent = {"data": {"key": key, **GOOD}, "timeout": 60}
    workers = wait_until(lambda: io_workers(server), 20, what="the worker")
    for process in workers:
        process.suspend()
    try:
        with ThreadPoolExecutor(41) as pool:
            started = time.monotonic()
            calls = [
                pool.submit(
                    httpx.post, f"{server.url}/segment", files={"file": PHOTO.read_bytes()}, **sent
                )
                for _ in range(40)
            ]
            time.sleep(1)
            assert httpx.get(f"{server.url}/healthz", timeout=5).status_code == 200
            answers = [call.result() for call in calls]
        assert time.monotonic() - started < 30
        names = set()
        for answer in answers:
            refused(answer, 503, "id=")
            assert int(answer.headers["retry-after"]) > 0
            names.add(answer.json()["id"])
        assert len(names) == 40
        more = httpx.post(f"{server.url}/segment", files={"file": PHOTO.read_bytes()}, **sent)
        refused(more, 429)
        assert int(more.headers["retry-after"]) > 0
    finally:
        for process in workers:
            process.resume()
    name = min(names, key=int)

    def later() -> httpx.Response | None:
        params = {"id": name, "key": key, "blob": "1"}
        answer = httpx.get(f"{server.url}/segment", params=params, timeout=30)
        return answer if answer.status_code == 200 else None

    found = wait_until(later, 60, what="the result")
    assert np.array_equal(pixels(found.content), expected(PHOTO.read_bytes()))


def test_a_client_that_leaves_leaves_nothing_behind(start_server: StartServer) -> None:
    server = start_server(SEGWEB_WORKERS="by_queue", SEGWEB_PIXLAB_WAIT_SECONDS="30")
    key = server.create_token()
    workers = wait_until(lambda: io_workers(server), 20, what="the worker")
    for process in workers:
        process.suspend()
    try:
        for _ in range(3):
            with pytest.raises(httpx.ReadTimeout):
                httpx.post(
                    f"{server.url}/segment",
                    data={"key": key, **GOOD},
                    files={"file": PHOTO.read_bytes()},
                    timeout=httpx.Timeout(10, read=1),
                )
    finally:
        for process in workers:
            process.resume()

    def all_done() -> bool:
        with server.token_client(key) as client:
            rows = [client.get(f"/api/jobs/{n}").json()["status"] for n in (1, 2, 3)]
        return rows == ["Completed"] * 3

    wait_until(all_done, 60, what="the jobs")
    trouble = [line for line in server.log if re.search(r"Traceback|ERROR", line)]
    assert all("/readyz" in line for line in trouble)


def test_the_api_tells_nothing_of_its_inside(http: httpx.Client, key: str) -> None:
    """A picture that only decoding proves to be damaged."""
    data = PHOTO.read_bytes()[:20_000]
    answer = http.post("/segment", data={**GOOD, "key": key}, files={"file": ("a.jpg", data)})
    text = refused(answer, 415)
    assert "/" not in text
    assert "Traceback" not in text
    assert json.loads(answer.content)["error"] == text
