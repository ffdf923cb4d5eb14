"""Masks as pictures. Needs Pillow, which is loaded only when a mask is saved."""

import importlib
from pathlib import Path
from typing import Any

from .errors import BadAnswer, SegwebError
from .rle import Rle, decode_counts, spans

_MAX_PIXELS = 1_000_000_000


def _pillow() -> Any:
    try:
        return importlib.import_module("PIL.Image")
    except ImportError as error:
        raise SegwebError("Saving a mask as PNG needs Pillow: pip install pillow.") from error


def save_png(rle: Rle, path: Any) -> None:
    """Writes an 8-bit grey PNG, 255 inside and 0 outside. `path`: a path or a binary file.

    Raises BadAnswer for a mask that is none, OSError when it cannot be written.
    """
    pillow = _pillow()
    total = rle.height * rle.width
    if total > _MAX_PIXELS:
        raise BadAnswer("The mask is larger than any image that segweb takes.")
    try:
        runs = decode_counts(rle.counts)
    except ValueError as error:
        raise BadAnswer(f"The mask cannot be read: its counts string {error}.") from error
    if sum(runs) != total or min(runs, default=-1) < 0:
        raise BadAnswer("The mask cannot be read: its runs are not the image's size.")
    columns = bytearray(total)
    for start, end in spans(runs):
        columns[start:end] = b"\xff" * (end - start)
    # Column after column is the transposed picture's row after row.
    turned = pillow.frombytes("L", (rle.height, rle.width), bytes(columns))
    picture = turned.transpose(pillow.Transpose.TRANSPOSE)
    if isinstance(path, str | Path):
        # Whole or not at all: a program that waits for the file never reads half of it.
        part = Path(path).with_name(f".{Path(path).name}.part")
        try:
            picture.save(part, "PNG")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    else:
        picture.save(path, "PNG")
