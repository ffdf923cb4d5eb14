"""Projects: made, renamed, counted, deleted."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q

from ...models import Annotation, Image, Label, Membership, Project
from ..errors import Conflict
from ..text import clean_text
from ..transactions import retried
from .events import publish_change
from .labels import checked_labels


def create(user: Any, name: str, labels: Sequence[tuple[str, str | None]]) -> Project:
    """A project owned by `user`, with its labels in order. Raises Invalid."""
    name = clean_text(name, "name", 200)
    rows = checked_labels(labels)
    with transaction.atomic():
        project = _with_free_slug(name)
        Membership.objects.create(project=project, user_id=user.pk, role=Membership.Role.OWNER)
        Label.objects.bulk_create(
            Label(project=project, name=n, color=c, order=i) for i, (n, c) in enumerate(rows)
        )
    project.role = Membership.Role.OWNER
    return project


def _with_free_slug(name: str) -> Project:
    """Two projects of one name made at the same moment: the later one looks again."""
    for _ in range(5):
        try:
            with transaction.atomic():
                return Project.objects.create(name=name)
        except IntegrityError:
            continue
    raise Conflict("name_race", "Many projects of this name are being made; try again.", "name")


def rename(project: Project, name: str) -> Project:
    project.name = clean_text(name, "name", 200)
    project.save(update_fields=["name"])
    publish_change(project.pk)
    return project


def delete(project: Project) -> None:
    """Deletes the project, all rows of it and all its files.

    Annotations go first: their labels are protected against deletion while in use. What others
    would add meanwhile waits at the locks and finds the project gone.
    """

    def work() -> None:
        list(Project.objects.select_for_update().filter(pk=project.pk).values_list("pk"))
        images = Image.objects.select_for_update().filter(project=project)
        list(images.order_by("pk").values_list("pk"))
        Annotation.objects.filter(image__project=project).delete()
        Project.objects.filter(pk=project.pk).delete()

    retried(work)


def counts(projects: Iterable[Project]) -> dict[int, dict[str, int]]:
    """`{"images", "annotated", "annotations", "submitted", "skipped"}` of each project, in two
    queries for all."""
    ids = [project.pk for project in projects]
    names = ("images", "annotated", "annotations", "submitted", "skipped")
    result = {pk: dict.fromkeys(names, 0) for pk in ids}
    images = Image.objects.filter(project_id__in=ids).exclude(state=Image.State.REFUSED)
    done = {state: Count("pk", filter=Q(work=state)) for state in ("submitted", "skipped")}
    for row in images.order_by().values("project").annotate(images=Count("pk"), **done):
        result[row.pop("project")].update(row)
    objects = Annotation.objects.filter(image__project_id__in=ids).order_by()
    rows = objects.values_list("image__project").annotate(
        n=Count("pk"), m=Count("image", distinct=True)
    )
    for pk, n, m in rows:
        result[pk].update(annotations=n, annotated=m)
    return result
