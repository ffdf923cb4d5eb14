"""A replay on another model, from the project's page to the last decision, on real weights."""

import json
import uuid
from collections.abc import Iterator
from functools import partial
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, WebSocketRoute, expect
from pycocotools import mask as coco_mask

from tests.support import bare_sam
from tests.support.browser import signed_in, violations
from tests.support.environment import CACHE, ROOT
from tests.support.server import Server, wait_until

PHOTOS = ROOT / "static" / "demo"
# Where an object lies on each photo.
PLACES = {"coffee.jpg": (290, 160), "cat.jpg": (225, 130), "rocket.jpg": (320, 200)}


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


@pytest.fixture(scope="module")
def model(client: httpx.Client) -> str:
    """One with real weights that does not serve."""
    items = client.get("/api/models").json()["items"]
    names = [row["name"] for row in items if not row["serving"] and not row["problem"]]
    return next(name for name in names if name.startswith("sam_onnx"))


def _keep(client: httpx.Client, image: int, **fields: Any) -> dict[str, Any]:
    body = {"id": str(uuid.uuid4()), **fields}
    answer = client.post(f"/api/images/{image}/annotations", json=body)
    row: dict[str, Any] = answer.raise_for_status().json()
    return row


def _square(x: int, y: int, side: int) -> list[list[int]]:
    return [[x, y, x + side, y, x + side, y + side, x, y + side]]


@pytest.fixture
def project(server: Server, client: httpx.Client) -> dict[str, Any]:
    """Three photos; on each the object that a click cut out, on the cat a square that a click
    is said to have made, and one that a brush did. `objects` holds them by their names."""
    body = {"name": "Replays", "labels": [{"name": "cup"}, {"name": "animal"}]}
    made: dict[str, Any] = client.post("/api/projects", json=body).raise_for_status().json()
    label = made["labels"][0]["id"]
    made["images"], made["objects"] = {}, {}
    for name in PLACES:
        files = [("files", (name, (PHOTOS / name).read_bytes(), "image/jpeg"))]
        answer = client.post(f"/api/projects/{made['id']}/images", files=files)
        made["images"][name] = answer.raise_for_status().json()["items"][0]["id"]
    for name, (x, y) in PLACES.items():
        image = made["images"][name]
        prompts = {"points": [{"x": x, "y": y, "label": 1}], "box": None}
        job = client.post(f"/api/images/{image}/segment", json={"points": prompts["points"]})
        done = server.wait_for_job(client, job.json()["id"], 90)
        best = done["result"]["masks"][0]
        made["objects"][name] = _keep(
            client, image, label=label, rle=best["rle"], prompts=prompts, source="smart",
            candidate=best["candidate"], score=best["score"], model=done["result"]["model"],
        )  # fmt: skip
    cat = made["images"]["cat.jpg"]
    x, y = PLACES["cat.jpg"]
    prompts = {"points": [{"x": x, "y": y, "label": 1}], "box": None}
    animal = made["labels"][1]["id"]
    made["objects"]["square"] = _keep(
        client, cat, label=animal, polygons=_square(x - 20, y - 20, 40), prompts=prompts
    )
    made["objects"]["brush"] = _keep(
        client, cat, label=label, polygons=_square(5, 5, 30), source="brush"
    )
    return made


def _mask(rle: dict[str, Any]) -> Any:
    return np.asarray(coco_mask.decode(rle)).astype(bool)


