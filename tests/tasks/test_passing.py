"""Jobs that are of use for a moment only go by themselves."""

import pytest

from annotations.models import Job, Project, now_ms
from annotations.services import jobs, sweeping


@pytest.mark.django_db
def test_expired_jobs_are_removed_and_no_others() -> None:
    project = Project.objects.create(name="P")
    kept = [
        jobs.create(Job.Kind.SEGMENT, project=project),
        jobs.create(Job.Kind.SEGMENT, project=project, passing=True),
    ]
    gone = jobs.create(Job.Kind.SEGMENT, project=project, passing=True)
    Job.objects.filter(pk=gone.pk).update(expires_ms=now_ms() - 1)
    sweeping.drop_expired()
    assert set(Job.objects.values_list("pk", flat=True)) == {job.pk for job in kept}
