"""docs/cognite.md: every example runs, in its order, with both versions of the SDK."""

import json
import shutil
from pathlib import Path

import pytest

from annotations.api.cognite.schemas import MAX_POINTS
from annotations.services.compat.cognite import segment
from tests.api.cognite.conftest import open_room
from tests.api.cognite.sdk import VERSIONS, packages
from tests.support.docs import blocks, run_examples
from tests.support.environment import ROOT
from tests.support.server import Server

PAGE = "docs/cognite.md"


@pytest.mark.parametrize("major", sorted(VERSIONS))
def test_the_examples(server: Server, tmp_path: Path, major: str) -> None:
    token = server.create_token(name="docs")
    room = open_room(server, token, f"docs {major}")
    shutil.copy(ROOT / "static" / "demo" / "coffee.jpg", tmp_path)
    env = {
        "SEGWEB_URL": server.url,
        "SEGWEB_PROJECT": room.slug,
        "TOKEN": token,
        "PYTHONPATH": str(packages(major)),
    }
    ran = run_examples(PAGE, env, folder=tmp_path)
    assert room.slug in ran[0].output
    answer = json.loads((tmp_path / "answer.json").read_text())
    assert answer["status"] == "Completed"
    assert room.images() == []


def test_the_page_tells_the_limits() -> None:
    text = (ROOT / PAGE).read_text()
    assert len([block for block in blocks(PAGE) if block.language != "json"]) >= 5
    assert f"at most {segment.MAX_UNFINISHED} unfinished" in text
    assert f"at most {MAX_POINTS:,}, each once" in text
    assert f"more than {segment.MAX_VERTICES:,} corners" in text


def test_the_answers_shown_are_json() -> None:
    for block in blocks(PAGE):
        if block.language == "json":
            json.loads(block.text)
