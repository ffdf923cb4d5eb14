"""The supervisor's pieces, one by one."""

import os
import socket
import tempfile
from pathlib import Path

import pytest

from annotations.models import Job
from segweb.settings.env import SETTINGS
from segweb.supervisor import guard, plan, private_redis
from segweb.supervisor.backoff import Backoff
from segweb.supervisor.child import death
from segweb.supervisor.options import DEFAULTS, ROOT, parse


def test_backoff_doubles_up_to_the_most():
    backoff = Backoff(first=1, most=30, healthy=60)
    assert [backoff.died(0.1) for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]


def test_backoff_begins_again_after_a_healthy_life():
    backoff = Backoff(first=1, most=30, healthy=60)
    for _ in range(4):
        backoff.died(1)
    assert backoff.died(61) == 1
    assert backoff.deaths == 1


@pytest.mark.parametrize(
    ("code", "words"), [(0, "exit status 0"), (3, "exit status 3"), (-9, "killed by SIGKILL")]
)
def test_death_in_words(code: int, words: str):
    assert death(code) == words


def test_defaults_are_those_of_the_settings():
    declared = {setting.name: setting.default for setting in SETTINGS}
    assert {name: declared[name] for name in DEFAULTS} == DEFAULTS


def test_command_line_wins_over_the_environment():
    options = parse(["--port", "9000"], {"SEGWEB_PORT": "8001", "SEGWEB_HOST": "0.0.0.0"})
    assert (options.port, options.host, options.url) == (9000, "0.0.0.0", "http://127.0.0.1:9000")
    assert options.data == ROOT / "var"


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as stopped:
        parse([], {"SEGWEB_PORT": port})
    assert stopped.value.code == 2
    assert "--port" in capsys.readouterr().err


def test_health_is_asked_under_a_name_that_the_server_answers_to():
    assert parse([], {}).host_header == "127.0.0.1:8000"
    assert parse([], {"SEGWEB_ALLOWED_HOSTS": "a.example"}).host_header == "a.example:8000"
    assert parse(["--host", "::1"], {}).url == "http://[::1]:8000"


def test_data_folder_has_one_server(tmp_path: Path):
    with guard.claim(tmp_path), pytest.raises(guard.CannotStart, match=str(os.getpid())):
        guard.claim(tmp_path)
    guard.claim(tmp_path).close()


def test_data_folder_that_is_a_file(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(guard.CannotStart, match="cannot be written"):
        guard.claim(tmp_path / "file" / "data")


def test_taken_port_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(guard.CannotStart, match=f"Port {port} .*--port"):
            guard.require_free("127.0.0.1", port)
    guard.require_free("127.0.0.1", port)


def test_long_data_path_gets_a_short_private_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
):
    short = tempfile.TemporaryDirectory()  # a folder of pytest's may be long itself
    request.addfinalizer(short.cleanup)
    monkeypatch.setenv("XDG_RUNTIME_DIR", short.name)
    data = tmp_path / ("long" * 40)
    monkeypatch.delenv("SEGWEB_SECRET_KEY", raising=False)
    data.mkdir()
    path = private_redis.socket_path(data)
    assert len(os.fsencode(path)) < 104
    assert path.parent.stat().st_mode & 0o777 == 0o700
    variables = plan.environment(parse(["--data", str(data)], {}), path)
    assert variables["REDIS_URL"] == f"unix://{path}"
    assert variables["SEGWEB_SECRET_KEY"] == (data / "secret_key").read_text()


def test_short_data_path_needs_no_redis_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("REDIS_URL", raising=False)
    path = private_redis.socket_path(tmp_path)
    assert path == tmp_path / "redis" / "redis.sock"
    assert "REDIS_URL" not in plan.environment(parse(["--data", str(tmp_path)], {}), path)


def test_forwarded_headers_count_behind_a_proxy_only():
    assert "--no-proxy-headers" in plan.web(parse([], {}), {}).command
    assert "--proxy-headers" in plan.web(parse([], {"SEGWEB_PROXY": "1"}), {}).command


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        ({}, ["worker-interactive", "worker-batch", "worker-io", "worker-net"]),
        ({"SEGWEB_WORKERS": "one"}, ["worker"]),
    ],
)
def test_workers_serve_every_queue_once(variables: dict[str, str], names: list[str]):
    specs = plan.workers(parse([], variables), {})
    assert [spec.name for spec in specs] == names
    queues = [spec.command[spec.command.index("--queues") + 1] for spec in specs]
    assert sorted(",".join(queues).split(",")) == sorted(Job.Queue.values)
