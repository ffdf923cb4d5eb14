"""A project's prompts on another model; its proposals are reviewed one at a time or many."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from ninja.errors import HttpError
from pydantic import Field, model_validator

from .. import access, models
from ..representations.fields import represent, represent_each
from ..representations.reprediction import (
    Decided,
    Model,
    Models,
    Proposal,
    ProposalPage,
    ProposalState,
    Replay,
    ReplayPage,
)
from ..representations.values import Error
from ..services.inference import model_catalog
from ..services.reprediction import decisions, runs
from . import bodies
from .auth import SessionOrToken
from .paging import CursorParam, Limit, LimitParam, by_id, decode, encode
from .responding import CONFLICT, REFUSALS, accepted, nothing, ok

router = Router(tags=["Replays"])
_OWNERS: dict[int, Any] = {403: Error}

Share = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=1)]
_MAX_IDS = 1000


class ReplayIn(bodies.Body):
    """`model`: a name or a model id of `GET /api/models`."""

    model: bodies.Text


class DecisionIn(bodies.Body):
    """Either `ids`, or all proposals with the `label` and an agreement from `minIou` to `maxIou`,
    each of which may be left out. `all` must be true where nothing narrows them down."""

    decision: decisions.Decision
    ids: Annotated[list[bodies.Id], Field(min_length=1, max_length=_MAX_IDS)] | None = None
    label: bodies.Id | None = None
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


# --- Rows as JSON ----------------------------------------------------------------------------


def _replays(rows: list[models.Replay]) -> list[Replay]:
    counts = decisions.counts(rows)
    return [represent(Replay, row, counts=counts[row.pk]) for row in rows]


def _one(row: models.Replay) -> Replay:
    return _replays([row])[0]


# --- Operations ------------------------------------------------------------------------------


@router.get("/models", response={200: Models, **REFUSALS})
def list_models(request: HttpRequest) -> HttpResponse:
    """The models that prompts can be replayed on."""
    return ok(Models(items=represent_each(Model, model_catalog.models())))


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
    state: ProposalState | None = None,
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
    items = represent_each(Proposal, decisions.shown(page))
    following = encode(page[-1].iou, page[-1].pk) if more else None
    return ok(ProposalPage(total=total, items=items, next=following))


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
    return ok(represent(Decided, done))
