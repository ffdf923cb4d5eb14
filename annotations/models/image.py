"""Images and the embeddings computed from their content."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from .project import Project


def _annotations() -> models.QuerySet[Any]:
    """The annotations of an outer image. By name: their module imports this one."""
    return apps.get_model("annotations", "Annotation").objects.filter(image=OuterRef("pk"))


class ImageQuerySet(models.QuerySet["Image"]):
    def visible_to(self, user: Any) -> "ImageQuerySet":
        """Images of the projects that `user` is a member of."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(project__memberships__user_id=user.pk)

    def annotated(self) -> "ImageQuerySet":
        return self.filter(self._has_annotations())

    def unannotated(self) -> "ImageQuerySet":
        return self.exclude(self._has_annotations()).exclude(state=Image.State.REFUSED)

    def untouched(self) -> "ImageQuerySet":
        """Images that somebody has yet to begin with: ready, open, and without an object."""
        todo = self.filter(state=Image.State.READY, work=Image.Work.OPEN)
        return todo.exclude(self._has_annotations())

    @staticmethod
    def _has_annotations() -> Exists:
        return Exists(_annotations())

    def with_details(self, model: str, version: int) -> "ImageQuerySet":
        """Annotates `annotation_count`, and the status and error of the model's embedding."""
        count = _annotations().order_by().values("image").annotate(n=models.Count("pk"))
        embedding = Embedding.objects.of(OuterRef("sha256"), (model, version))
        return self.select_related("work_by").annotate(
            annotation_count=models.functions.Coalesce(Subquery(count.values("n")), 0),
            embedding_status=Subquery(embedding.values("status")[:1]),
            embedding_error=Subquery(embedding.values("error")[:1]),
        )


class Image(models.Model):
    """One image of a project. Width and height are those of the upright picture.

    `original`, `preview`, `thumbnail` and `pyramid` are storage keys with generated names. `work`
    is how far people are with it; `work_by` and `work_at` tell who changed that last, and when.
    """

    class State(models.TextChoices):
        PREPARING = "preparing", "Preparing"
        READY = "ready", "Ready"
        REFUSED = "refused", "Refused"

    class Work(models.TextChoices):
        OPEN = "open", "Open"
        SUBMITTED = "submitted", "Submitted"
        SKIPPED = "skipped", "Skipped"

    project = models.ForeignKey(Project, models.CASCADE, related_name="images")
    name = models.CharField(max_length=255)
    external_id = models.CharField(max_length=255, blank=True, default="")
    sha256 = models.CharField(max_length=64, db_index=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveBigIntegerField()
    mime_type = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREPARING)
    error_code = models.CharField(max_length=60, blank=True, default="")
    error_message = models.CharField(max_length=500, blank=True, default="")
    original = models.CharField(max_length=200)
    preview = models.CharField(max_length=200, blank=True, default="")
    thumbnail = models.CharField(max_length=200, blank=True, default="")
    pyramid = models.CharField(max_length=200, blank=True, default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    work = models.CharField(max_length=10, choices=Work.choices, default=Work.OPEN)
    skip_reason = models.CharField(max_length=200, blank=True, default="")
    work_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    work_at = models.DateTimeField(null=True, blank=True)

    objects = ImageQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("project", "sha256"), name="content_once_a_project"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/images/{self.pk}/annotate/"

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Deletes the row with all that hangs on it. What others would hang on it meanwhile
        waits at the lock and finds it gone, so that nothing keeps it from going."""
        with transaction.atomic():
            list(Image.objects.select_for_update().filter(pk=self.pk).values_list("pk"))
            return super().delete(*args, **kwargs)

    @property
    def files(self) -> list[str]:
        """Storage keys of every file that belongs to this image alone."""
        keys = (self.original, self.preview, self.thumbnail, self.pyramid)
        return [key for key in keys if key]


class EmbeddingQuerySet(models.QuerySet["Embedding"]):
    def of(self, sha256: Any, key: tuple[str, int], region: str = "") -> "EmbeddingQuerySet":
        """The one of a content, or of a region of it, by the model of `key` (id, version)."""
        model, version = key
        return self.filter(sha256=sha256, model=model, version=version, region=region)


class Embedding(models.Model):
    """What a model's encoder made of one content; shared by all projects that hold it.
    `region` is empty for the whole image, else the key of a `domain.crops.CropWindow`.

    `used_at` is when somebody last needed it, to the hour. Until `lease_ms` (epoch
    milliseconds) a worker is computing it, and nobody else need.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    sha256 = models.CharField(max_length=64)
    model = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    region = models.CharField(max_length=40, blank=True, default="")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    error = models.CharField(max_length=500, blank=True, default="")
    file = models.CharField(max_length=200, blank=True, default="")
    bytes = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(default=timezone.now)
    lease_ms = models.BigIntegerField(default=0)

    objects = EmbeddingQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("sha256", "model", "version", "region"),
                name="one_embedding_a_content_model_and_region",
            ),
        )

    def __str__(self) -> str:
        return f"{self.model} v{self.version} of {self.sha256[:12]}"
