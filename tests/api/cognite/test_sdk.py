"""What programs do with the published SDK, unchanged but for address and key."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.api.cognite.conftest import Room, picture
from tests.api.cognite.sdk import VERSIONS, Sdk, SdkError
from tests.support.server import wait_until

SEGMENT = "return segment(client, body)"


def upload(sdk: Sdk, folder: Path, **more: Any) -> int:
    """The id of a picture that was uploaded from a path."""
    path = folder / "cup.png"
    path.write_bytes(more.pop("data", None) or picture())
    return int(sdk("return client.files.upload(path, **more).id", path=str(path), more=more))


def test_it_is_the_version_that_is_meant(sdk: Sdk) -> None:
    version = sdk("import cognite.client; return cognite.client.__version__")
    assert version == VERSIONS[sdk.major]


def test_token_inspect(sdk: Sdk, shared: Room) -> None:
    found = sdk(
        "t = client.iam.token.inspect(); return [t.subject, [p.url_name for p in t.projects]]"
    )
    assert found[0] == "admin"
    assert shared.slug in found[1]


def test_upload_of_a_path(sdk: Sdk, shared: Room, tmp_path: Path) -> None:
    file = upload(sdk, tmp_path, name="cup.png", mime_type="image/png", metadata={"a": "1"})
    found = sdk("return client.files.retrieve(id=file).dump()", file=file)
    assert found["name"] == "cup.png"
    assert found["uploaded"] is True
    assert found["mimeType"] == "image/png"
    assert found["metadata"] == {"a": "1"}
    assert "cup.png" in [image["name"] for image in shared.images()]


def test_upload_of_bytes_and_download(sdk: Sdk, shared: Room, tmp_path: Path) -> None:
    data = picture()
    external = f"bytes-{sdk.major}"
    sdk(
        """return client.files.upload_bytes(
            bytes.fromhex(data), name="b.png", external_id=external).id""",
        data=data.hex(), external=external,
    )  # fmt: skip
    got = sdk("return client.files.download_bytes(external_id=e).hex()", e=external)
    assert bytes.fromhex(got) == data
    sdk("client.files.download(folder, external_id=e)", folder=str(tmp_path), e=external)
    assert (tmp_path / "b.png").read_bytes() == data
    (image,) = [row for row in shared.images() if row.get("externalId") == external]
    assert image["name"] == "b.png"


def test_what_the_browser_uploads_is_a_file(sdk: Sdk, shared: Room) -> None:
    data = picture()
    answer = shared.native.post(
        f"/api/projects/{shared.id}/images", files={"files": ("native.png", data, "image/png")}
    )
    image = answer.json()["items"][0]
    shared.native.patch(f"/api/images/{image['id']}", json={"externalId": f"nat-{sdk.major}"})
    found = sdk("return client.files.retrieve(external_id=e).dump()", e=f"nat-{sdk.major}")
    assert found["id"] == image["id"]
    assert found["name"] == "native.png"
    listed = sdk("return [f.id for f in client.files.list(limit=None)]")
    assert listed.count(image["id"]) == 1
    got = sdk("return client.files.download_bytes(id=i).hex()", i=image["id"])
    assert bytes.fromhex(got) == data


def test_list_is_paged_and_filtered(sdk: Sdk, shared: Room) -> None:
    made = [
        sdk(
            "return client.files.upload_bytes(bytes.fromhex(d), name=n, external_id=e).id",
            d=picture().hex(), n=f"list-{n}.png", e=f"list-{sdk.major}-{n}",
        )
        for n in range(3)
    ]  # fmt: skip
    listed = sdk("return [f.id for f in client.files(chunk_size=None, limit=None)]")
    assert [pk for pk in listed if pk in made] == made
    assert len(listed) == len(set(listed))
    found = sdk("return [f.id for f in client.files.list(name='list-1.png')]")
    assert found == [made[1]]
    found = sdk(
        "return [f.id for f in client.files.list(external_id_prefix=p, limit=2)]",
        p=f"list-{sdk.major}",
    )
    assert found == made[:2]
    found = sdk(
        "return [f.id for f in client.files.list(uploaded=True, mime_type='image/png', limit=None)]"
    )
    assert set(made) <= set(found)


def test_what_is_unknown(sdk: Sdk) -> None:
    assert sdk("return client.files.retrieve(id=987654) is None")
    assert sdk("return client.files.retrieve(external_id='none') is None")
    with pytest.raises(SdkError) as caught:
        sdk("client.files.retrieve_multiple(ids=[987654, 987655])")
    assert caught.value.kind == "CogniteNotFoundError"
    assert caught.value.missing == [{"id": 987654}, {"id": 987655}]
    left = "return len(client.files.retrieve_multiple(ids=[987654], ignore_unknown_ids=True))"
    assert sdk(left) == 0


def test_an_external_id_is_taken_once(sdk: Sdk) -> None:
    make = "client.files.upload_bytes(bytes.fromhex(d), name='x.png', external_id='twice', **more)"
    sdk(make, d=picture().hex(), more={})
    with pytest.raises(SdkError) as caught:
        sdk(make, d=picture().hex(), more={})
    assert caught.value.code == 409
    assert caught.value.duplicated == [{"externalId": "twice"}]
    data = picture()
    sdk(make, d=data.hex(), more={"overwrite": True})
    assert sdk("return client.files.download_bytes(external_id='twice').hex()") == data.hex()


def test_delete(sdk: Sdk, shared: Room, tmp_path: Path) -> None:
    file = upload(sdk, tmp_path, external_id=f"gone-{sdk.major}")
    before = len(shared.images())
    sdk("client.files.delete(external_id=e)", e=f"gone-{sdk.major}")
    assert sdk("return client.files.retrieve(id=file) is None", file=file)
    assert len(shared.images()) == before - 1
    with pytest.raises(SdkError) as caught:
        sdk("client.files.delete(id=file)", file=file)
    assert caught.value.missing == [{"id": file}]
    sdk("client.files.delete(id=file, ignore_unknown_ids=True)", file=file)


def test_a_large_file_in_parts(sdk: Sdk, tmp_path: Path) -> None:
    import numpy as np
    from PIL import Image

    from tests.support.pictures import encoded

    noise = np.random.default_rng(int(sdk.major)).integers(0, 256, (1500, 1500, 3), np.uint8)
    data = encoded(Image.fromarray(noise), "PNG")
    assert len(data) > 6_000_000
    file = sdk(
        """
        data = bytes.fromhex(data)
        with client.files.multipart_upload_session(name="noise.png", parts=2) as session:
            session.upload_part(1, data[5_500_000:])
            session.upload_part(0, data[:5_500_000])
        return session.file_metadata.id
        """,
        data=data.hex(),
    )
    assert sdk("return client.files.download_bytes(id=file).hex()", file=file) == data.hex()


def test_content_for_a_file_that_was_declared_before(sdk: Sdk) -> None:
    external = f"later-{sdk.major}"
    sdk(
        """
        from cognite.client.data_classes import FileMetadata
        try:
            from cognite.client.data_classes import FileMetadataWrite as Declared
        except ImportError:
            Declared = FileMetadata
        client.files.create(Declared(name="later.png", external_id=e))
        """,
        e=external,
    )
    assert sdk("return client.files.retrieve(external_id=e).uploaded", e=external) is False
    data = picture()
    sdk(
        "client.files.upload_content_bytes(bytes.fromhex(d), external_id=e)",
        d=data.hex(),
        e=external,
    )
    assert sdk("return client.files.download_bytes(external_id=e).hex()", e=external) == data.hex()


@pytest.mark.parametrize(
    "prompt",
    [
        {"points": [{"x": 0.5, "y": 0.5, "label": 1}, {"x": 0.9, "y": 0.9, "label": 0}]},
        {"boundingBox": {"xMin": 0.1, "yMin": 0.2, "xMax": 0.8, "yMax": 0.9}},
        {"points": [{"x": 0.4, "y": 0.4}],
         "boundingBox": {"xMin": 0, "yMin": 0.2, "xMax": 0.8, "yMax": 1}},
    ],
    ids=["points", "box", "both"],
)  # fmt: skip
def test_segment(sdk: Sdk, tmp_path: Path, prompt: dict[str, Any]) -> None:
    file = upload(sdk, tmp_path, name="s.png")
    before = int(time.time() * 1000)
    job, answer = sdk(SEGMENT, body={"items": [{"fileId": file}], **prompt})
    assert job["status"] in {"Queued", "Running"}
    assert job["items"] == [{"fileId": file}]
    assert {name: job[name] for name in prompt} == prompt
    assert answer["status"] == "Completed"
    assert answer["errorMessage"] is None
    assert answer["prompt"] == prompt
    times = [answer["createdTime"], answer["startTime"], answer["statusTime"]]
    assert before - 5 <= times[0] <= times[1] <= times[2]
    (item,) = answer["items"]
    assert item["fileId"] == file
    scores = [segment["score"] for segment in item["segments"]]
    assert scores == sorted(scores, reverse=True)
    for segment in item["segments"]:
        for polygon in segment["polygons"]:
            assert set(polygon) == {"vertices"}
            assert 3 <= len(polygon["vertices"]) <= 1000
            assert all(0 <= v[k] <= 1 for v in polygon["vertices"] for k in ("x", "y"))


def test_segment_by_external_id(sdk: Sdk, tmp_path: Path) -> None:
    external = f"seg-{sdk.major}"
    file = upload(sdk, tmp_path, external_id=external)
    for name in ({"fileExternalId": external},
                 {"fileInstanceId": {"space": sdk.project, "externalId": external}}):  # fmt: skip
        body = {"items": [name], "points": [{"x": 0.2, "y": 0.3}]}
        job, answer = sdk(SEGMENT, body=body)
        assert job["items"] == [{"fileId": file, "fileExternalId": external}]
        assert answer["items"][0]["fileExternalId"] == external


def test_the_sdk_needs_the_beta_header(sdk: Sdk, tmp_path: Path) -> None:
    file = upload(sdk, tmp_path)
    body = {"items": [{"fileId": file}], "points": [{"x": 0.5, "y": 0.5}]}
    with pytest.raises(SdkError, match="cdf-version") as caught:
        sdk("segment(client, body, '20230101')", body=body)
    assert caught.value.code == 400


def test_the_sdk_comes_again_after_429(sdk: Sdk, shared: Room, tmp_path: Path) -> None:
    """More at once than a project may have: the SDK is told to come again, and does."""
    file = upload(sdk, tmp_path)
    wait_until(lambda: shared.ended(shared.segment(file).json()["jobId"]))
    body = {"items": [{"fileId": file}], "points": [{"x": 0.5, "y": 0.5}]}
    done = sdk(
        """
        from concurrent.futures import ThreadPoolExecutor
        def one(_):
            return segment(client, body)
        with ThreadPoolExecutor(30) as pool:
            return [answer["status"] for _, answer in pool.map(one, range(60))]
        """,
        body=body,
    )
    assert done == ["Completed"] * 60


def test_another_projects_file_and_a_wrong_token(sdk: Sdk, shared: Room, room: Room) -> None:
    foreign = room.upload()
    assert sdk("return client.files.retrieve(id=file) is None", file=foreign)
    body = {"items": [{"fileId": foreign}], "points": [{"x": 0.5, "y": 0.5}]}
    with pytest.raises(SdkError) as caught:
        sdk(SEGMENT, body=body)
    assert caught.value.missing == [{"fileId": foreign}]
    with pytest.raises(SdkError, match="Unauthorized"):
        sdk("connect(project, 'sw_wrong').files.list()", project=shared.slug)
