"""What the encoder looks at: an image's pixels at its input's size, stored for it or made again."""

from contextlib import suppress
from io import BytesIO

import numpy as np
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as PILImage

from ...models import Image
from ..errors import ServiceError
from ..inference import engine
from ..storage.files import new_key
from .decode import Decoded, decode


def scaled(decoded: Decoded) -> PILImage.Image:
    """The picture at the size at which the encoder looks at it."""
    frame = engine.frame().of(decoded.width, decoded.height)
    size = (frame.input_width, frame.input_height)
    return decoded.picture.resize(size, PILImage.Resampling.BILINEAR)


def hand_over(picture: PILImage.Image) -> str:
    """Stores what the encoder will look at (`scaled`), so that nobody decodes the image a
    second time; its storage key."""
    out = BytesIO()
    np.save(out, np.asarray(picture))
    return default_storage.save(new_key("work", ".npy"), ContentFile(out.getvalue()))


def picture_of(image: Image, key: str) -> PILImage.Image:
    """What the encoder looks at: what was handed over under `key`, or the same made from the
    original. Raises ImageRefused, and ServiceError when the file is gone. Asks no database."""
    with suppress(FileNotFoundError):
        if key:
            with default_storage.open(key, "rb") as file:
                return PILImage.fromarray(np.load(file, allow_pickle=False))
    try:
        with default_storage.open(image.original, "rb") as file:
            return scaled(decode(file, settings.SEGWEB_PREVIEW_SIDE))
    except FileNotFoundError as error:
        text = "The image's file is gone: delete the image and upload it again."
        raise ServiceError("missing_file", text) from error
