"""Images and what came of an upload."""

from typing import Annotated, Any, NotRequired

from typing_extensions import TypedDict

from ..models import Embedding
from ..models import Image as Row
from .fields import Choice, Given, Of, example, ms, or_null, username
from .values import MADE, ErrorBody, Next

MISSING = "missing"
_PREPARING, _REFUSED = str(Row.State.PREPARING), str(Row.State.REFUSED)
_QUEUED, _FAILED = str(Embedding.Status.QUEUED), str(Embedding.Status.FAILED)

State = Annotated[str, Choice(Row.State)]
Work = Annotated[str, Choice(Row.Work)]
EmbeddingState = Annotated[str, Choice(MISSING, Embedding.Status)]


def embedding_state(row: Any) -> Any:
    if row.state == _PREPARING:
        return _QUEUED
    return row.embedding_status or MISSING


def embedding_error(message: str) -> ErrorBody:
    return {"code": "embedding_failed", "message": message}


def _error(row: Any) -> ErrorBody | None:
    if row.state == _REFUSED:
        return {"code": row.error_code, "message": row.error_message}
    if row.embedding_status == _FAILED and row.state != _PREPARING:
        return embedding_error(row.embedding_error or "")
    return None


# A row of it comes from `with_details`.
class Image(TypedDict):
    id: Annotated[int, Of("id", 3)]
    project: Annotated[int, Of("project_id", 1)]
    name: Annotated[str, Of("name", "cup.jpg")]
    width: Annotated[int, Of("width", 8)]
    height: Annotated[int, Of("height", 6)]
    bytes: Annotated[int, Of("bytes", 731)]
    mimeType: Annotated[str, Of("mime_type", "image/jpeg")]
    sha256: Annotated[
        str, Of("sha256", "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c")
    ]
    state: Annotated[State, Of("state", "ready")]
    embedding: Annotated[EmbeddingState, Of(embedding_state, "ready")]
    error: Annotated[ErrorBody | None, Of(_error, None)]
    annotations: Annotated[int, Of("annotation_count", 1)]
    work: Annotated[Work, Of("work", "open")]
    skipReason: Annotated[str | None, Of(or_null("skip_reason"), None)]
    workBy: Annotated[str | None, Of(username("work_by"), None)]
    workTime: Annotated[int | None, Of(ms("work_at"), None)]
    createdTime: Annotated[int, Of(ms("created_at"), MADE + 60_000)]
    externalId: NotRequired[Annotated[str | None, Of("external_id")]]


class ImagePage(TypedDict):
    items: Annotated[list[Image], Given([example(Image)])]
    next: Next


class NextImage(TypedDict):
    image: Annotated[Image | None, Given(example(Image))]


class UploadedImage(Image):
    duplicate: Annotated[bool, Given(False)]


class UploadError(TypedDict):
    name: Annotated[str, Given("notes.txt")]
    code: Annotated[str, Given("unsupported_format")]
    message: Annotated[str, Given("This is no image.")]


class Uploaded(TypedDict):
    items: Annotated[
        list[UploadedImage],
        Given([example(UploadedImage, state="preparing", embedding="missing", annotations=0)]),
    ]
    errors: Annotated[list[UploadError], Given([example(UploadError)])]
