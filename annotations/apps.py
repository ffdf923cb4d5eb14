from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    """The application: images, masks, jobs."""

    name = "annotations"
    verbose_name = "Annotations"

    def ready(self) -> None:
        # Jobs are sent by whatever process makes them, so each must know the broker.
        import segweb.celery  # noqa: F401

        from . import (
            events,
            signals,  # noqa: F401  (connects its receivers)
        )
        from .services.webhooks import subscriptions

        events.record_with(subscriptions.record)
