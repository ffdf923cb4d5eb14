"""Rows as the contract's JSON."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from ..domain.rle import Rle
from ..models import (
    Annotation,
    ApiToken,
    Attribute,
    Delivery,
    Image,
    Job,
    Label,
    Membership,
    Project,
    Webhook,
)
from ..services.annotations import history
from ..services.embeddings import compute
from ..services.inference import engine
from ..services.jobs import lifecycle, results
from ..services.projects import projects


def ms(moment: datetime | None) -> int | None:
    """Epoch milliseconds."""
    return None if moment is None else int(moment.timestamp() * 1000)


def label(row: Label) -> dict[str, Any]:
    return {"id": row.pk, "name": row.name, "color": row.color, "order": row.order}


def attribute(row: Attribute) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "type": row.kind,
        "required": row.required,
        "default": row.default,
        "options": row.options,
        "min": row.minimum,
        "max": row.maximum,
        "labels": row.labels,
        "order": row.order,
    }


def project_list(rows: Iterable[Project]) -> list[dict[str, Any]]:
    """Projects with counts; `rows` carry `role` and prefetched labels and attributes."""
    rows = list(rows)
    counts = projects.counts(rows)
    return [_project(row, {"counts": counts[row.pk]}) for row in rows]


def project(row: Project, *, counts: bool = True) -> dict[str, Any]:
    """As in `project_list`. The counts go through all of its objects: not for hot paths."""
    return project_list([row])[0] if counts else _project(row, {})


def _project(row: Project, counts: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row.pk,
        "slug": row.slug,
        "name": row.name,
        "role": row.role,  # type: ignore[attr-defined]
        "labels": [label(item) for item in row.labels.all()],
        "attributes": [attribute(item) for item in row.attributes.all()],
        **counts,
        "createdTime": ms(row.created_at),
    }


def member(row: Membership) -> dict[str, Any]:
    return {
        "username": row.user.get_username(),
        "role": row.role,
        "createdTime": ms(row.created_at),
    }


def image(row: Image) -> dict[str, Any]:
    """An image; `row` comes from `with_details`, or is given them here."""
    if not hasattr(row, "embedding_status"):
        row = Image.objects.with_details(*engine.model_key()).get(pk=row.pk)
    status = compute.status_of(row, row.embedding_status)
    data = {
        "id": row.pk,
        "project": row.project_id,
        "name": row.name,
        "width": row.width,
        "height": row.height,
        "bytes": row.bytes,
        "mimeType": row.mime_type,
        "sha256": row.sha256,
        "state": row.state,
        "embedding": status,
        "error": _image_error(row, status),
        "annotations": row.annotation_count,
        **work(row),
        "createdTime": ms(row.created_at),
    }
    if row.external_id:
        data["externalId"] = row.external_id
    return data


def work(row: Image) -> dict[str, Any]:
    """How far people are with an image."""
    return {
        "work": row.work,
        "skipReason": row.skip_reason or None,
        "workBy": None if row.work_by is None else row.work_by.get_username(),
        "workTime": ms(row.work_at),
    }


def new_image(row: Image) -> dict[str, Any]:
    """An image accepted just now: nobody has annotated or embedded it, so nothing is asked."""
    row.annotation_count, row.embedding_status = 0, None  # type: ignore[attr-defined]
    row.embedding_error = ""  # type: ignore[attr-defined]
    return image(row)


def _image_error(row: Image, status: str) -> dict[str, str] | None:
    if row.state == Image.State.REFUSED:
        return {"code": row.error_code, "message": row.error_message}
    if status == "failed":
        return {"code": "embedding_failed", "message": row.embedding_error or ""}  # type: ignore[attr-defined]
    return None


def job(row: Job) -> dict[str, Any]:
    return _job(row, results.of(row))


def job_list(rows: Sequence[Job]) -> list[dict[str, Any]]:
    """Jobs, the result of some left out."""
    found = results.of_listed(rows)
    return [_job(row, found[row.pk]) for row in rows]


def _job(row: Job, result: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "status": row.status,
        "progress": row.progress,
        "createdTime": row.created_ms,
        "startTime": row.start_ms,
        "statusTime": row.status_ms,
        "error": lifecycle.error_of(row),
        "result": result,
        "project": row.project_id,
        "image": row.image_id,
    }


def annotation(row: Annotation) -> dict[str, Any]:
    """An annotation; `row` has its image and author loaded."""
    return {
        "id": str(row.pk),
        "image": row.image_id,
        "label": row.label_id,
        "rle": row.rle,
        "bbox": [row.bbox_x, row.bbox_y, row.bbox_w, row.bbox_h],
        "area": row.area,
        "source": row.source,
        "prompts": row.prompts,
        "attributes": row.attributes,
        "candidate": row.candidate,
        "score": row.score,
        "model": row.model,
        "z": row.z,
        "author": None if row.author is None else row.author.get_username(),
        "version": row.version,
        "createdTime": ms(row.created_at),
        "updatedTime": ms(row.updated_at),
    }


def revision(version: history.Version) -> dict[str, Any]:
    """One version of an object without its mask; its row has image and user loaded."""
    row, then = version.row, version.row.snapshot
    return {
        "annotation": str(row.annotation),
        "image": row.image_id,
        "version": row.version,
        "action": row.action,
        "changed": version.changed,
        "reason": row.reason or None,
        "user": None if row.user is None else row.user.get_username(),
        "time": ms(row.created_at),
        "label": then["label_id"],
        "attributes": then["attributes"],
        "source": then["source"],
        "score": then["score"],
        "model": then["model"],
        "z": then.get("z"),
    }


def revision_detail(version: history.Version, mask: Rle) -> dict[str, Any]:
    """One version of an object with its mask."""
    then = version.row.snapshot
    return revision(version) | {
        "rle": {"size": [mask.height, mask.width], "counts": mask.counts},
        "bbox": list(mask.bbox),
        "area": mask.area,
        "prompts": then["prompts"],
        "candidate": then["candidate"],
    }


def webhook(row: Webhook) -> dict[str, Any]:
    return {
        "id": row.pk,
        "project": row.project_id,
        "url": row.url,
        "events": row.events,
        "active": row.active,
        "stopped": row.stopped or None,
        "failures": row.failures,
        "failingTime": row.failing_ms,
        "createdTime": row.created_ms,
        "createdBy": None if row.created_by is None else row.created_by.get_username(),
    }


def delivery(row: Delivery) -> dict[str, Any]:
    """A delivery; `row` has its webhook loaded."""
    return {
        "id": row.pk,
        "webhook": row.webhook_id,
        "event": str(row.event),
        "type": row.type,
        "status": row.status,
        "attempts": row.attempts,
        "statusCode": row.status_code,
        "error": row.error or None,
        "response": row.response or None,
        "durationMs": row.duration_ms,
        "createdTime": row.created_ms,
        "lastTime": row.last_ms,
        "nextTime": row.next_ms if row.status == Delivery.Status.WAITING else None,
        "body": row.body,
    }


def token(row: ApiToken) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "prefix": row.prefix,
        "scopes": row.scopes,
        "createdTime": ms(row.created_at),
        "expiresTime": ms(row.expires_at),
        "lastUsedTime": ms(row.last_used_at),
    }
