"""The labels of a project: checked, added, changed, deleted."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max, ProtectedError

from ...models import PALETTE, Label, Project
from ...models.project import hex_colour
from ..errors import Conflict, Invalid
from ..text import clean_text
from .events import publish_change


def _clean_colour(value: str | None, index: int, field: str) -> str:
    """`#rrggbb`, or the palette's colour for the label at `index` when none is given."""
    if not value:
        return PALETTE[index % len(PALETTE)]
    try:
        hex_colour(value)
    except ValidationError as error:
        raise Invalid("bad_color", "Give a colour as #rrggbb.", field) from error
    return value.lower()


def checked_labels(labels: Sequence[tuple[str, str | None]]) -> list[tuple[str, str]]:
    """The names and colours of a new project's labels. Raises Invalid."""
    rows: list[tuple[str, str]] = []
    seen: set[str] = set()
    for index, (name, color) in enumerate(labels):
        name = clean_text(name, f"labels.{index}.name", 100)
        if name in seen:
            raise Invalid("duplicate_label", f"{name!r} is given twice.", f"labels.{index}.name")
        seen.add(name)
        rows.append((name, _clean_colour(color, index, f"labels.{index}.color")))
    return rows


def add(project: Project, name: str, color: str | None) -> Label:
    name = clean_text(name, "name", 100)
    last = project.labels.aggregate(order=Max("order"))["order"]
    order = 0 if last is None else last + 1
    try:
        with transaction.atomic():
            label = Label.objects.create(
                project=project, name=name, order=order,
                color=_clean_colour(color, project.labels.count(), "color"),
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict("duplicate_label", "The project has this label already.", "name") from error
    publish_change(project.pk)
    return label


def change(label: Label, fields: dict[str, Any]) -> Label:
    """Sets `name`, `color` and `order`, those that are given."""
    if fields.get("name") is not None:
        label.name = clean_text(fields["name"], "name", 100)
    if fields.get("color") is not None:
        label.color = _clean_colour(fields["color"], 0, "color")
    if fields.get("order") is not None:
        label.order = fields["order"]
    try:
        with transaction.atomic():
            label.save()
    except IntegrityError as error:
        raise Conflict("duplicate_label", "The project has this label already.", "name") from error
    publish_change(label.project_id)
    return label


def delete(label: Label) -> None:
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
    publish_change(project)
