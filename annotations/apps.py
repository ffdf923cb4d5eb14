from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    """The application: images, masks, jobs."""

    name = "annotations"
    verbose_name = "Annotations"

    def ready(self) -> None:
        from . import signals  # noqa: F401  (connects its receivers)
