"""The door to embeddings: of an image, or of a crop of a large one.

What a page wants goes by `find` and `request`, what a worker needs by `get`.
"""

import math
from collections.abc import Callable
from typing import Any

from PIL import Image as PILImage

from ...domain.crops import CropWindow
from ...engines.base import Embedding as EmbeddingArrays
from ...engines.embedding_codec import BadEmbedding
from ...models import Embedding, Image, Job
from ..errors import Conflict, ServiceError
from ..images import encoder_input
from . import compute, crops, eviction, files

_LOST = (FileNotFoundError, BadEmbedding)


def find(image: Image, window: CropWindow | None = None) -> Embedding | None:
    """The current model's embedding if it is there. Raises Conflict when it could not be made."""
    row = compute.row_for(image, _key(window))
    if row is not None and row.status == Embedding.Status.FAILED:
        raise Conflict("embedding_failed", row.error or "The embedding could not be made.")
    return row if row is not None and row.status == Embedding.Status.READY else None


def request(image: Image, user: Any, window: CropWindow | None = None) -> Job | None:
    """Somebody looks at the image, or at that part of it: the job to wait for, or None when the
    embedding is there. Raises Conflict for an image that cannot be embedded."""
    if window is None:
        return compute.wanted(image, user)
    return crops.request(image, user, window)


def get(
    image: Image,
    window: CropWindow | None = None,
    *,
    user: Any = None,
    patience: float = math.inf,
    on_wait: Callable[[], None] | None = None,
) -> tuple[Embedding, EmbeddingArrays]:
    """The embedding and its values, computed here and now when there is none; one whose file is
    gone or damaged is made anew. Workers only.

    `user` is who wants the tiles that a crop is made of. `on_wait` is called first when the
    embedding is not there. Raises ServiceError when the image cannot be embedded or was deleted,
    and lifecycle.RetryLater while its tiles are made, or another worker computes the embedding for
    longer than `patience` seconds.
    """
    if on_wait is not None and _ready(image, window) is None:
        on_wait()
    row = _ensured(image, window, user, patience)
    try:
        return row, files.read(row)
    except _LOST:
        eviction.forget(row)
    row = _ensured(image, window, user, patience)
    try:
        return row, files.read(row)
    except _LOST as error:
        raise ServiceError("embedding_gone", "The embedding's file is gone; try again.") from error


def stored(image: Image, window: CropWindow | None, key: tuple[str, int]) -> EmbeddingArrays | None:
    """What the model of `key` (id, version) made of it, where that is stored and can be read."""
    row = compute.row_for(image, _key(window), key)
    if row is None or row.status != Embedding.Status.READY:
        return None
    try:
        return files.read(row)
    except _LOST:
        return None


def picture_of(
    image: Image, window: CropWindow | None, user: Any
) -> tuple[PILImage.Image, tuple[int, int]]:
    """What an encoder looks at, and the size in pixels of the image or crop that it shows.
    Raises ServiceError, and lifecycle.RetryLater while the image's tiles are made."""
    if window is None:
        return encoder_input.picture_of(image, ""), (image.width, image.height)
    return crops.picture_of(image, window, user), (window.width, window.height)


def _key(window: CropWindow | None) -> str:
    return "" if window is None else window.key


def _ready(image: Image, window: CropWindow | None) -> Embedding | None:
    return compute.ready_row(image) if window is None else crops.row_for(image, window)


def _ensured(image: Image, window: CropWindow | None, user: Any, patience: float) -> Embedding:
    if window is None:
        return compute.ensure(image, patience)
    return crops.ensure(image, window, user)
