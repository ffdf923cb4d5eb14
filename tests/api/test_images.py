"""Uploads, lists with filters, files, and what is deleted with an image."""

import hashlib
from io import BytesIO
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from PIL import Image as PILImage

from annotations.models import Image, Job, Label, Project
from tests.api.conftest import Api, error, outline, prepare
from tests.support.pictures import encoded, picture, png

pytestmark = pytest.mark.django_db

FIELDS = {
    "id", "project", "name", "width", "height", "bytes", "mimeType", "sha256", "state",
    "embedding", "error", "annotations", "createdTime", "work", "skipReason", "workBy", "workTime",
}  # fmt: skip


def test_an_image_has_the_promised_fields(ann: Api, project: Project) -> None:
    data = png()
    answer = ann.upload(project.pk, ("a.png", data))
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"items", "errors"}
    (item,) = body["items"]
    assert item.pop("duplicate") is False
    assert set(item) == FIELDS
    assert (item["width"], item["height"], item["bytes"]) == (40, 30, len(data))
    assert (item["name"], item["mimeType"], item["state"]) == ("a.png", "image/png", "preparing")
    assert item["sha256"] == hashlib.sha256(data).hexdigest()
    assert item["error"] is None
    assert ann.get(f"/api/images/{item['id']}").json() == item
    assert Job.objects.get(image=item["id"]).kind == "prepare"


def test_many_files_keep_their_order_and_one_bad_one_fails_alone(
    ann: Api, project: Project
) -> None:
    files = [(f"{n}.png", png(seed=n)) for n in range(4)]
    sent = [files[2], ("no.jpg", b"<html>"), files[0], ("e", b""), files[3], files[0], files[1]]
    answer = ann.upload(project.pk, *sent)
    assert answer.status_code == 201
    body = answer.json()
    assert [row["name"] for row in body["items"]] == [
        "2.png", "0.png", "3.png", "0.png", "1.png",
    ]  # fmt: skip
    assert [row["duplicate"] for row in body["items"]] == [False, False, False, True, False]
    assert [(row["name"], row["code"]) for row in body["errors"]] == [
        ("no.jpg", "not_an_image"), ("e", "empty"),
    ]  # fmt: skip
    assert all(row["message"] for row in body["errors"])
    again = ann.upload(project.pk, *files)
    assert again.status_code == 200
    assert all(row["duplicate"] for row in again.json()["items"])
    assert Image.objects.count() == 4


def test_the_same_picture_in_two_projects_is_two_images(ann: Api, image: Image) -> None:
    other = ann.send("POST", "/api/projects", {"name": "Other"}).json()["id"]
    assert ann.upload(other, ("a.png", png())).status_code == 201
    assert Image.objects.filter(sha256=image.sha256).count() == 2


def test_an_upload_without_files_is_refused(ann: Api, project: Project) -> None:
    path = f"/api/projects/{project.pk}/images"
    assert error(ann.post(path, {}))[0] == 422
    assert error(ann.send("POST", path, {"files": []}))[0] in {400, 415, 422}
    torn = ann.generic("POST", path, b"--x\r\nnonsense", "multipart/form-data; boundary=x")
    assert error(torn)[0] in {400, 422}
    assert error(ann.generic("POST", path, b"", "multipart/form-data"))[0] in {400, 422}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\Users\\a.png", "a.png"),
        ("<script>.png", "<script>.png"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("\u00e9\u4e2d\U0001f600.png", "\u00e9\u4e2d\U0001f600.png"),
        ("x" * 250 + ".png", "x" * 250 + ".png"),
    ],
)
def test_names_are_text_and_never_places(ann: Api, project: Project, sent: str, kept: str) -> None:
    item = ann.upload(project.pk, (sent, png())).json()["items"][0]
    assert item["name"] == kept
    row = Image.objects.get()
    assert row.original.startswith("originals/")
    assert "passwd" not in row.original


def test_lists_are_filtered_by_state_label_and_name(
    ann: Api, project: Project, image: Image, cat: Label
) -> None:
    for n in (1, 2):
        ann.upload(project.pk, (f"Photo_{n}%.png", png(seed=n)))
    Image.objects.filter(name="Photo_2%.png").update(
        state="refused", error_code="damaged", error_message="It is damaged."
    )
    ann.send("POST", f"/api/images/{image.pk}/annotations", outline(label=cat.pk))
    dog = project.labels.get(name="dog")

    def names(query: str) -> list[str]:
        answer = ann.get(f"/api/projects/{project.pk}/images?{query}")
        assert answer.status_code == 200, answer.content
        return [row["name"] for row in answer.json()["items"]]

    everything = ["a.png", "Photo_1%.png", "Photo_2%.png"]
    assert names("") == everything
    assert names("order=newest") == everything[::-1]
    assert names("state=ready") == ["a.png"]
    assert names("state=preparing") == ["Photo_1%.png"]
    assert names("state=refused") == ["Photo_2%.png"]
    assert names("state=annotated") == ["a.png"]
    assert names("state=unannotated") == ["Photo_1%.png"]
    assert names(f"label={cat.pk}") == ["a.png"]
    assert names(f"label={dog.pk}") == []
    assert names("q=photo") == ["Photo_1%.png", "Photo_2%.png"]
    assert names("q=1%25") == ["Photo_1%.png"]
    assert names("q=_") == ["Photo_1%.png", "Photo_2%.png"]
    refused = ann.get(f"/api/projects/{project.pk}/images?state=refused").json()["items"][0]
    assert refused["error"] == {"code": "damaged", "message": "It is damaged."}


