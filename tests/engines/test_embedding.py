"""The file layout of embeddings."""

import gzip
import json
import struct
from dataclasses import replace

import numpy as np
import pytest

from annotations.engines.base import Description, Embedding
from annotations.engines.embedding_codec import BadEmbedding
from annotations.engines.mobile_sam.shapes import CODEC, FRAME


@pytest.fixture
def embedding() -> Embedding:
    values = np.random.default_rng(3).normal(size=(256, 64, 64)).astype(np.float32)
    values[7] = 0
    values[8] *= 1000
    return Embedding(Description("some_model", 4), values, FRAME.of(640, 427))


def test_layout(embedding: Embedding) -> None:
    plain = gzip.decompress(CODEC.to_bytes(embedding))
    (length,) = struct.unpack("<I", plain[4:8])
    assert plain[:4] == b"SWE1"
    assert (8 + length) % 4 == 0
    assert json.loads(plain[8 : 8 + length]) == {
        "model": "some_model",
        "version": 4,
        "shape": [256, 64, 64],
        "dtype": "int8",
        "image": [640, 427],
        "input": [1024, 683],
    }
    assert len(plain) == 8 + length + 4 * 256 + 256 * 64 * 64


def test_values_come_back_within_half_a_step(embedding: Embedding) -> None:
    back = CODEC.from_bytes(CODEC.to_bytes(embedding))
    assert (back.description, back.width, back.height) == (Description("some_model", 4), 640, 427)
    step = np.abs(embedding.values).max(axis=(1, 2), keepdims=True) / 127
    assert (np.abs(back.values - embedding.values) <= step / 2 + 1e-6).all()
    assert not back.values[7].any()
    assert back.values.dtype == np.float32


def test_the_same_embedding_gives_the_same_bytes(embedding: Embedding) -> None:
    assert CODEC.to_bytes(embedding) == CODEC.to_bytes(embedding)


def test_channels_of_other_shapes_have_codes_of_their_own(embedding: Embedding) -> None:
    """As in real embeddings, where a few peaks leave some channels small values: then no search
    for repetitions packs better, and it takes twice as long."""
    random = np.random.default_rng(5)
    peaked = random.normal(size=embedding.values.shape) * random.uniform(0.02, 0.1, (256, 1, 1))
    peaked[:, 0, 0] = 1
    data = CODEC.to_bytes(replace(embedding, values=peaked.astype(np.float32)))
    assert len(data) < 0.95 * len(gzip.compress(gzip.decompress(data), 1))


def _with_header(header: bytes) -> bytes:
    rest = bytes(4 * 256 + 256 * 64 * 64)
    return gzip.compress(b"SWE1" + struct.pack("<I", len(header)) + header + rest, 1, mtime=0)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x1f\x8b",
        b"not gzip at all",
        gzip.compress(b"", mtime=0),
        gzip.compress(b"SWE1", mtime=0),
        gzip.compress(b"SWE2" + bytes(100), mtime=0),
        gzip.compress(b"SWE1\xff\xff\xff\xff" + bytes(100), mtime=0),
        _with_header(b"{}  "),
        _with_header(b"[1] "),
        _with_header(b"\xff\xfe  "),
        _with_header(b'{"shape":[1],"dtype":"int8","image":[1,2],"model":"","version":1}   '),
    ],
)
def test_what_is_no_embedding_is_refused(data: bytes) -> None:
    with pytest.raises(BadEmbedding):
        CODEC.from_bytes(data)


def test_a_file_that_was_cut_is_refused(embedding: Embedding) -> None:
    with pytest.raises(BadEmbedding):
        CODEC.from_bytes(CODEC.to_bytes(embedding)[:-100])
