"""Embeddings on disk: which are used, how much room they take, which go first."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Count, Exists, OuterRef, QuerySet, Sum, Value, When
from django.utils import timezone

from ... import events
from ...models import Embedding, Image
from ...representations.events import image_embedded
from ..inference import engine
from ..jobs import registry
from ..storage.files import delete_files_on_commit

log = logging.getLogger(__name__)

# What goes at once, so that not every new one has to push another out.
_GOAL = 0.95
_SHARE = 500
_CROP_DAYS = timedelta(days=7)


def publish(sha256: str, status: str, error: str = "") -> None:
    """Publishes the embedding's state to every project that holds the content."""
    ready = Image.objects.filter(sha256=sha256, state=Image.State.READY)
    for pk, project in ready.values_list("pk", "project"):
        events.publish(project, image_embedded(pk, status, error))


def forget(row: Embedding) -> bool:
    """Drops a ready embedding, to be made again when it is wanted; False when it is another by
    now."""
    with transaction.atomic():
        same = Embedding.objects.filter(pk=row.pk, status=Embedding.Status.READY, file=row.file)
        if not same.delete()[0]:
            return False
        delete_files_on_commit([row.file])
    return True


def _others_first() -> Case:
    """0 for other models' embeddings, which nobody waits for, 1 for the current one's."""
    model, version = engine.model_key()
    mine = When(model=model, version=version, then=Value(1))
    return Case(mine, default=Value(0))


@registry.maintenance
def evict(limit: int | None = None) -> int:
    """Keeps the store within `limit` bytes (the setting's by default, 0: none): other models'
    embeddings go first, then the least used; the last one stays. How many went."""
    if limit is None:
        limit = settings.SEGWEB_EMBEDDINGS_MB * 1_000_000
    total = _total() if limit else 0
    if total <= limit:
        return 0
    gone = 0
    rows = list(_least_used().values_list("pk", "file", "bytes", "sha256", "region"))
    for pk, file, size, sha256, region in rows[:-1]:
        if total <= limit * _GOAL:
            break
        total -= size
        if forget(Embedding(pk=pk, file=file)):
            gone += 1
            if not region:
                publish(sha256, "missing")
    if gone:
        log.info("%s embeddings went: more than %s MB were stored", gone, limit // 1_000_000)
    return gone


def _ready() -> Any:
    return Embedding.objects.filter(status=Embedding.Status.READY)


def _least_used() -> Any:
    return _ready().order_by(_others_first(), "used_at", "id")


def _total() -> int:
    return int(_ready().aggregate(total=Sum("bytes"))["total"] or 0)


def usage() -> list[dict[str, Any]]:
    """Rows and bytes by model, version and status."""
    groups = Embedding.objects.values("model", "version", "status").order_by()
    counted = groups.annotate(count=Count("pk"), total=Sum("bytes"))
    return list(counted.order_by("model", "version", "status"))


# --- What nobody needs -------------------------------------------------------------------------


def drop_unheld_of(sha256s: Iterable[str]) -> None:
    """Removes the embeddings of contents that no image holds any more."""
    for sha256 in set(sha256s):
        if Image.objects.filter(sha256=sha256).exists():
            continue
        rows = Embedding.objects.filter(sha256=sha256)
        delete_files_on_commit(rows.values_list("file", flat=True))
        rows.delete()


@dataclass(frozen=True)
class Pruned:
    """How many embeddings went: other models', such as no image holds, beyond the limit."""

    other_models: int
    unheld: int
    over_limit: int


def prune() -> Pruned:
    """Removes what the current model does not need, and keeps the store within its limit."""
    model, version = engine.model_key()
    others = Embedding.objects.exclude(model=model, version=version)
    return Pruned(_remove(others), drop_unheld(), evict())


@registry.maintenance
def drop_unheld() -> int:
    """Removes embeddings of contents that no image holds."""
    held = Image.objects.filter(sha256=OuterRef("sha256"))
    return _remove(Embedding.objects.filter(~Exists(held)))


@registry.maintenance
def drop_unused_crops() -> int:
    """Removes embeddings of regions that nobody has looked at for days: there are many of them,
    and each is made again in a moment."""
    limit = timezone.now() - _CROP_DAYS
    return _remove(Embedding.objects.exclude(region="").filter(used_at__lt=limit))


def _remove(rows: QuerySet[Embedding]) -> int:
    gone = 0
    for row in rows.iterator(_SHARE):
        # Conditional on the file: what is being made anew meanwhile stays.
        if Embedding.objects.filter(pk=row.pk, file=row.file, status=row.status).delete()[0]:
            delete_files_on_commit([row.file])
            gone += 1
    return gone
