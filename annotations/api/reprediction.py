"""A project's prompts on another model; its proposals are reviewed one at a time or many."""

import uuid
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from ninja.errors import HttpError
from pydantic import Field, model_validator

from .. import access, models
from ..services.inference import model_catalog
from ..services.jobs import lifecycle
from ..services.reprediction import decisions, runs
from . import schemas
from .auth import SessionOrToken
from .paging import CursorParam, Limit, LimitParam, by_id, decode, encode
from .responding import CONFLICT, REFUSALS, accepted, nothing, ok

router = Router(tags=["Replays"])
_OWNERS: dict[int, Any] = {403: schemas.Error}

Share = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=1)]
StateName = Literal["pending", "accepted", "dismissed", "outdated"]
_MOST_IDS = 1000


class Model(schemas.Schema):
    """A model that prompts can be replayed on. `problem` says what keeps it from loading on the
    host that answers; the workers' host may differ. `serving`: it is the one that people use."""

    name: str
    model: str
    problem: str | None
    serving: bool


class Models(schemas.Schema):
    items: list[Model]


class ReplayIn(schemas.Body):
    """`model`: a name or a model id of `GET /api/models`."""

    model: schemas.Text


class ReplayCounts(schemas.Schema):
    pending: int
    accepted: int
    dismissed: int
    outdated: int


class ReplayProblem(schemas.Schema):
    """Why an object could not be asked about."""

    annotation: uuid.UUID
    image: int
    code: str
    message: str


class Replay(schemas.Schema):
    """`total`: the project's objects when it began; `skipped`: those without prompts; `failed`:
    those that could not be asked about; `problems`: why not, for the first 20 of them; `counts`:
    the proposals by their state."""

    id: int
    project: int
    engine: str
    model: str
    job: int | None
    status: Literal["Queued", "Running", "Completed", "Failed"]
    progress: float
    error: schemas.ErrorBody | None
    total: int
    skipped: int
    failed: int
    problems: list[ReplayProblem]
    counts: ReplayCounts
    createdTime: int
    createdBy: str | None


class ReplayPage(schemas.Schema):
    items: list[Replay]
    next: str | None


class OldMask(schemas.Schema):
    rle: schemas.Rle
    score: float | None
    model: str


class NewMask(schemas.Schema):
    rle: schemas.Rle
    bbox: list[int]
    area: int
    candidate: int
    score: float


class Proposal(schemas.Schema):
    """`old` is the object's mask at `version`, `new` the model's, null where it has no pixel.
    `label` is null where the object was deleted. An `outdated` one cannot be accepted: the
    object has changed since."""

    id: int
    image: int
    imageName: str
    imageSize: list[int]
    annotation: uuid.UUID
    version: int
    label: int | None
    state: StateName
    iou: float
    old: OldMask | None
    new: NewMask | None
    decidedBy: str | None
    decidedTime: int | None


class ProposalPage(schemas.Schema):
    """`total`: how many there are on all pages."""

    total: int
    items: list[Proposal]
    next: str | None


class DecisionIn(schemas.Body):
    """Either `ids`, or all proposals with the `label` and an agreement from `minIou` to `maxIou`,
    each of which may be left out. `all` must be true where nothing narrows them down."""

    decision: Literal["accept", "dismiss", "reopen"]
    ids: Annotated[list[schemas.Id], Field(min_length=1, max_length=_MOST_IDS)] | None = None
    label: schemas.Id | None = None
    minIou: Share | None = None
    maxIou: Share | None = None
    all: Annotated[bool, Field(strict=True)] = False

    @model_validator(mode="after")
    def _one_way(self) -> "DecisionIn":
        narrowed = any(v is not None for v in (self.label, self.minIou, self.maxIou))
        if self.ids is not None and (narrowed or self.all):
            raise ValueError("give either ids, or label, minIou and maxIou")
        if self.ids is None and not narrowed and not self.all:
            raise ValueError("name the proposals, narrow them down, or say all")
        return self


class Skipped(schemas.Schema):
    id: int
    code: Literal["stale_version", "deleted", "empty_mask", "decided"]


class Decided(schemas.Schema):
    """`remaining` above 0: send the same again to go on. `skipped` tells why the others stayed
    as they are."""

    decided: int
    skipped: list[Skipped]
    remaining: int


# --- Rows as JSON ----------------------------------------------------------------------------


def _replays(rows: list[models.Replay]) -> list[dict[str, Any]]:
    counts = decisions.counts(rows)
    return [_replay(row, counts[row.pk]) for row in rows]


def _replay(row: models.Replay, counts: dict[str, int]) -> dict[str, Any]:
    job = row.job
    return {
        "id": row.pk,
        "project": row.project_id,
        "engine": row.engine,
        "model": row.model,
        "job": row.job_id,
        "status": "Failed" if job is None else job.status,
        "progress": 0.0 if job is None else job.progress,
        "error": None if job is None else lifecycle.error_of(job),
        "total": row.total,
        "skipped": row.skipped,
        "failed": row.failed,
        "problems": row.problems,
        "counts": counts,
        "createdTime": row.created_ms,
        "createdBy": None if row.user is None else row.user.get_username(),
    }


def _one(row: models.Replay) -> dict[str, Any]:
    return _replays([row])[0]


def _proposal(found: decisions.Shown) -> dict[str, Any]:
    row = found.row
    size = [row.image.height, row.image.width]
    return {
        "id": row.pk,
        "image": row.image_id,
        "imageName": row.image.name,
        "imageSize": [row.image.width, row.image.height],
        "annotation": str(row.annotation),
        "version": row.version,
        "label": None if found.current is None else found.current.label_id,
        "state": found.state,
        "iou": row.iou,
        "old": _old(found.before, size),
        "new": _new(row, size) if row.area else None,
        "decidedBy": None if row.user is None else row.user.get_username(),
        "decidedTime": row.decided_ms,
    }


