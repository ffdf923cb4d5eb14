"""Embeddings as bytes: layout `SWE1`, gzip-compressed.

Little endian: `SWE1`, uint32 n, n bytes of JSON header padded with spaces so that 8 + n is a
multiple of 4, a float32 scale for each channel, then the values as int8, channel by channel;
value = scale[channel] × int8. One byte a value with a scale for each channel costs nothing that
can be measured in the masks.
"""

import gzip
import json
import math
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..domain.frame import ModelFrame
from .base import Description, Embedding

MAGIC = b"SWE1"
# Blocks of 4096 bytes, about a channel each: every channel has a code made for its own values.
# Beside that, looking for what was there before (levels 1 to 9) saves nothing and takes longer.
_BLOCKS = 6
_GZIP = 16 + zlib.MAX_WBITS


class BadEmbedding(ValueError):
    """The file is damaged, or of another layout."""


@dataclass(frozen=True)
class EmbeddingCodec:
    """Writes and reads embeddings of one shape (channels, rows, columns), made of images that
    lie in `frame`."""

    shape: tuple[int, int, int]
    frame: ModelFrame

    def blank(self, description: Description) -> Embedding:
        """Zeros, as of a square image that fills the frame."""
        side = self.frame.side
        values = np.zeros(self.shape, dtype=np.float32)
        return Embedding(description, values, self.frame.of(side, side))

    def quantise(self, embedding: Embedding) -> bytes:
        """The layout's bytes, not compressed."""
        values = embedding.values.reshape(self.shape)
        scales = np.abs(values).max(axis=(1, 2)).astype(np.float32) / 127.0
        scales[scales == 0] = 1.0
        small = np.rint(values / scales[:, None, None]).astype(np.int8)
        header = self._header(embedding)
        return b"".join(
            (MAGIC, struct.pack("<I", len(header)), header,
             scales.astype("<f4").tobytes(), small.tobytes())
        )  # fmt: skip

    def _header(self, embedding: Embedding) -> bytes:
        frame = embedding.frame
        fields = {
            "model": embedding.description.model_id,
            "version": embedding.description.version,
            "shape": list(self.shape),
            "dtype": "int8",
            "image": [frame.width, frame.height],
            "input": [frame.input_width, frame.input_height],
        }
        text = json.dumps(fields, separators=(",", ":")).encode()
        return text + b" " * (-(8 + len(text)) % 4)

    def to_bytes(self, embedding: Embedding) -> bytes:
        """The stored file; the same embedding gives the same bytes."""
        packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP, _BLOCKS, zlib.Z_RLE)
        return packer.compress(self.quantise(embedding)) + packer.flush()

    def from_bytes(self, data: bytes) -> Embedding:
        """The embedding in a stored file. Raises BadEmbedding."""
        try:
            plain = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise BadEmbedding("the embedding's file is damaged") from error
        if plain[:4] != MAGIC or len(plain) < 8:
            raise BadEmbedding("this is no SWE1 embedding")
        (length,) = struct.unpack_from("<I", plain, 4)
        start, channels = 8 + length, self.shape[0]
        if len(plain) != start + 4 * channels + math.prod(self.shape):
            raise BadEmbedding("the embedding has the wrong length")
        header = self._parse(plain[8:start])
        scales = np.frombuffer(plain, "<f4", channels, start)
        small = np.frombuffer(plain, np.int8, offset=start + 4 * channels).reshape(self.shape)
        return Embedding(
            Description(header["model"], header["version"]),
            small.astype(np.float32) * scales[:, None, None],
            self.frame.of(*header["image"]),
        )

    def _parse(self, text: bytes) -> dict[str, Any]:
        try:
            header = json.loads(text)
            known = header["shape"] == list(self.shape) and header["dtype"] == "int8"
            complete = len(header["image"]) == 2 and {"model", "version"} <= header.keys()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadEmbedding("the embedding's header cannot be read") from error
        if not (known and complete):
            raise BadEmbedding("the embedding's header is not one that is read here")
        return dict(header)