def test_images_come_in_pages(ann: Api, project: Project) -> None:
    ann.upload(project.pk, *[(f"{n}.png", png(seed=n)) for n in range(5)])
    path = f"/api/projects/{project.pk}/images?limit=2"
    seen, cursor = [], ""
    for _ in range(3):
        page = ann.get(path + cursor).json()
        seen += [row["name"] for row in page["items"]]
        cursor = f"&cursor={page['next']}"
    assert (seen, page["next"]) == ([f"{n}.png" for n in range(5)], None)


def test_an_image_is_renamed_and_given_an_id(ann: Api, image: Image) -> None:
    path = f"/api/images/{image.pk}"
    row = ann.send("PATCH", path, {"name": "b.png", "externalId": "x-1"}).json()
    assert (row["name"], row["externalId"]) == ("b.png", "x-1")
    assert error(ann.send("PATCH", path, {"name": ""}))[2] == "name"
    assert error(ann.send("PATCH", path, {"state": "ready"}))[2] == "state"


async def whole(answer: Any) -> bytes:
    return b"".join([part async for part in answer])


def test_files_are_attachments_of_their_true_kind(ann: Api, image: Image) -> None:
    Image.objects.update(name='<b>"\u00e9.html')
    answer = ann.get(f"/api/images/{image.pk}/file")
    assert async_to_sync(whole)(answer) == png()
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    for noun, side in (("preview", 40), ("thumbnail", 40)):
        answer = ann.get(f"/api/images/{image.pk}/{noun}")
        assert answer["Content-Type"] == "image/jpeg"
        assert "immutable" in answer["Cache-Control"]
        assert "private" in answer["Cache-Control"]
        assert max(PILImage.open(BytesIO(answer.content)).size) == side
        tag = {"If-None-Match": answer["ETag"]}
        assert ann.get(f"/api/images/{image.pk}/{noun}", headers=tag).status_code == 304


def test_a_refused_image_shows_nothing(ann: Api, project: Project) -> None:
    item = ann.upload(project.pk, ("a.png", png()[:-60])).json()["items"][0]
    Image.objects.filter(pk=item["id"]).update(state="refused", error_code="x", error_message="y")
    for noun in ("file", "preview", "thumbnail"):
        assert error(ann.get(f"/api/images/{item['id']}/{noun}"))[0] == 404
    body = {"points": [{"x": 1, "y": 1, "label": 1}]}
    assert error(ann.send("POST", f"/api/images/{item['id']}/segment", body))[0] == 409


def test_a_turned_photo_has_its_upright_size_at_once(ann: Api, project: Project) -> None:
    exif = PILImage.Exif()
    exif[0x0112] = 6
    data = encoded(picture(40, 30), "JPEG", exif=exif)
    item = ann.upload(project.pk, ("a.jpg", data)).json()["items"][0]
    assert (item["width"], item["height"]) == (30, 40)
    prepare(Image.objects.get())
    row = ann.get(f"/api/images/{item['id']}").json()
    assert (row["width"], row["height"], row["state"]) == (30, 40, "ready")


def test_jobs_are_listed_filtered_and_have_the_promised_fields(ann: Api, image: Image) -> None:
    body = {"points": [{"x": 1, "y": 1, "label": 1}]}
    answer = ann.send("POST", f"/api/images/{image.pk}/segment", body)
    assert answer.status_code == 202
    job = answer.json()
    assert {"id", "kind", "status", "progress", "createdTime", "startTime", "statusTime", "error",
            "result"} <= set(job)  # fmt: skip
    assert (job["kind"], job["status"], job["startTime"]) == ("segment", "Queued", None)
    assert ann.get(f"/api/jobs/{job['id']}").json() == job
    path = f"/api/projects/{image.project_id}/jobs"
    assert ann.get(path).json()["items"][0]["id"] == job["id"]
    kinds = {row["kind"] for row in ann.get(f"{path}?kind=prepare").json()["items"]}
    assert kinds == {"prepare"}
    done = ann.get(f"{path}?status=Completed").json()["items"]
    assert [row["kind"] for row in done] == ["prepare"]
    assert error(ann.get(f"{path}?kind=odd"))[2] == "kind"
    assert error(ann.get(f"/api/jobs/{job['id']}/download"))[0] == 404


def test_an_image_that_is_deleted_is_gone_everywhere(ann: Api, image: Image, cat: Label) -> None:
    body = outline(label=cat.pk)
    ann.send("POST", f"/api/images/{image.pk}/annotations", body)
    assert ann.delete(f"/api/images/{image.pk}").status_code == 204
    for path in (f"images/{image.pk}", f"images/{image.pk}/preview", f"annotations/{body['id']}"):
        assert ann.get(f"/api/{path}").status_code == 404
    assert ann.upload(image.project_id, ("a.png", png())).status_code == 201
