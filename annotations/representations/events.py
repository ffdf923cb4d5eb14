"""What a project's members are sent of its changes over their sockets, and of that its webhooks.

Events carry ids and small fields; whoever wants more asks for it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, NotRequired

from typing_extensions import TypedDict, Unpack

from ..models import Image, Job
from .fields import Given, Of, Uuid, example, represent, text
from .images import MISSING, EmbeddingState, State, Work, embedding_error
from .jobs import JobKind, JobStatus, error_of
from .values import ANNOTATION, MADE, ErrorBody


class Type(StrEnum):
    """Of events on the socket."""

    JOB_UPDATED = "job.updated"
    IMAGE_CREATED = "image.created"
    IMAGE_UPDATED = "image.updated"
    IMAGE_DELETED = "image.deleted"
    ANNOTATION_CREATED = "annotation.created"
    ANNOTATION_UPDATED = "annotation.updated"
    ANNOTATION_DELETED = "annotation.deleted"
    PROJECT_UPDATED = "project.updated"


class HookType(StrEnum):
    """Of events that a webhook can be sent."""

    ANNOTATION_CREATED = "annotation.created"
    ANNOTATION_UPDATED = "annotation.updated"
    ANNOTATION_DELETED = "annotation.deleted"
    IMAGE_CREATED = "image.created"
    IMAGE_READY = "image.ready"
    IMAGE_REFUSED = "image.refused"
    IMAGE_DELETED = "image.deleted"
    JOB_COMPLETED = "job.completed"
    JOB_FAILED = "job.failed"


class Event(NamedTuple):
    type: str
    data: Mapping[str, Any]


class Reference(TypedDict):
    id: Annotated[int, Of("id", 3)]


class EndedJob(TypedDict):
    id: Annotated[int, Of("id", 12)]
    kind: Annotated[JobKind, Of("kind", "segment")]
    status: Annotated[JobStatus, Of("status", "Completed")]
    image: Annotated[int | None, Of("image_id", 3)]
    error: Annotated[ErrorBody | None, Of(error_of, None)]


class JobData(EndedJob):
    progress: Annotated[float, Of("progress", 1.0)]


class RefusedImage(Reference):
    error: Annotated[ErrorBody, Given(example(ErrorBody))]


class ImageData(TypedDict):
    """What an event of an image says of it; what it leaves out has not changed. `prepared` is true
    once, when the image has become ready to be shown."""

    id: Annotated[int, Given(3)]
    state: NotRequired[Annotated[State, Given("ready")]]
    work: NotRequired[Annotated[Work, Given()]]
    prepared: NotRequired[Annotated[bool, Given()]]
    embedding: NotRequired[Annotated[EmbeddingState, Given("ready")]]
    error: NotRequired[Annotated[ErrorBody | None, Given(None)]]


class AnnotationData(TypedDict):
    """`user`: who changed it."""

    id: Annotated[Uuid, Of(text("id"), ANNOTATION)]
    image: Annotated[int, Of("image_id", 3)]
    version: Annotated[int, Of("version", 1)]
    user: Annotated[int | None, Given(7)]


# The data of each.
DATA: dict[Type, type[Any]] = {
    Type.JOB_UPDATED: JobData,
    Type.IMAGE_CREATED: Reference,
    Type.IMAGE_UPDATED: ImageData,
    Type.IMAGE_DELETED: Reference,
    Type.ANNOTATION_CREATED: AnnotationData,
    Type.ANNOTATION_UPDATED: AnnotationData,
    Type.ANNOTATION_DELETED: AnnotationData,
    Type.PROJECT_UPDATED: Reference,
}
HOOK_DATA: dict[HookType, type[Any]] = {
    HookType.ANNOTATION_CREATED: AnnotationData,
    HookType.ANNOTATION_UPDATED: AnnotationData,
    HookType.ANNOTATION_DELETED: AnnotationData,
    HookType.IMAGE_CREATED: Reference,
    HookType.IMAGE_READY: Reference,
    HookType.IMAGE_REFUSED: RefusedImage,
    HookType.IMAGE_DELETED: Reference,
    HookType.JOB_COMPLETED: EndedJob,
    HookType.JOB_FAILED: EndedJob,
}


# --- On the socket ---------------------------------------------------------------------------


def job_updated(row: Job) -> Event:
    return Event(Type.JOB_UPDATED.value, represent(JobData, row))


def image_created(row: Image) -> Event:
    return Event(Type.IMAGE_CREATED.value, Reference(id=row.pk))


def image_updated(**data: Unpack[ImageData]) -> Event:
    return Event(Type.IMAGE_UPDATED.value, data)


def image_embedded(image: int, embedding: str, error: str) -> Event:
    """The embedding's state has changed; `error` is empty unless it failed."""
    problem = embedding_error(error) if error else None
    return image_updated(id=image, state=str(Image.State.READY), embedding=embedding, error=problem)


def image_refused(row: Image, code: str, message: str) -> Event:
    return image_updated(
        id=row.pk,
        state=str(Image.State.REFUSED),
        embedding=MISSING,
        error={"code": code, "message": message},
    )


def image_deleted(row: Image) -> Event:
    return Event(Type.IMAGE_DELETED.value, Reference(id=row.pk))


def annotation_changed(action: str, row: Any, user: Any) -> Event:
    """`action`: created, updated or deleted."""
    return Event(Type(f"annotation.{action}").value, represent(AnnotationData, row, user=user.pk))


def project_updated(project: int) -> Event:
    return Event(Type.PROJECT_UPDATED.value, Reference(id=project))


# --- To webhooks -----------------------------------------------------------------------------


def hook_event(event: tuple[str, Mapping[str, Any]]) -> Event | None:
    """The event as webhooks are sent it; None for what they are not."""
    kind, data = event
    if kind == Type.JOB_UPDATED:
        return _job_ended(data)
    if kind == Type.IMAGE_UPDATED:
        return _image_decided(data)
    return Event(kind, data) if kind in set(HookType) else None


def _job_ended(data: Mapping[str, Any]) -> Event | None:
    ended = {
        str(Job.Status.COMPLETED): HookType.JOB_COMPLETED,
        str(Job.Status.FAILED): HookType.JOB_FAILED,
    }
    kind = ended.get(data["status"])
    if kind is None:
        return None
    return Event(kind.value, {name: data[name] for name in EndedJob.__annotations__})


def _image_decided(data: Mapping[str, Any]) -> Event | None:
    if data.get("prepared"):
        return Event(HookType.IMAGE_READY.value, Reference(id=data["id"]))
    if data.get("state") == Image.State.REFUSED and data.get("error"):
        refused = RefusedImage(id=data["id"], error=data["error"])
        return Event(HookType.IMAGE_REFUSED.value, refused)
    return None


# What is sent to a webhook, the same at every attempt. Of a delivery whose webhook is loaded.
class SentEvent(TypedDict):
    id: Annotated[Uuid, Of(text("event"), "0b6f8c1e-2f0c-4f4e-8a57-9d6f5a8f7e10")]
    type: Annotated[str, Of("type", HookType.IMAGE_READY.value)]
    time: Annotated[int, Of("created_ms", MADE + 61_000)]
    project: Annotated[int, Of("webhook.project_id", 1)]
    data: Annotated[dict[str, Any], Of("data", {"id": 3})]