def _now(client: httpx.Client, row: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/annotations/{row['id']}").json()
    return found


def _cards(page: Page) -> Locator:
    return page.locator(".proposal")


def _painted(page: Page, card: int) -> bool:
    """Whether both of a card's pictures show something."""
    return bool(
        page.evaluate(
            """(index) => [...document.querySelectorAll(".proposal")[index]
                .querySelectorAll("canvas")].every((canvas) => new Set(canvas.getContext("2d")
                .getImageData(0, 0, canvas.width, canvas.height).data).size > 50)""",
            card,
        )
    )


def test_a_project_is_replayed_and_reviewed(
    page: Page, server: Server, client: httpx.Client, project: dict[str, Any], model: str
):
    signed_in(page, server)
    page.goto(f"{server.url}/projects/{project['id']}/")
    page.get_by_role("link", name="Replay", exact=True).click()
    expect(page.get_by_role("heading", name="No replays yet")).to_be_visible()
    page.get_by_role("button", name="Replay on a model…").click()
    dialog = page.get_by_role("dialog", name="Replay on a model")
    dialog.get_by_label("Model").select_option(model)
    dialog.get_by_role("button", name="Start").click()
    page.wait_for_url("**/replays/*/")
    replay = int(page.url.rstrip("/").rpartition("/")[2])
    expect(page.get_by_text("Done", exact=True)).to_be_visible(timeout=90_000)
    expect(page.get_by_text("1 object without prompts skipped")).to_be_visible()
    expect(_cards(page)).to_have_count(4)

    rows = client.get(f"/api/replays/{replay}/proposals").json()["items"]
    assert [row["iou"] for row in rows] == sorted(row["iou"] for row in rows)
    by_object = {row["annotation"]: row for row in rows}
    for name, (x, y) in PLACES.items():
        row = by_object[project["objects"][name]["id"]]
        with Image.open(PHOTOS / name) as photo:
            truth = bare_sam.mask(photo.convert("RGB"), [(x, y, 1), (0, 0, -1)])
        assert bare_sam.iou(_mask(row["new"]["rle"]), truth) >= 0.9, name
        old = _mask(project["objects"][name]["rle"])
        assert row["iou"] == pytest.approx(bare_sam.iou(_mask(row["new"]["rle"]), old))
    assert rows[0]["annotation"] == project["objects"]["square"]["id"]
    before = {name: _now(client, row) for name, row in project["objects"].items()}
    assert before == project["objects"]

    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        wait_until(lambda: _painted(page, 0), 20, what="the pictures")
        page.wait_for_timeout(300)
        page.screenshot(path=CACHE / "e2e" / f"replay-{scheme}.png")
        assert violations(page) == []

    # By mouse: the mask that agrees least is taken.
    first = _cards(page).first
    first.get_by_role("button", name="Accept").click()
    expect(first.get_by_text("Accepted")).to_be_visible()
    square = _now(client, project["objects"]["square"])
    assert (square["version"], square["rle"]) == (2, rows[0]["new"]["rle"])
    # By keys: the next is dismissed, taken back, and dismissed again; the focus moves on.
    _cards(page).nth(1).focus()
    page.keyboard.press("x")
    expect(_cards(page).nth(1).get_by_text("Dismissed")).to_be_visible()
    expect(_cards(page).nth(2)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("u")
    expect(_cards(page).nth(1).get_by_role("button", name="Accept")).to_be_visible()
    page.keyboard.press("a")
    expect(_cards(page).nth(1).get_by_text("Accepted")).to_be_visible()

    # Somebody changes an object meanwhile: it is not overwritten.
    third = rows[2]
    client.patch(
        f"/api/annotations/{third['annotation']}",
        json={"version": third["version"], "attributes": {"seen": True}},
    ).raise_for_status()
    page.keyboard.press("a")
    expect(_cards(page).nth(2).get_by_text("Outdated")).to_be_visible()
    changed = client.get(f"/api/annotations/{third['annotation']}").json()
    assert (changed["version"], changed["rle"]) == (2, third["old"]["rle"])

    # All above: what is left.
    page.get_by_role("button", name="Decide many…").click()
    dialog = page.get_by_role("dialog", name="Decide many")
    dialog.get_by_label("Percent").fill("1")
    expect(dialog.get_by_text("1 proposal to decide.")).to_be_visible()
    page.screenshot(path=CACHE / "e2e" / "replay-many.png")
    assert violations(page) == []
    dialog.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("heading", name="Nothing left to decide")).to_be_visible()
    expect(page.get_by_text("0 to decide · 3 accepted · 0 dismissed · 1 outdated")).to_be_visible()
    assert client.get(f"/api/annotations/{rows[3]['annotation']}").json()["version"] == 2
    assert _now(client, project["objects"]["brush"]) == project["objects"]["brush"]

    page.get_by_role("link", name="All replays").click()
    expect(page.get_by_role("listitem", name=f"Replay {replay}")).to_be_visible()
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(300)  # colours fade from one scheme to the other
        page.screenshot(path=CACHE / "e2e" / f"replays-{scheme}.png")
        assert violations(page) == []
    page.get_by_role("button", name=f"Delete replay {replay}").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="No replays yet")).to_be_visible()


def test_filters_narrow_the_list_down(
    page: Page, server: Server, client: httpx.Client, project: dict[str, Any], model: str
):
    signed_in(page, server)
    path = f"/api/projects/{project['id']}/replays"
    replay = client.post(path, json={"model": model}).raise_for_status().json()
    assert server.wait_for_job(client, replay["job"], 90)["status"] == "Completed"
    page.goto(f"{server.url}/replays/{replay['id']}/")
    expect(_cards(page)).to_have_count(4)
    page.get_by_label("Label").select_option("animal")
    expect(_cards(page)).to_have_count(1)
    page.get_by_label("Label").select_option("")
    page.get_by_label("Agreement from, percent").fill("50")
    expect(_cards(page)).to_have_count(3)
    page.get_by_label("State").select_option("accepted")
    expect(page.get_by_role("heading", name="No such proposals")).to_be_visible()


def _answer(body: str, route: Route) -> None:
    route.fulfill(body=body, content_type="application/json")


