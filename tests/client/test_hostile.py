"""Servers that are none, break, or mean harm: a sentence and an exit code, never a traceback."""

import gzip
import hashlib
import json
import os
import pty
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from segweb_client import BadAnswer, Client, Project, Unavailable

from .running import Answer, Command, answer, refusal, stub

PLACE = {"id": 1, "slug": "p", "name": "P", "role": "owner", "labels": [],
         "counts": {"images": 0, "annotated": 0, "annotations": 0}}  # fmt: skip
JSON = {"Content-Type": "application/json"}
PAGE: Answer = (200, {"Content-Type": "text/html"}, b"<!doctype html><h1>Welcome to nginx</h1>")


@pytest.fixture
def at(tmp_path: Path) -> Callable[..., Command]:
    def command(url: str) -> Command:
        return Command(tmp_path, {"SEGWEB_URL": url, "SEGWEB_TOKEN": "t"})

    return command


@pytest.mark.parametrize(
    ("reply", "code", "told"),
    [
        (PAGE, 5, "no JSON"),
        ((404, {}, b"<h1>nothing here</h1>"), 5, "answers 404"),
        ((500, {}, b"<h1>oops</h1>"), 5, "answers 500"),
        (refusal(500, "Something went wrong."), 5, "Something went wrong."),
        (refusal(401, "Sign in."), 3, "Sign in."),
        (refusal(403, "Read only."), 3, "Read only."),
        (refusal(404, "There is no such thing."), 4, "There is no such thing."),
        (refusal(409, "At odds."), 6, "At odds."),
        (refusal(422, "Not this."), 2, "Not this."),
        (refusal(418, "A teapot."), 6, "A teapot."),
        (refusal(429, "Slow down."), 5, "Slow down."),
        (refusal(507, "The disk is full."), 5, "The disk is full."),
        ((503, {}, b""), 5, "answers 503"),
        ((200, JSON, b""), 5, "lacks a proper 'items'"),
        ((200, JSON, b"[]"), 5, "lacks a proper 'items'"),
        ((200, JSON, b"null"), 5, "lacks a proper 'items'"),
        ((200, JSON, b"[" * 100_000), 5, "no JSON"),
        ((200, JSON, b'{"items": [{}], "next": null}'), 5, "lacks a proper"),
        ((200, JSON, b'{"items": [], "next": 7}'), 5, "no end"),
        ((200, JSON, json.dumps({"items": [PLACE], "next": "a"}).encode()), 5, "no end"),
        ((200, {**JSON, "Content-Length": "900"}, b'{"items"'), 5, "broke"),
        ((200, {**JSON, "Content-Encoding": "gzip"}, b"no gzip at all"), 5, "damaged"),
        ((301, {"Location": "https://x.example/"}, b""), 5, "https://x.example/"),
        ((422, JSON, b'{"error": {"message": ["a", {}], "code": 7}}'), 2, "a"),
        ((422, JSON, b'{"error": "text"}'), 2, "answers 422"),
        (None, 5, "broke"),
    ],
)
def test_answers(at: Any, reply: Answer | None, code: int, told: str) -> None:
    with stub(lambda _m, _p: reply and (reply[0], dict(reply[1]), reply[2])) as server:
        done = at(server.url)("--retries", 0, "projects", "--json", code=code)
    assert told in done.err
    assert len(done.err) < 2500


def test_words_of_a_server_do_not_steer_the_terminal(at: Any) -> None:
    place = {**PLACE, "name": "\x1b[2J\x07evil\r\x9b31m"}
    with stub(lambda _m, _p: answer({"items": [place], "next": None})) as server:
        assert not set("\x1b\x07\r\x9b") & set(at(server.url)("projects").out)
    with stub(lambda _m, _p: refusal(422, "\x1b]0;evil\x07")) as server:
        assert not set("\x1b\x07") & set(at(server.url)("projects", code=2).err)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b" " * 300_000_000)
    reply = (200, {**JSON, "Content-Encoding": "gzip"}, bomb)
    with (
        stub(lambda _m, _p: (reply[0], dict(reply[1]), reply[2])) as server,
        Client(server.url, "t", retries=0) as client,
        pytest.raises(BadAnswer, match="larger"),
    ):
        client.me()


def test_a_silent_server_is_not_waited_for_for_ever(at: Any) -> None:
    def reply(_method: str, _path: str) -> None:
        time.sleep(20)

    with stub(reply) as server:
        begin = time.monotonic()
        done = at(server.url)("--retries", 0, "--timeout", 1, "projects", code=5)
        assert time.monotonic() - begin < 15
    assert "in time" in done.err


def test_a_job_that_never_ends() -> None:
    job = {"id": 3, "kind": "segment", "status": "Running", "progress": 0.5}
    with (
        stub(lambda _m, _p: answer(job)) as server,
        Client(server.url, "t") as client,
        pytest.raises(Unavailable, match="Job 3 has not ended after 1 s"),
    ):
        client.segment(1, [(1, 1)], timeout=1)


