"""Programs that want to be told: where to, what of, and what came of each telling."""

import secrets
import uuid

from django.conf import settings
from django.db import models

from .job import now_ms
from .project import Project

_PREFIX = "whsec_"


def new_secret() -> str:
    """256 random bits, told from other secrets by their prefix."""
    return _PREFIX + secrets.token_urlsafe(32)


class Webhook(models.Model):
    """An address that a project's events are sent to.

    `failing_ms` is when the first failure since the last success was, `stopped` why the hook
    was switched off by itself. The secret signs, so it is kept as it is and never shown again.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=2000)
    secret = models.CharField(max_length=80, default=new_secret, editable=False)
    events = models.JSONField(default=list)
    active = models.BooleanField(default=True)
    stopped = models.CharField(max_length=300, blank=True, default="")
    failures = models.PositiveIntegerField(default=0)
    failing_ms = models.BigIntegerField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_ms = models.BigIntegerField(default=now_ms)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"webhook {self.pk} of {self.project_id}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self) -> "DeliveryQuerySet":
        """Those that wait for nothing but a sender, and those whose sender died."""
        return self.unsettled().filter(next_ms__lte=now_ms())

    def unsettled(self) -> "DeliveryQuerySet":
        """Those of which nobody knows yet whether they will get through."""
        return self.filter(status__in=(Delivery.Status.WAITING, Delivery.Status.SENDING))


class Delivery(models.Model):
    """One event for one webhook: written with the change that it tells of, sent later.

    `next_ms` is when it is due; while it is being sent, when another sender may take it over.
    The hook may vanish between a change and its commit, and no change may fail for that, so
    the database does not hold the two together; stray rows are pruned.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Sending"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Failed"

    event = models.UUIDField(default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(
        Webhook, models.CASCADE, related_name="deliveries", db_constraint=False
    )
    type = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    most_attempts = models.PositiveIntegerField(default=8)
    status_code = models.PositiveIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True, default="")
    response = models.CharField(max_length=500, blank=True, default="")
    duration_ms = models.PositiveIntegerField(null=True)
    created_ms = models.BigIntegerField(default=now_ms)
    last_ms = models.BigIntegerField(null=True)
    next_ms = models.BigIntegerField(default=now_ms)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("status", "next_ms"), name="delivery_by_status"),
            models.Index(fields=("webhook", "-id"), name="delivery_by_webhook"),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.pk} ({self.status})"
