"""Masks that jobs found before there was a table for them stay in the jobs' answers."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from annotations.models import Job, Suggestion
from annotations.services.jobs import results

MASK = {"rle": {"size": [30, 40], "counts": "0l4"}, "bbox": [0, 0, 40, 30], "area": 1200}
CLICKED = MASK | {"score": 0.987654, "candidate": 2}
FOUND = MASK | {
    "score": 1.0, "stability": 0.5, "candidate": None, "prompts": None, "image": 7,
    "similarity": 0.25, "modelScore": 0.75,
}  # fmt: skip
RESULTS: dict[str, Any] = {
    "segment": {"masks": [CLICKED, MASK | {"score": 0.5, "candidate": 0}], "model": "m"},
    "regions": {
        "regions": [MASK | {"color": "#ff0000"}], "clusters": 3, "smoothingThreshold": 1.5,
    },
    "everything": {"proposals": [], "model": "m"},
    "alike": {"proposals": [FOUND], "skipped": [{"image": 3}], "model": "m"},
    "export": {"url": "/x", "bytes": 1},
}  # fmt: skip


def migrate(name: str) -> Any:
    """The models as they are after the application's migration `name`."""
    executor = MigrationExecutor(connection)
    executor.migrate([("annotations", name)])
    return executor.loader.project_state([("annotations", name)]).apps


@pytest.mark.django_db(transaction=True)
def test_masks_move_to_their_table_and_back() -> None:
    old = migrate("0016_job_kinds").get_model("annotations", "Job")
    try:
        for kind, result in RESULTS.items():
            old.objects.create(kind=kind, queue="io", status="Completed", result=result)
        old.objects.create(kind="alike", queue="io", status="Failed")
        migrate("0018_move_masks")
        answers = {job.kind: results.of(job) for job in Job.objects.filter(status="Completed")}
        assert answers == RESULTS
        assert [list(answers[kind]) for kind in RESULTS] == [list(r) for r in RESULTS.values()]
        assert list(answers["alike"]["proposals"][0]) == list(FOUND), "in the same order, too"
        assert (Suggestion.objects.count(), len(Job.objects.get(kind="segment").result)) == (4, 1)
        assert results.of(Job.objects.get(status="Failed")) is None
        migrate("0016_job_kinds")
        rows = old.objects.filter(status="Completed")
        assert dict(rows.values_list("kind", "result")) == RESULTS
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
