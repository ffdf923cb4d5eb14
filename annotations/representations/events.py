"""What is published of a project's changes, and what of that its webhooks are sent."""

from typing import Annotated, Any

from typing_extensions import TypedDict

from .fields import Of, Uuid, text
from .values import MADE

EVENT = "0b6f8c1e-2f0c-4f4e-8a57-9d6f5a8f7e10"


# What is sent, the same at every attempt. Of a delivery whose webhook is loaded.
class SentEvent(TypedDict):
    id: Annotated[Uuid, Of(text("event"), EVENT)]
    type: Annotated[str, Of("type", "image.ready")]
    time: Annotated[int, Of("created_ms", MADE + 61_000)]
    project: Annotated[int, Of("webhook.project_id", 1)]
    data: Annotated[dict[str, Any], Of("data", {"id": 3})]
