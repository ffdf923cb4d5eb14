"""Webhooks, and what is sent to them."""

from typing import Annotated, Any

from typing_extensions import TypedDict

from ..models import Delivery as DeliveryRow
from .events import HookType, SentEvent
from .fields import Choice, Given, Of, Uuid, example, or_null, represent, text, username
from .values import MADE, Next

_SENT = example(SentEvent)

EventName = Annotated[str, Choice(HookType)]
DeliveryStatus = Annotated[str, Choice(DeliveryRow.Status)]


class Webhook(TypedDict):
    """`stopped` says why the server switched the hook off by itself, `failingTime` since when
    nothing has got through."""

    id: Annotated[int, Of("id", 6)]
    project: Annotated[int, Of("project_id", 1)]
    url: Annotated[str, Of("url", "https://example.org/hooks/segweb")]
    events: Annotated[
        list[EventName], Of("events", ["annotation.created", "image.ready", "job.failed"])
    ]
    active: Annotated[bool, Of("active", True)]
    stopped: Annotated[str | None, Of(or_null("stopped"), None)]
    failures: Annotated[int, Of("failures", 0)]
    failingTime: Annotated[int | None, Of("failing_ms", None)]
    createdTime: Annotated[int, Of("created_ms", MADE)]
    createdBy: Annotated[str | None, Of(username("created_by"), "ann")]


class NewWebhook(Webhook):
    secret: Annotated[str, Of("secret", "whsec_…shown-this-once")]


class WebhookPage(TypedDict):
    items: Annotated[list[Webhook], Given([example(Webhook)])]
    next: Next


def _next_time(row: DeliveryRow) -> int | None:
    return row.next_ms if row.status == DeliveryRow.Status.WAITING else None


class Delivery(TypedDict):
    """One event on its way to one webhook. `body` is what is sent, `response` the beginning of
    the last answer."""

    id: Annotated[int, Of("id", 31)]
    webhook: Annotated[int, Of("webhook_id", 6)]
    event: Annotated[Uuid, Of(text("event"), _SENT["id"])]
    type: Annotated[str, Of("type", "image.ready")]
    status: Annotated[DeliveryStatus, Of("status", "delivered")]
    attempts: Annotated[int, Of("attempts", 1)]
    statusCode: Annotated[int | None, Of("status_code", 204)]
    error: Annotated[str | None, Of(or_null("error"), None)]
    response: Annotated[str | None, Of(or_null("response"), None)]
    durationMs: Annotated[int | None, Of("duration_ms", 41)]
    createdTime: Annotated[int, Of("created_ms", MADE + 61_000)]
    lastTime: Annotated[int | None, Of("last_ms", MADE + 61_400)]
    nextTime: Annotated[int | None, Of(_next_time, None)]
    body: Annotated[dict[str, Any], Of(lambda row: represent(SentEvent, row), _SENT)]


class DeliveryPage(TypedDict):
    items: Annotated[list[Delivery], Given([example(Delivery)])]
    next: Next
