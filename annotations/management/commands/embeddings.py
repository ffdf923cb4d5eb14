"""`manage.py embeddings --stats | --rebuild | --prune`: what the encoder made, as it is stored."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from annotations.models import Embedding
from annotations.services.embeddings import eviction, rebuild
from annotations.services.inference import engine, server_settings

_LINE = "{:<24} {:>7}  {:<8} {:>9} {:>12}"


class Command(BaseCommand):
    help = "Tells what the store of embeddings holds, fills it, or clears what nobody needs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument(
            "--stats", action="store_true", help="count and room by model, version and state"
        )
        what.add_argument(
            "--rebuild",
            action="store_true",
            help="check every file of the current model and queue what is damaged or missing",
        )
        what.add_argument(
            "--prune",
            action="store_true",
            help="remove other models' embeddings, such as no image holds, and those beyond "
            "SEGWEB_EMBEDDINGS_MB",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        if options["stats"]:
            self._stats()
            return
        if problem := server_settings.contradiction():
            raise CommandError(problem)
        if options["rebuild"]:
            self._rebuild()
        else:
            self._prune()

    def _stats(self) -> None:
        model, version = engine.model_key()
        self.stdout.write(_LINE.format("model", "version", "state", "count", "MB"))
        groups = eviction.usage()
        for group in groups:
            self.stdout.write(_LINE.format(*_cells(group)) + _mark(group, model, version))
        total = sum(group["total"] for group in groups)
        count = sum(group["count"] for group in groups)
        self.stdout.write(_LINE.format("all", "", "", count, _mb(total)))
        limit = settings.SEGWEB_EMBEDDINGS_MB
        self.stdout.write(f"current model: {model} version {version}")
        self.stdout.write(f"limit: {limit} MB" if limit else "limit: none")

    def _rebuild(self) -> None:
        done = rebuild.rebuild()
        self.stdout.write(f"damaged or gone, dropped: {done.damaged}")
        self.stdout.write(f"queued: {done.queued}")

    def _prune(self) -> None:
        done = eviction.prune()
        self.stdout.write(f"removed, of other models: {done.other_models}")
        self.stdout.write(f"removed, held by no image: {done.unheld}")
        self.stdout.write(f"removed, beyond the limit: {done.over_limit}")
        self.stdout.write(f"left: {Embedding.objects.count()}")


def _cells(group: dict[str, Any]) -> tuple[Any, ...]:
    return (
        group["model"], group["version"], group["status"], group["count"], _mb(group["total"]),
    )  # fmt: skip


def _mark(group: dict[str, Any], model: str, version: int) -> str:
    return "  current" if (group["model"], group["version"]) == (model, version) else ""


def _mb(size: int) -> str:
    return f"{size / 1_000_000:.1f}"
