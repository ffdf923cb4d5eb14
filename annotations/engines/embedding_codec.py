"""Embeddings as bytes: layout `SWE1`, gzip-compressed.

Little endian: `SWE1`, uint32 n, n bytes of JSON header padded with spaces so that 8 + n is a
multiple of 4, 256 float32 scales, then 256 × 64 × 64 int8; value = scale[channel] × int8.
One byte a value with a scale for each channel costs nothing that can be measured in the masks.
"""

import gzip
import json
import struct
import zlib
from typing import Any

import numpy as np

from ..domain.images import SamFrame
from .base import EMBEDDING_SHAPE, Description, Embedding

MAGIC = b"SWE1"
# Blocks of 4096 bytes, about a channel each: every channel has a code made for its own values.
# Beside that, looking for what was there before (levels 1 to 9) saves nothing and takes longer.
_BLOCKS = 6
_GZIP = 16 + zlib.MAX_WBITS
_CHANNELS = EMBEDDING_SHAPE[0]
_VALUES = EMBEDDING_SHAPE[0] * EMBEDDING_SHAPE[1] * EMBEDDING_SHAPE[2]


class BadEmbedding(ValueError):
    """The file is damaged, or of another layout."""


def quantise(embedding: Embedding) -> bytes:
    """The layout's bytes, not compressed."""
    values = embedding.values.reshape(EMBEDDING_SHAPE)
    scales = np.abs(values).max(axis=(1, 2)).astype(np.float32) / 127.0
    scales[scales == 0] = 1.0
    small = np.rint(values / scales[:, None, None]).astype(np.int8)
    header = _header(embedding)
    return b"".join(
        (MAGIC, struct.pack("<I", len(header)), header,
         scales.astype("<f4").tobytes(), small.tobytes())
    )  # fmt: skip


def _header(embedding: Embedding) -> bytes:
    frame = SamFrame(embedding.width, embedding.height)
    fields = {
        "model": embedding.description.model_id,
        "version": embedding.description.version,
        "shape": list(EMBEDDING_SHAPE),
        "dtype": "int8",
        "image": [embedding.width, embedding.height],
        "input": [frame.input_width, frame.input_height],
    }
    text = json.dumps(fields, separators=(",", ":")).encode()
    return text + b" " * (-(8 + len(text)) % 4)


def to_bytes(embedding: Embedding) -> bytes:
    """The stored file; the same embedding gives the same bytes."""
    packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP, _BLOCKS, zlib.Z_RLE)
    return packer.compress(quantise(embedding)) + packer.flush()


def from_bytes(data: bytes) -> Embedding:
    """The embedding in a stored file. Raises BadEmbedding."""
    try:
        plain = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise BadEmbedding("the embedding's file is damaged") from error
    if plain[:4] != MAGIC or len(plain) < 8:
        raise BadEmbedding("this is no SWE1 embedding")
    (length,) = struct.unpack_from("<I", plain, 4)
    start = 8 + length
    if len(plain) != start + 4 * _CHANNELS + _VALUES:
        raise BadEmbedding("the embedding has the wrong length")
    header = _parse(plain[8:start])
    scales = np.frombuffer(plain, "<f4", _CHANNELS, start)
    small = np.frombuffer(plain, np.int8, offset=start + scales.nbytes).reshape(EMBEDDING_SHAPE)
    width, height = header["image"]
    return Embedding(
        Description(header["model"], header["version"]),
        small.astype(np.float32) * scales[:, None, None],
        width,
        height,
    )


def _parse(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
        known = header["shape"] == list(EMBEDDING_SHAPE) and header["dtype"] == "int8"
        complete = len(header["image"]) == 2 and {"model", "version"} <= header.keys()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadEmbedding("the embedding's header cannot be read") from error
    if not (known and complete):
        raise BadEmbedding("the embedding's header is not one that is read here")
    return dict(header)
