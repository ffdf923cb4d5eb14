"""Objects that were made in close-ups, asked of another model by the running product."""

import uuid
from importlib.util import find_spec
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from annotations.domain.rle import Rle
from tests.conftest import StartServer
from tests.support.environment import ROOT
from tests.support.server import Server, wait_until
from tests.tasks.test_embeddings import stored

WIDTH, HEIGHT = 3600, 2400
# Photo, where its corner lies, where its thing lies on it, and the region that shows it.
CAT = ("cat.jpg", (1440, 720), (225, 130), [1408, 640, 512, 512])
CUP = ("coffee.jpg", (2550, 1500), (290, 160), [2520, 1440, 720, 720])


def mosaic() -> bytes:
    """Small photos on a large one: on the whole their things are hardly seen."""
    photos = ROOT / "static" / "demo"
    with Image.open(photos / "astronaut.jpg") as ground:
        picture = ground.convert("RGB").resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    for name, corner, _, _ in (CAT, CUP):
        with Image.open(photos / name) as photo:
            picture.paste(photo.convert("RGB"), corner)
    out = BytesIO()
    picture.save(out, "JPEG", quality=92)
    return out.getvalue()


def point_on(thing: tuple[Any, ...], dx: int = 0, dy: int = 0, label: int = 1) -> dict[str, int]:
    _, (left, top), (x, y), _ = thing
    return {"x": left + x + dx, "y": top + y + dy, "label": label}


def agreement(first: dict[str, Any], second: dict[str, Any]) -> float:
    return Rle(*first["size"], first["counts"]).iou(Rle(*second["size"], second["counts"]))


