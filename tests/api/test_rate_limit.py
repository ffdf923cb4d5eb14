"""How many requests are taken, as the running server counts them."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from annotations.api import throttling
from tests.api.conftest import Api
from tests.conftest import StartServer
from tests.support.server import Server


def counts(answer: httpx.Response) -> tuple[int, int, int]:
    return tuple(int(answer.headers[f"RateLimit-{n}"]) for n in ("Limit", "Remaining", "Reset"))  # type: ignore[return-value]


def clients(server: Server, number: int) -> list[httpx.Client]:
    return [server.token_client(server.create_token(name=str(n))) for n in range(number)]


@pytest.fixture(scope="module")
def few(start_module_server: StartServer) -> Server:
    """A server that takes few requests."""
    return start_module_server(SEGWEB_RATE_LIMIT="5/hour")


def test_each_token_has_its_own_bucket(few: Server) -> None:
    server = few
    one, other = clients(server, 2)
    answers = [one.get("/api/me") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert [counts(answer)[:2] for answer in answers] == [(5, left) for left in (4, 3, 2, 1, 0)]
    assert 0 < counts(answers[0])[2] <= 720 < counts(answers[4])[2] <= 3600

    for answer in (one.get("/api/me"), one.post("/api/projects", json={"name": "x"})):
        assert answer.status_code == 429
        body = answer.json()["error"]
        assert body["code"] == "too_many_requests"
        assert "5 requests in 3600 s" in body["message"]
        assert 600 < int(answer.headers["Retry-After"]) <= 720
        assert counts(answer)[:2] == (5, 0)
    assert other.get("/api/projects").json()["items"] == [], "what was refused did nothing"
    assert other.get("/api/me").status_code == 200

    # A wrong token has no bucket, and takes nothing out of another.
    wrong = server.token_client("sw_wrong")
    refused = wrong.get("/api/me")
    assert refused.status_code == 401
    assert "RateLimit-Limit" not in refused.headers
    assert httpx.get(f"{server.url}/readyz").status_code == 200

    with server.client() as page:
        # The session's bucket, out of which the tokens were made.
        answers = [page.get("/api/me") for _ in range(24)]
        assert [answer.status_code for answer in answers] == [200] * 23 + [429]
        assert counts(answers[0])[:2] == (25, 22)
        assert page.get("/projects/").status_code == 200, "pages are no API"


def test_a_race_for_the_last_requests_is_counted_exactly(few: Server) -> None:
    client = few.token_client(few.create_token("racer"))
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: client.get("/api/me").status_code, range(80)))
    assert sorted(statuses) == [200] * 5 + [429] * 75


def test_the_bucket_refills_evenly(start_server: StartServer) -> None:
    server = start_server(SEGWEB_RATE_LIMIT="2/s")
    (client,) = clients(server, 1)
    last: Any = None
    for _ in range(50):
        last = client.get("/api/me")
        if last.status_code == 429:
            break
    assert last.status_code == 429
    time.sleep(int(last.headers["Retry-After"]))
    assert client.get("/api/me").status_code == 200


def test_no_limit_says_nothing(start_server: StartServer) -> None:
    server = start_server(SEGWEB_RATE_LIMIT="0")
    (client,) = clients(server, 1)
    assert "RateLimit-Limit" not in client.get("/api/me").headers


def test_the_default_is_generous(fake_server: Server) -> None:
    (client,) = clients(fake_server, 1)
    answer = client.get("/api/me")
    assert counts(answer)[:2] == (6000, 5999)
    with fake_server.client() as page:
        assert counts(page.get("/api/me"))[0] == 30_000


# --- Without Redis ------------------------------------------------------------------------------


@pytest.fixture
def limited(settings: Any) -> Any:
    settings.SEGWEB_RATE_LIMIT = (1, 3600)
    yield settings
    throttling._buckets.cache_clear()


def test_nobody_is_limited_while_redis_is_gone(ann: Api, limited: Any) -> None:
    limited.REDIS_URL = "unix:///nowhere/redis.sock"
    for _ in range(3):
        answer = ann.get("/api/me")
        assert answer.status_code == 200
        assert "RateLimit-Limit" not in answer.headers


def test_a_redis_that_does_not_answer_is_not_waited_for(ann: Api, limited: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        limited.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        start = time.monotonic()
        assert [ann.get("/api/me").status_code for _ in range(20)] == [200] * 20
        assert time.monotonic() - start < 3
