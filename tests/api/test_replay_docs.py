"""docs/replay.md: its examples run, and what it says of the API is so."""

import shutil
from pathlib import Path

import pytest

from annotations.services.reprediction.decisions import MAX_AT_ONCE
from tests.api.test_docs import test_every_path_that_is_named_exists as every_path_exists
from tests.support.docs import run_examples
from tests.support.environment import ROOT
from tests.support.server import Server

PAGE = "docs/replay.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "static" / "demo" / "coffee.jpg", tmp_path)
    return tmp_path


def test_every_example_runs(fake_server: Server, folder: Path) -> None:
    truth = {
        "http://127.0.0.1:8000": fake_server.url,
        "sw_your-token": fake_server.create_token(name="replay docs"),
    }
    _, replayed, listed, decided = run_examples(PAGE, {}, folder=folder, replace=truth)
    assert "'sam_onnx'" in replayed.output
    assert "'proposals': 1}" in replayed.output
    assert "'pending': 1," in replayed.output
    assert listed.output.startswith("coffee.jpg 0.")
    assert decided.output == "2 mobile_sam\n"


def test_the_page_is_true() -> None:
    every_path_exists(PAGE)
    assert f"at most {MAX_AT_ONCE} new versions" in (ROOT / PAGE).read_text()
