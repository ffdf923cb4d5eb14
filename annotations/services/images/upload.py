"""Files in: judged by their header, stored untouched, queued for preparation."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError

from ... import events
from ...models import Image, Job, Project
from ...representations.events import image_created
from ..errors import ServiceError
from ..jobs import lifecycle
from ..storage.files import new_key, stored_with
from .probe import EXTENSIONS, read_header

_CHUNK = 1 << 20
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Accepted:
    image: Image
    duplicate: bool


def clean_name(name: str) -> str:
    """The last part of a client's path, without control characters and of a storable length."""
    last = re.split(r"[\\/]", name)[-1]
    text = _UNPRINTABLE.sub("", unicodedata.normalize("NFC", last)).strip()
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text[-255:] or "image"


def sha256_of(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def accept(project: Project, user: Any, name: str, file: File) -> Accepted:
    """Takes one file into the project; the same content again is the image it already is.

    Raises ImageRefused for what is no image that is taken. The answer comes before the full
    decode, which the worker does.
    """
    header = read_header(file, file.size)
    sha256 = sha256_of(file)
    if (known := _known(project, sha256)) is not None:
        return Accepted(known, duplicate=True)
    key = default_storage.save(new_key("originals", EXTENSIONS[header.mime_type]), file)
    image = Image(
        project=project,
        name=clean_name(name),
        sha256=sha256,
        width=header.width,
        height=header.height,
        bytes=file.size,
        mime_type=header.mime_type,
        original=key,
        created_by_id=user.pk,
    )
    try:
        with stored_with([key]):
            image.save(force_insert=True)
            lifecycle.create(Job.Kind.PREPARE, project=project, image=image, user=user)
            events.publish(project.pk, image_created(image))
    except IntegrityError:
        # Sent twice at the same moment: the other request's row counts.
        known = _known(project, sha256)
        if known is None:
            raise ServiceError("project_gone", "The project was deleted meanwhile.") from None
        return Accepted(known, duplicate=True)
    return Accepted(image, duplicate=False)


def _known(project: Project, sha256: str) -> Image | None:
    return Image.objects.filter(project=project, sha256=sha256).first()
