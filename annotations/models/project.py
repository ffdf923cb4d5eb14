"""Projects, who belongs to them, and the names they give to objects."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.text import slugify

User = AbstractBaseUser | AnonymousUser

PALETTE = (
    "#4cc9f0", "#f72585", "#80ed99", "#ffd166", "#b388eb", "#ff8552", "#2ec4b6", "#e56b6f",
    "#9ef01a", "#5e7ce2", "#f4a261", "#d0f4de", "#c77dff", "#06d6a0", "#ef476f", "#00b4d8",
)  # fmt: skip

hex_colour = RegexValidator(r"\A#[0-9a-fA-F]{6}\Z", "Give a colour as #rrggbb.")


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: Any) -> "ProjectQuerySet":
        """Projects that `user` is a member of; being staff alone gives no sight of the data."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(memberships__user_id=user.pk)

    def with_role(self, user: Any) -> "ProjectQuerySet":
        """Annotates `role`, the user's role in each project."""
        role = Membership.objects.filter(project=models.OuterRef("pk"), user_id=user.pk)
        return self.annotate(role=models.Subquery(role.values("role")[:1]))


class Project(models.Model):
    """A set of images, the labels used on them and the people who work there."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=80, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            self.slug = self._free_slug()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return f"/projects/{self.pk}/"

    def _free_slug(self) -> str:
        base = slugify(self.name)[:60] or "project"
        taken = set(Project.objects.filter(slug__startswith=base).values_list("slug", flat=True))
        if base not in taken:
            return base
        return next(s for n in range(2, len(taken) + 3) if (s := f"{base}-{n}") not in taken)


class Membership(models.Model):
    """One person's place in one project."""

    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        MEMBER = "member", "Member"

    project = models.ForeignKey(Project, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("project", "user"), name="one_membership_each"),
            models.CheckConstraint(
                condition=Q(role__in=("owner", "member")), name="membership_role_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} in {self.project} ({self.role})"


class Label(models.Model):
    """A category: the name and colour an object can have."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="labels")
    name = models.CharField(max_length=100)
    color = models.CharField(max_length=7, validators=[hex_colour])
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("order", "id")
        constraints = (
            models.UniqueConstraint(fields=("project", "name"), name="label_name_once_a_project"),
        )

    def __str__(self) -> str:
        return self.name
