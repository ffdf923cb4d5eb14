"""`manage.py fetch_checkpoint vit_b`: a large model's weights for the torch engine."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from annotations.engines.sam_torch.checkpoints import CHECKPOINTS, digest_of
from annotations.engines.sam_torch.fetch import PUBLIC_ADDRESS, FetchError, fetch

_MEGABYTE = 1_000_000
_EVERY_SECONDS = 2.0


class Command(BaseCommand):
    help = "Fetches a Segment Anything checkpoint; goes on where an earlier run broke off."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", choices=sorted(CHECKPOINTS))
        parser.add_argument(
            "--from",
            dest="base",
            default=PUBLIC_ADDRESS,
            help="address of the folder that holds the files, such as a mirror's",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        model: str = options["model"]
        checkpoint = CHECKPOINTS[model]
        self.stdout.write(f"{checkpoint.file}, {checkpoint.size // _MEGABYTE} MB")
        try:
            path = fetch(
                checkpoint,
                settings.SEGWEB_MODELS_DIR,
                base=options["base"],
                report=self._progress(),
            )
        except FetchError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. What arrived is kept: try again.", returncode=130
            ) from None
        digest_of(path, settings.SEGWEB_MODELS_DIR)
        self.stdout.write(
            f"{path}\nserve it with SEGWEB_ENGINE=sam_torch SEGWEB_TORCH_MODEL={model}"
        )

    def _progress(self) -> Any:
        started = told = time.monotonic()
        first: int | None = None

        def report(done: int, total: int) -> None:
            nonlocal told, first
            now = time.monotonic()
            if first is None:
                first = done
            if done < total and now - told < _EVERY_SECONDS:
                return
            told = now
            speed = (done - first) / max(now - started, 0.001) / _MEGABYTE
            self.stdout.write(f"  {100 * done // total} % at {speed:.1f} MB/s")
            self.stdout.flush()

        return report
