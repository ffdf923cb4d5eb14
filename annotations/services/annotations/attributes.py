"""A project's attributes, and whether an object's values fit them."""

import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from ...domain import attributes as domain
from ...domain.errors import DomainError
from ...models import Annotation, AnnotationRevision, Attribute, Label, Project
from ..errors import Conflict, Invalid
from ..projects.events import publish_change
from ..text import clean_text

_MOST = 100


def add(project: Project, fields: dict[str, Any]) -> Attribute:
    """An attribute after the others; `fields` are those of the model. Raises Invalid or
    Conflict."""
    if project.attributes.count() >= _MOST:
        raise Conflict("too_many_attributes", f"A project has at most {_MOST} attributes.")
    last = project.attributes.aggregate(order=Max("order"))["order"]
    row = Attribute(project=project, order=0 if last is None else last + 1)
    return _save(row, fields)


def change(row: Attribute, fields: dict[str, Any]) -> Attribute:
    """Sets the fields that are given. Values that objects have stay as they are."""
    name = fields.get("name")
    if name is not None and name != row.name and _in_use(row):
        raise Conflict(
            "attribute_in_use", "Objects have values under this name already.", "name"
        )  # fmt: skip
    return _save(row, fields)


def delete(row: Attribute) -> None:
    """Deletes the attribute; the values stay with the objects."""
    project = row.project_id
    row.delete()
    publish_change(project)


def _save(row: Attribute, fields: dict[str, Any]) -> Attribute:
    for name, value in fields.items():
        setattr(row, name, value)
    row.name = clean_text(row.name, "name", 100)
    row.options = _options(row.options)
    if row.labels is not None:
        row.labels = _labels(row)
    try:
        domain.check(row.definition)
    except DomainError as error:
        raise Invalid("bad_attribute", error.message, error.field) from error
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Conflict(
            "duplicate_attribute", "The project has this attribute already.", "name"
        ) from error
    publish_change(row.project_id)
    return row


def _options(given: list[str]) -> list[str]:
    found: list[str] = []
    for index, option in enumerate(given):
        text = clean_text(option, f"options.{index}", domain.OPTION_CHARACTERS)
        if text in found:
            raise Invalid("duplicate_option", f"{text!r} is given twice.", f"options.{index}")
        found.append(text)
    return found


def _labels(row: Attribute) -> list[int]:
    wanted = sorted(set(row.labels))
    known = set(Label.objects.filter(project_id=row.project_id).values_list("pk", flat=True))
    # What was taken before and is deleted now does no harm.
    before = Attribute.objects.filter(pk=row.pk).values_list("labels", flat=True).first() or []
    if not set(wanted) <= known | set(before):
        raise Invalid("unknown_label", "The project has no label with this id.", "labels")
    return [pk for pk in wanted if pk in known]


def _in_use(row: Attribute) -> bool:
    rows = Annotation.objects.filter(image__project_id=row.project_id)
    return rows.filter(attributes__has_key=row.name).exists()


# --- Values of objects -----------------------------------------------------------------------


def defaults(project: int, label: int) -> dict[str, Any]:
    """What a new object with this label has from the start."""
    return domain.defaults(_definitions(project), label)


def check(project: int, annotation: uuid.UUID, values: dict[str, Any]) -> None:
    """Raises Invalid for a value that its attribute does not take.

    What the object had at some time may come back: an undo must work after somebody has changed
    the attribute.
    """
    if not values:
        return
    for name, problem in domain.misfits(_definitions(project), values):
        if not _had(annotation, name, values[name]):
            raise Invalid("bad_attribute", problem, f"attributes.{name}")


def _definitions(project: int) -> list[domain.Definition]:
    return [row.definition for row in Attribute.objects.filter(project_id=project)]


def _had(annotation: uuid.UUID, name: str, value: Any) -> bool:
    past = AnnotationRevision.objects.filter(annotation=annotation)
    snapshots = past.values_list("snapshot__attributes", flat=True)
    return any(isinstance(was, dict) and name in was and was[name] == value for was in snapshots)
