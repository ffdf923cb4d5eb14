"""The settings of a production server, as Django's own checks see them."""

import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from segweb.settings.env import env
from tests.support.environment import ROOT, clean_environment


def _manage(data: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=clean_environment(SEGWEB_DATA=str(data), **settings),
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_settings_have_no_warning(tmp_path: Path):
    key = secrets.token_urlsafe(60)
    done = _manage(
        tmp_path, "check", "--deploy", "--fail-level", "WARNING",
        SEGWEB_HTTPS="1", SEGWEB_SECRET_KEY=key, SEGWEB_ALLOWED_HOSTS="segweb.example",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_server_without_a_secret_key_does_not_start(tmp_path: Path):
    for settings in ({"SEGWEB_HTTPS": "1"}, {"REDIS_URL": "redis://127.0.0.1:1/0"}):
        done = _manage(tmp_path, "check", **settings)
        assert done.returncode != 0
        assert "SEGWEB_SECRET_KEY" in done.stderr
    assert not (tmp_path / "secret_key").exists()


def test_the_embedded_default_keeps_its_key(tmp_path: Path):
    assert _manage(tmp_path, "check").returncode == 0
    first = (tmp_path / "secret_key").read_text()
    assert _manage(tmp_path, "check").returncode == 0
    assert (tmp_path / "secret_key").read_text() == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "value"), [("SEGWEB_MAX_BYTES", "much"), ("SEGWEB_FETCH_ALLOW", "store,10.0.0.0/99")]
)
def test_a_value_that_does_not_parse_is_named(tmp_path: Path, name: str, value: str):
    done = _manage(tmp_path, "check", **{name: value})
    assert done.returncode != 0
    assert f"{name}={value!r} is not valid" in done.stderr


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("6000/min", (6000, 60)),
        ("20/s", (20, 1)),
        ("1/second", (1, 1)),
        (" 50000/hour ", (50_000, 3600)),
        ("0", None),
    ],
)
def test_a_rate_is_read(monkeypatch: pytest.MonkeyPatch, text: str, rate: object):
    monkeypatch.setenv("SEGWEB_RATE_LIMIT", text)
    assert env("SEGWEB_RATE_LIMIT") == rate


@pytest.mark.parametrize("text", ["", "600", "600/day", "0/min", "-1/min", "1.5/s", "²/s", "a/b/c"])
def test_a_rate_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, text: str):
    monkeypatch.setenv("SEGWEB_RATE_LIMIT", text)
    with pytest.raises(ImproperlyConfigured, match="SEGWEB_RATE_LIMIT"):
        env("SEGWEB_RATE_LIMIT")
