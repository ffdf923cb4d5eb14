"""The event that tells a project's pages of its change."""

from ... import events


def publish_change(project_id: int) -> None:
    events.publish(project_id, "project.updated", {"id": project_id})
