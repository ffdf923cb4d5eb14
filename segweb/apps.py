from django.apps import AppConfig


class SegwebConfig(AppConfig):
    """The project: what every process of it needs."""

    name = "segweb"

    def ready(self) -> None:
        # Jobs are sent by whatever process makes them, so each must know the broker.
        from . import celery  # noqa: F401
