from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class AnnotationsConfig(AppConfig):
    """The application: images, masks, jobs."""

    name = "annotations"
    verbose_name = "Annotations"

    def ready(self) -> None:
        from . import (
            events,
            signals,  # noqa: F401  (connects its receivers)
        )

        # These register with the jobs: each declares its kind of job beside its work.
        from .services.compat.pixlab import segment  # noqa: F401
        from .services.datasets import export  # noqa: F401
        from .services.embeddings import batch, compute, crops, eviction  # noqa: F401
        from .services.images import import_urls, prepare, tiles  # noqa: F401
        from .services.jobs import registry
        from .services.reprediction import runs  # noqa: F401
        from .services.segmentation import (  # noqa: F401
            auto_segment,
            colour_clusters,
            find_similar,
            prompt_masks,
        )
        from .services.webhooks import subscriptions

        registry.check_complete()

        events.record_with(subscriptions.record)
        _check_allow_list(settings.SEGWEB_FETCH_ALLOW)


def _check_allow_list(entries: list[str]) -> None:
    """A value that does not parse stops the start, like that of any other setting."""
    from .domain.addresses import AllowList

    try:
        AllowList.parse(entries)
    except ValueError as error:
        value = ",".join(entries)
        raise ImproperlyConfigured(f"SEGWEB_FETCH_ALLOW={value!r} is not valid: {error}") from error