def test_what_comes_behind_a_list_that_stays_can_be_asked_for(
    page: Page, server: Server, client: httpx.Client, project: dict[str, Any], model: str
):
    """The list is not drawn anew while it is full, or while somebody is on one of its cards."""
    image, (x, y) = project["images"]["cat.jpg"], PLACES["cat.jpg"]
    for n in range(26):
        prompts = {"points": [{"x": x + n, "y": y, "label": 1}], "box": None}
        _keep(client, image, label=project["labels"][0]["id"], polygons=_square(x, y, 9 + n),
              prompts=prompts)  # fmt: skip
    path = f"/api/projects/{project['id']}/replays"
    replay = client.post(path, json={"model": model}).raise_for_status().json()
    assert server.wait_for_job(client, replay["job"], 90)["status"] == "Completed"
    rows = client.get(f"/api/replays/{replay['id']}/proposals?state=pending").json()["items"]
    assert len(rows) == 30

    signed_in(page, server)
    sockets: list[WebSocketRoute] = []

    def listen(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket("**/ws/projects/*/", listen)
    more = page.get_by_role("button", name="Show more")
    for early, then in ((24, [30]), (3, [24, 30])):
        first = json.dumps({"items": rows[:early], "next": None, "total": early})
        page.route("**/proposals?*", partial(_answer, first), times=1)
        page.goto(f"{server.url}/replays/{replay['id']}/")
        expect(_cards(page)).to_have_count(early)
        expect(more).to_be_hidden()
        _cards(page).first.focus()
        event = {"type": "job.updated", "data": {"id": replay["job"], "status": "Completed"}}
        sockets[-1].send(json.dumps(event))
        expect(page.get_by_text("30 proposals")).to_be_visible()
        expect(_cards(page)).to_have_count(early)
        for count in then:
            more.click()
            expect(_cards(page)).to_have_count(count)
        expect(more).to_be_hidden()

    # One whose object has changed since is still to be decided, and nothing is missing for it.
    edited = rows[0]["annotation"]
    version = client.get(f"/api/annotations/{edited}").json()["version"]
    change = {"version": version, "attributes": {"seen": True}}
    client.patch(f"/api/annotations/{edited}", json=change).raise_for_status()
    page.reload()
    expect(_cards(page)).to_have_count(24)
    expect(_cards(page).get_by_text("Outdated", exact=True)).to_have_count(1)
    more.click()
    expect(_cards(page)).to_have_count(30)
    expect(more).to_be_hidden()


def test_the_command_asks_and_follows(
    server: Server, client: httpx.Client, project: dict[str, Any], model: str
):
    told = server.manage("replay", "--project", project["slug"], "--model", model, "--wait")
    assert "to review: 4, without prompts: 1, failed: 0" in told
    (row,) = client.get(f"/api/projects/{project['id']}/replays").json()["items"]
    assert f"review: /replays/{row['id']}/" in told
    assert model in server.manage("replay", "--models")
    with pytest.raises(AssertionError, match="choose one of sam_onnx, "):
        server.manage("replay", "--project", str(project["id"]), "--model", "none")


def test_it_says_why_an_object_was_not_asked_about(
    page: Page, server: Server, client: httpx.Client, project: dict[str, Any], model: str
):
    image, (x, y) = project["images"]["cat.jpg"], PLACES["cat.jpg"]
    for region in ([0, 0, 256, 256], [1, 2, 3, 4]):
        prompts = {"points": [{"x": x, "y": y, "label": 1}], "box": None, "region": region}
        _keep(client, image, label=project["labels"][0]["id"], polygons=_square(x, y, 9),
              prompts=prompts)  # fmt: skip
    told = server.manage("replay", "--project", project["slug"], "--model", model, "--wait")
    assert "to review: 4, without prompts: 1, failed: 2" in told
    small = "The image is too small for regions of its own."
    assert f"on image {image}: {small}" in told

    signed_in(page, server)
    (row,) = client.get(f"/api/projects/{project['id']}/replays").json()["items"]
    page.goto(f"{server.url}/replays/{row['id']}/")
    expect(page.get_by_text("2 objects could not be asked about")).to_be_visible()
    why = page.get_by_role("group").filter(has=page.get_by_text("Why not", exact=True))
    expect(why.get_by_role("listitem").first).to_be_hidden()
    page.get_by_text("Why not", exact=True).focus()
    page.keyboard.press("Enter")
    expect(why.get_by_role("listitem")).to_have_count(2)
    expect(why.get_by_text(f"Image {image}, 1 object: {small}")).to_be_visible()
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(300)
        page.screenshot(path=CACHE / "e2e" / f"replay-problems-{scheme}.png")
        assert violations(page) == []
    # A decision draws the summary anew: what is open, and where somebody is, stays.
    _cards(page).first.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("3 to decide")).to_be_visible()
    expect(why.get_by_role("listitem").first).to_be_visible()
    page.get_by_role("link", name=f"Image {image}").first.click()
    page.wait_for_url(f"**/images/{image}/annotate/")
