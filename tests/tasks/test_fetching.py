"""The fetcher against a web server with bad habits, and against names that lie."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from annotations.domain.addresses import parse_url
from annotations.services.errors import FetchRefused
from annotations.services.outbound.fetch import fetch
from annotations.services.outbound.http import Deadline, judged
from tests.support.pictures import png
from tests.support.web import OtherSite, closed_port, other_site

FILE = png(20, 10)
UNREACHABLE = "The address cannot be reached, or is not allowed here."


@pytest.fixture
def site() -> Iterator[OtherSite]:
    with other_site(FILE) as site:
        yield site


@pytest.fixture
def open_site(site: OtherSite, settings: Any) -> OtherSite:
    """The site, which is allowed although it lies inside."""
    settings.SEGWEB_FETCH_ALLOW = [f"127.0.0.1:{site.port}"]
    return site


def refusal(url: str, **options: Any) -> FetchRefused:
    with pytest.raises(FetchRefused) as caught:
        fetch(url, **options).file.close()
    return caught.value


def test_a_file_comes_with_its_name(open_site: OtherSite) -> None:
    with fetch(f"{open_site.url}/file.png?a=1") as found:
        assert (found.file.read(), found.size, found.name) == (FILE, len(FILE), "file.png")
    with fetch(f"{open_site.url}/named") as found:
        assert (found.file.read(), found.name) == (FILE, "a cup.png")
    head = open_site.requests[0].lower()
    assert "cookie" not in head
    assert "authorization" not in head


def test_a_redirect_is_followed(open_site: OtherSite) -> None:
    with fetch(f"{open_site.url}/to?url=/to%3Furl%3D/file.png") as found:
        assert found.url == f"{open_site.url}/file.png"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/missing", "bad_status"),
        ("/loop", "redirects"),
        ("/to?url=", "redirects"),
        ("/to?url=ftp://127.0.0.1/", "bad_address"),
        ("/to?url=file:///etc/passwd", "bad_address"),
        ("/to?url=http://a:b@127.0.0.1/", "bad_address"),
        ("/endless", "too_large"),
        ("/claims-much", "too_large"),
        ("/short", "broken_answer"),
        ("/large-head", "broken_answer"),
        ("/no-http", "broken_answer"),
        ("/packed", "packed"),
    ],
)
def test_bad_answers_are_refused(open_site: OtherSite, path: str, code: str) -> None:
    assert refusal(open_site.url + path, max_bytes=1_000_000).code == code


@pytest.mark.parametrize("path", ["/slow-body", "/slow-head", "/continues", "/silent"])
def test_slow_answers_end(open_site: OtherSite, path: str) -> None:
    start = time.monotonic()
    assert refusal(open_site.url + path, deadline=1).code == "too_slow"
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_every_redirect_is_judged(open_site: OtherSite, code: int) -> None:
    with fetch(f"{open_site.url}/to?code={code}&url=/file.png") as found:
        assert found.file.read() == FILE
    for inner in ("http://127.0.0.1:22/", "http://localhost/", "http://[::1]/", "http://0/",
                  "http://169.254.169.254/a", "//10.0.0.1/", "http://2130706433/"):  # fmt: skip
        error = refusal(f"{open_site.url}/to?code={code}&url={quote(inner, safe='')}")
        assert (error.code, error.message) == ("not_reached", UNREACHABLE)


def test_inner_addresses_get_no_connection_and_one_answer(site: OtherSite) -> None:
    spellings = ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.1", "localhost",
                 "[::1]", "[::ffff:127.0.0.1]", "0", "[64:ff9b::127.0.0.1]"]  # fmt: skip
    messages = {refusal(f"http://{host}:{site.port}/file.png").message for host in spellings}
    messages.add(refusal(f"http://127.0.0.1:{closed_port()}/").message)
    messages.add(refusal("http://no-such-name.invalid/").message)
    assert messages == {UNREACHABLE}
    assert site.requests == []


def test_a_name_is_resolved_once_and_the_judged_address_is_used(
    site: OtherSite, settings: Any
) -> None:
    """A name that answers differently the second time never gets a second time."""
    settings.SEGWEB_FETCH_ALLOW = ["first.example"]
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    asked = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return answers.pop(0)

    with fetch(f"http://first.example:{site.port}/file.png", resolver=resolver) as found:
        assert found.file.read() == FILE
    assert asked == [("first.example", site.port)]
    assert f"host: first.example:{site.port}" in site.requests[0].lower()


@pytest.mark.parametrize(
    "answers",
    [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["fe80::1%eth0"], [], ["nonsense"],
     ["2002:7f00:1::"], ["93.184.216.34", "::1"]],
)  # fmt: skip
def test_one_inner_answer_spoils_a_name(answers: list[str]) -> None:
    with pytest.raises(FetchRefused, match="cannot be reached"):
        judged(parse_url("http://name.example/"), Deadline.after(5), lambda _h, _p: answers)


def test_ports_of_other_services_stay_closed() -> None:
    def public(_host: str, _port: int) -> list[str]:
        return ["93.184.216.34"]

    for port in (22, 25, 6379, 5432, 11211):
        with pytest.raises(FetchRefused):
            judged(parse_url(f"http://name.example:{port}/"), Deadline.after(5), public)
    for port in (80, 443, 8080, 9000):
        assert judged(parse_url(f"http://name.example:{port}/"), Deadline.after(5), public)


def test_a_resolver_that_hangs_is_left_behind() -> None:
    start = time.monotonic()
    with pytest.raises(FetchRefused):
        fetch(
            "http://name.example/",
            deadline=1,
            resolver=lambda _h, _p: time.sleep(30),  # type: ignore[arg-type, return-value]
        )
    assert time.monotonic() - start < 10


def test_nothing_is_left_on_the_disk(open_site: OtherSite, settings: Any) -> None:
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    before = set(os.listdir(folder))
    refusal(f"{open_site.url}/endless", max_bytes=20_000_000)
    assert set(os.listdir(folder)) == before
