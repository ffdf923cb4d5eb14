"""A signed-in command and a Python client, both of the administrator's."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from segweb_client import Client, Image, Project
from tests.support.pictures import png
from tests.support.server import Server

from .running import Command

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def token(fake_server: Server) -> str:
    return fake_server.create_token(name="client")


@pytest.fixture
def segweb(fake_server: Server, token: str, tmp_path: Path) -> Command:
    """The command, which knows server and token by its environment."""
    return Command(tmp_path, {"SEGWEB_URL": fake_server.url, "SEGWEB_TOKEN": token})


@pytest.fixture
def client(fake_server: Server, token: str) -> Iterator[Client]:
    with Client(fake_server.url, token) as client:
        yield client


@pytest.fixture
def project(client: Client) -> Project:
    """A new project with the labels cat and dog."""
    return client.create_project(f"Pets {next(_numbers)}", ["cat", "dog"])


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Six images in a folder and one below it, none like another, 40 × 30 pixels."""
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    for number in range(6):
        (folder / f"p{number}.png").write_bytes(png(seed=number))
    (folder / "more" / "p6.png").write_bytes(png(seed=6))
    return folder


@pytest.fixture
def images(client: Client, project: Project, photos: Path) -> list[Image]:
    """The project's images p0.png … p5.png."""
    return [client.upload(project, photos / f"p{number}.png") for number in range(6)]
