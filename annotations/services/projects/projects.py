"""Projects, their labels and their people."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max, ProtectedError

from ... import events
from ...models import PALETTE, Label, Membership, Project
from ...models.project import hex_colour
from ..errors import Conflict, Invalid
from ..transactions import retried

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


def clean_text(value: str, field: str, most: int) -> str:
    """One line of text. Raises Invalid when it is empty, too long or not storable."""
    text = _UNPRINTABLE.sub(" ", value).strip()
    if not text:
        raise Invalid("required", "This must not be empty.", field)
    if len(text) > most:
        raise Invalid("too_long", f"At most {most} characters are taken.", field)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Invalid("bad_text", "The text holds characters that are none.", field) from error
    return text


def clean_colour(value: str | None, index: int, field: str) -> str:
    """`#rrggbb`, or the palette's colour for the label at `index` when none is given."""
    if not value:
        return PALETTE[index % len(PALETTE)]
    try:
        hex_colour(value)
    except ValidationError as error:
        raise Invalid("bad_color", "Give a colour as #rrggbb.", field) from error
    return value.lower()


def create(user: Any, name: str, labels: Sequence[tuple[str, str | None]]) -> Project:
    """A project owned by `user`, with its labels in order. Raises Invalid."""
    name = clean_text(name, "name", 200)
    rows = _label_rows(labels)
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


def _label_rows(labels: Sequence[tuple[str, str | None]]) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    seen: set[str] = set()
    for index, (name, color) in enumerate(labels):
        name = clean_text(name, f"labels.{index}.name", 100)
        if name in seen:
            raise Invalid("duplicate_label", f"{name!r} is given twice.", f"labels.{index}.name")
        seen.add(name)
        rows.append((name, clean_colour(color, index, f"labels.{index}.color")))
    return rows


def rename(project: Project, name: str) -> Project:
    project.name = clean_text(name, "name", 200)
    project.save(update_fields=["name"])
    _tell(project.pk)
    return project


def delete(project: Project) -> None:
    """Deletes the project, all rows of it and all its files.

    Annotations go first: their labels are protected against deletion while in use. What others
    would add meanwhile waits at the locks and finds the project gone.
    """
    from ...models import Annotation, Image

    def work() -> None:
        list(Project.objects.select_for_update().filter(pk=project.pk).values_list("pk"))
        images = Image.objects.select_for_update().filter(project=project)
        list(images.order_by("pk").values_list("pk"))
        Annotation.objects.filter(image__project=project).delete()
        Project.objects.filter(pk=project.pk).delete()

    retried(work)


def add_label(project: Project, name: str, color: str | None) -> Label:
    name = clean_text(name, "name", 100)
    last = project.labels.aggregate(order=Max("order"))["order"]
    order = 0 if last is None else last + 1
    try:
        with transaction.atomic():
            label = Label.objects.create(
                project=project, name=name, order=order,
                color=clean_colour(color, project.labels.count(), "color"),
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict("duplicate_label", "The project has this label already.", "name") from error
    _tell(project.pk)
    return label


def change_label(label: Label, fields: dict[str, Any]) -> Label:
    """Sets `name`, `color` and `order`, those that are given."""
    if fields.get("name") is not None:
        label.name = clean_text(fields["name"], "name", 100)
    if fields.get("color") is not None:
        label.color = clean_colour(fields["color"], 0, "color")
    if fields.get("order") is not None:
        label.order = fields["order"]
    try:
        with transaction.atomic():
            label.save()
    except IntegrityError as error:
        raise Conflict("duplicate_label", "The project has this label already.", "name") from error
    _tell(label.project_id)
    return label


def delete_label(label: Label) -> None:
    """Deletes an unused label. Raises Conflict while objects carry it."""
    project = label.project_id
    try:
        label.delete()
    except ProtectedError as error:
        count = label.annotations.count()
        raise Conflict(
            "label_in_use",
            f"{count} objects carry this label; give them another one first.",
        ) from error
    _tell(project)


def set_member(project: Project, username: str, role: str) -> Membership:
    """Adds a person by user name, or changes the role. Raises Invalid or Conflict."""
    if role not in Membership.Role.values:
        raise Invalid("bad_role", "The role is owner or member.", "role")
    user = get_user_model().objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Invalid("unknown_user", "Nobody here has this user name.", "username")
    with transaction.atomic():
        if role != Membership.Role.OWNER:
            _keep_an_owner(project, user)
        member, _ = Membership.objects.update_or_create(
            project=project, user=user, defaults={"role": role}
        )
    _tell(project.pk)
    return member


def remove_member(project: Project, username: str) -> None:
    """Removes a person, whose open pages stop getting events. Raises Invalid or Conflict."""
    member = project.memberships.filter(user__username=username).select_related("user").first()
    if member is None:
        raise Invalid("unknown_user", "The project has no such member.", "username")
    with transaction.atomic():
        _keep_an_owner(project, member.user)
        member.delete()
    _tell(project.pk)


def _keep_an_owner(project: Project, user: Any) -> None:
    owners = project.memberships.select_for_update().filter(role=Membership.Role.OWNER)
    ids = set(owners.values_list("user_id", flat=True))
    if ids == {user.pk}:
        raise Conflict("last_owner", "A project keeps at least one owner.", "username")


def counts(projects: Iterable[Project]) -> dict[int, dict[str, int]]:
    """`{"images", "annotated", "annotations", "submitted", "skipped"}` of each project, in two
    queries for all."""
    from django.db.models import Count, Q

    from ...models import Annotation, Image

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


def _tell(project_id: int) -> None:
    events.publish(project_id, "project.updated", {"id": project_id})
