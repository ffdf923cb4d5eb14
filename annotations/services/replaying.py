"""Replays: a project's stored prompts asked of another model, as a job that people can stop.

Nothing of the project changes by it: each answer becomes a proposal for somebody to decide on
(see `proposals`).
"""

import time
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from ..domain.errors import DomainError
from ..domain.logits import rle_from_logits
from ..domain.prompts import Prompts
from ..domain.rle import Rle
from ..engines.base import Embedding as EmbeddingArrays
from ..engines.base import Engine
from ..engines.embedding import BadEmbedding
from ..engines.session import PromptSession
from ..models import Annotation, Embedding, Image, Job, Project, Replay, ReplayProposal
from . import catalogue, embedding, engine, jobs, memory
from .errors import Conflict, ServiceError

# Masks that are written together: what a worker that dies takes with it.
_TOGETHER = 16
# How long the work goes on before it lets others of its queue pass, and before it comes up for
# air where there are none, so that its worker can be stopped and asked.
_POLITE_SECONDS = 3.0
_RUN_SECONDS = 20.0


def request(project: Project, user: Any, name: str) -> Replay:
    """Queues a replay on the model `name`. Raises Invalid for one that there is not, Conflict
    while one on it is at work or when no object has prompts."""
    choice = catalogue.find(name)
    objects = Annotation.objects.filter(image__project=project)
    if not objects.exclude(prompts=None).exists():
        raise Conflict("no_prompts", "No object of this project has prompts that could be asked.")
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        working = Job.objects.unfinished().filter(project=project, kind=Job.Kind.REPLAY)
        if working.filter(params__engine=choice.name).exists():
            raise Conflict("already_replaying", "A replay on this model is at work already.")
        job = jobs.create(
            Job.Kind.REPLAY, project=project, user=user, params={"engine": choice.name}
        )
        return Replay.objects.create(
            project=project,
            job=job,
            engine=choice.name,
            model=choice.model,
            total=objects.count(),
            user_id=getattr(user, "pk", None),
        )


def cancel(replay: Replay) -> None:
    """Stops it; what it has found stays. Raises Conflict when it has ended."""
    if replay.job is None or not jobs.cancel(replay.job):
        raise Conflict("ended", "This replay has ended already.")


def resume(replay: Replay) -> None:
    """Goes on where it stopped or failed. Raises Conflict when there is nothing to go on with."""
    if replay.job is None or replay.job.status != Job.Status.FAILED:
        raise Conflict("not_stopped", "Only a replay that stopped or failed can go on.")
    with transaction.atomic():
        jobs.requeue(replay.job)


def delete(replay: Replay) -> None:
    """Removes the replay and its proposals. What was accepted stays accepted."""
    with transaction.atomic():
        if replay.job is not None:
            jobs.cancel(replay.job)
        replay.delete()


# --- The work --------------------------------------------------------------------------------


@memory.lifted()
def run(job: Job) -> None:
    """The work of a replay job: image by image, from where it got to before."""
    replay = Replay.objects.filter(job=job).first()
    if replay is None:
        raise ServiceError("replay_gone", "The replay was deleted before it was done.")
    choice = catalogue.find(replay.engine)
    if replay.model != choice.model:  # a checkpoint has come, or this host has another one
        Replay.objects.filter(pk=replay.pk).update(model=choice.model)
    with catalogue.loaded(choice) as model:
        done = _Work(job, replay, choice, model).go_on()
    with transaction.atomic():
        if done:
            found = ReplayProposal.objects.filter(replay=replay).count()
            jobs.complete(job, {"replay": replay.pk, "proposals": found})
        else:
            jobs.hand_on(job, queue=job.queue, file="")


