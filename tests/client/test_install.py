"""The client by itself: what an installation holds, and what an import loads."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import ROOT, clean_environment

_SERVERS = ("django", "celery", "channels", "redis", "annotations", "segweb.settings")
_LATER = ("PIL", "websockets", "numpy")
_PROGRAM = f"""
import sys
import segweb.client, segweb.client.cli
print(*(name for name in {(*_SERVERS, *_LATER)!r} if name in sys.modules))
"""


def test_an_import_loads_nothing_of_the_server() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == []


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip put the client, from a copy since building leaves files behind."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("target")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("segweb", "annotations"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    words = ["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([sys.executable, *words, "--target", target, source], check=True)
    return target


def test_an_installation_is_the_client_alone(installed: Path) -> None:
    packages = {path.name for path in installed.iterdir() if path.is_dir()}
    assert {name for name in packages if not name.endswith(".dist-info")} == {"segweb", "bin"}
    assert {p.name for p in (installed / "segweb").iterdir() if p.is_dir()} <= {
        "client",
        "__pycache__",
    }


def test_the_installed_command_runs(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [installed / "bin" / "segweb", "--version"],
        cwd=tmp_path, env=clean_environment(PYTHONPATH=str(installed)),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("segweb, version ")
