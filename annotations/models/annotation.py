"""Objects cut out of images, and every change ever made to them."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models

from .image import Image
from .mask import MaskColumns
from .project import Label


class AnnotationQuerySet(models.QuerySet["Annotation"]):
    def visible_to(self, user: Any) -> "AnnotationQuerySet":
        """Annotations of the projects that `user` is a member of."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(image__project__memberships__user_id=user.pk)


class Annotation(MaskColumns):
    """One object: a mask with a label. `counts` is the compressed COCO RLE of the mask, whose
    size is the image's (height, width); bbox and area are derived from it, in pixels.

    Objects lie above each other by `z`, the highest in front; where it is null it counts as the
    time of making in epoch milliseconds, so that what nobody moved lies in the order of making.
    """

    class Source(models.TextChoices):
        SMART = "smart", "Smart"
        POLYGON = "polygon", "Polygon"
        BRUSH = "brush", "Brush"
        BOX = "box", "Box"
        COLOUR = "colour", "Colour regions"
        IMPORT = "import", "Import"
        API = "api", "API"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    image = models.ForeignKey(Image, models.CASCADE, related_name="annotations")
    label = models.ForeignKey(Label, models.PROTECT, related_name="annotations")
    counts = models.TextField()
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.API)
    prompts = models.JSONField(null=True, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    candidate = models.PositiveSmallIntegerField(null=True, blank=True)
    score = models.FloatField(null=True, blank=True)
    model = models.CharField(max_length=60, blank=True, default="")
    z = models.FloatField(null=True, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = AnnotationQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")
        indexes = (models.Index(fields=("image", "created_at"), name="annotation_by_image"),)

    def __str__(self) -> str:
        return f"{self.label} on {self.image}"

    @property
    def rle(self) -> dict[str, Any]:
        return {"size": [self.image.height, self.image.width], "counts": self.counts}


class AnnotationRevision(models.Model):
    """What an annotation was after one change: who, when, what, and where it is no plain edit
    why. Kept after a deletion."""

    class Action(models.TextChoices):
        CREATED = "created", "Created"
        UPDATED = "updated", "Updated"
        DELETED = "deleted", "Deleted"

    annotation = models.UUIDField(db_index=True)
    image = models.ForeignKey(Image, models.CASCADE, related_name="revisions")
    version = models.PositiveIntegerField()
    action = models.CharField(max_length=10, choices=Action.choices)
    snapshot = models.JSONField()
    reason = models.CharField(max_length=200, blank=True, default="")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("annotation", "version"), name="one_revision_a_version"
            ),
        )

    def __str__(self) -> str:
        return f"{self.annotation} v{self.version} {self.action}"
