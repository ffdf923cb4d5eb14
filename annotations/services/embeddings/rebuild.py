"""Embeddings made again: in the background after the model changed, or at an operator's word."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.files.storage import default_storage
from django.db.models import Exists, OuterRef, QuerySet

from ...engines import registry
from ...engines.embedding_codec import BadEmbedding
from ...models import Embedding, Image, Job, now_ms
from ..errors import ServiceError
from ..inference import engine
from . import compute, eviction

# So few wait at once that an upload hardly waits behind them.
_AT_ONCE = 4
_SHARE = 500


def _current() -> QuerySet[Embedding]:
    """The current model's embedding of an outer image, in whatever state."""
    return Embedding.objects.of(OuterRef("sha256"), engine.model_key())


def _asked() -> QuerySet[Job]:
    """The unfinished jobs that embed an outer image's content, for whatever image."""
    return Job.objects.unfinished().filter(kind=Job.Kind.EMBED, image__sha256=OuterRef("sha256"))


def _left_behind() -> QuerySet[Image]:
    """Images whose embedding is noted as queued or running, though no job is about it: the one
    for all images of a content went with the image that it was for, or the model changed."""
    waiting = _current().filter(
        status__in=[Embedding.Status.QUEUED, Embedding.Status.RUNNING], lease_ms__lt=now_ms()
    )
    return Image.objects.filter(Exists(waiting), ~Exists(_asked()), state=Image.State.READY)


def refill() -> bool:
    """Queues a few images whose job went without doing its work, or that another model has
    embedded and the current one has not, the most recently used first, when nothing else waits
    for the encoder. False when there are none."""
    if Job.objects.unfinished().filter(kind=Job.Kind.EMBED).exists():
        return True
    if _queue(_left_behind().order_by("id")[:_AT_ONCE]):
        return True
    others = Embedding.objects.filter(
        sha256=OuterRef("sha256"), region="", status=Embedding.Status.READY
    )
    outdated = Image.objects.filter(Exists(others), ~Exists(_current()), state=Image.State.READY)
    newest = others.order_by("-used_at").values("used_at")[:1]
    return _queue(outdated.alias(used=newest).order_by("-used", "-id")[:_AT_ONCE]) > 0


def _queue(images: Iterable[Image]) -> int:
    """Asks for the images' embeddings, once for each content."""
    asked: set[str] = set()
    for image in images:
        if image.sha256 in asked:
            continue
        try:
            if compute.request(image) is not None:
                asked.add(image.sha256)
        except ServiceError:
            continue  # refused or deleted meanwhile
    return len(asked)


@dataclass(frozen=True)
class Rebuilt:
    """`damaged`: files that could not be read and went. `queued`: jobs that were made."""

    damaged: int
    queued: int


def rebuild() -> Rebuilt:
    """Reads every embedding of the current model, drops what is damaged or gone, and queues
    what is missing."""
    model, version = engine.model_key()
    mine = Embedding.objects.filter(model=model, version=version)
    damaged = 0
    for row in mine.filter(status=Embedding.Status.READY).iterator(_SHARE):
        if not _readable(row):
            damaged += eviction.forget(row)
    mine.filter(status=Embedding.Status.FAILED).delete()
    there = _current().filter(status=Embedding.Status.READY)
    missing = Image.objects.filter(~Exists(there), ~Exists(_asked()), state=Image.State.READY)
    missing = missing.order_by("id")
    return Rebuilt(damaged, _queue(missing.select_related("project")))


def _readable(row: Embedding) -> bool:
    try:
        with default_storage.open(row.file, "rb") as file:
            arrays = registry.read_embedding(file.read())
    except (OSError, BadEmbedding):
        return False
    return (arrays.description.model_id, arrays.description.version) == (row.model, row.version)
