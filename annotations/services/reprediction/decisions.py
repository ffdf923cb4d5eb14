"""What people decide on a replay's proposals. Nothing changes an object but their word."""

from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from ...models import Annotation, AnnotationRevision, Replay, ReplayProposal, now_ms
from ..annotations import edit
from ..errors import Conflict

Decision = Literal["accept", "dismiss", "reopen"]
State = ReplayProposal.State
# New versions of objects that one request makes: more would keep other writers waiting.
MAX_AT_ONCE = 100


@dataclass(frozen=True)
class Choice:
    """Which proposals: the named ones, or those of a label and an agreement (both ends are
    within). None leaves it open."""

    ids: list[int] | None = None
    state: str | None = None
    label: int | None = None
    min_iou: float | None = None
    max_iou: float | None = None


@dataclass
class Decided:
    """`decided`: how many; `skipped`: id and why of those that were not; `remaining`: how many
    wait for the same request to be sent again."""

    decided: int = 0
    skipped: list[dict[str, Any]] = field(default_factory=list)
    remaining: int = 0


def matching(replay: Replay, choice: Choice) -> "QuerySet[ReplayProposal]":
    """The replay's proposals, those that agree least first."""
    rows = ReplayProposal.objects.filter(replay=replay)
    if choice.ids is not None:
        rows = rows.filter(pk__in=choice.ids)
    if choice.state is not None:
        rows = rows.filter(state=choice.state)
    if choice.label is not None:
        labelled = Annotation.objects.filter(label_id=choice.label)
        rows = rows.filter(annotation__in=labelled.values("pk"))
    if choice.min_iou is not None:
        rows = rows.filter(iou__gte=choice.min_iou)
    if choice.max_iou is not None:
        rows = rows.filter(iou__lte=choice.max_iou)
    return rows.order_by("iou", "id")


def after(rows: "QuerySet[ReplayProposal]", iou: float, pk: int) -> "QuerySet[ReplayProposal]":
    """Those that follow the one with this agreement and id."""
    return rows.filter(Q(iou__gt=iou) | Q(iou=iou, pk__gt=pk))


def counts(replays: list[Replay]) -> dict[int, dict[str, int]]:
    """How many proposals of each replay are in each state."""
    found = {row.pk: dict.fromkeys(State.values, 0) for row in replays}
    groups = ReplayProposal.objects.filter(replay__in=replays).order_by()
    for pk, state, count in groups.values_list("replay", "state").annotate(n=Count("pk")):
        found[pk][state] = count
    return found


def decide(replay: Replay, user: Any, decision: Decision, choice: Choice) -> Decided:
    """Accepting writes a new version of the object, unless it has changed since it was asked
    about; dismissing leaves it, and can be taken back by reopening."""
    if decision == "accept":
        return _accept_all(replay, user, choice)
    before, after = {
        "dismiss": (State.PENDING, State.DISMISSED),
        "reopen": (State.DISMISSED, State.PENDING),
    }[decision]
    rows = matching(replay, choice)
    who = {"user_id": user.pk, "decided_ms": now_ms()}
    if decision == "reopen":
        who = {"user_id": None, "decided_ms": None}
    changed = rows.filter(state=before).order_by().update(state=after, **who)
    decided = Decided(decided=changed)
    if choice.ids is not None and changed < len(choice.ids):
        reached = set(rows.filter(state=after).values_list("pk", flat=True))
        decided.skipped = [_skip(pk, "decided") for pk in choice.ids if pk not in reached]
    return decided


def _skip(pk: int, code: str) -> dict[str, Any]:
    return {"id": pk, "code": code}


def _accept_all(replay: Replay, user: Any, choice: Choice) -> Decided:
    answer = Decided()
    rows = matching(replay, choice)
    if choice.ids is not None:
        closed = rows.exclude(state=State.PENDING)
        answer.skipped += [_skip(pk, "decided") for pk in closed.values_list("pk", flat=True)]
        empty = rows.filter(state=State.PENDING, area=0)
        answer.skipped += [_skip(pk, "empty_mask") for pk in empty.values_list("pk", flat=True)]
    # A mask without a pixel is no object: there is nothing to accept.
    waiting = rows.filter(state=State.PENDING, area__gt=0)
    for row in waiting.select_related("image")[:MAX_AT_ONCE]:
        problem = _accept(replay, user, row)
        if problem:
            answer.skipped.append(_skip(row.pk, problem))
        else:
            answer.decided += 1
    answer.remaining = waiting.count()
    return answer


def _accept(replay: Replay, user: Any, row: ReplayProposal) -> str:
    """Writes the new version; why not, or nothing."""
    try:
        with transaction.atomic():
            if not _mark(row, user, State.ACCEPTED):
                return "decided"
            _write(replay, user, row)
    except Conflict as error:
        _mark(row, user, State.OUTDATED)
        return error.code
    return ""


def _mark(row: ReplayProposal, user: Any, state: State) -> bool:
    waiting = ReplayProposal.objects.filter(pk=row.pk, state=State.PENDING)
    return bool(waiting.update(state=state, user_id=user.pk, decided_ms=now_ms()))


def _write(replay: Replay, user: Any, row: ReplayProposal) -> None:
    """Raises Conflict when the object has changed since, or is gone."""
    rows = Annotation.objects.select_related("image", "label", "author")
    current = rows.filter(pk=row.annotation, image_id=row.image_id).first()
    if current is None:
        raise Conflict("deleted", "This object was deleted meanwhile.")
    change = edit.Change(
        rle={"size": [row.image.height, row.image.width], "counts": row.counts},
        plain={"candidate": row.candidate, "score": row.score, "model": replay.model},
    )
    reason = f"Replayed on {replay.model}, agreement {row.iou:.3f}"
    edit.update(current, user, row.version, change, reason)


# --- For the list ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """A proposal with the object's mask as it was asked about (None where its history is gone)
    and with the object as it is now (None where it was deleted)."""

    row: ReplayProposal
    before: dict[str, Any] | None
    current: Annotation | None

    @property
    def state(self) -> str:
        """As stored, but for one that waits while its object has moved on."""
        if self.row.state != State.PENDING:
            return str(self.row.state)
        same = self.current is not None and self.current.version == self.row.version
        return State.PENDING.value if same else State.OUTDATED.value


def shown(rows: list[ReplayProposal]) -> list[Shown]:
    """The rows with what belongs to them; they come with image and user."""
    ids = [row.annotation for row in rows]
    now = {row.pk: row for row in Annotation.objects.filter(pk__in=ids)}
    # One version of each object, however many it has: a term for each would be too many.
    of_row = ReplayProposal.objects.filter(
        pk__in=[row.pk for row in rows],
        annotation=OuterRef("annotation"),
        version=OuterRef("version"),
    )
    past = AnnotationRevision.objects.filter(Exists(of_row), annotation__in=ids)
    before = {(row.annotation, row.version): row.snapshot for row in past}
    return [
        Shown(row, before.get((row.annotation, row.version)), now.get(row.annotation))
        for row in rows
    ]
