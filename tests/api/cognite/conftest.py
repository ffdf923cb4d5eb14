"""Projects behind the Cognite-compatible API, the SDK in both versions, and a plain client."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.api.cognite.sdk import VERSIONS, Sdk
from tests.support.pictures import png
from tests.support.server import Server, wait_until

_SEEDS = itertools.count(1)
BETA = {"cdf-version": "beta"}


def picture() -> bytes:
    """A PNG, 40 × 30, whose content no other test sends."""
    seed = next(_SEEDS)
    return png(40 + seed // 256, 30, seed % 256)


@dataclass
class Room:
    """A project of the server's, its owner's clients, and short words for what tests do."""

    server: Server
    id: int
    slug: str
    token: str
    native: httpx.Client
    api: httpx.Client

    def path(self, rest: str) -> str:
        return f"/api/v1/projects/{self.slug}/{rest}"

    def post(self, rest: str, body: Any = None, **options: Any) -> httpx.Response:
        return self.api.post(self.path(rest), json=body, **options)

    def get(self, rest: str, **options: Any) -> httpx.Response:
        return self.api.get(self.path(rest), **options)

    def declare(self, **body: Any) -> dict[str, Any]:
        answer = self.post("files", {"name": "a.png", **body})
        assert answer.status_code == 201, answer.text
        data: dict[str, Any] = answer.json()
        return data

    def upload(self, data: bytes | None = None, **body: Any) -> int:
        """The id of a file with content."""
        declared = self.declare(**body)
        answer = httpx.put(declared["uploadUrl"], content=data or picture())
        assert answer.status_code == 200, answer.text
        return int(declared["id"])

    def segment(self, file: int, **prompt: Any) -> httpx.Response:
        body = {"items": [{"fileId": file}], **(prompt or {"points": [{"x": 0.5, "y": 0.5}]})}
        return self.post("context/vision/segment", body, headers=BETA)

    def result(self, job: int) -> dict[str, Any]:
        answer = self.get(f"context/vision/segment/{job}", headers=BETA)
        assert answer.status_code == 200, answer.text
        data: dict[str, Any] = answer.json()
        return data

    def ended(self, job: int) -> dict[str, Any]:
        """The job's answer once it is Completed or Failed."""

        def probe() -> dict[str, Any] | None:
            data = self.result(job)
            return data if data["status"] in {"Completed", "Failed"} else None

        data = wait_until(probe, 60, what=f"the end of job {job}")
        assert data is not None
        return data

    def images(self) -> list[dict[str, Any]]:
        """The project's images as the native API, and so the browser, has them."""
        answer = self.native.get(f"/api/projects/{self.id}/images?limit=1000")
        items: list[dict[str, Any]] = answer.raise_for_status().json()["items"]
        return items


MakeRoom = Callable[..., Room]


def open_room(server: Server, token: str, name: str) -> Room:
    native = server.token_client(token)
    body = {"name": name, "labels": [{"name": "thing"}]}
    project = native.post("/api/projects", json=body).raise_for_status().json()
    api = server.token_client(token)
    return Room(server, project["id"], project["slug"], token, native, api)


@pytest.fixture(scope="session")
def admin_token(fake_server: Server) -> str:
    return fake_server.create_token(name="cognite")


@pytest.fixture
def room(fake_server: Server, admin_token: str, request: pytest.FixtureRequest) -> Iterator[Room]:
    """A project of its own for each test."""
    opened = open_room(fake_server, admin_token, request.node.name[:60])
    yield opened
    opened.native.close()
    opened.api.close()


@pytest.fixture
def foreign(
    fake_server: Server, admin_token: str, request: pytest.FixtureRequest
) -> Iterator[Room]:
    """Another project of the same person."""
    opened = open_room(fake_server, admin_token, f"foreign {request.node.name[:50]}")
    yield opened
    opened.native.close()
    opened.api.close()


@pytest.fixture(scope="module", params=sorted(VERSIONS, reverse=True))
def sdk_room(fake_server: Server, admin_token: str, request: pytest.FixtureRequest) -> Any:
    """A project that one version of the SDK is signed in to: (sdk, room)."""
    room = open_room(fake_server, admin_token, f"sdk {request.param}")
    sdk = Sdk(request.param, fake_server.url, room.slug, admin_token)
    yield sdk, room
    sdk.close()
    room.native.close()
    room.api.close()


@pytest.fixture
def sdk(sdk_room: tuple[Sdk, Room]) -> Sdk:
    return sdk_room[0]


@pytest.fixture
def shared(sdk_room: tuple[Sdk, Room]) -> Room:
    """The project of `sdk`."""
    return sdk_room[1]


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """(status, message) of a refusal, whose shape is checked."""
    error = answer.json()["error"]
    assert error["code"] == answer.status_code
    assert error["message"]
    assert set(error) <= {"code", "message", "missing", "duplicated"}
    assert "Traceback" not in answer.text
    return answer.status_code, error["message"]
