"""Files as clients of the Cognite-compatible API declare them, before and after their upload."""

from typing import Any

from django.db import models

from .image import Image
from .job import now_ms
from .project import Project

# Files added in the browser are known to that API by their image's id; those declared there get
# ids from this number up, so that the two never meet. JSON numbers are exact up to 2**53.
FIRST_FILE_ID = 2**40


class SourceFile(models.Model):
    """A declared file, and the image that its content became.

    `upload` names the open or last upload; a single one is `open` until its bytes are taken,
    `parts` holds `{number: [storage key, bytes]}` of one in several parts. `made` tells that the
    image came by this file, and goes with it. Times are epoch milliseconds.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="files")
    name = models.CharField(max_length=256)
    external_id = models.CharField(max_length=255, null=True)  # noqa: DJ001  (null: none given)
    mime_type = models.CharField(max_length=256, blank=True, default="")
    metadata = models.JSONField(null=True)
    image = models.ForeignKey(Image, models.CASCADE, null=True, related_name="sources")
    made = models.BooleanField(default=False)
    upload = models.CharField(max_length=32, blank=True, default="")
    upload_open = models.BooleanField(default=False)
    part_count = models.PositiveSmallIntegerField(default=0)
    parts = models.JSONField(default=dict)
    created_ms = models.BigIntegerField(default=now_ms)
    updated_ms = models.BigIntegerField(default=now_ms)
    uploaded_ms = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("project", "external_id"), name="file_external_id_once_a_project"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> int:
        """The id that clients see."""
        return FIRST_FILE_ID + int(self.pk)

    @property
    def part_keys(self) -> list[str]:
        """Storage keys of the parts that have arrived."""
        parts: dict[str, list[Any]] = self.parts
        return [str(key) for key, _ in parts.values()]
