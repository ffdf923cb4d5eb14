"""Sizes of Segment Anything's tensors, which all its encoders and decoders share."""

from ...domain.frame import ModelFrame
from ..embedding_codec import EmbeddingCodec

FRAME = ModelFrame(side=1024, logits_side=256)
EMBEDDING_SHAPE = (256, 64, 64)
CODEC = EmbeddingCodec(EMBEDDING_SHAPE, FRAME)
