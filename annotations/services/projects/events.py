"""The event that tells a project's pages of its change."""

from ... import events
from ...representations.events import project_updated


def publish_change(project_id: int) -> None:
    events.publish(project_id, project_updated(project_id))
