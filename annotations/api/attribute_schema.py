"""What the API tells of an attribute."""

from typing import Literal

from ninja import Schema


class Attribute(Schema):
    """A field of objects. `labels` are those whose objects have it, null for all of them."""

    id: int
    name: str
    type: Literal["text", "number", "choice", "checkbox"]
    required: bool
    default: bool | float | str | None
    options: list[str]
    min: float | None
    max: float | None
    labels: list[int] | None
    order: int
