"""Projects with their labels, attributes and people."""

from typing import Annotated, NotRequired

from typing_extensions import TypedDict

from ..models import Attribute as AttributeRow
from ..models import Membership
from .fields import Choice, Given, Of, example, ms, represent_each, username
from .values import MADE, Next

Role = Annotated[str, Choice(Membership.Role)]
AttributeKind = Annotated[str, Choice(AttributeRow.Kind)]


class Label(TypedDict):
    id: Annotated[int, Of("id", 4)]
    name: Annotated[str, Of("name", "cup")]
    color: Annotated[str, Of("color", "#2f81f7")]
    order: Annotated[int, Of("order", 0)]


class Attribute(TypedDict):
    """A field of objects. `labels` are those whose objects have it, null for all of them."""

    id: Annotated[int, Of("id", 2)]
    name: Annotated[str, Of("name", "full")]
    type: Annotated[AttributeKind, Of("kind", "checkbox")]
    required: Annotated[bool, Of("required", False)]
    default: Annotated[bool | float | str | None, Of("default", None)]
    options: Annotated[list[str], Of("options", [])]
    min: Annotated[float | None, Of("minimum", None)]
    max: Annotated[float | None, Of("maximum", None)]
    labels: Annotated[list[int] | None, Of("labels", [4])]
    order: Annotated[int, Of("order", 0)]


class Counts(TypedDict):
    images: Annotated[int, Given(120)]
    annotated: Annotated[int, Given(37)]
    annotations: Annotated[int, Given(212)]
    submitted: Annotated[int, Given(30)]
    skipped: Annotated[int, Given(2)]


# A row of it carries the `role` of whoever asks.
class Project(TypedDict):
    id: Annotated[int, Of("id", 1)]
    slug: Annotated[str, Of("slug", "breakfast")]
    name: Annotated[str, Of("name", "Breakfast")]
    role: Annotated[Role, Of("role", "owner")]
    labels: Annotated[
        list[Label], Of(lambda row: represent_each(Label, row.labels.all()), [example(Label)])
    ]
    attributes: Annotated[
        list[Attribute],
        Of(lambda row: represent_each(Attribute, row.attributes.all()), [example(Attribute)]),
    ]
    counts: NotRequired[
        Annotated[
            Counts | None,
            Given(example(Counts), description="there unless it was asked for without"),
        ]
    ]
    createdTime: Annotated[int, Of(ms("created_at"), MADE)]


class ProjectPage(TypedDict):
    items: Annotated[list[Project], Given([example(Project)])]
    next: Next


class Member(TypedDict):
    username: Annotated[str, Of(username("user"), "ann")]
    role: Annotated[Role, Of("role", "owner")]
    createdTime: Annotated[int, Of(ms("created_at"), MADE)]


class MemberPage(TypedDict):
    items: Annotated[list[Member], Given([example(Member)])]
    next: Next
