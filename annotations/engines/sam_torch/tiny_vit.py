"""Tiny-ViT as MobileSAM's encoder, for inference alone.

Sources: Wu et al., "TinyViT" (2022), the 5M model; Zhang et al., "Faster Segment Anything"
(2023), which keeps the last stage at a stride of 16 and puts SAM's neck behind it. The names of
the parts are those in MobileSAM's ONNX file. Batch norms are folded into their convolutions.

Feature maps stay in channels-last order, so that tokens are a view of them and nothing is
copied between convolutions and attention.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_WIDTHS = (64, 128, 160, 320)
_DEPTHS = (2, 2, 6, 2)
_HEADS = (0, 4, 5, 10)
_WINDOWS = (0, 7, 14, 7)
# The last stage keeps the resolution.
_STRIDES = (2, 2, 1)
_EXPANSION = 4
_OUT = 256


def _conv(
    inputs: int, outputs: int, side: int, stride: int = 1, groups: int = 1, bias: bool = True
) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, side, stride, padding=side // 2, groups=groups, bias=bias)


def _tokens(maps: Tensor) -> Tensor:
    """(n, channels, rows, columns) as (n, rows, columns, channels)."""
    return maps.permute(0, 2, 3, 1)


def _maps(tokens: Tensor) -> Tensor:
    """(n, rows, columns, channels) as (n, channels, rows, columns)."""
    return tokens.permute(0, 3, 1, 2)


class Bottleneck(nn.Module):
    """Inverted bottleneck: widen, filter each channel, narrow, add."""

    def __init__(self, width: int) -> None:
        super().__init__()
        inner = width * _EXPANSION
        self.conv1 = _conv(width, inner, 1)
        self.conv2 = _conv(inner, inner, 3, groups=inner)
        self.conv3 = _conv(inner, width, 1)

    def forward(self, maps: Tensor) -> Tensor:
        inner = F.gelu(self.conv2(F.gelu(self.conv1(maps))))
        return F.gelu(maps + self.conv3(inner))


class Downsample(nn.Module):
    """To the next stage's width and resolution."""

    def __init__(self, width: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = _conv(width, outputs, 1)
        self.conv2 = _conv(outputs, outputs, 3, stride, groups=outputs)
        self.conv3 = _conv(outputs, outputs, 1)

    def forward(self, maps: Tensor) -> Tensor:
        out: Tensor = self.conv3(F.gelu(self.conv2(F.gelu(self.conv1(maps)))))
        return out


class Attention(nn.Module):
    """Attention among the `side`² tokens of a window, with a learned bias for each pair."""

    bias: Tensor

    def __init__(self, width: int, heads: int, side: int) -> None:
        super().__init__()
        self.heads, self.side = heads, side
        self.norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.register_buffer("bias", torch.empty(heads, side * side, side * side))

    def forward(self, tokens: Tensor) -> Tensor:
        """Windows of (n, rows, columns, channels); the last ones are padded with zeros, which
        take part in the attention as they did in training."""
        count, rows, columns, width = tokens.shape
        side = self.side
        padded = F.pad(tokens, (0, 0, 0, -columns % side, 0, -rows % side))
        down, across = padded.shape[1] // side, padded.shape[2] // side
        windows = padded.view(count, down, side, across, side, width).transpose(2, 3)
        attended = self._attend(windows.reshape(-1, side * side, width))
        whole = attended.view(count, down, across, side, side, width).transpose(2, 3)
        return whole.reshape(padded.shape)[:, :rows, :columns]

    def _attend(self, windows: Tensor) -> Tensor:
        count, length, width = windows.shape
        heads = self.qkv(self.norm(windows)).view(count, length, self.heads, -1)
        queries, keys, values = heads.transpose(1, 2).chunk(3, dim=-1)
        mixed = F.scaled_dot_product_attention(
            queries, keys, values, attn_mask=self.bias.to(queries.dtype)[None]
        )
        out: Tensor = self.proj(mixed.transpose(1, 2).reshape(count, length, width))
        return out


class Mlp(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, width * _EXPANSION)
        self.fc2 = nn.Linear(width * _EXPANSION, width)

    def forward(self, tokens: Tensor) -> Tensor:
        out: Tensor = self.fc2(F.gelu(self.fc1(self.norm(tokens))))
        return out


class Block(nn.Module):
    """Attention in windows, a filter for each channel across them, a perceptron."""

    def __init__(self, width: int, heads: int, side: int) -> None:
        super().__init__()
        self.attn = Attention(width, heads, side)
        self.local_conv = _conv(width, width, 3, groups=width)
        self.mlp = Mlp(width)

    def forward(self, maps: Tensor) -> Tensor:
        tokens = _tokens(maps)
        tokens = _tokens(self.local_conv(_maps(tokens + self.attn(tokens))))
        return _maps(tokens + self.mlp(tokens))


class Stage(nn.Module):
    def __init__(self, index: int) -> None:
        super().__init__()
        width, depth = _WIDTHS[index], _DEPTHS[index]
        heads, side = _HEADS[index], _WINDOWS[index]
        self.blocks = nn.Sequential(
            *(Block(width, heads, side) if heads else Bottleneck(width) for _ in range(depth))
        )
        if index < len(_STRIDES):
            self.downsample = Downsample(width, _WIDTHS[index + 1], _STRIDES[index])
        else:
            self.downsample = nn.Identity()

    def forward(self, maps: Tensor) -> Tensor:
        out: Tensor = self.downsample(self.blocks(maps))
        return out


class Norm(nn.LayerNorm):
    """Normalises the channels of each place."""

    def __init__(self) -> None:
        super().__init__(_OUT, eps=1e-6)

    def forward(self, maps: Tensor) -> Tensor:
        return _maps(super().forward(_tokens(maps)))


class PatchEmbed(nn.Module):
    """Two convolutions down to a quarter of the resolution."""

    def __init__(self) -> None:
        super().__init__()
        width = _WIDTHS[0]
        self.seq = nn.Sequential(
            _conv(3, width // 2, 3, 2), nn.GELU(), _conv(width // 2, width, 3, 2)
        )

    def forward(self, image: Tensor) -> Tensor:
        out: Tensor = self.seq(image)
        return out


class TinyViT(nn.Module):
    """(n, 3, 1024, 1024) normalised images to (n, 256, 64, 64) embeddings."""

    def __init__(self) -> None:
        super().__init__()
        self.patch_embed = PatchEmbed()
        self.layers = nn.Sequential(*(Stage(index) for index in range(len(_WIDTHS))))
        self.neck = nn.Sequential(
            _conv(_WIDTHS[-1], _OUT, 1, bias=False),
            Norm(),
            _conv(_OUT, _OUT, 3, bias=False),
            Norm(),
        )

    def forward(self, images: Tensor) -> Tensor:
        out: Tensor = self.neck(self.layers(self.patch_embed(images)))
        return out
