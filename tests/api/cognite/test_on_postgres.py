"""What rests on the database's locks, on PostgreSQL: the other tests have SQLite's."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.cognite import test_segment, test_segment_waiting, test_uploads
from tests.api.cognite.conftest import Room, open_room
from tests.support.server import Server


@pytest.fixture(scope="module")
def postgres_server(
    postgres_url: str, prepared_data: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    server = Server(
        tmp_path_factory.mktemp("postgres"),
        prepared_data,  # type: ignore[arg-type]
        SEGWEB_WORKERS="by_queue",
        SEGWEB_ENGINE="fake",
        DATABASE_URL=postgres_url,
        SEGWEB_SECRET_KEY="only-for-tests-" + "0" * 40,
    )
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize(
    "check",
    [
        test_uploads.test_of_many_uploads_at_once_one_counts,
        test_uploads.test_parts_are_joined_in_their_order,
        test_segment_waiting.test_a_file_deleted_before_the_job_ran,
        test_segment.test_the_answer_outlives_the_file_and_not_the_project,
    ],
)
def test_the_same(postgres_server: Server, check: Callable[[Room], None]) -> None:
    check(open_room(postgres_server, postgres_server.create_token(), check.__name__[:60]))


def test_twenty_jobs_a_project(postgres_server: Server) -> None:
    token = postgres_server.create_token()
    rooms = [open_room(postgres_server, token, f"limit {number}") for number in range(2)]
    test_segment_waiting.test_twenty_unfinished_jobs_a_project(*rooms)


def test_files_deleted_while_they_are_prepared(postgres_server: Server) -> None:
    """The workers fill and lock the very rows that go."""
    room = open_room(postgres_server, postgres_server.create_token(), "deleted early")

    def come_and_go(number: int) -> int:
        file = room.upload(externalId=f"x{number}")
        gone: int = room.post("files/delete", {"items": [{"id": file}]}).status_code
        return gone

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(come_and_go, range(24))) == {200}
    assert room.images() == []
