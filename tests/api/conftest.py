"""People, a project and an image behind the API, and a client that speaks JSON."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client, override_settings
from PIL import Image as PILImage

from annotations.models import Image, Job, Label, Project
from annotations.services.images import prepare as preparation
from annotations.services.jobs import lifecycle
from tests.support import conformance
from tests.support.pictures import encoded, png


class Api(Client):
    """Django's client with JSON bodies; a failing view answers as it does to people. Its answers
    are held against the API's document."""

    def __init__(self, **options: Any) -> None:
        super().__init__(raise_request_exception=False, **options)

    def request(self, **request: Any) -> Any:
        answer = super().request(**request)
        conformance.check(request["REQUEST_METHOD"], request["PATH_INFO"], answer)
        return answer

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body)
        return self.generic(method, path, data, "application/json", headers=headers)

    def upload(self, project: int, *files: tuple[str, bytes]) -> Any:
        sent = [SimpleUploadedFile(name, data) for name, data in files]
        return self.post(f"/api/projects/{project}/images", {"files": sent})


def member(name: str, **fields: Any) -> Api:
    """A client signed in as the person called `name`, who is made when there is none."""
    users = get_user_model().objects
    user = users.filter(username=name).first() or users.create_user(name, **fields)
    client = Api()
    client.force_login(user)
    return client


def error(answer: HttpResponse) -> tuple[int, str, str | None]:
    """(status, code, field) of a refusal, whose shape is checked."""
    body = json.loads(answer.content)
    assert body["error"]["message"], body
    assert set(body["error"]) <= {"code", "message", "field"}
    return answer.status_code, body["error"]["code"], body["error"].get("field")


def outline(**more: Any) -> dict[str, Any]:
    """The body of a new object, but for its label."""
    return {"id": str(uuid.uuid4()), "polygons": [[1, 1, 9, 1, 9, 6, 1, 6]], **more}


@pytest.fixture
def ann(db: None) -> Api:
    return member("ann", email="ann@example.org")


@pytest.fixture
def eve(db: None) -> Api:
    """Belongs to nothing of Ann's."""
    return member("eve")


@pytest.fixture
def project(ann: Api) -> Project:
    """Ann's project with the labels cat and dog."""
    body = {"name": "Pets", "labels": [{"name": "cat", "color": "#FF0000"}, {"name": "dog"}]}
    answer = ann.send("POST", "/api/projects", body)
    assert answer.status_code == 201
    return Project.objects.get(pk=answer.json()["id"])


@pytest.fixture
def cat(project: Project) -> Label:
    return project.labels.get(name="cat")


def prepare(image: Image) -> None:
    """Does what the worker does for an accepted image."""
    queued = Job.objects.filter(image=image, kind="prepare").latest("pk")
    job = lifecycle.claim(queued.pk)
    assert job is not None
    preparation.prepare(job)


@pytest.fixture
def unprepared(ann: Api, project: Project) -> Image:
    """40 × 30 pixels, accepted, but no worker has seen it yet."""
    answer = ann.upload(project.pk, ("a.png", png()))
    assert answer.status_code == 201
    return Image.objects.get(pk=answer.json()["items"][0]["id"])


@pytest.fixture
def image(unprepared: Image) -> Image:
    """40 × 30 pixels, ready."""
    prepare(unprepared)
    unprepared.refresh_from_db()
    return unprepared


# --- Images that are large beside their previews: they have tiles and regions --------------------

SIZE = (1301, 777)


@pytest.fixture
def small_preview() -> Iterator[None]:
    with override_settings(SEGWEB_PREVIEW_SIDE=256):
        yield


def scene(width: int = SIZE[0], height: int = SIZE[1]) -> PILImage.Image:
    """Smooth waves, unlike in every turn, with a corner that stands out."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    waves = [np.sin(columns / 37), np.cos(rows / 53 + columns / 301), np.sin((rows + columns) / 91)]
    pixels = np.stack([127 + 110 * wave for wave in waves], axis=-1).astype(np.uint8)
    pixels[: height // 7, : width // 5] = (250, 40, 40)
    return PILImage.fromarray(pixels)


def uploaded(ann: Api, project: Project, data: bytes, name: str = "large.png") -> Image:
    answer = ann.upload(project.pk, (name, data))
    assert answer.status_code == 201, answer.content
    image = Image.objects.get(pk=answer.json()["items"][0]["id"])
    prepare(image)
    image.refresh_from_db()
    return image


def make(image: Image) -> Job:
    """Does what the worker does for the image's tiles."""
    queued = Job.objects.filter(image=image, kind="pyramid", status="Queued").latest("pk")
    lifecycle.run(queued.pk)
    image.refresh_from_db()
    queued.refresh_from_db()
    return queued


@pytest.fixture
def large(small_preview: None, ann: Api, project: Project) -> Image:
    image = uploaded(ann, project, encoded(scene(), "PNG"))
    assert make(image).status == "Completed"
    return image
