"""What only pages know of rows."""

from typing import Annotated

from typing_extensions import TypedDict

from .fields import Of
from .images import EmbeddingState, State, Work, embedding_state


# Who is signed in, as pages know them.
class User(TypedDict):
    id: Annotated[int, Of("id", 7)]
    username: Annotated[str, Of(lambda user: user.get_username(), "ann")]
    isStaff: Annotated[bool, Of("is_staff", False)]


# An image of the annotate page's film strip: what it shows of those beside the open one.
class StripImage(TypedDict):
    id: Annotated[int, Of("id")]
    name: Annotated[str, Of("name")]
    state: Annotated[State, Of("state")]
    embedding: Annotated[EmbeddingState, Of(embedding_state)]
    annotations: Annotated[int, Of("annotation_count")]
    work: Annotated[Work, Of("work")]
    width: Annotated[int, Of("width")]
    height: Annotated[int, Of("height")]
    # For addresses: another content is another picture.
    v: Annotated[str, Of(lambda row: row.sha256[:8])]
