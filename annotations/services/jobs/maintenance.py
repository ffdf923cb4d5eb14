"""Jobs and files that nobody needs any more: removed now and then."""

from typing import Any

from django.conf import settings
from django.db import transaction

from ...models import Job, StoredFile, now_ms
from ..storage import orphans
from ..storage.files import delete_files_on_commit
from . import registry

_BATCH = 500


def drop_expired() -> None:
    """Removes ephemeral jobs whose moment is over: a pointer makes many."""
    expired = Job.objects.filter(expires_ms__lt=now_ms()).values_list("pk", flat=True)
    if found := list(expired[:_BATCH]):
        Job.objects.filter(pk__in=found).delete()


def tidy() -> None:
    """What need not be done often: jobs nobody will ask for again, files nobody knows, and what
    other rooms have registered."""
    prune()
    orphans.drop_abandoned_parts()
    orphans.remove_orphans()
    registry.maintain()


def prune() -> int:
    """Removes what ended long ago: masks nobody will ask for, pictures whose links ended."""
    ended = Job.objects.filter(status__in=(Job.Status.COMPLETED, Job.Status.FAILED))
    ended = ended.defer("params", "result")  # not needed
    links_ended = _hours_ago(settings.SEGWEB_PIXLAB_LINK_HOURS)
    removed = _drop(StoredFile.objects.filter(created_ms__lt=links_ended))
    for handler in registry.handlers():
        if handler.keep_hours is not None:
            over = _hours_ago(handler.keep_hours)
            removed += _drop(ended.filter(kind=handler.kind, status_ms__lt=over))
    return removed


def _hours_ago(hours: int) -> int:
    """Epoch milliseconds."""
    return now_ms() - hours * 3_600_000


def _drop(rows: Any) -> int:
    with transaction.atomic():
        delete_files_on_commit(rows.exclude(file="").values_list("file", flat=True))
        return rows.delete()[1].get(rows.model._meta.label, 0)
