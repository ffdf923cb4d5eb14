"""`manage.py setup`: everything a start needs, in one process; safe to run again."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from annotations.management import first_start
from annotations.services.inference import server_settings


class Command(BaseCommand):
    help = "Migrates the database, prepares models and static files, makes admin and demo."

    def handle(self, *_: Any, **__: Any) -> None:
        self._step("database", lambda: call_command("migrate", verbosity=0, interactive=False))
        self._step("models", lambda: call_command("prepare_models", keep_precision=True))
        server_settings.note()
        self._step("static files", self._collect)
        self._step("administrator", self._administrator)
        self._step("demo project", first_start.make_demo)

    def _step(self, name: str, work: Callable[[], Any]) -> None:
        started = time.monotonic()
        self.stdout.write(f"{name} …")
        self.stdout.flush()
        work()
        self.stdout.write(f"{name} done in {time.monotonic() - started:.1f} s")

    def _collect(self) -> None:
        """Copies and compresses what browsers load, unless this release was collected before."""
        stamp = settings.STATIC_ROOT / ".release"
        if stamp.exists() and stamp.read_text() == settings.RELEASE:
            return
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(settings.RELEASE)

    def _administrator(self) -> None:
        made = first_start.make_admin()
        if made is None:
            return
        name, password = made
        if password:
            self.stdout.write(f"administrator {name} with password {password} (shown this once)")
        else:
            self.stdout.write(f"administrator {name} with the password from the environment")
