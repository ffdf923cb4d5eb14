"""Folders up: order, refusals, what is there already, and servers that have enough for now."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from segweb_client import Client, FileRefused, Project, Unavailable, find, upload_many
from tests.conftest import StartServer
from tests.support.pictures import encoded, picture, png

from .running import Answer, Command, Stub, answer, refusal, stub


def image(number: int, **more: Any) -> dict[str, Any]:
    row = {"id": number, "project": 1, "name": "a", "width": 4, "height": 3, "bytes": 9,
           "sha256": "0", "state": "ready", "embedding": "ready", "error": None,
           "annotations": 0}  # fmt: skip
    return {**row, **more}


PLACE = {"id": 1, "slug": "p", "name": "P", "role": "owner", "labels": [],
         "counts": {"images": 0, "annotated": 0, "annotations": 0}}  # fmt: skip


def test_a_folder_with_all_below_it_in_the_order_of_names(
    segweb: Command, project: Project, photos: Path
) -> None:
    (photos / "bad.jpg").write_bytes(b"no image")
    (photos / "notes.txt").write_bytes(b"a text")
    (photos / ".hidden.png").write_bytes(png())
    (photos / "gone.png").symlink_to(photos / "nowhere")
    done = segweb("upload", "photos", "--project", project.id, "--wait", "--json", code=1)
    told = [(Path(row["path"]).name, row["outcome"]) for row in done.lines]
    assert told == [
        ("gone.png", "refused"), ("bad.jpg", "refused"),
        *((f"p{n}.png", "new") for n in range(7)),
    ]  # fmt: skip
    assert "not an image" in done.lines[1]["reason"]
    assert done.err == "segweb: 2 files were not taken.\n"
    again = segweb("upload", "photos", "-p", project.slug, code=1)
    assert "0 new, 7 there already, 2 refused, 1 passed over" in again.out
    assert "refused: photos/bad.jpg: " in again.err
    every = segweb("upload", "photos", "-p", project.name, "--all", code=1)
    assert "7 there already, 3 refused." in every.out


def test_a_project_by_id_slug_and_name(segweb: Command, client: Client, photos: Path) -> None:
    file = photos / "p0.png"
    assert "--create" in segweb("upload", file, "-p", "Birds of May", code=4).err
    made = segweb("upload", file, "-p", "Birds of May", "--create").out
    assert "1 new" in made
    assert segweb("upload", file, "-p", "Birds of May", "--create").out.count("1 there already")
    row = client.project("Birds of May")
    assert client.project(row.slug) == client.project(row.id) == row
    twin = client.create_project("Birds of May")
    done = segweb("upload", file, "-p", "Birds of May", code=2)
    assert str(twin.id) in done.err


def test_a_late_refusal_is_told_when_waited_for(
    segweb: Command, project: Project, tmp_path: Path
) -> None:
    whole = encoded(picture(200, 150), "JPEG")
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 3])
    (tmp_path / "good.jpg").write_bytes(encoded(picture(201, 150), "JPEG"))
    done = segweb("upload", "cut.jpg", "good.jpg", "-p", project.id, "--wait", code=1)
    assert "1 new, 0 there already, 1 refused." in done.out
    assert "refused: cut.jpg: " in done.err
    # The next run knows it without sending it again.
    assert "1 there already, 1 refused" in segweb("upload", ".", "-p", project.id, code=1).out


def test_what_is_there_is_not_sent_again(client: Client, project: Project, photos: Path) -> None:
    files, _, _ = find([photos])
    done = list(upload_many(client, project, files))
    assert [row.kind for row in done] == ["new"] * 7
    assert [row.path for row in done] == [file.path for file in files]
    (photos / "p9.png").write_bytes(png(seed=99))
    read: list[int] = []
    requests: list[Any] = []
    client.transport._http.event_hooks["request"].append(requests.append)
    files, _, _ = find([photos])
    again = list(upload_many(client, client.project(project.id), files, on_bytes=read.append))
    assert [row.kind for row in again].count("duplicate") == 7
    assert sum(request.method == "POST" for request in requests) == 1
    assert sum(read) == sum(file.bytes for file in files)


def test_two_of_one_content_are_one_image(
    segweb: Command, client: Client, project: Project, tmp_path: Path
) -> None:
    for name in "abc":
        (tmp_path / f"{name}.png").write_bytes(png(seed=5))
    segweb("upload", ".", "-p", project.id)
    assert len(list(client.images(project))) == 1


def test_odd_names(segweb: Command, client: Client, project: Project, tmp_path: Path) -> None:
    names = ["ümläut 猫.png", "a b;c.png", "-dash.png", "\x1b[31mred.png"]
    for number, name in enumerate(names):
        (tmp_path / name).write_bytes(png(seed=number))
    raw = os.path.join(os.fsencode(tmp_path), b"latin-\xe9.png")
    with open(raw, "wb") as file:
        file.write(png(seed=77))
    done = segweb("upload", ".", "-p", project.id)
    assert "5 new" in done.out
    assert {"ümläut 猫.png", "a b;c.png", "-dash.png"} <= {i.name for i in client.images(project)}
    (tmp_path / names[-1]).write_bytes(b"none")
    assert "\x1b" not in segweb("upload", ".", "-p", project.id, code=1).err


def test_more_files_than_go_at_once(client: Client, project: Project, tmp_path: Path) -> None:
    for number in range(120):
        (tmp_path / f"{number:03}.png").write_bytes(png(8, 6, seed=number))
    files, _, _ = find([tmp_path])
    done = list(upload_many(client, project, files))
    assert [row.path.name for row in done] == [f"{number:03}.png" for number in range(120)]
    assert client.project(project.id).images == 120
    assert len({row.sha256 for row in client.images(project)}) == 120


# --- Servers that have enough, or break ---------------------------------------------------------


def tired(times: int, refused: Answer | None) -> Any:
    """Refuses the first `times` uploads."""
    left = [times]

    def reply(method: str, path: str) -> Answer | None:
        if method == "GET":
            return (
                answer(PLACE) if path == "/api/projects/1" else answer({"items": [], "next": None})
            )
        left[0] -= 1
        if left[0] >= 0:
            return None if refused is None else (refused[0], dict(refused[1]), refused[2])
        return answer({"items": [image(5)], "errors": []}, 201)

    return reply


def client_of(server: Stub, pauses: list[tuple[str, float]]) -> Client:
    return Client(server.url, "t", tell=lambda why, seconds: pauses.append((why, seconds)))


@pytest.mark.parametrize(
    "refused",
    [
        refusal(429, "Too fast.", **{"Retry-After": "0"}),
        refusal(503, "Busy."),
        (502, {}, b"<html>bad gateway</html>"),
        None,
    ],
    ids=["429", "503", "502", "dropped"],
)
def test_a_passing_failure_is_waited_for(tmp_path: Path, refused: Answer | None) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png())
    pauses: list[tuple[str, float]] = []
    with stub(tired(2, refused)) as server, client_of(server, pauses) as client:
        read: list[int] = []
        assert client.upload(1, path, on_bytes=read.append).id == 5
    assert len(server.seen) == 3
    assert sum(read) == path.stat().st_size
    assert len(pauses) == 2
    assert all(why and 0 < seconds < 5 for why, seconds in pauses)


def test_the_time_that_the_server_names_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png())
    asked = refusal(429, "Too fast.", **{"Retry-After": "2"})
    with stub(tired(1, asked)) as server, Client(server.url, "t") as client:
        begin = time.monotonic()
        client.upload(1, path)
        assert time.monotonic() - begin >= 2


def test_being_slowed_down_is_no_failure(tmp_path: Path) -> None:
    """Several that send at once are slowed down more often than they would try again."""
    path = tmp_path / "a.png"
    path.write_bytes(png())
    asked = refusal(429, "Too fast.", **{"Retry-After": "0"})
    with stub(tired(8, asked)) as server, Client(server.url, "t", retries=2) as client:
        assert client.upload(1, path).id == 5
    assert len(server.seen) == 9


def test_patience_has_an_end(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png())
    with stub(tired(99, refusal(503, "Busy."))) as server:
        with Client(server.url, "t", retries=1) as client, pytest.raises(Unavailable, match="Busy"):
            client.upload(1, path)
        assert len(server.seen) == 2


def test_one_file_that_breaks_the_server_does_not_end_the_rest(tmp_path: Path) -> None:
    files = []
    for number in range(3):
        files.append(tmp_path / f"{number}.png")
        files[-1].write_bytes(png(seed=number))
    command = Command(tmp_path, {"SEGWEB_TOKEN": "t"})
    with stub(tired(1, refusal(500, "Something went wrong."))) as server:
        command.variables["SEGWEB_URL"] = server.url
        done = command("upload", ".", "-p", "1", "--in-flight", 1, code=1)
    assert "2 new, 0 there already, 1 refused" in done.out
    assert "Something went wrong." in done.err


def test_a_server_that_goes_away_ends_all(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number}.png").write_bytes(png(seed=number))
    command = Command(tmp_path, {"SEGWEB_TOKEN": "t"})
    with stub(tired(999, None)) as server:
        command.variables["SEGWEB_URL"] = server.url
        command("--retries", 0, "upload", ".", "-p", "1", code=5)
    assert sum(path.startswith("POST") for path in server.paths) < 10


def test_a_file_that_cannot_be_read_is_refused_here(client: Client, project: Project) -> None:
    with pytest.raises(FileRefused, match="cannot be read"):
        client.upload(project, "/nonexistent/a.png")
    with pytest.raises(FileRefused, match="cannot be read"):
        client.upload(project, "/")


def test_ctrl_c_ends_soon_and_quietly(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"{number}.png").write_bytes(png(seed=number))
    held: list[str] = []

    def reply(method: str, path: str) -> Answer:
        if method == "POST":
            held.append(path)
            time.sleep(30)
        return answer(PLACE if path == "/api/projects/1" else {"items": [], "next": None})

    command = Command(tmp_path, {"SEGWEB_TOKEN": "t"})
    with stub(reply) as server:
        command.variables["SEGWEB_URL"] = server.url
        process = subprocess.Popen(
            command.words("upload", ".", "-p", "1"),
            cwd=tmp_path, env=command.environment, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        while len(held) < 4:
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert err.strip() == "segweb: Stopped."


def test_a_file_larger_than_a_request_may_be(start_server: StartServer, tmp_path: Path) -> None:
    """The server hangs up while it is sent; that is no broken connection."""
    server = start_server(SEGWEB_MAX_REQUEST_BYTES="1000000")
    (tmp_path / "huge.png").write_bytes(os.urandom(20_000_000))
    (tmp_path / "small.png").write_bytes(png())
    command = Command(tmp_path, {"SEGWEB_URL": server.url, "SEGWEB_TOKEN": server.create_token()})
    done = command("upload", ".", "-p", "Large", "--create", code=1)
    assert "refused: huge.png: The request is larger than this server takes." in done.err
    assert "1 new, 0 there already, 1 refused" in done.out
