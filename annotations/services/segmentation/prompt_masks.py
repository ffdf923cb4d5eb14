"""Masks from prompts on the server: what a person clicking in the browser gets."""

from typing import Any

from django.conf import settings
from django.db import transaction

from ...domain.crops import CropWindow
from ...domain.prompts import Prompts
from ...engines.base import Embedding as EmbeddingArrays
from ...engines.session import PromptSession
from ...models import Image, Job
from ..embeddings import compute, crops
from ..errors import Conflict
from ..inference import engine
from ..jobs import lifecycle, registry
from . import search_job


def request(
    image: Image, user: Any, prompts: Prompts, *, multimask: bool, preview: bool = False,
    origin: str = "", asked: Any = None, window: CropWindow | None = None,
) -> Job:  # fmt: skip
    """Queues the segmentation; a `preview` is for the pointer of `user` alone. `origin` is the
    API that it came by, `asked` what that must repeat in its answers. In a `window` of a large
    image small things are seen that are lost on the whole. Raises Conflict for an image that was
    refused, and DomainError for a prompt outside the window."""
    if image.state == Image.State.REFUSED:
        raise Conflict("refused_image", "A refused image cannot be segmented.")
    params = {"prompts": prompts.to_json(), "multimask": multimask}
    if window is not None:
        window.inside(prompts)
        params["region"] = window.to_json()
    if asked is not None:
        params["asked"] = asked
    with transaction.atomic():
        return lifecycle.create(
            Job.Kind.SEGMENT,
            project=image.project,
            image=image,
            user=user,
            params=params,
            ephemeral=preview,
            origin=origin,
        )


@registry.job_handler(
    Job.Kind.SEGMENT,
    queue=Job.Queue.INTERACTIVE,
    title="Segmentation",
    brief=True,
    keep_hours=settings.SEGWEB_JOB_KEEP_HOURS,
    suggestions="masks",
)
def segment(job: Job) -> None:
    """The work of a segment job: each prompt, in their order, refines the mask before it."""
    image = search_job.image_of(job)
    search_job.check_prepared(image)
    prompts = Prompts.from_json(job.params["prompts"], image.width, image.height)
    window = CropWindow(*job.params["region"]) if "region" in job.params else None
    row, arrays = search_job.embedding_of(
        image, window, user=job.user, patience=compute.PATIENCE,
        on_wait=lambda: lifecycle.publish(job),  # it has to wait for the encoder
    )  # fmt: skip
    session = PromptSession(engine.current(), arrays)
    candidates = session.replay(prompts if window is None else window.inside(prompts))
    if not job.params.get("multimask", True):
        candidates = candidates[:1]
    masks = [_mask(c, arrays, image, window) for c in candidates]
    with transaction.atomic():
        lifecycle.complete(job, {"model": row.model}, suggestions=masks)


def _mask(
    candidate: Any, arrays: EmbeddingArrays, image: Image, window: CropWindow | None
) -> dict[str, Any]:
    rle = crops.mask_of(candidate.logits, arrays.frame, image, window)
    return {
        "rle": {"size": [image.height, image.width], "counts": rle.counts},
        "bbox": list(rle.bbox),
        "area": rle.area,
        "score": round(float(candidate.score), 6),
        "candidate": candidate.mask_index,
    }
