"""Webhooks: a project's events, sent to other programs. Owners only."""

from functools import partial
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field, StrictBool

from .. import access, models
from ..representations.events import HookType
from ..representations.fields import represent, represent_each
from ..representations.values import Error
from ..representations.webhooks import (
    Delivery,
    DeliveryPage,
    DeliveryStatus,
    EventName,
    NewWebhook,
    Webhook,
    WebhookPage,
)
from ..services.webhooks import subscriptions
from .bodies import Body
from .paging import CursorParam, Limit, LimitParam, by_id
from .responding import CONFLICT, REFUSALS, accepted, created, nothing, ok

router = Router(tags=["Webhooks"])
_OWNERS: dict[int, Any] = {403: Error}

WebhookUrl = Annotated[
    str,
    Field(
        max_length=2000,
        description="a public http or https address",
        examples=["https://example.com/hooks/segweb"],
    ),
]
EventNames = Annotated[list[EventName], Field(min_length=1, max_length=len(HookType))]


class WebhookIn(Body):
    url: WebhookUrl
    events: EventNames


class WebhookPatch(Body):
    """What is left out stays. `active` true begins anew after a hook was switched off."""

    url: WebhookUrl | None = None
    events: EventNames | None = None
    active: StrictBool | None = None


@router.get(
    "/projects/{int:project_id}/webhooks", response={200: WebhookPage, **REFUSALS, **_OWNERS}
)
def list_webhooks(
    request: HttpRequest,
    project_id: int,
    limit: Limit = LimitParam,
    cursor: str | None = CursorParam,
) -> HttpResponse:
    """The project's webhooks. Their secrets are not shown again."""
    project = access.owned_project_for(request.user, project_id)
    rows = models.Webhook.objects.filter(project=project).select_related("created_by")
    show = partial(represent_each, Webhook)
    return ok(by_id(rows, limit, cursor, show))


@router.post(
    "/projects/{int:project_id}/webhooks", response={201: NewWebhook, **REFUSALS, **CONFLICT}
)
def create_webhook(request: HttpRequest, project_id: int, payload: WebhookIn) -> HttpResponse:
    """Makes a webhook; the secret that signs what it is sent is in this answer and never again."""
    project = access.owned_project_for(request.user, project_id)
    row = subscriptions.create(project, request.user, payload.url, list(payload.events))
    row.created_by = request.user  # type: ignore[assignment]
    return created(represent(NewWebhook, row))


@router.patch("/webhooks/{int:webhook_id}", response={200: Webhook, **REFUSALS, **CONFLICT})
def change_webhook(request: HttpRequest, webhook_id: int, payload: WebhookPatch) -> HttpResponse:
    """Changes the fields that are sent. `active` true begins anew after the server switched the
    webhook off by itself."""
    row = access.webhook_for(request.user, webhook_id)
    types = None if payload.events is None else list(payload.events)
    subscriptions.change(row, payload.url, types, payload.active)
    return ok(represent(Webhook, row))


@router.delete("/webhooks/{int:webhook_id}", response={204: None, **REFUSALS})
def delete_webhook(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Deletes the webhook with its log; what still waits is not sent."""
    subscriptions.delete(access.webhook_for(request.user, webhook_id))
    return nothing()


@router.post("/webhooks/{int:webhook_id}/test", response={202: Delivery, **REFUSALS})
def test_webhook(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Sends a `ping`, once. The delivery says what came of it."""
    row = access.webhook_for(request.user, webhook_id)
    return accepted(represent(Delivery, subscriptions.ping(row)))


@router.get(
    "/webhooks/{int:webhook_id}/deliveries", response={200: DeliveryPage, **REFUSALS, **_OWNERS}
)
def list_deliveries(
    request: HttpRequest,
    webhook_id: int,
    limit: Limit = LimitParam,
    cursor: str | None = CursorParam,
    status: DeliveryStatus | None = None,
) -> HttpResponse:
    """What was sent in the last seven days, the newest first."""
    hook = access.webhook_for(request.user, webhook_id)
    rows = models.Delivery.objects.filter(webhook=hook).select_related("webhook")
    if status:
        rows = rows.filter(status=status)
    show = partial(represent_each, Delivery)
    return ok(by_id(rows, limit, cursor, show, newest_first=True))


@router.post(
    "/deliveries/{int:delivery_id}/retry", response={202: Delivery, **REFUSALS, **CONFLICT}
)
def retry_delivery(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Sends it again at once, under the same id."""
    row = access.delivery_for(request.user, delivery_id)
    return accepted(represent(Delivery, subscriptions.retry(row)))
