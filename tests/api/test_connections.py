"""Clients that go away or dawdle do not take the server from the others."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.support.pictures import encoded, picture
from tests.support.server import Server

# More than the server has threads for requests.
_MANY = 24


@pytest.fixture(scope="module")
def big_image(fake_server: Server) -> Iterator[tuple[str, str, bytes]]:
    """Address and token of an original that no socket buffer holds, and its bytes."""
    token = fake_server.create_token()
    data = encoded(picture(3000, 2000), "BMP")
    with fake_server.token_client(token) as client:
        project = client.post("/api/projects", json={"name": "Connections", "labels": []}).json()
        files = {"files": ("big.bmp", data)}
        answer = client.post(f"/api/projects/{project['id']}/images", files=files)
        yield f"/api/images/{answer.json()['items'][0]['id']}/file", token, data
        client.delete(f"/api/projects/{project['id']}").raise_for_status()


def _open(server: Server, head: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    connection.sendall(head.replace("\n", "\r\n").encode())
    return connection


def _get(path: str, token: str) -> str:
    return f"GET {path} HTTP/1.1\nHost: 127.0.0.1\nAuthorization: Bearer {token}\n\n"


def test_downloads_that_are_broken_off(
    fake_server: Server, big_image: tuple[str, str, bytes]
) -> None:
    path, token, data = big_image
    for _ in range(_MANY):
        with _open(fake_server, _get(path, token)) as connection:
            assert connection.recv(1000).startswith(b"HTTP/1.1 200")
    with fake_server.token_client(token) as client:
        assert client.get(path).content == data


def test_slow_readers_and_writers(fake_server: Server, big_image: tuple[str, str, bytes]) -> None:
    path, token, data = big_image
    half = (
        "POST /api/projects/1/images HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 100000\n"
        f"Authorization: Bearer {token}\nContent-Type: multipart/form-data; boundary=x\n\n--x"
    )
    with ExitStack() as stack:
        for head in [_get(path, token), half] * _MANY:
            stack.enter_context(_open(fake_server, head))
        with fake_server.token_client(token) as client:
            assert client.get("/api/me", timeout=5).status_code == 200
            assert client.get(path).content == data
