"""Embeddings as files: gzip around a small header, scales and one byte a value.

    "SWE1" | uint32 n | n bytes of JSON, padded with spaces so that (8 + n) % 4 == 0
           | float32 scales[256] | int8 values[256 * 64 * 64]

All numbers are little-endian; value = scale of its channel × byte. The JSON has model, version,
shape, dtype, image [width, height] and input [width, height] (the image inside the 1024 frame).
One scale a channel costs no measurable accuracy. `static/js/decoder/embedding.js` reads the same.
"""

import gzip
import json
import struct
import zlib
from typing import Any

import numpy as np

from ..domain.images import SamFrame
from .base import EMBEDDING_SHAPE, Embedding

_MAGIC = b"SWE1"
_CHANNELS, _ROWS, _COLUMNS = EMBEDDING_SHAPE
_VALUES = _CHANNELS * _ROWS * _COLUMNS


class BadEmbedding(ValueError):
    """The file is not an embedding that this version reads."""


def to_bytes(embedding: Embedding) -> bytes:
    """The file's content; the same embedding always gives the same bytes."""
    features = np.ascontiguousarray(embedding.features, dtype=np.float32)
    flat = features.reshape(_CHANNELS, -1)
    scales = np.maximum(flat.max(axis=1), -flat.min(axis=1)) / np.float32(127)
    scales[scales == 0] = 1
    scaled = flat * (np.float32(1) / scales)[:, None]
    values = np.rint(scaled, out=scaled).astype(np.int8)
    head = _header(embedding)
    body = _MAGIC + struct.pack("<I", len(head)) + head + scales.astype("<f4").tobytes()
    # Level 1: higher ones take several times as long for a few percent.
    return gzip.compress(body + values.tobytes(), compresslevel=1, mtime=0)


def _header(embedding: Embedding) -> bytes:
    frame = SamFrame(embedding.width, embedding.height)
    data = {
        "model": embedding.model_id,
        "version": embedding.version,
        "shape": list(EMBEDDING_SHAPE),
        "dtype": "int8",
        "image": [embedding.width, embedding.height],
        "input": [frame.input_width, frame.input_height],
    }
    text = json.dumps(data, separators=(",", ":")).encode()
    return text + b" " * (-len(text) % 4)


def from_bytes(data: bytes) -> Embedding:
    """The embedding of a file's content. Raises BadEmbedding."""
    try:
        # One call for the whole stream is several times faster than the gzip module's reader.
        body = zlib.decompress(data, wbits=31)
    except zlib.error as error:
        raise BadEmbedding("The embedding is damaged.") from error
    if body[:4] != _MAGIC or len(body) < 8:
        raise BadEmbedding("The file is not an embedding.")
    (length,) = struct.unpack_from("<I", body, 4)
    start = 8 + length
    if len(body) != start + 4 * _CHANNELS + _VALUES:
        raise BadEmbedding("The embedding has the wrong length.")
    head = _parse(body[8:start])
    scales = np.frombuffer(body, "<f4", _CHANNELS, start)
    values = np.frombuffer(body, np.int8, _VALUES, start + 4 * _CHANNELS)
    features = values.reshape(EMBEDDING_SHAPE) * scales.astype(np.float32)[:, None, None]
    width, height = head["image"]
    return Embedding(features, width, height, head["model"], head["version"])


def _parse(text: bytes) -> dict[str, Any]:
    try:
        head = json.loads(text)
        if head["shape"] != list(EMBEDDING_SHAPE) or head["dtype"] != "int8":
            raise BadEmbedding("The embedding has a shape or type that is not read here.")
        if not {"image", "model", "version"} <= head.keys():
            raise BadEmbedding("The embedding's header is incomplete.")
    except (ValueError, KeyError, TypeError) as error:
        raise BadEmbedding("The embedding's header cannot be read.") from error
    return dict(head)
