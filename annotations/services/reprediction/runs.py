"""Replays: a project's stored prompts asked of another model, as a job that people can stop.

Nothing of the project changes by it: each answer becomes a proposal for somebody to decide on
(see `decisions`).
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from ...domain.crops import CropWindow
from ...domain.rle import Rle
from ...engines.base import Embedding as EmbeddingArrays
from ...engines.base import Engine
from ...engines.session import PromptSession
from ...models import Annotation, Image, Job, Project, Replay, ReplayProposal, mask_columns
from ..embeddings import crops, lookup
from ..errors import Conflict, ServiceError
from ..inference import engine, model_catalog
from ..jobs import lifecycle, memory_limit, registry
from . import prompts

# Masks that are written together: what a worker that dies takes with it.
_TOGETHER = 16
# How long the work goes on before it lets others of its worker's queues pass, and before it comes
# up for air where there are none, so that its worker can be stopped and asked.
_POLITE_SECONDS = 3.0
_RUN_SECONDS = 20.0
# Its worker takes from both in turn.
_SHARED_QUEUES = (Job.Queue.BATCH, Job.Queue.PROPOSALS)
# Objects that could not be asked about and are told of one by one; all of them are counted.
_MAX_PROBLEMS = 20


def request(project: Project, user: Any, name: str) -> Replay:
    """Queues a replay on the model `name`. Raises Invalid for one that there is not, Conflict
    while one on it is at work or when no object has prompts."""
    entry = model_catalog.find(name)
    objects = Annotation.objects.filter(image__project=project)
    if not objects.exclude(prompts=None).exists():
        raise Conflict("no_prompts", "No object of this project has prompts that could be asked.")
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        working = Job.objects.unfinished().filter(project=project, kind=Job.Kind.REPLAY)
        if working.filter(params__engine=entry.name).exists():
            raise Conflict("already_replaying", "A replay on this model is at work already.")
        job = lifecycle.create(
            Job.Kind.REPLAY, project=project, user=user, params={"engine": entry.name}
        )
        return Replay.objects.create(
            project=project,
            job=job,
            engine=entry.name,
            model=entry.model,
            total=objects.count(),
            user_id=getattr(user, "pk", None),
        )


def cancel(replay: Replay) -> None:
    """Stops it; what it has found stays. Raises Conflict when it has ended."""
    if replay.job is None or not lifecycle.cancel(replay.job):
        raise Conflict("ended", "This replay has ended already.")


def resume(replay: Replay) -> None:
    """Goes on where it stopped or failed. Raises Conflict when there is nothing to go on with."""
    if replay.job is None or replay.job.status != Job.Status.FAILED:
        raise Conflict("not_stopped", "Only a replay that stopped or failed can go on.")
    with transaction.atomic():
        lifecycle.requeue(replay.job)


def delete(replay: Replay) -> None:
    """Removes the replay and its proposals. What was accepted stays accepted."""
    with transaction.atomic():
        if replay.job is not None:
            lifecycle.cancel(replay.job)
        replay.delete()


# --- The work --------------------------------------------------------------------------------


class _Last:
    """The embedding that was made last and that nobody stores: a replay comes back to its frame
    after others had their turn."""

    def __init__(self) -> None:
        self._made: tuple[tuple[str, str, int, str], EmbeddingArrays] | None = None

    def get(
        self, key: tuple[str, str, int, str], make: Callable[[], EmbeddingArrays]
    ) -> EmbeddingArrays:
        """That of `key` (content, model, version, window), made when it is another one's."""
        made = self._made
        if made is None or made[0] != key:
            made = self._made = key, make()
        return made[1]

    def drop(self) -> None:
        self._made = None


_last = _Last()


class _TimeIsUp(Exception):
    """Others should have their turn."""


class _ImageGone(Exception):
    """The image was deleted meanwhile."""


@registry.job_handler(Job.Kind.REPLAY, queue=Job.Queue.BATCH, title="Replay")
@memory_limit.lifted()
def run(job: Job) -> None:
    """The work of a replay job: image by image, from where it got to before."""
    replay = Replay.objects.filter(job=job).first()
    if replay is None:
        raise ServiceError("replay_gone", "The replay was deleted before it was done.")
    entry = model_catalog.find(replay.engine)
    if replay.model != entry.model:  # a checkpoint has come, or this host has another one
        Replay.objects.filter(pk=replay.pk).update(model=entry.model)
    with model_catalog.loaded(entry) as model:
        done = _Work(job, replay, entry, model).go_on()
    with transaction.atomic():
        if done:
            _last.drop()
            found = ReplayProposal.objects.filter(replay=replay).count()
            lifecycle.complete(job, {"replay": replay.pk, "proposals": found})
        else:
            lifecycle.hand_over(job, queue=job.queue, file="")


