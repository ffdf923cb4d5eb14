"""Jobs that are of use for a moment or a day only go by themselves."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from annotations.models import Job, Project, Suggestion, now_ms
from annotations.services.jobs import lifecycle, maintenance, results

MASK = {"rle": {"size": [30, 40], "counts": "0l4"}, "bbox": [0, 0, 40, 30], "area": 1200}


@pytest.mark.django_db
def test_expired_jobs_are_removed_and_no_others() -> None:
    project = Project.objects.create(name="P")
    kept = [
        lifecycle.create(Job.Kind.SEGMENT, project=project),
        lifecycle.create(Job.Kind.SEGMENT, project=project, ephemeral=True),
    ]
    gone = lifecycle.create(Job.Kind.SEGMENT, project=project, ephemeral=True)
    Job.objects.filter(pk=gone.pk).update(expires_ms=now_ms() - 1)
    maintenance.drop_expired()
    assert set(Job.objects.values_list("pk", flat=True)) == {job.pk for job in kept}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["segment", "regions", "everything", "alike"])
def test_masks_are_removed_when_their_time_is_over(kind: str) -> None:
    project = Project.objects.create(name="P")
    old, new, waiting, other = (
        lifecycle.create(Job.Kind(which), project=project) for which in (kind, kind, kind, "export")
    )
    yesterday = now_ms() - 25 * 3_600_000
    for job in (old, new):
        lifecycle.complete(_claimed(job), {"model": "m"}, suggestions=[MASK, MASK])
    lifecycle.complete(_claimed(other), {"bytes": 1})
    Job.objects.exclude(pk=new.pk).update(status_ms=yesterday)
    assert maintenance.prune() == 1
    assert set(Job.objects.values_list("pk", flat=True)) == {new.pk, waiting.pk, other.pk}
    assert not Job.objects.filter(pk=old.pk).exists()
    assert set(Suggestion.objects.values_list("job", flat=True)) == {new.pk}


def _claimed(job: Job) -> Job:
    claimed = lifecycle.claim(job.pk)
    assert claimed is not None
    return claimed


@pytest.mark.django_db
def test_a_worker_that_lost_its_job_leaves_no_masks() -> None:
    job = _claimed(lifecycle.create(Job.Kind.SEGMENT, project=Project.objects.create(name="P")))
    Job.objects.update(attempt=2)
    with pytest.raises(lifecycle.LostLease):
        lifecycle.complete(job, {"model": "m"}, suggestions=[MASK])
    assert not Suggestion.objects.exists()


@pytest.mark.django_db
def test_the_masks_of_many_jobs_are_read_at_once(
    django_assert_num_queries: Callable[..., AbstractContextManager[object]],
) -> None:
    project = Project.objects.create(name="P")
    masks = [MASK | {"score": 0.5, "candidate": 1}]
    for kind in (Job.Kind.SEGMENT, Job.Kind.ALIKE, Job.Kind.EXPORT, Job.Kind.SEGMENT):
        found = [] if kind == Job.Kind.EXPORT else masks
        job = _claimed(lifecycle.create(kind, project=project))
        lifecycle.complete(job, {"model": "m"}, suggestions=found)
    jobs = list(Job.objects.order_by("pk"))
    with django_assert_num_queries(1):
        listed = results.of_listed(jobs)
    first, alike, export, last = (listed[job.pk] for job in jobs)
    assert first == last == {"masks": masks, "model": "m"}
    assert (alike, export) == (None, {"model": "m"})
