"""Embeddings as bytes: layout `SWE1`, gzip-compressed.

Little endian: `SWE1`, uint32 n, n bytes of JSON header padded with spaces so that 8 + n is a
multiple of 4, 256 float32 scales, then 256 × 64 × 64 int8; value = scale[channel] × int8.
One byte a value with a scale for each channel costs nothing that can be measured in the masks.
"""

import gzip
import json
import struct

import numpy as np

from ..domain.images import SamFrame
from .base import EMBEDDING_SHAPE, Description, Embedding

MAGIC = b"SWE1"
_LEVEL = 1


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
    return gzip.compress(quantise(embedding), _LEVEL, mtime=0)


def from_bytes(data: bytes) -> Embedding:
    """The embedding in a stored file. Raises ValueError for another layout."""
    plain = gzip.decompress(data)
    if plain[:4] != MAGIC:
        raise ValueError("this is no SWE1 embedding")
    (length,) = struct.unpack_from("<I", plain, 4)
    header = json.loads(plain[8 : 8 + length])
    start = 8 + length
    scales = np.frombuffer(plain, "<f4", EMBEDDING_SHAPE[0], start)
    small = np.frombuffer(plain, np.int8, offset=start + scales.nbytes).reshape(EMBEDDING_SHAPE)
    width, height = header["image"]
    return Embedding(
        Description(header["model"], header["version"]),
        small.astype(np.float32) * scales[:, None, None],
        width,
        height,
    )
