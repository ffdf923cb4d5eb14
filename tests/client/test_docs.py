"""docs/client.md: every example runs, in its order, against the running server."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from segweb_client import Client
from segweb_client import errors as kinds
from segweb_client.cli import EXIT_CODES, cli
from tests.support.docs import blocks
from tests.support.environment import ROOT
from tests.support.server import Server

from .running import Command

PATH = "docs/client.md"
PAGE = (ROOT / PATH).read_text()
SHELLS = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}
ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture
def desk(tmp_path: Path, fake_server: Server, token: str) -> Command:
    """A folder with the page's photos, and `segweb` on the path of a person with a token."""
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "segweb"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m segweb_client "$@"\n')
    script.chmod(0o755)
    shutil.copytree(ROOT / "static" / "demo", tmp_path / "photos")
    (tmp_path / "notes.txt").write_text("no image")
    command = Command(tmp_path, {"TOKEN": token})
    command.variables["PATH"] = f"{tmp_path / 'bin'}:{command.environment['PATH']}"
    return command


def test_every_example_runs(desk: Command, fake_server: Server, token: str) -> None:
    """In the page's order, each building on those before it; what watches does so meanwhile."""
    with Client(fake_server.url, token) as client:
        for row in client.projects():
            if row.name in {"Birds", "Birds again", "Cups"}:
                client.delete_project(row)
    watching: list[subprocess.Popen[str]] = []
    examples = [block for block in blocks(PATH) if block.language in SHELLS]
    assert len(examples) >= 10
    for block in examples:
        text, words = block.text.replace(ADDRESS, fake_server.url), SHELLS[block.language]
        process = subprocess.Popen(
            [*words, f"exec {text}" if text.startswith("segweb watch") else text],
            cwd=desk.folder, env=desk.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        if text.startswith("segweb watch"):
            assert process.stderr is not None
            assert process.stderr.readline().startswith("Watching Birds")
            watching.append(process)
            continue
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, f"{text}\n{out}{err}"
    for process in watching:
        assert process.stdout is not None
        assert set(json.loads(process.stdout.readline())) == {"time", "type", "data"}
        process.terminate()
        process.communicate(timeout=10)
        assert process.returncode == 130
    made = {"mask.png", "birds.json", "birds.zip", "today.json", "cup.png", "cups.json"}
    assert made <= {path.name for path in desk.folder.iterdir()}


def test_exit_codes_are_those_of_the_help_and_of_the_errors() -> None:
    table = dict(re.findall(r"^\| (\d+) \| (.*) \|$", PAGE, re.M))
    assert table == dict(re.findall(r"^  (\d+)  (.*)$", EXIT_CODES, re.M))
    raised = {
        kind.exit_code
        for kind in vars(kinds).values()
        if isinstance(kind, type) and issubclass(kind, kinds.SegwebError)
    }
    assert {str(code) for code in raised} == set(table) - {"0", "130"}


def test_every_command_and_option_that_is_named_exists(desk: Command) -> None:
    helps = desk("--help").out + "".join(desk(name, "--help").out for name in cli.commands)
    named = set(re.findall(r"`?segweb (\w+)\b", PAGE))
    assert set(cli.commands) <= named
    for option in set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGE)):
        assert option in helps