def test_a_job_that_fails(at: Any) -> None:
    error = {"code": "no", "message": "The model is gone."}
    job = {"id": 3, "kind": "export", "status": "Failed", "progress": 0.5, "error": error}
    with stub(lambda _m, p: answer(PLACE if p == "/api/projects/1" else job)) as server:
        assert "The model is gone." in at(server.url)("export", 1, code=6).err


def test_projects_are_never_made_twice(at: Any, tmp_path: Path) -> None:
    """The answer of a creation that was lost: it may have happened, so it is not sent again."""
    (tmp_path / "a.png").write_bytes(b"x")

    def reply(method: str, path: str) -> Answer | None:
        return None if method == "POST" else answer({"items": [], "next": None})

    with stub(reply) as server:
        at(server.url)("upload", "a.png", "-p", "New", "--create", code=5)
    assert server.paths.count("POST /api/projects") == 1


def test_verbose_tells_why_requests_are_sent_again(at: Any) -> None:
    with stub(lambda _m, _p: refusal(503, "Busy.")) as server:
        words = ["--retries", 1, "projects"]
        assert at(server.url)(*words, code=5).err == "segweb: Busy.\n"
        done = subprocess.run(
            at(server.url).words("-v", *words), env=at(server.url).environment,
            cwd=at(server.url).folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert "Busy. Trying again in" in done.stderr
    assert "status=503" in done.stderr


def test_a_reader_that_goes_away(segweb: Command, project: Project) -> None:
    process = subprocess.Popen(
        segweb.words("projects", "--json"),
        cwd=segweb.folder, env=segweb.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.wait(30) == 141
    assert process.stderr.read() == b""
    process.stderr.close()


def test_bars_are_for_terminals(segweb: Command, project: Project, photos: Path) -> None:
    main, end = pty.openpty()
    process = subprocess.Popen(
        segweb.words("upload", photos, "-p", project.id, "--wait"),
        cwd=segweb.folder, env={**segweb.environment, "TERM": "xterm"}, stderr=end,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.close(end)
    shown = b""
    try:
        while chunk := os.read(main, 4096):
            shown += chunk
    except OSError:  # how a terminal's end is told
        pass
    out, _ = process.communicate(timeout=30)
    os.close(main)
    assert b"Uploading  [" in shown
    assert b"100%" in shown
    assert b"Preparing  [" in shown
    assert out == f"{project.name} (project {project.id}): 7 new, 0 there already, 0 refused.\n"


# --- Downloads that are not what was told ---------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b"short", b"{}-and-far-too-long" * 1000, b"XX"])
def test_a_damaged_download_leaves_nothing(tmp_path: Path, body: bytes) -> None:
    real = b"{}"
    result = {"url": "http://elsewhere.example/steal", "bytes": len(real),
              "sha256": hashlib.sha256(real).hexdigest(), "name": "../../evil.json"}  # fmt: skip
    job = {"id": 3, "kind": "export", "status": "Completed", "progress": 1.0, "result": result}

    def reply(_method: str, path: str) -> Any:
        if path.endswith("/download"):
            return 200, {"Content-Type": "application/json"}, body
        return answer(job if "/jobs/" in path or path.endswith("/exports") else PLACE)

    command = Command(tmp_path, {"SEGWEB_TOKEN": "t"})
    with stub(reply) as server:
        command.variables["SEGWEB_URL"] = server.url
        done = command("export", 1, "--out", "a.json", code=5)
        assert "damaged" in done.err
        assert "GET /api/jobs/3/download" in server.paths
        assert {path.name for path in tmp_path.iterdir()} <= {"home"}
        with Client(server.url, "t") as client, pytest.raises(BadAnswer):
            client.export(1, tmp_path / "a.json")


def test_a_download_that_breaks_off_is_fetched_again(tmp_path: Path) -> None:
    real = b"{}" * 5000
    result = {"bytes": len(real), "sha256": hashlib.sha256(real).hexdigest()}
    job = {"id": 3, "kind": "export", "status": "Completed", "progress": 1.0, "result": result}
    tries: list[int] = []

    def reply(_method: str, path: str) -> Any:
        if path.endswith("/download"):
            tries.append(1)
            body = real if len(tries) == 3 else real[:4000]
            return 200, {"Content-Length": str(len(real))}, body
        return answer(job if "/jobs/" in path or path.endswith("/exports") else PLACE)

    seen: list[int] = []
    with stub(reply) as server, Client(server.url, "t") as client:
        done = client.export(1, tmp_path / "a.json", on_bytes=seen.append)
    assert done.path.read_bytes() == real
    assert sum(seen) == len(real)
    assert len(tries) == 3
