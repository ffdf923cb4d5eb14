"""`manage.py engines [--measure]`: which engine serves, and why not the others."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from annotations.engines.errors import EngineError
from annotations.engines.mobile_sam import precisions
from annotations.services.inference import overview

_HEAD = ("engine", "model", "precision", "device", "verdict", "files", "capabilities")
_TIMES = ("embed ms", "decode ms")


class Command(BaseCommand):
    help = "Lists the engines: which one serves and why not the others; --measure times each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--measure", action="store_true", help="time each that can be loaded, on this machine"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        rows = list(overview.rows())
        table = [[*_cells(row)] for row in rows]
        head = list(_HEAD)
        if options["measure"]:
            head[5:5] = _TIMES
            for line, row in zip(table, rows, strict=True):
                line[5:5] = _measured(row.name)
        widths = [max(map(len, column)) for column in zip(head, *table, strict=True)]
        for line in (head, *table):
            cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())
        self.stdout.write(f"CPU: {precisions.device()}")
        precision = settings.SEGWEB_PRECISION
        self.stdout.write(f"SEGWEB_ENGINE={settings.SEGWEB_ENGINE} SEGWEB_PRECISION={precision}")
        if precision == precisions.AUTO:
            noted = precisions.noted(settings.SEGWEB_MODELS_DIR)
            self.stdout.write(f"auto: {noted}, noted when the models were prepared")


def _cells(row: overview.Row) -> tuple[str, ...]:
    files = ", ".join(row.files) or "-"
    able = ", ".join(row.capabilities)
    return row.name, row.model, row.precision, row.device, row.verdict, files, able


def _measured(name: str) -> list[str]:
    try:
        times = overview.measure(name)
    except EngineError:
        return ["-", "-"]
    return [f"{times.embed_ms:.0f}", f"{times.decode_ms:.0f}"]
