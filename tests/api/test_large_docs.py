"""docs/large.md: every example runs, in its order, against the running server."""

from pathlib import Path

from tests.support.docs import run_examples
from tests.support.pictures import picture
from tests.support.server import Server


def test_every_example_runs(fake_server: Server, tmp_path: Path) -> None:
    picture(5000, 3000).save(tmp_path / "field.jpg")
    truth = {"SEGWEB_URL": fake_server.url, "TOKEN": fake_server.create_token(name="large")}
    ran = run_examples("docs/large.md", truth, folder=tmp_path)
    assert ran[0].output.split() == ["5000", "3000", "10", "6", "image/jpeg"]
    assert ran[1].output.strip() == "Completed [3000, 5000]"
