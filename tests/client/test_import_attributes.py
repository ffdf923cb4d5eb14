"""What entries of a COCO file say of their objects besides label and mask."""

from typing import Any

import pytest

from segweb_client import Client, Project

from .running import Command
from .test_datasets import dataset, put

MASK = {"size": [30, 40], "counts": [100, 50, 1050]}


def taken(segweb: Command, client: Client, project: Project, **entry: Any) -> dict[str, Any]:
    """The object that the import of this entry makes."""
    told = segweb("import", project.id, put(segweb, dataset({"segmentation": MASK, **entry}))).out
    assert "1 objects added" in told
    assert ("1 of the added are crowds" in told) == ("iscrowd" in entry)
    image = next(iter(client.images(project, state="annotated")))
    (row,) = client.transport.json("GET", f"/api/images/{image.id}/annotations")["items"]
    assert row["source"] == "import"
    return dict(row["attributes"])


@pytest.mark.usefixtures("images")
def test_crowds_stay_told_apart(segweb: Command, client: Client, project: Project) -> None:
    assert taken(segweb, client, project, iscrowd=1) == {"iscrowd": 1}


@pytest.mark.usefixtures("images")
def test_attributes_are_kept(segweb: Command, client: Client, project: Project) -> None:
    values = {"side": "left", "age": 3.5, "occluded": True, "more": ["a", None]}
    assert taken(segweb, client, project, attributes=values) == values


@pytest.mark.usefixtures("images")
@pytest.mark.parametrize("given", [["red"], "red", 5, None])
def test_what_others_keep_there_does_no_harm(
    segweb: Command, client: Client, project: Project, given: Any
) -> None:
    assert taken(segweb, client, project, attributes=given) == {}


@pytest.mark.usefixtures("images")
def test_a_value_that_the_project_refuses_is_named(
    segweb: Command, client: Client, project: Project
) -> None:
    body = {"name": "age", "type": "number", "max": 9}
    client.transport.json("POST", f"/api/projects/{project.id}/attributes", json=body)
    entries = [{"segmentation": MASK, "attributes": {"age": 10}}, {"segmentation": MASK}]
    done = segweb("import", project.id, put(segweb, dataset(*entries)), code=1)
    assert "annotations[0]: It must be at most 9." in done.err
    assert "1 objects added" in done.out
