"""What a project wants to know of its objects besides their label."""

from typing import Any

from django.db import models

from ..domain.attributes import Definition
from .project import Project


class AttributeQuerySet(models.QuerySet["Attribute"]):
    def visible_to(self, user: Any) -> "AttributeQuerySet":
        """Attributes of the projects that `user` is a member of."""
        return self.filter(project__in=Project.objects.visible_to(user))


class Attribute(models.Model):
    """One field of a project's objects, whose values lie in their `attributes` under `name`.

    `labels` holds the ids of the labels whose objects have the field, null for all of them.
    `options` are a choice's values; `minimum` and `maximum` bound a number.
    """

    class Kind(models.TextChoices):
        TEXT = "text", "Text"
        NUMBER = "number", "Number"
        CHOICE = "choice", "Choice"
        CHECKBOX = "checkbox", "Checkbox"

    project = models.ForeignKey(Project, models.CASCADE, related_name="attributes")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    required = models.BooleanField(default=False)
    default = models.JSONField(null=True, blank=True)
    options = models.JSONField(default=list, blank=True)
    minimum = models.FloatField(null=True, blank=True)
    maximum = models.FloatField(null=True, blank=True)
    labels = models.JSONField(null=True, blank=True)
    order = models.PositiveIntegerField(default=0)

    objects = AttributeQuerySet.as_manager()

    class Meta:
        ordering = ("order", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("project", "name"), name="attribute_name_once_a_project"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def definition(self) -> Definition:
        labels = None if self.labels is None else frozenset(self.labels)
        return Definition(
            name=self.name, kind=self.kind, required=self.required, default=self.default,
            options=tuple(self.options), minimum=self.minimum, maximum=self.maximum,
            labels=labels,
        )  # fmt: skip
