"""Signing in: what is kept where, and which server gets it."""

import json
from pathlib import Path

import pytest

from segweb_client.transport import clean_url
from tests.support.environment import free_port
from tests.support.server import Server

from .running import Command, answer, refusal, stub

PERSON = {"id": 1, "username": "ann", "email": "", "isStaff": False}


@pytest.fixture
def stranger(tmp_path: Path) -> Command:
    """The command of somebody who never signed in."""
    return Command(tmp_path)


def config(command: Command) -> Path:
    return command.folder / "home" / ".config" / "segweb" / "config.json"


def test_login_keeps_the_token_for_its_owner_alone(
    stranger: Command, fake_server: Server, token: str
) -> None:
    done = stranger("login", f"{fake_server.url}/", input=f"{token}\n")
    assert done.out == f"Signed in to {fake_server.url} as admin.\n"
    assert token not in done.out + done.err
    place = config(stranger)
    assert place.stat().st_mode & 0o777 == 0o600
    assert place.parent.stat().st_mode & 0o077 == 0
    assert json.loads(place.read_text()) == {"url": fake_server.url, "token": token}
    assert "NAME" in stranger("projects").out
    assert stranger("logout").out == "Signed out.\n"
    assert not place.exists()
    assert "segweb login" in stranger("projects", code=3).err
    assert stranger("logout").out == "You were not signed in.\n"


def test_a_wrong_token_is_not_kept(stranger: Command, fake_server: Server, token: str) -> None:
    stranger("login", fake_server.url, "--token", token)
    before = config(stranger).read_text()
    done = stranger("login", fake_server.url, "--token", "swt_wrong", code=3)
    assert done.err.startswith("segweb: ")
    stranger("login", fake_server.url, "--token", "no\ttoken", code=3)
    stranger("login", fake_server.url, input="\n", code=3)
    assert config(stranger).read_text() == before


def test_a_revoked_token_ends_the_session(stranger: Command, fake_server: Server) -> None:
    with fake_server.client() as page:
        made = page.post("/api/tokens", json={"name": "brief"}).json()
        stranger("login", fake_server.url, "--token", made["token"])
        page.delete(f"/api/tokens/{made['id']}")
    stranger("projects", code=3)


@pytest.mark.parametrize(
    "url", ["ftp://host", "http://", "http://ann:secret@host", "http://h/?a=1", "http://h:99999"]
)
def test_an_address_that_is_none_is_refused(stranger: Command, url: str) -> None:
    assert "secret" not in stranger("login", url, "--token", "t", code=2).err


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("localhost:8000", "http://localhost:8000"),
        (" 127.0.0.1/ ", "http://127.0.0.1"),
        ("[::1]:80", "http://[::1]:80"),
        ("segweb.example/tools/", "https://segweb.example/tools"),
        ("http://segweb.example", "http://segweb.example"),
    ],
)
def test_a_token_goes_out_in_the_clear_only_where_told(text: str, url: str) -> None:
    assert clean_url(text) == url


def test_no_server_there(stranger: Command) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    done = stranger("--retries", 1, "login", url, "--token", "t", code=5)
    assert f"Cannot reach {url}" in done.err
    assert not config(stranger).exists()


def test_without_a_terminal_nothing_is_asked(stranger: Command) -> None:
    stranger("login", code=2)


def test_a_stored_token_goes_to_its_own_server_only(
    stranger: Command, fake_server: Server, token: str
) -> None:
    stranger("login", fake_server.url, "--token", token)
    with stub(lambda _m, _p: answer(PERSON)) as other:
        stranger("--url", other.url, "projects", code=3)
        assert other.seen == []


def test_a_redirect_never_takes_the_token_along(stranger: Command) -> None:
    with stub(lambda _m, _p: answer(PERSON)) as other:
        away = {"Location": f"{other.url}/api/me"}
        with stub(lambda _m, _p: (302, dict(away), b"")) as server:
            done = stranger("login", server.url, "--token", "t", code=5)
        assert other.url in done.err
        assert other.seen == []


@pytest.mark.parametrize("text", ["", "[]", '{"url": 1, "token": 2}', "\xff"])
def test_a_damaged_file_says_what_to_do(stranger: Command, text: str) -> None:
    place = config(stranger)
    place.parent.mkdir(parents=True)
    place.write_text(text, "latin-1")
    assert "segweb login" in stranger("projects", code=2).err


def test_a_refusal_is_told_in_the_servers_words(stranger: Command) -> None:
    stranger.variables = {"SEGWEB_URL": "x", "SEGWEB_TOKEN": "t"}
    with stub(lambda _m, _p: refusal(403, "This token may read only.")) as server:
        done = stranger("--url", server.url, "projects", code=3)
    assert done.err == "segweb: This token may read only.\n"


@pytest.mark.parametrize("arguments", [["--help"], ["upload", "-h"], ["--version"]])
def test_help_needs_no_server(stranger: Command, arguments: list[str]) -> None:
    assert "segweb" in stranger(*arguments).out


def test_help_tells_the_exit_codes(stranger: Command) -> None:
    out = stranger("--help").out
    for code in (0, 1, 2, 3, 4, 5, 6, 130):
        assert f"  {code}  " in out


@pytest.mark.parametrize("arguments", [["fly"], ["upload"], ["segment", "1", "--point", "a,b"]])
def test_usage(stranger: Command, arguments: list[str]) -> None:
    assert stranger(*arguments, code=2).err


def test_projects_as_json(segweb: Command, project: object) -> None:
    rows = segweb("projects", "--json").lines
    found = next(row for row in rows if row["id"] == project.id)  # type: ignore[attr-defined]
    assert [label["name"] for label in found["labels"]] == ["cat", "dog"]
    assert found["counts"] == {"images": 0, "annotated": 0, "annotations": 0}
    assert found["role"] == "owner"
