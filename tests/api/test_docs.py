"""docs/api.md: every example runs, in its order, against the running server."""

import json
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from annotations.api.native import api
from annotations.models import Scope
from segweb.settings.env import SETTINGS
from tests.support.docs import blocks, run_examples
from tests.support.environment import ROOT
from tests.support.server import Server

PAGE = ROOT / "docs" / "api.md"


def test_every_example_runs(fake_server: Server, tmp_path: Path) -> None:
    shutil.copy(ROOT / "static" / "demo" / "coffee.jpg", tmp_path)
    truth = {
        "http://127.0.0.1:8000": fake_server.url,
        "sw_your-token": fake_server.create_token(name="docs"),
    }
    ran = run_examples("docs/api.md", {}, folder=tmp_path, replace=truth)
    assert len(ran) == sum(b.language in {"bash", "python"} for b in blocks(PAGE)) > 12
    assert json.loads(ran[0].output)["username"] == "admin"
    assert json.loads(ran[1].output)["scopes"] == ["read", "export"]

    dataset = json.loads((tmp_path / "breakfast.json").read_text())
    assert [c["name"] for c in dataset["categories"]] == ["cup", "spoon"]
    assert len(dataset["annotations"]) == 1
    with zipfile.ZipFile(tmp_path / "lunch.zip") as archive:
        assert set(archive.namelist()) == {"annotations.json", "images/coffee.jpg"}


def test_the_tables_are_the_codes() -> None:
    text = PAGE.read_text()
    assert re.findall(r"^\| `(\w+)` \|", text, re.M) == list(Scope.values)
    (limit,) = [s.default for s in SETTINGS if s.name == "SEGWEB_RATE_LIMIT"]
    assert f"{limit.removesuffix('/min')} requests a minute" in text


@pytest.mark.parametrize("page", ["docs/api.md"])
def test_every_path_that_is_named_exists(page: str) -> None:
    known = {re.sub(r"{\w+}", "{}", path) for path in api.get_openapi_schema()["paths"]}
    text = (ROOT / page).read_text()
    for path in re.findall(r"(/api/[\w/${}\[\]'.-]+)", text):
        plain = re.sub(r"\$?{[^}]*}|\$\w+", "{}", path).rstrip(".'")
        assert plain in known | {"/api/docs", "/api/openapi.json"}, path
