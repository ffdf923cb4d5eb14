"""Webhooks: managed by a project's owners, and written to with the changes they tell of.

An event becomes one waiting delivery for each webhook that wants it, in the transaction of the
change: both are kept, or neither. Sending is a worker's work (see `delivery`).
"""

import threading
import time
from typing import Any

from django.conf import settings
from django.db import transaction

from ... import events
from ...domain.addresses import parse_url
from ...models import Delivery, Project, Webhook, now_ms
from ...representations.events import HookType, hook_event
from ..errors import Conflict, FetchRefused, Invalid
from ..jobs import registry
from ..outbound import http

TEST = "ping"
MAX_HOOKS = 20
MAX_URL = 2000
_KNOWN_SECONDS = 1.0
_KEPT_MS = 7 * 24 * 3600 * 1000


# --- Managing --------------------------------------------------------------------------------


def create(project: Project, user: Any, url: str, types: list[str]) -> Webhook:
    """Raises DomainError or Invalid, or Conflict when the project has as many as it may."""
    _check_url(url)
    hook = Webhook(project=project, url=url, events=_types(types), created_by_id=user.pk)
    with transaction.atomic():
        if Webhook.objects.filter(project=project).count() >= MAX_HOOKS:
            raise Conflict("too_many_webhooks", f"A project may have at most {MAX_HOOKS} webhooks.")
        hook.save()
    _known.forget()
    return hook


def change(hook: Webhook, url: str | None, types: list[str] | None, active: bool | None) -> None:
    """Changes what is given. Switched on again, a hook begins anew. Raises Invalid."""
    fields: dict[str, Any] = {}
    if url is not None:
        _check_url(url)
        fields["url"] = url
    if types is not None:
        fields["events"] = _types(types)
    if active is not None:
        fields |= {"active": active, "stopped": "", "failures": 0, "failing_ms": None}
    if fields and not Webhook.objects.filter(pk=hook.pk).update(**fields):
        raise Conflict("deleted", "This webhook was deleted by somebody else.")
    for name, value in fields.items():
        setattr(hook, name, value)
    _known.forget()


def delete(hook: Webhook) -> None:
    """Deletes it with its log; what was not sent is never sent."""
    with transaction.atomic():
        hook.delete()
    _known.forget()


def _types(types: list[str]) -> list[str]:
    for number, name in enumerate(types):
        if name not in set(HookType):
            raise Invalid("unknown_event", "There is no event of this name.", f"events.{number}")
    if not types:
        raise Invalid("required", "Choose at least one event.", "events")
    return [name for name in map(str, HookType) if name in types]


def _check_url(url: str) -> None:
    """Judges what needs no name lookup; the rest is judged at each sending. Raises DomainError
    or Invalid."""
    target = parse_url(url)
    if len(url) > MAX_URL:
        raise Invalid("invalid", f"The address is longer than {MAX_URL} characters.", "url")
    try:
        http.judge_literal(target)
    except FetchRefused as error:
        raise Invalid(error.code, error.message, "url") from error


def ping(hook: Webhook) -> Delivery:
    """Queues a delivery that tells of nothing, for a receiver to be tried with."""
    return Delivery.objects.create(
        webhook=hook,
        type=TEST,
        data={"webhook": hook.pk},
        most_attempts=1,
    )


def retry(delivery: Delivery) -> Delivery:
    """Sends it again, now; one that waits is brought forward. Raises Conflict while it is being
    sent, or while its webhook is off."""
    if not delivery.webhook.active:
        raise Conflict("webhook_off", "The webhook is off; switch it on first.")
    rows = Delivery.objects.filter(pk=delivery.pk, status=delivery.status)
    changed = rows.exclude(status=Delivery.Status.SENDING).update(
        status=Delivery.Status.WAITING,
        next_ms=now_ms(),
        most_attempts=max(delivery.most_attempts, delivery.attempts + 1),
    )
    if not changed:
        raise Conflict("being_sent", "The delivery is being sent just now.")
    delivery.refresh_from_db(from_queryset=Delivery.objects.select_related("webhook"))
    return delivery


@registry.maintenance
def prune() -> int:
    """Removes what is a week old, and what belongs to no hook any more."""
    old = Delivery.objects.filter(created_ms__lt=now_ms() - _KEPT_MS)
    stray = Delivery.objects.exclude(webhook_id__in=Webhook.objects.values("pk"))
    return sum(int(rows.delete()[0]) for rows in (old, stray))


# --- Recording -------------------------------------------------------------------------------


class _Known:
    """The active hooks of the whole server, asked for once a second at most: a change in a
    project without any costs a look into a dictionary."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0
        self._hooks: dict[int, list[tuple[int, frozenset[str]]]] = {}

    def of(self, project_id: int) -> list[tuple[int, frozenset[str]]]:
        """(id, events) of each active hook of the project."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._hooks = self._read()
                self._until = time.monotonic() + _KNOWN_SECONDS
            return self._hooks.get(project_id, [])

    @staticmethod
    def _read() -> dict[int, list[tuple[int, frozenset[str]]]]:
        found: dict[int, list[tuple[int, frozenset[str]]]] = {}
        rows = Webhook.objects.filter(active=True).values_list("project_id", "pk", "events")
        for project, pk, types in rows:
            found.setdefault(project, []).append((pk, frozenset(types)))
        return found

    def forget(self) -> None:
        with self._lock:
            self._until = 0.0


_known = _Known()


def record(project_id: int, event: events.Event) -> None:
    """Writes the event down for each hook that wants it; called within its transaction."""
    hooks = _known.of(project_id)
    if not hooks:
        return
    sent = hook_event(event)
    if sent is None:
        return
    attempts = settings.SEGWEB_WEBHOOK_ATTEMPTS
    Delivery.objects.bulk_create(
        Delivery(webhook_id=pk, type=sent.type, data=dict(sent.data), most_attempts=attempts)
        for pk, wanted in hooks
        if sent.type in wanted
    )
