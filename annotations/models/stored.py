"""Pictures that were stored to be segmented, without a project."""

from django.conf import settings
from django.db import models

from .job import now_ms


class StoredFile(models.Model):
    """A picture behind a signed link. It goes with its row, some hours after `created_ms`
    (epoch milliseconds)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    file = models.CharField(max_length=200)
    mime_type = models.CharField(max_length=40)
    bytes = models.PositiveBigIntegerField()
    created_ms = models.BigIntegerField(default=now_ms, db_index=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"stored file {self.pk}"
