"""Text that people give: one line, bounded and storable."""

import re

from .errors import Invalid

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


def clean_text(value: str, field: str, most: int) -> str:
    """One line of text. Raises Invalid when it is empty, too long or not storable."""
    text = _UNPRINTABLE.sub(" ", value).strip()
    if not text:
        raise Invalid("required", "This must not be empty.", field)
    if len(text) > most:
        raise Invalid("too_long", f"At most {most} characters are taken.", field)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Invalid("bad_text", "The text holds characters that are none.", field) from error
    return text
