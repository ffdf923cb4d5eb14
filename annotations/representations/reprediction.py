"""Stored prompts on another model: the models, the runs, and their proposals."""

from typing import Annotated, Any

from typing_extensions import TypedDict

from ..models import ReplayProposal
from .fields import Choice, Given, Of, Uuid, example, numbers, or_null, represent, text, username
from .jobs import JobStatus, error_of
from .values import ANNOTATION, MADE, Box, ErrorBody, Next, Rle

ProposalState = Annotated[str, Choice(ReplayProposal.State)]


# Of an entry of the catalogue of models.
class Model(TypedDict):
    """A model that prompts can be replayed on. `problem` says what keeps it from loading on the
    host that answers; the workers' host may differ. `serving`: it is the one that people use."""

    name: Annotated[str, Of("name", "sam_onnx")]
    model: Annotated[str, Of("model", "mobile_sam")]
    problem: Annotated[str | None, Of(or_null("problem"), None)]
    serving: Annotated[bool, Of("serving", True)]


class Models(TypedDict):
    items: Annotated[list[Model], Given([example(Model)])]


class ReplayCounts(TypedDict):
    pending: Annotated[int, Given(60)]
    accepted: Annotated[int, Given(14)]
    dismissed: Annotated[int, Given(2)]
    outdated: Annotated[int, Given(0)]


class ReplayProblem(TypedDict):
    """Why an object could not be asked about."""

    annotation: Annotated[Uuid, Given("7d1f7a52-8c9e-4f0b-9a3e-2f5b6c7d8e9f")]
    image: Annotated[int, Given(12)]
    code: Annotated[str, Given("not_ready")]
    message: Annotated[str, Given("The image is not ready yet, or was refused.")]


# A row of it has its job and user loaded.
class Replay(TypedDict):
    """`total`: the project's objects when it began; `skipped`: those without prompts; `failed`:
    those that could not be asked about; `problems`: why not, for the first 20 of them; `counts`:
    the proposals by their state."""

    id: Annotated[int, Of("id", 8)]
    project: Annotated[int, Of("project_id", 1)]
    engine: Annotated[str, Of("engine", "sam_torch:vit_h")]
    model: Annotated[str, Of("model", "sam_vit_h-a7bf3b02-half")]
    job: Annotated[int | None, Of("job_id", 77)]
    status: Annotated[
        JobStatus, Of(lambda row: "Failed" if row.job is None else row.job.status, "Running")
    ]
    progress: Annotated[float, Of(lambda row: 0.0 if row.job is None else row.job.progress, 0.4)]
    error: Annotated[
        ErrorBody | None, Of(lambda row: None if row.job is None else error_of(row.job), None)
    ]
    total: Annotated[int, Of("total", 212)]
    skipped: Annotated[int, Of("skipped", 9)]
    failed: Annotated[int, Of("failed", 1)]
    problems: Annotated[list[ReplayProblem], Of("problems", [example(ReplayProblem)])]
    counts: Annotated[ReplayCounts, Given(example(ReplayCounts))]
    createdTime: Annotated[int, Of("created_ms", MADE + 120_000)]
    createdBy: Annotated[str | None, Of(username("user"), "ann")]


class ReplayPage(TypedDict):
    items: Annotated[list[Replay], Given([example(Replay)])]
    next: Next


class OldMask(TypedDict):
    rle: Annotated[Rle, Given(example(Rle))]
    score: Annotated[float | None, Given(0.93)]
    model: Annotated[str, Given("mobile_sam")]


def _size(row: ReplayProposal) -> list[int]:
    return [row.image.height, row.image.width]


class NewMask(TypedDict):
    rle: Annotated[Rle, Of(lambda row: {"size": _size(row), "counts": row.counts}, example(Rle))]
    bbox: Box
    area: Annotated[int, Of("area", 4)]
    candidate: Annotated[int, Of("candidate", 0)]
    score: Annotated[float, Of("score", 0.95)]


def _old(found: Any) -> OldMask | None:
    before = found.before
    if before is None:
        return None
    rle: Rle = {"size": _size(found.row), "counts": before["counts"]}
    return {"rle": rle, "score": before.get("score"), "model": before.get("model", "")}


def _new(found: Any) -> NewMask | None:
    return represent(NewMask, found.row) if found.row.area else None


# Of a proposal as `services.reprediction.decisions` shows it, whose row has image and user loaded.
class Proposal(TypedDict):
    """`old` is the object's mask at `version`, `new` the model's, null where it has no pixel.
    `label` is null where the object was deleted. An `outdated` one cannot be accepted: the
    object has changed since."""

    id: Annotated[int, Of("row.id", 501)]
    image: Annotated[int, Of("row.image_id", 3)]
    imageName: Annotated[str, Of("row.image.name", "cup.jpg")]
    imageSize: Annotated[
        list[int],
        numbers(2, "width and height"),
        Of(lambda found: [found.row.image.width, found.row.image.height], [8, 6]),
    ]
    annotation: Annotated[Uuid, Of(text("row.annotation"), ANNOTATION)]
    version: Annotated[int, Of("row.version", 1)]
    label: Annotated[int | None, Of(lambda found: found.current and found.current.label_id, 4)]
    state: Annotated[ProposalState, Of("state", "pending")]
    iou: Annotated[float, Of("row.iou", 0.71)]
    old: Annotated[OldMask | None, Of(_old, example(OldMask))]
    new: Annotated[NewMask | None, Of(_new, example(NewMask))]
    decidedBy: Annotated[str | None, Of(username("row.user"), None)]
    decidedTime: Annotated[int | None, Of("row.decided_ms", None)]


class ProposalPage(TypedDict):
    """`total`: how many there are on all pages."""

    total: Annotated[int, Given(1)]
    items: Annotated[list[Proposal], Given([example(Proposal)])]
    next: Next


SkipCode = Annotated[str, Choice("stale_version", "deleted", "empty_mask", "decided")]


class Skipped(TypedDict):
    id: Annotated[int, Given(501)]
    code: Annotated[SkipCode, Given("stale_version")]


class Decided(TypedDict):
    """`remaining` above 0: send the same again to go on. `skipped` tells why the others stayed
    as they are."""

    decided: Annotated[int, Of("decided", 100)]
    skipped: Annotated[list[Skipped], Of("skipped", [example(Skipped)])]
    remaining: Annotated[int, Of("remaining", 23)]
