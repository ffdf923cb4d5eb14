"""`manage.py replay --project PROJECT --model MODEL`: asks another model for stored prompts."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.models import Job, Project, Replay
from annotations.services.errors import ServiceError
from annotations.services.inference import model_catalog
from annotations.services.reprediction import decisions, runs

_LOOK_SECONDS = 0.5
_LINE = "{:<18} {:<26} {}"
_PROBLEM = "object {annotation} on image {image}: {message}"


class Command(BaseCommand):
    help = (
        "Asks another model for every mask of a project whose prompts are stored, and makes a "
        "list of its answers for people to review. The workers do it; no object is changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--project", help="the project's slug or id")
        what.add_argument("--models", action="store_true", help="list the models there are")
        parser.add_argument("--model", help="the model's name, or its id")
        parser.add_argument("--wait", action="store_true", help="follow it to its end")

    def handle(self, *_: Any, **options: Any) -> None:
        if options["models"]:
            self._list()
            return
        if not options["model"]:
            raise CommandError("Name the model with --model; --models lists them.")
        try:
            replay = runs.request(_project(options["project"]), None, options["model"])
        except ServiceError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"replay {replay.pk} on {replay.engine} ({replay.model}) is queued")
        self.stdout.write(f"review: {replay.get_absolute_url()}")
        if options["wait"]:
            self._follow(replay)

    def _list(self) -> None:
        self.stdout.write(_LINE.format("name", "model", "here"))
        for model in model_catalog.models():
            here = model.problem or ("serves" if model.serving else "ready")
            self.stdout.write(_LINE.format(model.name, model.model, here))

    def _follow(self, replay: Replay) -> None:
        last = -1
        while True:
            job = Job.objects.filter(replays=replay).first()
            if job is None:
                raise CommandError("The replay was deleted.")
            if job.status == Job.Status.FAILED:
                raise CommandError(f"{job.error_message} What was found is kept.")
            percent = int(job.progress * 100)
            if percent != last:
                self.stdout.write(f"{percent} %")
                last = percent
            if job.status == Job.Status.COMPLETED:
                break
            time.sleep(_LOOK_SECONDS)
        replay.refresh_from_db()
        found = decisions.counts([replay])[replay.pk]["pending"]
        self.stdout.write(
            f"to review: {found}, without prompts: {replay.skipped}, failed: {replay.failed}"
        )
        for problem in replay.problems:
            self.stdout.write(_PROBLEM.format(**problem))


def _project(name: str) -> Project:
    rows = Project.objects.filter(slug=name)
    if not rows and name.isdecimal() and len(name) < 19:
        rows = Project.objects.filter(pk=int(name))
    row = rows.first()
    if row is None:
        raise CommandError(f"There is no project {name!r}.")
    return row