class _Work:
    """One run of a replay's job."""

    def __init__(self, job: Job, replay: Replay, choice: catalogue.Choice, model: Engine) -> None:
        self._job, self._replay, self._choice, self._model = job, replay, choice, model
        self._start = time.monotonic()
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
        asked = ReplayProposal.objects.filter(replay=self._replay, image=image)
        rows = Annotation.objects.filter(image=image)
        rows = rows.exclude(pk__in=list(asked.values_list("annotation", flat=True)))
        read = [(row, _prompts(row, image)) for row in rows.order_by("created_at", "id")]
        todo = [(row, prompts) for row, prompts in read if prompts is not None]
        failed = 0
        if todo:
            try:
                session = PromptSession(self._model, self._arrays(image))
            except (ServiceError, FileNotFoundError):
                todo, failed = [], len(todo)
        for start in range(0, len(todo), _TOGETHER):
            if start and self._time_is_up():
                return False
            part = todo[start : start + _TOGETHER]
            found = [self._proposal(image, row, session, prompts) for row, prompts in part]
            if not self._write(image, found):
                break  # the image was deleted meanwhile, and its objects with it
        self._finish(image, len(read) - len(todo) - failed, failed)
        return not self._time_is_up()

    def _arrays(self, image: Image) -> EmbeddingArrays:
        """The image's embedding by this model. That of the model which serves is stored as ever;
        another's is used if it is there and not kept: it would push out those that people wait
        for. Raises ServiceError and FileNotFoundError for an image that cannot be read."""
        if image.state != Image.State.READY:
            raise ServiceError("not_ready", "The image is not ready yet, or was refused.")
        key = self._choice.model, self._choice.version
        if key == engine.model_key():
            return embedding.arrays_of(image)[1]
        stored = Embedding.objects.filter(
            sha256=image.sha256, model=key[0], version=key[1], region="",
            status=Embedding.Status.READY,
        ).first()  # fmt: skip
        if stored is not None:
            try:
                return engine.read(stored)
            except (FileNotFoundError, BadEmbedding):
                pass
        picture = embedding.picture_of(image, "")
        return self._model.embed([picture], [(image.width, image.height)])[0]

    def _proposal(
        self, image: Image, row: Annotation, session: PromptSession, prompts: Prompts
    ) -> ReplayProposal:
        best = session.replay(prompts)[0]
        mask = rle_from_logits(best.logits, image.width, image.height)
        x, y, w, h = mask.bbox
        return ReplayProposal(
            replay=self._replay, image=image, annotation=row.pk, version=row.version,
            counts=mask.counts if mask.area else "", area=mask.area,
            bbox_x=x, bbox_y=y, bbox_w=w, bbox_h=h,
            candidate=best.token, score=round(float(best.score), 6),
            iou=mask.iou(Rle(image.height, image.width, row.counts)),
        )  # fmt: skip

    def _write(self, image: Image, proposals: Sequence[ReplayProposal]) -> bool:
        """False when the image is gone."""
        with transaction.atomic():
            self._tell(len(proposals))
            if not Image.objects.select_for_update().filter(pk=image.pk).exists():
                return False
            ReplayProposal.objects.bulk_create(proposals, ignore_conflicts=True)
            return True

    def _finish(self, image: Image, skipped: int, failed: int) -> None:
        with transaction.atomic():
            self._tell(skipped + failed)
            Replay.objects.filter(pk=self._replay.pk).update(
                last_image=image.pk, skipped=F("skipped") + skipped, failed=F("failed") + failed
            )
        self._replay.last_image = image.pk

    def _tell(self, more: int) -> None:
        """Stores the progress; raises LostLease, and so writes nothing, when the job was stopped
        or is another worker's."""
        self._seen += more
        jobs.progress(self._job, min(0.99, self._seen / max(1, self._replay.total)))

    def _time_is_up(self) -> bool:
        passed = time.monotonic() - self._start
        if passed < _POLITE_SECONDS:
            return False
        if passed > _RUN_SECONDS:
            return True
        waiting = Job.objects.filter(status=Job.Status.QUEUED, queue=self._job.queue)
        return waiting.exists()


def _prompts(row: Annotation, image: Image) -> Prompts | None:
    """The object's prompts, or None where it has none that can be asked."""
    if row.prompts is None or set(row.prompts) - {"points", "box"}:
        return None  # whatever else belongs to them would be left out, and other masks come of it
    try:
        return Prompts.from_json(row.prompts, image.width, image.height)
    except DomainError:
        return None  # a client's own notes: nothing that a model understands
