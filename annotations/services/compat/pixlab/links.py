"""Pictures behind signed links: they need no login, and end after some hours.

A link names a row, not a file. Our own links are recognised without asking the network.
"""

from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core import signing
from django.core.files.base import File
from django.core.files.storage import default_storage

from ....models import Job, StoredFile
from ...errors import Invalid
from ...images.probe import EXTENSIONS, read_header
from ...storage.files import new_key, stored_with

PATH = "/shared/"
_SALT = "segweb.shared"
_PNG = "image/png"
_LONGEST = 200


@dataclass(frozen=True)
class Shared:
    """A stored picture. `key` is its storage key."""

    key: str
    mime_type: str


def store(user: Any, file: File) -> StoredFile:
    """Keeps a picture for its hours. Raises ImageRefused for what is no image."""
    header = read_header(file, file.size)
    key = default_storage.save(new_key("shared", EXTENSIONS[header.mime_type]), file)
    with stored_with([key]):
        return StoredFile.objects.create(
            user_id=user.pk, file=key, mime_type=header.mime_type, bytes=file.size
        )


def path_of(row: Job | StoredFile) -> str:
    """The path of a new link to what the row made or holds."""
    name = signing.TimestampSigner(salt=_SALT, sep=".").sign(_name(row))
    suffix = ".png" if isinstance(row, Job) else EXTENSIONS[row.mime_type]
    return f"{PATH}{name}{suffix}"


def _name(row: Job | StoredFile) -> str:
    return f"{'job' if isinstance(row, Job) else 'file'}{row.pk}"


def name_in(address: str) -> str | None:
    """The row's name in an address that is one of our links, whatever host it gives; None for
    any other address. Raises Invalid for a link of ours that has expired."""
    path = unquote(urlsplit(address).path)
    if not path.startswith(PATH) or len(path) > _LONGEST:
        return None
    signed = path.removeprefix(PATH).rpartition(".")[0]
    signer = signing.TimestampSigner(salt=_SALT, sep=".")
    try:
        return signer.unsign(signed, max_age=settings.SEGWEB_PIXLAB_LINK_HOURS * 3600)
    except signing.SignatureExpired as error:
        raise Invalid("link_expired", "img: this link has expired.", "img") from error
    except signing.BadSignature:
        return None


def find(name: str) -> Shared | None:
    """What a row's name stands for, or None when it is there no more."""
    kind, pk = name.rstrip("0123456789"), name.lstrip("abcdefghijklmnopqrstuvwxyz")
    if kind == "job":
        job = Job.objects.filter(pk=pk, kind=Job.Kind.COLOUR, status=Job.Status.COMPLETED).first()
        return None if job is None else Shared(job.file, _PNG)
    row = StoredFile.objects.filter(pk=pk).first()
    return None if row is None else Shared(row.file, row.mime_type)


def opened(name: str) -> BinaryIO:
    """The picture's file. Raises Invalid naming `img` when it is there no more."""
    found = find(name)
    try:
        if found is not None:
            return default_storage.open(found.key, "rb")
    except FileNotFoundError:
        pass
    raise Invalid("img_gone", "img: the picture behind this link is there no more.", "img")
