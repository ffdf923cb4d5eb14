"""Pictures of no project, cut into the clusters of their colours: the work behind `/segment`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction

from ....models import Job
from ...errors import FetchRefused, Invalid, ServiceError, TooMany
from ...images.probe import EXTENSIONS, read_header
from ...images.raw_pixels import check_size, read_pixels
from ...jobs import lifecycle, registry
from ...outbound.fetch import fetch
from ...storage.files import delete_files_on_commit, new_key, stored_with
from . import links


@dataclass(frozen=True)
class Options:
    """`ct`: percent of the matched pixels that a cluster must hold. `st`: curvature of the
    histograms that counts as noise. `cs`: colour space, 1 to 22."""

    ct: float
    st: float
    cs: int


def request_file(user: Any, file: File, options: Options) -> Job:
    """Queues the segmentation of an uploaded picture. Raises ImageRefused, TooLarge, TooMany."""
    header = read_header(file, file.size)
    check_size(header.width, header.height)
    _check_quota(user)
    key = default_storage.save(new_key("work", EXTENSIONS[header.mime_type]), file)
    with stored_with([key]):
        return _queued(user, options, {}, key)


def request_address(user: Any, address: str, options: Options) -> Job:
    """Queues the segmentation of the picture at an address, or behind one of our own links.

    Raises TooMany, or Invalid for a link that has expired.
    """
    name = links.name_in(address)
    _check_quota(user)
    with transaction.atomic():
        if name is not None:
            return _queued(user, options, {"shared": name})
        # Waiting for somebody's slow server keeps nobody else from working.
        return _queued(user, options, {"img": address}, queue=Job.Queue.NET)


def _queued(
    user: Any,
    options: Options,
    source: dict[str, str],
    file: str = "",
    queue: str | None = None,
) -> Job:
    params = asdict(options) | source
    return lifecycle.create(
        Job.Kind.COLOUR, project=None, user=user, params=params, file=file, queue=queue
    )


def _check_quota(user: Any) -> None:
    most = settings.SEGWEB_PIXLAB_JOBS_A_USER
    mine = Job.objects.unfinished().filter(kind=Job.Kind.COLOUR, user_id=user.pk)
    if mine.count() >= most:
        raise TooMany(
            "too_many_jobs", f"{most} pictures of yours are being worked on; wait for them."
        )


def job(pk: int) -> Job:
    """The job that a request has waited for."""
    return Job.objects.get(pk=pk)


def failed(job: Job, code: str, message: str) -> None:
    """Drops the picture that was sent: nobody can ask for it again."""
    delete_files_on_commit([job.file])


# Strangers' pictures are decoded where memory is limited, and clicks need not wait for them.
@registry.job_handler(
    Job.Kind.COLOUR,
    queue=Job.Queue.IO,
    title="Colour clusters of a picture",
    of_project=False,
    soft_seconds=settings.SEGWEB_DECODE_SECONDS,
    activity="Segmenting the picture",
    max_attempts=2,  # what kills the process that decodes it is most likely the file itself
    keep_hours=settings.SEGWEB_PIXLAB_LINK_HOURS,
    on_failure=failed,
)
def run(job: Job) -> None:
    """The work of a colour job: what lies at an address is fetched first, by the workers that
    do nothing else; then those that decode paint it."""
    if "img" in job.params and not job.file:
        _fetch(job)
    else:
        _segment(job)


def _fetch(job: Job) -> None:
    """Raises Invalid naming `img` for an address that gives nothing, ImageRefused or TooLarge."""
    try:
        fetched = fetch(job.params["img"])
    except FetchRefused as error:
        raise Invalid("img_refused", f"img: {error.message}", "img") from error
    with fetched:
        header = read_header(fetched.file, fetched.size)
        check_size(header.width, header.height)
        key = new_key("work", EXTENSIONS[header.mime_type])
        key = default_storage.save(key, File(fetched.file))
    with stored_with([key]):
        lifecycle.hand_over(job, queue=Job.Queue.IO, file=key)


def _segment(job: Job) -> None:
    from ....engines import registry
    from ....engines.colour_clusters import ColourSpace

    with _source(job) as file:
        pixels = read_pixels(file)
    found = registry.finder("colour_clusters").find(
        pixels,
        cluster_threshold=job.params["ct"],
        smoothing_threshold=job.params["st"],
        space=ColourSpace(job.params["cs"]),
    )
    given = job.file
    key = default_storage.save(new_key("shared", ".png"), ContentFile(found.to_png()))
    height, width = found.labels.shape
    result = {
        "width": width,
        "height": height,
        "clusters": len(found.palette),
        "mimeType": "image/png",
        "name": f"segments-{job.pk}.png",
    }
    with stored_with([key]):
        lifecycle.complete(job, result, file=key)
        delete_files_on_commit([given])


@contextmanager
def _source(job: Job) -> Iterator[BinaryIO]:
    """The picture's file. Raises Invalid naming `img` when a link of ours leads to none."""
    if (name := job.params.get("shared")) is not None:
        with links.opened(name) as file:
            yield file
    else:
        try:
            file = default_storage.open(job.file, "rb")
        except FileNotFoundError as error:
            raise ServiceError("file_gone", "The picture's file is gone; send it again.") from error
        with file:
            yield file
