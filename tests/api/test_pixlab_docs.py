"""The examples of docs/pixlab.md, run as they are written."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image as PILImage

from tests.support.environment import ROOT, clean_environment
from tests.support.server import Server

_TEXT = (ROOT / "docs" / "pixlab.md").read_text()
EXAMPLES = re.findall(r"```(sh|python)\n(.*?)```", _TEXT, re.DOTALL)


@pytest.mark.parametrize(("language", "code"), EXAMPLES)
def test_example(fake_server: Server, tmp_path: Path, language: str, code: str) -> None:
    shutil.copy(ROOT / "static" / "demo" / "coffee.jpg", tmp_path / "photo.jpg")
    program = ["sh", "-eu", "-c"] if language == "sh" else [sys.executable, "-c"]
    key = fake_server.create_token(name="docs")
    done = subprocess.run(
        [*program, code],
        cwd=tmp_path,
        env=clean_environment() | {"SEGWEB_URL": fake_server.url, "SEGWEB_KEY": key},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if "segments.png" in code:
        with PILImage.open(tmp_path / "segments.png") as image:
            assert image.size == (600, 400)
    elif language == "sh":
        assert json.loads(done.stdout)["status"] == 200


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 5
