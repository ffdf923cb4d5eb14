"""What the jobs that find masks share: their rows, their progress, and the embedding they need."""

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from django.db import transaction

from ...domain.crops import CropWindow
from ...models import Image, Job
from ..embeddings import lookup
from ..errors import Conflict, ServiceError
from ..jobs import lifecycle

if TYPE_CHECKING:
    from ...engines.base import Embedding

_PUBLISH_SECONDS = 0.3


def check(images: Iterable[Image]) -> None:
    """Raises Conflict when one of them was refused."""
    if any(image.state == Image.State.REFUSED for image in images):
        raise Conflict("refused_image", "A refused image cannot be searched.")


def queued(kind: Job.Kind, image: Image, user: Any, params: dict[str, Any]) -> Job:
    """A queued job on the image."""
    with transaction.atomic():
        return lifecycle.create(kind, project=image.project, image=image, user=user, params=params)


class Progress:
    """Publishes how far the job is, a few times a second at most."""

    def __init__(self, job: Job) -> None:
        self._job, self._published = job, time.monotonic()

    def part(self, start: float, end: float) -> Callable[[float], None]:
        return lambda share: self(start + (end - start) * share)

    def __call__(self, share: float) -> None:
        if time.monotonic() - self._published > _PUBLISH_SECONDS:
            self._published = time.monotonic()
            lifecycle.progress(self._job, round(min(share, 0.99), 3))


def check_prepared(image: Image) -> None:
    """Raises lifecycle.RetryLater while the image is prepared, ServiceError when it was refused."""
    if image.state == Image.State.REFUSED:
        raise ServiceError("refused_image", f"The image was refused: {image.error_message}")
    if image.state == Image.State.PREPARING:
        raise lifecycle.RetryLater


def embedding_of(
    image: Image, window: CropWindow | None = None, **options: Any
) -> "tuple[Any, Embedding]":
    """The embedding of the image or of a crop of it, as `lookup.get`. Raises lifecycle.RetryLater
    while the image is prepared, ServiceError when it was refused or deleted."""
    check_prepared(image)
    try:
        return lookup.get(image, window, **options)
    except ServiceError as error:
        if not Image.objects.filter(pk=image.pk).exists():
            raise deleted() from error
        raise


def image_of(job: Job) -> Image:
    """The job's image. Raises ServiceError when it was deleted."""
    if job.image is None:
        raise deleted()
    return job.image


def deleted() -> ServiceError:
    return ServiceError("image_deleted", "The image was deleted before the job was done.")
