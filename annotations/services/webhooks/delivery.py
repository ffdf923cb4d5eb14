"""Sends what webhooks wait for: signed, through the guarded connection, again until it is taken.

At least once: a sender that dies leaves its delivery to the next one, and receivers know one
that comes twice by its id. A hook's deliveries leave one at a time, the oldest first; one that
has to wait for its next attempt does not hold up those behind it.
"""

import hashlib
import hmac
import json
import logging
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from django.db.models import F

from ...domain.addresses import parse_url
from ...domain.errors import DomainError
from ...models import Delivery, Webhook, now_ms
from ...representations.events import SentEvent
from ...representations.fields import represent
from ..errors import FetchRefused
from ..outbound import http
from . import subscriptions

log = logging.getLogger(__name__)

SECONDS = 10.0
_PARALLEL = 8
# Longer than an attempt can last: then its sender has died, and another takes over.
_LEASE_MS = 20_000
_MAX_WAIT = 8 * 3600
_MAX_ANSWER = 4096
_EXCERPT = 500
# A hook is switched off when nothing has got through for so long, in so many attempts.
_DEAD_MS = 24 * 3600 * 1000
_DEAD_FAILURES = 8


def signature(secret: str, time_ms: int, body: bytes) -> str:
    """The header's value: HMAC-SHA256 of the time, a dot and the body."""
    signed = str(time_ms).encode() + b"." + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={time_ms},v1={digest}"


# --- Which, and when -------------------------------------------------------------------------

_pool = ThreadPoolExecutor(_PARALLEL, thread_name_prefix="webhook")
_busy: set[int] = set()
_served: dict[int, float] = {}
_lock = threading.Lock()


def send_due() -> None:
    """Hands each hook's oldest due delivery to a thread; returns at once."""
    rows = Delivery.objects.due().filter(webhook__active=True).order_by()
    hooks = sorted(rows.values_list("webhook_id", flat=True).distinct(), key=_turn)
    for hook in hooks:
        with _lock:
            if len(_busy) >= _PARALLEL:
                return
            if hook in _busy:
                continue
            _busy.add(hook)
        _served[hook] = time.monotonic()
        _pool.submit(_send_all, hook)


def _turn(hook: int) -> float:
    """The one that was served longest ago comes first: a long queue keeps nobody else waiting."""
    return _served.get(hook, 0.0)


def _send_all(hook: int) -> None:
    """Sends the hook's due deliveries one after the other, for a while or until one fails:
    others wait too."""
    end = time.monotonic() + SECONDS
    try:
        while time.monotonic() < end and send_next(hook):
            pass
    except Exception:
        log.exception("webhook %s", hook)
    finally:
        with _lock:
            _busy.discard(hook)
        close_old_connections()


def send_next(hook: int) -> bool:
    """Sends the hook's oldest due delivery; False when there is none, or it failed."""
    rows = Delivery.objects.due().filter(webhook_id=hook, webhook__active=True)
    row = rows.select_related("webhook").order_by("id").first()
    if row is None:
        return False
    return send(row) if _claim(row) else True


def _claim(row: Delivery) -> bool:
    """Makes this sender the row's only one; the number of attempts is what tells them apart."""
    now = now_ms()
    held = Delivery.objects.filter(
        pk=row.pk, status=row.status, attempts=row.attempts, next_ms=row.next_ms
    )
    taken = held.update(
        status=Delivery.Status.SENDING,
        attempts=F("attempts") + 1,
        last_ms=now,
        next_ms=now + _LEASE_MS,
    )
    row.attempts += 1
    row.last_ms = now
    return bool(taken)


# --- One attempt -----------------------------------------------------------------------------


def send(row: Delivery) -> bool:
    """One attempt of a claimed delivery, and what came of it; True when it got through."""
    began = time.monotonic()
    outcome = _post(row)
    outcome["duration_ms"] = int((time.monotonic() - began) * 1000)
    if outcome["error"]:
        _failed(row, outcome)
    else:
        _store(row, status=Delivery.Status.DELIVERED, **outcome)
        hooks = Webhook.objects.filter(pk=row.webhook_id).exclude(failing_ms=None)
        hooks.update(failures=0, failing_ms=None)
    return not outcome["error"]


def _post(row: Delivery) -> dict[str, Any]:
    body = json.dumps(represent(SentEvent, row), separators=(",", ":")).encode()
    now = now_ms()
    headers = {
        "Content-Type": "application/json",
        "X-Segweb-Event": row.type,
        "X-Segweb-Delivery": str(row.event),
        "X-Segweb-Attempt": str(row.attempts),
        "X-Segweb-Signature": signature(row.webhook.secret, now, body),
    }
    outcome: dict[str, Any] = {"status_code": None, "error": "", "response": ""}
    try:
        target = parse_url(row.webhook.url)
        until = http.Deadline.after(SECONDS)
        with http.exchange("POST", target, until, headers=headers, content=body) as answer:
            outcome["status_code"] = answer.status
            outcome["response"] = _excerpt(answer.body)
    except DomainError as error:
        outcome["error"] = error.message
    except FetchRefused as error:
        # The status is the answer; a body that breaks off afterwards changes nothing.
        if outcome["status_code"] is None:
            outcome["error"] = error.message
    status = outcome["status_code"]
    if status is not None and not 200 <= status < 300:
        outcome["error"] = f"The server answered with status {status}."
    return outcome


def _excerpt(body: Iterator[bytes]) -> str:
    data = b""
    for chunk in body:
        data += chunk[:_MAX_ANSWER]
        if len(data) >= _MAX_ANSWER:
            break
    text = data.decode("utf-8", "replace")[:_EXCERPT]
    return "".join(
        letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text
    )


def wait_ms(attempts: int) -> int:
    """Milliseconds until the next attempt: six times longer each time, a fifth more or less."""
    seconds = min(settings.SEGWEB_WEBHOOK_RETRY_SECONDS * 6 ** (attempts - 1), _MAX_WAIT)
    return int(seconds * 1000 * random.uniform(0.8, 1.2))


def _failed(row: Delivery, outcome: dict[str, Any]) -> None:
    if row.attempts >= row.most_attempts:
        _store(row, status=Delivery.Status.FAILED, **outcome)
    else:
        due = now_ms() + wait_ms(row.attempts)
        _store(row, status=Delivery.Status.WAITING, next_ms=due, **outcome)
    if row.type == subscriptions.TEST:
        return
    now = now_ms()
    hooks = Webhook.objects.filter(pk=row.webhook_id)
    hooks.filter(failing_ms=None).update(failing_ms=now)
    hooks.update(failures=F("failures") + 1)
    dead = hooks.filter(
        active=True, failures__gte=_DEAD_FAILURES, failing_ms__lt=now - _DEAD_MS
    ).update(active=False, stopped=f"Nothing got through for a day. Last: {outcome['error']}"[:300])
    if dead:
        log.warning("webhook %s is switched off: nothing got through for a day", row.webhook_id)


def _store(row: Delivery, **fields: Any) -> None:
    """Writes the outcome, unless another sender has taken the delivery over."""
    rows = Delivery.objects.filter(pk=row.pk, status=Delivery.Status.SENDING, attempts=row.attempts)
    rows.update(**fields)
