"""Work done by workers: a row first, a message second."""

import time
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from .image import Image
from .project import Project


def now_ms() -> int:
    """The time as epoch milliseconds."""
    return time.time_ns() // 1_000_000


def with_image(collector: Any, field: Any, jobs: Any, using: str) -> None:
    """What becomes of an image's jobs when it is deleted: they go, but those of a client that
    will ask for them by their number stay, to tell it so."""
    models.CASCADE(collector, field, [job for job in jobs if not job.origin], using)
    models.SET_NULL(collector, field, [job for job in jobs if job.origin], using)


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: Any) -> "JobQuerySet":
        """Jobs of the projects that `user` is a member of, and their own without a project."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        of_project = Q(project__memberships__user_id=user.pk)
        return self.filter(of_project | Q(project=None, user_id=user.pk))

    def unfinished(self) -> "JobQuerySet":
        return self.filter(status__in=(Job.Status.QUEUED, Job.Status.RUNNING))


class Job(models.Model):
    """`Queued → Running → Completed | Failed`; times are epoch milliseconds.

    `attempt` is the fencing token: it grows with each claim, and only the holder of the
    newest may write the outcome. `lease_ms` is when a silent worker loses the job. An
    ephemeral job, like the preview under a pointer, has `expires_ms`: then its row goes.
    `origin` is the API that the job was asked for by, where it is not our own. The masks of a
    result are rows of `Suggestion`.
    """

    class Kind(models.TextChoices):
        """Names only: what each is like is declared where its work is done."""

        PREPARE = "prepare"
        EMBED = "embed"
        SEGMENT = "segment"
        EXPORT = "export"
        FETCH = "fetch"
        COLOUR = "colour"  # a picture that belongs to no project
        REGIONS = "regions"  # the same method, on an image
        REPLAY = "replay"
        EVERYTHING = "everything"  # all objects of an image
        ALIKE = "alike"  # objects like given ones
        PYRAMID = "pyramid"
        CLOSEUP = "closeup"

    class Queue(models.TextChoices):
        """Where jobs wait; which worker takes from which is the supervisor's plan."""

        INTERACTIVE = "interactive"  # somebody waits, for hundredths of a second of work
        BATCH = "batch"  # nobody waits
        PROPOSALS = "proposals"  # somebody waits, for seconds of work
        IO = "io"  # files: strangers' are decoded here, where memory is limited
        NET = "net"  # waits for other people's servers

    class Status(models.TextChoices):
        QUEUED = "Queued", "Queued"
        RUNNING = "Running", "Running"
        COMPLETED = "Completed", "Completed"
        FAILED = "Failed", "Failed"

    class Origin(models.TextChoices):
        COGNITE = "cognite", "Cognite"

    kind = models.CharField(
        max_length=10
    )  # of Kind; named as choices, each new one would be a migration
    origin = models.CharField(max_length=10, choices=Origin.choices, blank=True, default="")
    queue = models.CharField(max_length=20)
    project = models.ForeignKey(Project, models.CASCADE, null=True, related_name="jobs")
    image = models.ForeignKey(Image, with_image, null=True, related_name="jobs")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    progress = models.FloatField(default=0.0)
    params = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    error_code = models.CharField(max_length=60, blank=True, default="")
    error_message = models.CharField(max_length=500, blank=True, default="")
    file = models.CharField(max_length=200, blank=True, default="")
    created_ms = models.BigIntegerField(default=now_ms)
    start_ms = models.BigIntegerField(null=True)
    status_ms = models.BigIntegerField(default=now_ms)
    lease_ms = models.BigIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=0)
    expires_ms = models.BigIntegerField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("status", "lease_ms"), name="job_by_status"),
            models.Index(fields=("project", "-id"), name="job_by_project"),
            models.Index(
                fields=("expires_ms",),
                name="job_by_expiry",
                condition=models.Q(expires_ms__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} ({self.status})"
