"""Runs the examples of a page of the documentation, in its order, as a reader would.

    ran = run_examples("docs/api.md", {"SEGWEB_URL": server.url, "TOKEN": token}, folder=tmp_path)

A page reads as one session: what a block assigns is known to the blocks after it. Fenced `bash`
and `sh` blocks run with `bash -euo pipefail`; their variables, exported or not, become the
environment of later blocks of either language. Fenced `python` blocks run with the tests'
interpreter, in one process and one namespace a page. Blocks of other languages (`json`, `text`)
are shown only.
"""

import json
import os
import re
import select
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from .environment import ROOT, clean_environment

_FENCE = re.compile(r"^```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^```$", re.M | re.S)
_BASH = {"bash", "sh"}

# Reads blocks as lines of JSON, runs each in one namespace, and says how each went.
_PYTHON = """
import json, os, sys, traceback
answers = os.fdopen(int(sys.argv[1]), "w")
names = {"__name__": "__main__"}
for line in sys.stdin:
    block = json.loads(line)
    os.environ.clear()
    os.environ.update(block["env"])
    good = True
    try:
        exec(compile(block["text"], block["name"], "exec"), names)
    except BaseException:
        traceback.print_exc()
        good = False
    sys.stdout.flush()
    sys.stderr.flush()
    print(json.dumps(good), file=answers, flush=True)
"""


class ExampleError(AssertionError):
    """An example of the documentation does not work."""


@dataclass(frozen=True)
class Block:
    """One fenced block; `line` is that of its fence, from 1."""

    language: str
    text: str
    line: int


@dataclass(frozen=True)
class Ran:
    """A block that ran, and all that it printed on both streams."""

    block: Block
    output: str


def blocks(path: str | Path) -> list[Block]:
    """The page's fenced blocks; a relative `path` counts from the project's root."""
    page = (ROOT / path).read_text()
    return [
        Block(m["language"], m["text"], page.count("\n", 0, m.start()) + 1)
        for m in _FENCE.finditer(page)
    ]


def run_examples(
    path: str | Path,
    env: Mapping[str, str],
    *,
    folder: Path,
    replace: Mapping[str, str] | None = None,
    seconds: float = 120,
) -> list[Ran]:
    """Runs the page's bash and python blocks in `folder`, with `env` on top of the environment.

    `replace` maps texts of the page (an address, a made-up token) to those that are true here.
    Raises ExampleError for the first block that fails, with its place and what it printed.
    """
    session = _Session(folder, clean_environment(**env), seconds)
    ran = []
    with session:
        for block in blocks(path):
            text = block.text
            for old, new in (replace or {}).items():
                text = text.replace(old, new)
            name = f"{path}:{block.line}"
            if block.language in _BASH:
                ran.append(Ran(block, session.bash(text, name)))
            elif block.language == "python":
                ran.append(Ran(block, session.python(text, name)))
    return ran


class _Session:
    """The processes behind one page."""

    def __init__(self, folder: Path, env: dict[str, str], seconds: float) -> None:
        self.folder, self.env, self.seconds = folder, env, seconds
        # `python` and `python3` in bash blocks are the tests' own.
        self.env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
        self._python: subprocess.Popen[str] | None = None
        self._printed = folder / ".examples-output"

    def __enter__(self) -> "_Session":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if self._python is not None:
            self._python.kill()
            self._python.communicate()
            os.close(self._answers)
        self._printed.unlink(missing_ok=True)

    def bash(self, text: str, name: str) -> str:
        state = self.folder / ".examples-state"
        script = f"trap 'env -0 > \"{state}\"' EXIT\n{text}"
        try:
            done = subprocess.run(
                ["bash", "-aeuo", "pipefail", "-c", script], cwd=self.folder, env=self.env,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True, timeout=self.seconds, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise ExampleError(f"{name} took more than {self.seconds:g} s:\n{text}") from error
        if done.returncode:
            raise ExampleError(f"{name} ended with {done.returncode}:\n{text}\n{done.stdout}")
        pairs = state.read_text().rstrip("\0").split("\0")
        state.unlink()
        self.env = dict(pair.split("=", 1) for pair in pairs)
        return done.stdout

    def python(self, text: str, name: str) -> str:
        process = self._python or self._start_python()
        before = self._printed.stat().st_size
        assert process.stdin is not None
        print(json.dumps({"text": text, "name": name, "env": self.env}), file=process.stdin)
        process.stdin.flush()
        answer = self._answer(name)
        output = self._printed.read_bytes()[before:].decode()
        if answer != "true":
            raise ExampleError(f"{name} failed:\n{text}\n{output}")
        return output

    def _start_python(self) -> subprocess.Popen[str]:
        self._answers, theirs = os.pipe()
        with self._printed.open("wb") as printed:
            self._python = subprocess.Popen(
                [sys.executable, "-c", _PYTHON, str(theirs)], cwd=self.folder, env=self.env,
                stdin=subprocess.PIPE, stdout=printed, stderr=subprocess.STDOUT,
                pass_fds=[theirs], text=True,
            )  # fmt: skip
        os.close(theirs)
        return self._python

    def _answer(self, name: str) -> str:
        """The line with which the block's end is told; empty when the process ended with it."""
        ready, _, _ = select.select([self._answers], [], [], self.seconds)
        if not ready:
            raise ExampleError(f"{name} took more than {self.seconds:g} s")
        return os.read(self._answers, 100).decode().strip()
