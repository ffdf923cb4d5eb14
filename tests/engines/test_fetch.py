"""Fetching checkpoints from a real server that misbehaves in the ways servers do."""

import errno
import hashlib
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from annotations.engines.sam_torch import fetch as fetching
from annotations.engines.sam_torch.checkpoints import CHECKPOINTS, Checkpoint
from annotations.engines.sam_torch.fetch import FetchError
from tests.support.environment import ROOT, clean_environment

DATA = bytes(range(256)) * 12_000
CHECKPOINT = Checkpoint("sam_vit_x.pth", len(DATA), hashlib.sha256(DATA).hexdigest())

fetch = partial(fetching.fetch, pause=0.0)
Answer = Callable[["Handler", int], None]


class Handler(BaseHTTPRequestHandler):
    """Answers each request as the test's `answer` does, which is told where it begins."""

    protocol_version = "HTTP/1.1"
    answer: Answer
    asked: list[str | None]

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.asked.append(wanted)
        self.close_connection = True
        type(self).answer(self, int(wanted[6:-1]) if wanted else 0)

    def head(self, status: int, **headers: Any) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def part(self, start: int, end: int = len(DATA), data: bytes = DATA) -> None:
        """What was asked for, or as much of it as there is before the connection breaks off."""
        status = 206 if start else 200
        span = {"Content_Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if start else {}
        self.head(status, Content_Length=len(data) - start, **span)
        self.wfile.write(data[start:end])

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], tuple[str, list[str | None]]]]:
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Answer) -> tuple[str, list[str | None]]:
        asked: list[str | None] = []
        kind = type("Kind", (Handler,), {"answer": staticmethod(answer), "asked": asked})
        server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}/models/", asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


Serve = Callable[[Answer], tuple[str, list[str | None]]]


def part_of(models: Path) -> Path:
    return models / "checkpoints" / ".sam_vit_x.pth.part"


def target_of(models: Path) -> Path:
    return models / "checkpoints" / "sam_vit_x.pth"


def test_a_file_arrives_with_progress_and_is_not_fetched_twice(
    serve: Serve, tmp_path: Path
) -> None:
    base, asked = serve(lambda handler, start: handler.part(start))
    told: list[tuple[int, int]] = []
    path = fetch(CHECKPOINT, tmp_path, base=base, report=lambda *pair: told.append(pair))
    assert path == target_of(tmp_path)
    assert path.read_bytes() == DATA
    assert told[-1] == (len(DATA), len(DATA))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert fetch(CHECKPOINT, tmp_path, base=base) == path
    assert asked == [None]
    assert not part_of(tmp_path).exists()


def test_a_connection_that_breaks_off_again_and_again_is_resumed(
    serve: Serve, tmp_path: Path
) -> None:
    base, asked = serve(lambda handler, start: handler.part(start, start + 500_000))
    assert fetch(CHECKPOINT, tmp_path, base=base).read_bytes() == DATA
    assert asked[:3] == [None, "bytes=500000-", "bytes=1000000-"]


def test_a_later_run_goes_on_where_the_earlier_one_ended(serve: Serve, tmp_path: Path) -> None:
    def once(handler: Handler, start: int) -> None:
        handler.part(start, 700_000) if not start else handler.head(503, Content_Length=0)

    base, asked = serve(once)
    with pytest.raises(FetchError, match=r"503.*is kept"):
        fetch(CHECKPOINT, tmp_path, base=base)
    assert len(asked) == 6
    assert part_of(tmp_path).stat().st_size == 700_000
    assert not target_of(tmp_path).exists()
    base, asked = serve(lambda handler, start: handler.part(start))
    assert fetch(CHECKPOINT, tmp_path, base=base).read_bytes() == DATA
    assert asked == ["bytes=700000-"]


def test_a_server_without_ranges_is_read_from_the_beginning(serve: Serve, tmp_path: Path) -> None:
    base, _ = serve(lambda handler, start: handler.part(0))
    part_of(tmp_path).parent.mkdir()
    part_of(tmp_path).write_bytes(b"x" * 1000)
    assert fetch(CHECKPOINT, tmp_path, base=base).read_bytes() == DATA


def test_a_file_with_another_sum_is_thrown_away(serve: Serve, tmp_path: Path) -> None:
    wrong = DATA[:-1] + b"x"
    base, _ = serve(lambda handler, start: handler.part(start, data=wrong))
    with pytest.raises(FetchError, match=f"SHA-256 is {hashlib.sha256(wrong).hexdigest()}"):
        fetch(CHECKPOINT, tmp_path, base=base)
    assert not target_of(tmp_path).exists()
    assert part_of(tmp_path).stat().st_size == 0
    base, asked = serve(lambda handler, start: handler.part(start))
    assert fetch(CHECKPOINT, tmp_path, base=base).read_bytes() == DATA
    assert asked == [None]


def test_a_damaged_file_in_place_is_fetched_anew(serve: Serve, tmp_path: Path) -> None:
    target_of(tmp_path).parent.mkdir()
    target_of(tmp_path).write_bytes(DATA[:-1])
    base, _ = serve(lambda handler, start: handler.part(start))
    assert fetch(CHECKPOINT, tmp_path, base=base).read_bytes() == DATA


def test_too_much_in_the_unfinished_file_is_begun_again(serve: Serve, tmp_path: Path) -> None:
    part_of(tmp_path).parent.mkdir()
    part_of(tmp_path).write_bytes(DATA + b"more")
    base, asked = serve(lambda handler, start: handler.part(start))
    assert fetch(CHECKPOINT, tmp_path, base=base).read_bytes() == DATA
    assert asked == [None]


