"""Stored prompts asked anew of another model, and what a person decides on each answer."""

from django.conf import settings
from django.db import models

from .image import Image
from .job import Job, now_ms
from .mask import MaskColumns
from .project import Project


class Replay(models.Model):
    """A project's prompts on another model. Its job tells how far it is.

    `engine` is the name that was asked for, `model` the id that its masks bear. `total` counts
    the project's objects when it began, `skipped` those without prompts, `failed` those that
    could not be asked about, since their image could not be read or does not have the region
    that they were made in; `problems` says why of the first of them (annotation, image, code,
    message). All of the images up to the id `last_image` are done.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="replays")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="replays")
    engine = models.CharField(max_length=60)
    model = models.CharField(max_length=60)
    total = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)
    last_image = models.BigIntegerField(default=0)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_ms = models.BigIntegerField(default=now_ms)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"replay {self.pk} on {self.engine}"

    def get_absolute_url(self) -> str:
        return f"/replays/{self.pk}/"


class ReplayProposal(MaskColumns):
    """What the other model makes of an object's prompts.

    `version` is the object's when it was asked; a later one makes the proposal `outdated`.
    `counts` is the new mask's compressed COCO RLE, empty where the mask has no pixel; bbox and
    area are the new mask's, in pixels; `iou` is its agreement with the old mask, 0..1.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        ACCEPTED = "accepted", "Accepted"
        DISMISSED = "dismissed", "Dismissed"
        OUTDATED = "outdated", "Outdated"

    replay = models.ForeignKey(Replay, models.CASCADE, related_name="proposals")
    image = models.ForeignKey(Image, models.CASCADE, related_name="+")
    annotation = models.UUIDField()
    version = models.PositiveIntegerField()
    counts = models.TextField(blank=True)
    candidate = models.PositiveSmallIntegerField()
    score = models.FloatField()
    iou = models.FloatField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_ms = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("iou", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("replay", "annotation"), name="one_proposal_an_object_and_replay"
            ),
        )
        indexes = (models.Index(fields=("replay", "state", "iou", "id"), name="proposal_by_iou"),)

    def __str__(self) -> str:
        return f"proposal {self.pk} ({self.state})"
