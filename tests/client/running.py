"""The command as a child process, and servers that misbehave."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from segweb_client.cli import run
from tests.support.environment import ROOT, clean_environment


@dataclass
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """The JSON lines on the standard output."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass
class Command:
    """`segweb …` in a folder of its own, with its own home."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        home = {"HOME": str(self.folder / "home"), "XDG_CONFIG_HOME": "", "PYTHONUTF8": "1"}
        return clean_environment(PYTHONPATH=str(ROOT / "client"), **home, **self.variables)

    def words(self, *arguments: object) -> list[str]:
        return [sys.executable, "-m", "segweb_client", *map(str, arguments)]

    def __call__(self, *arguments: object, code: int = 0, input: str = "") -> Done:
        """Runs it in this process; it must end with `code`, and never with a traceback."""
        removed = dict.fromkeys(set(os.environ) - set(self.environment))
        runner = CliRunner(env={**removed, **self.environment})
        with chdir(self.folder), runner.isolation(input) as (out, err, _):
            ended = run([str(argument) for argument in arguments])
        return _checked(ended, out.getvalue().decode(), err.getvalue().decode(), code)

    def process(self, *arguments: object, code: int = 0, input: str = "") -> Done:
        """As a call, in a process of its own."""
        done = subprocess.run(
            self.words(*arguments),
            cwd=self.folder,
            env=self.environment,
            input=input,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return _checked(done.returncode, done.stdout, done.stderr, code)


def _checked(ended: int, out: str, err: str, code: int) -> Done:
    assert "Traceback" not in err, err
    assert ended == code, f"{ended}: {out}{err}"
    return Done(ended, out, err)


Answer = tuple[int, dict[str, str], bytes]


def answer(value: Any, status: int = 200, **headers: str) -> Answer:
    return status, {"Content-Type": "application/json", **headers}, json.dumps(value).encode()


def refusal(status: int, message: str = "No.", **headers: str) -> Answer:
    return answer({"error": {"code": "no", "message": message}}, status, **headers)


@dataclass
class Stub:
    """A server whose answers a test writes; `seen` holds (method, path, headers)."""

    url: str = ""
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        return [f"{method} {path.partition('?')[0]}" for method, path, _ in self.seen]


@contextmanager
def stub(reply: Callable[[str, str], Answer | None]) -> Iterator[Stub]:
    """Serves `reply(method, path)`; None closes the connection without an answer."""
    told = Stub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            left = int(self.headers.get("Content-Length", 0))
            while left > 0 and (chunk := self.rfile.read(min(left, 1 << 16))):
                left -= len(chunk)
            told.seen.append((self.command, self.path, dict(self.headers)))
            made = reply(self.command, self.path.partition("?")[0])
            self.close_connection = True
            if made is None:
                return
            status, headers, body = made
            self.send_response(status)
            length = headers.pop("Content-Length", str(len(body)))
            for name, value in {**headers, "Content-Length": length, "Connection": "close"}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = do_PATCH = _serve

        def log_message(self, *_arguments: Any) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    told.url = f"http://127.0.0.1:{httpd.server_address[1]}"
    thread = threading.Thread(target=httpd.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()