def endless(handler: Handler, start: int) -> None:
    handler.head(206 if start else 200, Content_Range=f"bytes {start}-/*")
    try:
        while True:
            handler.wfile.write(bytes(1 << 16))
    except OSError:
        return


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda handler, start: handler.head(404, Content_Length=0), "answers 404"),
        (lambda handler, start: handler.part(start, data=b"a page"), "offers 6 bytes"),
        (lambda handler, start: handler.head(206, Content_Range="bytes 7-9/10"), "another part"),
        (lambda handler, start: handler.head(302, Location="/models/x"), "redirects without end"),
        (lambda handler, start: handler.head(200, Content_Length=len(DATA)), "broke off"),
        (lambda handler, start: handler.wfile.write(b"SSH-2.0\r\n\r\n"), "broke off"),
        (endless, "sends more than"),
    ],
)
def test_answers_that_are_not_the_file(
    serve: Serve, tmp_path: Path, answer: Answer, message: str
) -> None:
    base, _ = serve(answer)
    with pytest.raises(FetchError, match=message):
        fetch(CHECKPOINT, tmp_path, base=base)
    assert not target_of(tmp_path).exists()
    assert part_of(tmp_path).stat().st_size <= CHECKPOINT.size


@pytest.mark.parametrize(
    ("base", "message"),
    [
        ("http://127.0.0.1:1", "broke off"),
        ("ftp://127.0.0.1", "no http address"),
        ("nonsense", "no http address"),
        ("http://127.0.0.1:port", "no address"),
    ],
)
def test_addresses_that_lead_nowhere(tmp_path: Path, base: str, message: str) -> None:
    with pytest.raises(FetchError, match=message):
        fetch(CHECKPOINT, tmp_path, base=base)


def test_two_at_once_do_not_write_one_file(serve: Serve, tmp_path: Path) -> None:
    reached, go = threading.Event(), threading.Event()

    def slow(handler: Handler, start: int) -> None:
        reached.set()
        go.wait(20)
        handler.part(start)

    base, _ = serve(slow)
    first = threading.Thread(target=fetch, args=(CHECKPOINT, tmp_path), kwargs={"base": base})
    first.start()
    assert reached.wait(20)
    with pytest.raises(FetchError, match="another process"):
        fetch(CHECKPOINT, tmp_path, base=base)
    go.set()
    first.join(20)
    assert target_of(tmp_path).read_bytes() == DATA


# --- Disks -----------------------------------------------------------------------------------


def test_too_small_a_disk_is_told_before_anything_is_fetched(serve: Serve, tmp_path: Path) -> None:
    base, asked = serve(lambda handler, start: handler.part(start))
    huge = Checkpoint("huge.pth", shutil.disk_usage(tmp_path).total * 2, "0")
    with pytest.raises(FetchError, match="MB left"):
        fetch(huge, tmp_path, base=base)
    assert asked == []


def test_a_disk_that_fills_up_keeps_what_arrived(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, asked = serve(lambda handler, start: handler.part(start))

    def full(done: int, total: int) -> None:
        # The fault is put where the next write would meet it.
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(FetchError, match="disk is full"):
        fetch(CHECKPOINT, tmp_path, base=base, report=full)
    kept = part_of(tmp_path).stat().st_size
    assert kept > 0
    assert fetch(CHECKPOINT, tmp_path, base=base).read_bytes() == DATA
    assert asked == [None, f"bytes={kept}-"] or kept == len(DATA)


def test_a_folder_that_cannot_be_written(serve: Serve, tmp_path: Path) -> None:
    base, _ = serve(lambda handler, start: handler.part(start))
    (tmp_path / "checkpoints").write_text("a file where the folder should be")
    with pytest.raises(FetchError, match="cannot be written"):
        fetch(CHECKPOINT, tmp_path, base=base)


# --- The command -----------------------------------------------------------------------------


def command(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "fetch_checkpoint", *arguments],
        cwd=ROOT,
        env=clean_environment(SEGWEB_DATA=str(data)),
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_asks_for_the_published_file(serve: Serve, tmp_path: Path) -> None:
    paths: list[str] = []

    def page(handler: Handler, start: int) -> None:
        paths.append(handler.path)
        handler.head(200, Content_Length=4)
        handler.wfile.write(b"page")

    base, _ = serve(page)
    done = command(tmp_path, "vit_b", "--from", base)
    assert done.returncode == 1
    assert paths == ["/models/sam_vit_b_01ec64.pth"]
    assert "offers 4 bytes instead of 375042383" in done.stderr
    assert "Traceback" not in done.stderr
    unknown = command(tmp_path, "vit_x")
    assert unknown.returncode == 2
    assert "vit_b" in unknown.stderr


def test_the_published_files_are_known_whole() -> None:
    assert fetching.PUBLIC_ADDRESS.startswith("https://")
    for name, checkpoint in CHECKPOINTS.items():
        assert name in checkpoint.file
        assert len(bytes.fromhex(checkpoint.sha256)) == 32


def test_nothing_is_fetched_by_loading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from annotations.engines.errors import EngineUnavailable
    from tests.support.engines import load

    def refuse(*_: Any) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(EngineUnavailable, match="fetch_checkpoint vit_b"):
        load("sam_torch", tmp_path, SEGWEB_TORCH_MODEL="vit_b")
