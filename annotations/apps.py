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

        # These register with `services.jobs.registry`.
        from .services.compat.pixlab import segment  # noqa: F401
        from .services.embeddings import compute, eviction  # noqa: F401
        from .services.images import prepare  # noqa: F401
        from .services.webhooks import subscriptions

        events.record_with(subscriptions.record)