def _old(before: dict[str, Any] | None, size: list[int]) -> dict[str, Any] | None:
    if before is None:
        return None
    rle = {"size": size, "counts": before["counts"]}
    return {"rle": rle, "score": before.get("score"), "model": before.get("model", "")}


def _new(row: models.ReplayProposal, size: list[int]) -> dict[str, Any]:
    return {
        "rle": {"size": size, "counts": row.counts},
        "bbox": [row.bbox_x, row.bbox_y, row.bbox_w, row.bbox_h],
        "area": row.area,
        "candidate": row.candidate,
        "score": row.score,
    }


# --- Operations ------------------------------------------------------------------------------


@router.get("/models", response={200: Models, **REFUSALS})
def list_models(request: HttpRequest) -> HttpResponse:
    """The models that prompts can be replayed on."""
    items = [
        {"name": c.name, "model": c.model, "problem": c.problem or None, "serving": c.serving}
        for c in model_catalog.models()
    ]
    return ok({"items": items})


@router.get("/projects/{int:project_id}/replays", response={200: ReplayPage, **REFUSALS})
def list_replays(
    request: HttpRequest,
    project_id: int,
    limit: Limit = LimitParam,
    cursor: str | None = CursorParam,
) -> HttpResponse:
    """The project's replays, the newest first."""
    project = access.project_for(request.user, project_id)
    rows = project.replays.select_related("job", "user")
    return ok(by_id(rows, limit, cursor, _replays, newest_first=True))


@router.post("/projects/{int:project_id}/replays", response={202: Replay, **REFUSALS, **CONFLICT})
def start_replay(request: HttpRequest, project_id: int, payload: ReplayIn) -> HttpResponse:
    """Asks another model for every mask whose prompts are stored. Nothing of the project changes
    until somebody accepts a proposal. Owners only."""
    project = access.owned_project_for(request.user, project_id)
    row = runs.request(project, request.user, payload.model)
    return accepted(_one(row))


@router.get("/replays/{int:replay_id}", response={200: Replay, **REFUSALS})
def get_replay(request: HttpRequest, replay_id: int) -> HttpResponse:
    """A replay: how far it is, and its proposals by state."""
    return ok(_one(access.replay_for(request.user, replay_id)))


@router.delete("/replays/{int:replay_id}", response={204: None, **REFUSALS, **_OWNERS})
def delete_replay(request: HttpRequest, replay_id: int) -> HttpResponse:
    """Deletes the replay and its proposals; what was accepted stays. Owners only."""
    runs.delete(access.owned_replay_for(request.user, replay_id))
    return nothing()


@router.post("/replays/{int:replay_id}/cancel", response={200: Replay, **REFUSALS, **CONFLICT})
def cancel_replay(request: HttpRequest, replay_id: int) -> HttpResponse:
    """Stops it; its proposals stay. Owners only."""
    row = access.owned_replay_for(request.user, replay_id)
    runs.cancel(row)
    return ok(_one(access.replay_for(request.user, replay_id)))


@router.post("/replays/{int:replay_id}/resume", response={202: Replay, **REFUSALS, **CONFLICT})
def resume_replay(request: HttpRequest, replay_id: int) -> HttpResponse:
    """Goes on where it was stopped or failed. Owners only."""
    row = access.owned_replay_for(request.user, replay_id)
    runs.resume(row)
    return accepted(_one(access.replay_for(request.user, replay_id)))


@router.get("/replays/{int:replay_id}/proposals", response={200: ProposalPage, **REFUSALS})
def list_proposals(
    request: HttpRequest,
    replay_id: int,
    limit: Limit = LimitParam,
    cursor: str | None = CursorParam,
    state: StateName | None = None,
    label: int | None = Query(None, ge=1, le=2**63 - 1),
    minIou: float | None = Query(None, ge=0, le=1, allow_inf_nan=False),
    maxIou: float | None = Query(None, ge=0, le=1, allow_inf_nan=False),
) -> HttpResponse:
    """The proposals, those that agree least with the stored masks first."""
    replay = access.replay_for(request.user, replay_id)
    choice = decisions.Choice(state=state, label=label, min_iou=minIou, max_iou=maxIou)
    rows = decisions.matching(replay, choice).select_related("image", "user")
    total = rows.count()
    if cursor:
        iou, pk = decode(cursor, (float, int))
        if not (0 <= iou <= 1 and 0 <= pk < 2**63):
            raise HttpError(400, "The cursor is not one of this list's.")
        rows = decisions.after(rows, iou, pk)
    found = list(rows[: limit + 1])
    page, more = found[:limit], len(found) > limit
    items = [_proposal(each) for each in decisions.shown(page)]
    following = encode(page[-1].iou, page[-1].pk) if more else None
    return ok({"total": total, "items": items, "next": following})


@router.post(
    "/replays/{int:replay_id}/decisions",
    auth=SessionOrToken("annotate"),
    response={200: Decided, **REFUSALS},
)
def decide(request: HttpRequest, replay_id: int, payload: DecisionIn) -> HttpResponse:
    """Accepts, dismisses or reopens proposals. Accepting writes a new version of each object, at
    most 100 a call, and skips what has changed since it was asked about."""
    replay = access.replay_for(request.user, replay_id)
    choice = decisions.Choice(
        ids=payload.ids, label=payload.label, min_iou=payload.minIou, max_iou=payload.maxIou
    )
    done = decisions.decide(replay, request.user, payload.decision, choice)
    return ok({"decided": done.decided, "skipped": done.skipped, "remaining": done.remaining})
