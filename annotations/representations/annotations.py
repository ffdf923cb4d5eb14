"""Objects, and the versions that each of them had."""

from typing import Annotated, Any, NotRequired

from typing_extensions import TypedDict

from ..models import Annotation as Row
from ..models import AnnotationRevision
from .fields import Choice, Given, Of, Source, Uuid, example, ms, or_null, text, username
from .values import ANNOTATION, BOX, MADE, PROMPTS, Box, Error, Next, Rle

AnnotationSource = Annotated[str, Choice(Row.Source)]
RevisionAction = Annotated[str, Choice(AnnotationRevision.Action)]


# A row of it has its image and author loaded.
class Annotation(TypedDict):
    """An object. What has the larger `z` lies in front; null counts as `createdTime`."""

    id: Annotated[Uuid, Of(text("id"), ANNOTATION)]
    image: Annotated[int, Of("image_id", 3)]
    label: Annotated[int, Of("label_id", 4)]
    rle: Annotated[Rle, Of("rle", example(Rle))]
    bbox: Box
    area: Annotated[int, Of("area", 4)]
    source: Annotated[AnnotationSource, Of("source", "smart")]
    prompts: Annotated[dict[str, Any] | None, Of("prompts", PROMPTS)]
    attributes: Annotated[dict[str, Any], Of("attributes", {"full": True})]
    candidate: Annotated[int | None, Of("candidate", 0)]
    score: Annotated[float | None, Of("score", 0.93)]
    model: Annotated[str, Of("model", "mobile_sam")]
    z: Annotated[float | None, Of("z", None)]
    author: Annotated[str | None, Of(username("author"), "ann")]
    version: Annotated[int, Of("version", 1)]
    createdTime: Annotated[int, Of(ms("created_at"), MADE + 95_000)]
    updatedTime: Annotated[int, Of(ms("updated_at"), MADE + 95_000)]


class AnnotationPage(TypedDict):
    items: Annotated[list[Annotation], Given([example(Annotation)])]
    next: Next


class Stale(Error):
    """The version was not the newest; `current` is what the object is now."""

    current: NotRequired[Annotated[Annotation | None, Given(example(Annotation))]]


def _then(name: str) -> Source:
    """What a field of the object was; null in versions of a time before there was the field."""
    return lambda version: version.row.snapshot.get(name)


# Of a version as `services.annotations.history` finds it, whose row has image and user loaded.
class Revision(TypedDict):
    """One version of an object: who made it when, what it changed, and what the object was then.
    `reason` is there where it was no plain edit."""

    annotation: Annotated[Uuid, Of(text("row.annotation"), ANNOTATION)]
    image: Annotated[int, Of("row.image_id", 3)]
    version: Annotated[int, Of("row.version", 2)]
    action: Annotated[RevisionAction, Of("row.action", "updated")]
    changed: Annotated[list[str], Of("changed", ["attributes"])]
    reason: Annotated[str | None, Of(or_null("row.reason"), None)]
    user: Annotated[str | None, Of(username("row.user"), "ben")]
    time: Annotated[int, Of(ms("row.created_at"), MADE + 99_000)]
    label: Annotated[int, Of(_then("label_id"), 4)]
    attributes: Annotated[dict[str, Any], Of(_then("attributes"), {"full": False})]
    source: Annotated[str, Of(_then("source"), "smart")]
    score: Annotated[float | None, Of(_then("score"), 0.93)]
    model: Annotated[str, Of(_then("model"), "mobile_sam")]
    z: Annotated[float | None, Of(_then("z"), None)]


class RevisionPage(TypedDict):
    items: Annotated[list[Revision], Given([example(Revision)])]
    next: Next


class RevisionDetail(Revision):
    rle: Annotated[Rle, Given(example(Rle))]
    bbox: Annotated[list[int], BOX, Given([1, 1, 2, 2])]
    area: Annotated[int, Given(4)]
    prompts: Annotated[dict[str, Any] | None, Of(_then("prompts"), PROMPTS)]
    candidate: Annotated[int | None, Of(_then("candidate"), 0)]