class _Work:
    """One run of a replay's job."""

    def __init__(
        self, job: Job, replay: Replay, entry: model_catalog.CatalogModel, model: Engine
    ) -> None:
        self._job, self._replay, self._entry, self._model = job, replay, entry, model
        self._start, self._found = time.monotonic(), False
        found = ReplayProposal.objects.filter(replay=replay).count()
        self._seen = found + replay.skipped + replay.failed

    def go_on(self) -> bool:
        """True when all images are done, False when others should have their turn."""
        while (image := self._next()) is not None:
            if not self._image(image):
                return False
        return True

    def _next(self) -> Image | None:
        objects = Annotation.objects.filter(image=OuterRef("pk"))
        rows = Image.objects.filter(project_id=self._job.project_id).select_related("project")
        return rows.filter(Exists(objects), pk__gt=self._replay.last_image).order_by("pk").first()

    def _image(self, image: Image) -> bool:
        """Asks for the objects that have no proposal yet; False when time is up before."""
        proposed = ReplayProposal.objects.filter(replay=self._replay, image=image)
        rows = Annotation.objects.filter(image=image)
        rows = rows.exclude(pk__in=list(proposed.values_list("annotation", flat=True)))
        asked = prompts.read(rows.order_by("created_at", "id"), image)
        try:
            for window, questions in asked.frames:
                asked.problems += self._frame(image, window, questions)
        except _TimeIsUp:
            return False
        except _ImageGone:
            pass
        self._finish(image, asked)
        return not self._time_is_up()

    def _frame(
        self, image: Image, window: CropWindow | None, questions: Sequence[prompts.Question]
    ) -> list[prompts.Problem]:
        """Asks in one frame of the image; what keeps its objects from being asked about. Raises
        _TimeIsUp, once something was found in this run, and _ImageGone."""
        self._give_way()
        try:
            session = PromptSession(self._model, self._arrays(image, window))
        except (ServiceError, FileNotFoundError) as error:
            return [prompts.problem(each.row, error) for each in questions]
        for start in range(0, len(questions), _TOGETHER):
            self._give_way()
            part = questions[start : start + _TOGETHER]
            self._write(image, [self._proposal(image, window, session, each) for each in part])
            self._found = True
        return []

    def _give_way(self) -> None:
        if self._found and self._time_is_up():
            raise _TimeIsUp

    def _arrays(self, image: Image, window: CropWindow | None) -> EmbeddingArrays:
        """The embedding by this model of the image or of a crop of it. That of the model which
        serves is stored as ever; another's is used if it is there and not kept: it would push
        out those that people wait for. Raises ServiceError and FileNotFoundError for an image
        that cannot be read, and lifecycle.RetryLater while the tiles that show the crop are
        made."""
        if image.state != Image.State.READY:
            raise ServiceError("not_ready", "The image is not ready yet, or was refused.")
        key = self._entry.model, self._entry.version
        if key == engine.model_key():
            return lookup.get(image, window, user=self._job.user)[1]
        stored = lookup.stored(image, window, key)
        if stored is not None:
            return stored
        name = "" if window is None else window.key
        return _last.get((image.sha256, *key, name), lambda: self._embedded(image, window))

    def _embedded(self, image: Image, window: CropWindow | None) -> EmbeddingArrays:
        picture, size = lookup.picture_of(image, window, self._job.user)
        return self._model.embed([picture], [size])[0]

    def _proposal(
        self,
        image: Image,
        window: CropWindow | None,
        session: PromptSession,
        asked: prompts.Question,
    ) -> ReplayProposal:
        row, best = asked.row, session.replay(asked.prompts)[0]
        mask = crops.mask_of(best.logits, session.frame, image, window)
        return ReplayProposal(
            replay=self._replay, image=image, annotation=row.pk, version=row.version,
            **mask_columns(mask) | ({} if mask.area else {"counts": ""}),
            candidate=best.mask_index, score=round(float(best.score), 6),
            iou=mask.iou(Rle(image.height, image.width, row.counts)),
        )  # fmt: skip

    def _write(self, image: Image, proposals: Sequence[ReplayProposal]) -> None:
        """Raises _ImageGone for one that was deleted meanwhile, and its objects with it."""
        with transaction.atomic():
            self._progress(len(proposals))
            if not Image.objects.select_for_update().filter(pk=image.pk).exists():
                raise _ImageGone
            ReplayProposal.objects.bulk_create(proposals, ignore_conflicts=True)

    def _finish(self, image: Image, asked: prompts.Asked) -> None:
        failed = len(asked.problems)
        told = [
            {"annotation": str(each.row.pk), "image": image.pk,
             "code": each.code, "message": each.message}
            for each in asked.problems
        ]  # fmt: skip
        self._replay.last_image = image.pk
        self._replay.problems = [*self._replay.problems, *told][:_MAX_PROBLEMS]
        with transaction.atomic():
            self._progress(asked.skipped + failed)
            Replay.objects.filter(pk=self._replay.pk).update(
                last_image=image.pk,
                skipped=F("skipped") + asked.skipped,
                failed=F("failed") + failed,
                problems=self._replay.problems,
            )

    def _progress(self, more: int) -> None:
        """Stores the progress; raises LostLease, and so writes nothing, when the job was stopped
        or is another worker's."""
        self._seen += more
        lifecycle.progress(self._job, min(0.99, self._seen / max(1, self._replay.total)))

    def _time_is_up(self) -> bool:
        passed = time.monotonic() - self._start
        if passed < _POLITE_SECONDS:
            return False
        if passed > _RUN_SECONDS:
            return True
        waiting = Job.objects.filter(status=Job.Status.QUEUED, queue__in=_SHARED_QUEUES)
        return waiting.exists()