class Made:
    """A project with the mosaic and `objects`: each of its prompts, and the mask of them that
    the serving model found, by its name."""

    def __init__(self, server: Server, client: httpx.Client) -> None:
        self.server, self.client = server, client
        body = {"name": "Mosaic", "labels": [{"name": "thing"}]}
        project = client.post("/api/projects", json=body).raise_for_status().json()
        self.project, self.slug = project["id"], project["slug"]
        self._label = project["labels"][0]["id"]
        files = {"files": ("mosaic.jpg", mosaic(), "image/jpeg")}
        answer = client.post(f"/api/projects/{self.project}/images", files=files, timeout=60)
        self.image = answer.raise_for_status().json()["items"][0]["id"]
        wait_until(self._ready, 120, 0.2, "image, embedding and tiles")
        self.objects: dict[str, dict[str, Any]] = {}
        self.keep("cat", CAT, points=[point_on(CAT)])
        self.keep("face", CAT, points=[point_on(CAT), point_on(CAT, 60, 90, 0)])
        x, y = CUP[1]
        box = {"x0": x + 165, "y0": y + 60, "x1": x + 420, "y1": y + 270}
        self.keep("cup", CUP, points=[point_on(CUP)], box=box)
        self.keep("whole", None, points=[{"x": 1800, "y": 600, "label": 1}])

    def _ready(self) -> bool:
        image = self.client.get(f"/api/images/{self.image}").json()
        if image["state"] != "ready" or image["embedding"] != "ready":
            return False
        return self.client.post(f"/api/images/{self.image}/pyramid").status_code == 200

    def segment(self, **prompts: Any) -> dict[str, Any]:
        """The best mask of the prompts, with the `model` that found it."""
        path = f"/api/images/{self.image}/segment"
        job = self.client.post(path, json=prompts).raise_for_status().json()
        done = self.server.wait_for_job(self.client, job["id"], 120)
        assert done["status"] == "Completed", done
        return {**done["result"]["masks"][0], "model": done["result"]["model"]}

    def keep(self, name: str, thing: tuple[Any, ...] | None, **prompts: Any) -> None:
        prompts |= {"region": thing[3]} if thing else {}
        found = self.segment(**prompts)
        kept = {name: found[name] for name in ("rle", "score", "candidate", "model")}
        self.add(name, prompts=prompts, source="smart", **kept)

    def add(self, name: str, **fields: Any) -> None:
        body = {"id": str(uuid.uuid4()), "label": self._label, **fields}
        answer = self.client.post(f"/api/images/{self.image}/annotations", json=body)
        self.objects[name] = answer.raise_for_status().json()

    def ended(self, model: str) -> dict[str, Any]:
        """A replay on the model, at its end."""
        path = f"/api/projects/{self.project}/replays"
        replay = self.client.post(path, json={"model": model}).raise_for_status().json()
        self.server.wait_for_job(self.client, replay["job"], 240)
        row: dict[str, Any] = self.client.get(f"/api/replays/{replay['id']}").json()
        return row

    def replayed(self, model: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """A replay that did its work, and its proposals by the objects' names."""
        replay = self.ended(model)
        assert replay["status"] == "Completed", replay
        return self.found(replay["id"])

    def found(self, replay: int) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        row = self.client.get(f"/api/replays/{replay}").raise_for_status().json()
        items = self.client.get(f"/api/replays/{replay}/proposals").json()["items"]
        names = {kept["id"]: name for name, kept in self.objects.items()}
        return row, {names[item["annotation"]]: item for item in items}


def judge(made: Made, found: dict[str, dict[str, Any]]) -> None:
    """Each new mask is nearly the old one, and better than what the whole image gives."""
    for name in ("cat", "face", "cup", "whole"):
        kept, new = made.objects[name], found[name]["new"]
        assert found[name]["iou"] == pytest.approx(agreement(new["rle"], kept["rle"]))
        assert found[name]["iou"] >= 0.9, name
        now = made.client.get(f"/api/annotations/{kept['id']}").json()
        assert (now["version"], now["rle"]) == (1, kept["rle"])
    for name in ("cat", "face", "cup"):
        kept = made.objects[name]
        prompts = {**kept["prompts"], "region": None}
        whole = agreement(made.segment(**prompts)["rle"], kept["rle"])
        assert found[name]["iou"] > whole + 0.02, (name, found[name]["iou"], whole)


def test_another_precision_finds_them_again(server: Server) -> None:
    with server.client() as client:
        made = Made(server, client)
        serving = made.objects["cat"]["model"]
        made.add("off", prompts={"points": [point_on(CAT)], "region": [1409, 640, 512, 512]},
                 polygons=[[1600, 800, 1700, 800, 1700, 900]])  # fmt: skip
        before = set(stored(server))
        other = "sam_onnx" if serving != "mobile_sam" else "sam_onnx_int8"
        replay, found = made.replayed(other)
        assert replay["model"] != serving
        assert set(found) == set(made.objects) - {"off"}
        assert (replay["total"], replay["skipped"], replay["failed"]) == (5, 0, 1)
        (problem,) = replay["problems"]
        assert problem["annotation"] == made.objects["off"]["id"]
        assert problem["code"] == "invalid_region"
        assert "region of the grid" in problem["message"]
        assert set(stored(server)) == before, "the other model's embeddings are not kept"
        judge(made, found)

        path = f"/api/replays/{replay['id']}/decisions"
        body = {"decision": "accept", "ids": [found["cup"]["id"]]}
        assert client.post(path, json=body).raise_for_status().json()["decided"] == 1
        now = client.get(f"/api/annotations/{made.objects['cup']['id']}").json()
        assert (now["version"], now["rle"]) == (2, found["cup"]["new"]["rle"])
        assert now["prompts"] == made.objects["cup"]["prompts"]


def test_openvino_finds_them_where_it_is_installed(start_server: StartServer) -> None:
    server = start_server(SEGWEB_ENGINE="sam_onnx", SEGWEB_PRECISION="int8")
    with server.client() as client:
        made = Made(server, client)
        if find_spec("openvino") is not None:
            replay, found = made.replayed("sam_openvino")
            assert (replay["model"], replay["failed"]) == ("mobile_sam-bf16", 0)
            judge(made, found)
            return
        replay = made.ended("sam_openvino")
        assert replay["status"] == "Failed"
        assert "OpenVINO is not installed" in replay["error"]["message"]
        assert made.replayed("sam_onnx")[0]["counts"]["pending"] == len(made.objects)
