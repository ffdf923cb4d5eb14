"""The two distributions, client and server: what an installation of each holds and can do."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import segweb
import segweb_client
from tests.support.environment import ROOT, clean_environment

_SERVERS = ("django", "celery", "channels", "redis", "annotations", "segweb")
_LATER = ("PIL", "websockets", "numpy")
_PROGRAM = f"""
import sys
import segweb_client, segweb_client.cli
print(*(name for name in {(*_SERVERS, *_LATER)!r} if name in sys.modules))
"""
_FORMER_NAME = """
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    from segweb.client import *
    import segweb.client, segweb_client
assert [warning.category for warning in caught] == [DeprecationWarning], caught
assert segweb.client.__all__ == segweb_client.__all__
assert Client is segweb_client.Client
"""
_WORKER = """
import django
from django.core.management import call_command
django.setup()
call_command("migrate", plan=True, verbosity=0)
from segweb.celery import app
app.loader.import_default_modules()
assert any(name.startswith("annotations.tasks.") for name in app.tasks)
"""


def _run(
    *words: object, installed: Path, cwd: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, words)],
        cwd=cwd, env=clean_environment(PYTHONPATH=str(installed), **variables),
        capture_output=True, text=True, check=True,
    )  # fmt: skip


def _install(source: Path, target: Path) -> Path:
    words = ["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([sys.executable, *words, "--target", target, source], check=True)
    return target


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the distributions are made from: building leaves files behind."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    ignored = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
    for name in ("segweb", "annotations", "client"):
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    return source


@pytest.fixture(scope="module")
def installed(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip put the client."""
    return _install(source / "client", tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="module")
def server(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip put the server."""
    return _install(source, tmp_path_factory.mktemp("server"))


def _folders(path: Path) -> set[str]:
    return {entry.name for entry in path.iterdir() if entry.is_dir()} - {"__pycache__"}


def _packages(installed: Path) -> set[str]:
    return {name for name in _folders(installed) if not name.endswith(".dist-info")} - {"bin"}


def test_an_import_loads_nothing_of_the_server(tmp_path: Path) -> None:
    done = _run(sys.executable, "-c", _PROGRAM, installed=ROOT / "client", cwd=tmp_path)
    assert done.stdout.split() == []


def test_an_installation_is_the_client_alone(installed: Path) -> None:
    assert _packages(installed) == {"segweb_client", "segweb"}
    # Nothing but the former name, without a file that the server's package has, too.
    assert {path.name for path in (installed / "segweb").iterdir()} == {"client"}
    assert {path.name for path in (installed / "segweb" / "client").glob("*.py")} == {
        "__init__.py",
        "__main__.py",
    }


def test_the_installed_command_runs(installed: Path, tmp_path: Path) -> None:
    for words in (
        [installed / "bin" / "segweb"],
        [sys.executable, "-m", "segweb_client"],
        [sys.executable, "-m", "segweb.client"],
    ):
        done = _run(*words, "--version", installed=installed, cwd=tmp_path)
        assert done.stdout.startswith("segweb, version ")


def test_the_former_name_works(installed: Path, tmp_path: Path) -> None:
    _run(sys.executable, "-c", _FORMER_NAME, installed=installed, cwd=tmp_path)
    # And where `segweb` is the server's package.
    _run(sys.executable, "-c", _FORMER_NAME, installed=installed, cwd=ROOT)


def test_the_installed_server_is_whole(server: Path, tmp_path: Path) -> None:
    """Its packages with all their modules, which need no clone for commands and workers."""
    assert _packages(server) == {"segweb", "annotations"}
    for package in ("segweb", "annotations"):
        files = {path.relative_to(ROOT) for path in (ROOT / package).rglob("*.py")}
        assert files == {path.relative_to(server) for path in (server / package).rglob("*.py")}
    variables = {"DJANGO_SETTINGS_MODULE": "segweb.settings", "SEGWEB_DATA": str(tmp_path / "data")}
    _run(sys.executable, "-c", _WORKER, installed=server, cwd=tmp_path, **variables)


def test_both_have_one_version() -> None:
    assert segweb.__version__ == segweb_client.__version__
