"""Jobs that are of use for a moment or a day only go by themselves."""

import pytest

from annotations.models import Job, Project, now_ms
from annotations.services.jobs import lifecycle, maintenance


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
    Job.objects.exclude(pk=waiting.pk).update(status="Completed", result={"proposals": []})
    Job.objects.exclude(pk=new.pk).update(status_ms=yesterday)
    assert maintenance.prune() == 1
    assert set(Job.objects.values_list("pk", flat=True)) == {new.pk, waiting.pk, other.pk}
    assert not Job.objects.filter(pk=old.pk).exists()
