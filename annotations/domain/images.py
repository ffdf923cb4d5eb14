"""Geometry between an image and the models' square frame.

Source: Kirillov et al., "Segment Anything" (2023), and its reference `ResizeLongestSide`.
"""

from dataclasses import dataclass

FRAME_SIDE = 1024
LOGITS_SIDE = 256
_SWAPPING = frozenset({5, 6, 7, 8})


@dataclass(frozen=True)
class SamFrame:
    """How an image of `width` × `height` pixels lies in the 1024 × 1024 frame: scaled so that
    its longest side fits, at the top left, padded right and below."""

    width: int
    height: int

    @property
    def input_width(self) -> int:
        return self._scaled(self.width)

    @property
    def input_height(self) -> int:
        return self._scaled(self.height)

    def _scaled(self, side: int) -> int:
        return max(1, int(side * FRAME_SIDE / max(self.width, self.height) + 0.5))

    def to_frame(self, x: float, y: float) -> tuple[float, float]:
        """Image pixels to frame pixels."""
        return x * self.input_width / self.width, y * self.input_height / self.height


def upright_size(width: int, height: int, orientation: int) -> tuple[int, int]:
    """(width, height) after the EXIF orientation (1..8, TIFF 6.0 tag 274) is applied."""
    return (height, width) if orientation in _SWAPPING else (width, height)
