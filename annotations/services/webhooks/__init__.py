"""Webhooks: subscriptions of programs to a project's events, and delivery to them.
Door: `subscriptions.record` notes an event, `delivery.send_due` sends what waits.
"""
