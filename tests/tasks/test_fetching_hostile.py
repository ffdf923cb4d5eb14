"""The fetcher against servers and names that mean harm, and over TLS."""

import ipaddress
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from annotations.services.errors import FetchRefused
from annotations.services.outbound import http
from annotations.services.outbound.fetch import fetch
from tests.support.pictures import png
from tests.support.receiver import Web, reply, web

UNREACHABLE = "The address cannot be reached, or is not allowed here."


@pytest.fixture
def allow(settings: Any):
    def allow(*entries: str) -> None:
        settings.SEGWEB_FETCH_ALLOW = list(entries)

    return allow


def refused(url: str, **options: Any) -> FetchRefused:
    with pytest.raises(FetchRefused) as caught:
        fetch(url, **options)
    return caught.value


def names(**table: str) -> http.Resolver:
    """A resolver that knows these names; `_` stands for a dot, a comma parts addresses."""
    known = {name.replace("_", "."): text.split(",") for name, text in table.items()}
    return lambda host, _port: known.get(host, [])


# --- Where it goes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "LOCALHOST.", "[::1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]",
        "１２７.０.０.１", "①②⑦.⓪.⓪.①", "127.0.0.1.", "0.0.0.0", "[::]", "127.1", "0x7f.1",
        "2130706433", "0177.0.0.1", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]",
    ],
)  # fmt: skip
def test_no_spelling_of_this_machine_is_reached(host: str):
    with web(reply(png())) as server:
        assert refused(f"http://{host}:{server.port}/").message == UNREACHABLE
        assert server.seen == []


def test_an_own_public_address_is_inside_too(monkeypatch: pytest.MonkeyPatch):
    own = ipaddress.ip_address("93.184.216.34")
    assert http._is_outside(own)
    monkeypatch.setattr(http, "_can_bind", lambda address: address == str(own))
    assert not http._is_outside(own)
    monkeypatch.setattr(http, "_can_bind", lambda _address: True)  # ip_nonlocal_bind
    assert http._is_outside(own)


def test_a_name_that_turns_inward_between_two_hops_is_refused(allow: Any):
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    with web(reply(b"", "302 Found", Location="/again")) as server:
        allow("127.0.0.1")
        url = f"http://rebind.example:{server.port}/"
        assert refused(url, resolver=lambda _h, _p: next(answers)).message == UNREACHABLE
        assert len(server.seen) == 1


def test_the_next_address_is_tried_when_one_does_not_answer(allow: Any):
    with web(reply(png())) as server:
        allow("127.0.0.0/8")
        table = names(two_example="127.0.0.2,127.0.0.1")
        assert fetch(f"http://two.example:{server.port}/", resolver=table).size == len(png())


@pytest.mark.parametrize(
    "location",
    ["http://[", "http://[::1", "//[", "http://a:x/", "gopher://127.0.0.1/", "http://a@b/",
     "file:///etc/passwd", "\\\\127.0.0.1\\x", "\xff\xfe://", "http://" + "a" * 9000, "//"],
)  # fmt: skip
def test_a_redirect_to_nowhere_is_refused(location: str, allow: Any):
    with web(reply(b"", "302 Found", Location=location)) as server:
        allow(f"127.0.0.1:{server.port}")
        refused(f"{server.url}/")


@pytest.mark.parametrize(
    "disposition",
    ["a; filename*=undefined''x", "a; filename*=idna''%C3%BC..", "a; filename*=nowhere''x",
     "; ; =", "a; filename*2*=q", 'a; filename="', "\xff" * 500],
)  # fmt: skip
def test_any_name_that_a_server_gives_is_survived(disposition: str, allow: Any):
    with web(reply(png(), Content_Disposition=disposition)) as server:
        allow(f"127.0.0.1:{server.port}")
        assert fetch(f"{server.url}/cup.png").size == len(png())


def test_no_proxy_of_the_environment_is_used(allow: Any, monkeypatch: pytest.MonkeyPatch):
    with web(reply(b"through the proxy")) as proxy, web(reply(png())) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        allow(f"127.0.0.1:{server.port}")
        assert fetch(server.url).size == len(png())
        assert proxy.seen == []


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 ", b"2"),
    ],
    ids=["chunks", "status line"],
)
def test_a_slow_drip_ends_in_time(head: bytes, piece: bytes, allow: Any):
    def answer(_request: str, connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)
            time.sleep(0.05)

    with web(answer) as server:
        allow(f"127.0.0.1:{server.port}")
        began = time.monotonic()
        assert refused(server.url, deadline=1.5).code in {"too_slow", "broken_answer"}
        assert time.monotonic() - began < 6


# --- https ------------------------------------------------------------------------------------


@pytest.fixture
def https(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Web, list[str | None]]]:
    """A server with a certificate for `good.example` that the fetcher trusts, and the names that
    it was asked for."""
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        "-keyout key.pem -out cert.pem -subj /CN=good.example "
        "-addext subjectAltName=DNS:good.example"
    )
    subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    http._tls.cache_clear()
    asked: list[str | None] = []
    with web(reply(png())) as server:
        server.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        server.tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
        server.tls.sni_callback = lambda _socket, name, _context: asked.append(name)
        yield server, asked
    http._tls.cache_clear()


def test_tls_names_and_verifies_the_host(https: tuple[Web, list[str | None]], allow: Any):
    server, asked = https
    allow(f"127.0.0.1:{server.port}")
    table = names(good_example="127.0.0.1", evil_example="127.0.0.1")
    fetched = fetch(f"https://good.example:{server.port}/", resolver=table)
    assert fetched.size == len(png())
    assert asked == ["good.example"]
    assert f"Host: good.example:{server.port}\r\n" in server.seen[0]
    assert refused(f"https://evil.example:{server.port}/", resolver=table).code == "not_reached"
    assert len(server.seen) == 1


def test_a_redirect_from_https_to_http_is_not_followed(
    https: tuple[Web, list[str | None]], allow: Any
):
    server, _ = https
    with web(reply(png())) as plain:
        allow(f"127.0.0.1:{server.port}", f"127.0.0.1:{plain.port}")
        server.answer_with(reply(b"", "301 Moved", Location=f"{plain.url}/"))
        table = names(good_example="127.0.0.1")
        error = refused(f"https://good.example:{server.port}/", resolver=table)
        assert error.code == "bad_address"
        assert plain.seen == []


def test_a_server_that_never_ends_the_handshake_ends_in_time(allow: Any):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        allow(f"127.0.0.1:{port}")
        began = time.monotonic()
        refused(f"https://127.0.0.1:{port}/", deadline=1)
        assert time.monotonic() - began < 6
