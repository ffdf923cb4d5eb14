"""Masks from prompts on the server: what a person clicking in the browser gets."""

from typing import Any

from django.db import transaction

from ...domain.closeups import Region
from ...domain.prompts import Prompts
from ...engines.base import Embedding as EmbeddingArrays
from ...engines.session import PromptSession
from ...models import Embedding, Image, Job
from ..embeddings import compute, crops
from ..errors import Conflict, ServiceError
from ..inference import engine
from ..jobs import lifecycle


def request(
    image: Image, user: Any, prompts: Prompts, *, multimask: bool, preview: bool = False,
    origin: str = "", asked: Any = None, region: Region | None = None,
) -> Job:  # fmt: skip
    """Queues the segmentation; a `preview` is for the pointer of `user` alone. `origin` is the
    API that it came by, `asked` what that must repeat in its answers. In a `region` of a large
    image small things are seen that are lost on the whole. Raises Conflict for an image that was
    refused, and DomainError for a prompt outside the region."""
    if image.state == Image.State.REFUSED:
        raise Conflict("refused_image", "A refused image cannot be segmented.")
    params = {"prompts": prompts.to_json(), "multimask": multimask}
    if region is not None:
        region.inside(prompts)
        params["region"] = region.to_json()
    if asked is not None:
        params["asked"] = asked
    with transaction.atomic():
        return lifecycle.create(
            Job.Kind.SEGMENT,
            project=image.project,
            image=image,
            user=user,
            params=params,
            passing=preview,
            origin=origin,
        )


def segment(job: Job) -> None:
    """The work of a segment job: each prompt, in their order, refines the mask before it."""
    image = job.image
    if image is None:
        raise _deleted()
    if image.state == Image.State.REFUSED:
        raise ServiceError("refused_image", f"The image was refused: {image.error_message}")
    if image.state == Image.State.PREPARING:
        raise lifecycle.Later
    prompts = Prompts.from_json(job.params["prompts"], image.width, image.height)
    region = Region(*job.params["region"]) if "region" in job.params else None
    try:
        row, arrays = _arrays(job, image, region)
    except ServiceError as error:
        if not Image.objects.filter(pk=image.pk).exists():
            raise _deleted() from error
        raise
    session = PromptSession(engine.current(), arrays)
    candidates = session.replay(prompts if region is None else region.inside(prompts))
    if not job.params.get("multimask", True):
        candidates = candidates[:1]
    masks = [_mask(c, arrays, image, region) for c in candidates]
    with transaction.atomic():
        lifecycle.complete(job, {"masks": masks, "model": row.model})


def _deleted() -> ServiceError:
    return ServiceError("image_deleted", "The image was deleted before the job was done.")


def _arrays(job: Job, image: Image, region: Region | None) -> tuple[Embedding, EmbeddingArrays]:
    if region is not None:
        if crops.row_for(image, region) is None:
            lifecycle.tell(job)  # it has to wait for the encoder
        return crops.arrays_of(image, region, job.user)
    if compute.ready_row(image) is None:
        lifecycle.tell(job)
    return compute.arrays_of(image, compute.PATIENCE)


def _mask(
    candidate: Any, arrays: EmbeddingArrays, image: Image, region: Region | None
) -> dict[str, Any]:
    rle = crops.mask_of(candidate.logits, arrays.frame, image, region)
    return {
        "rle": {"size": [image.height, image.width], "counts": rle.counts},
        "bbox": list(rle.bbox),
        "area": rle.area,
        "score": round(float(candidate.score), 6),
        "candidate": candidate.mask_index,
    }
