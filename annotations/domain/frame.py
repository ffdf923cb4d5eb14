"""Geometry between an image and the square frame that a model looks at.

Source: Kirillov et al., "Segment Anything" (2023), and its reference `ResizeLongestSide`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelFrame:
    """A model's frame: `side` pixels square; its masks' logits are `logits_side` square."""

    side: int
    logits_side: int

    @property
    def stride(self) -> int:
        """Frame pixels from one logit to the next."""
        return self.side // self.logits_side

    def of(self, width: int, height: int) -> "ImageFrame":
        """Where an image of this size lies in the frame."""
        return ImageFrame(width, height, self)


@dataclass(frozen=True)
class ImageFrame:
    """How an image of `width` × `height` pixels lies in a model's frame: scaled so that its
    longest side fits, at the top left, padded right and below."""

    width: int
    height: int
    model: ModelFrame

    @property
    def input_width(self) -> int:
        return self._scaled(self.width)

    @property
    def input_height(self) -> int:
        return self._scaled(self.height)

    def _scaled(self, side: int) -> int:
        return max(1, int(side * self.model.side / max(self.width, self.height) + 0.5))

    def to_frame(self, x: float, y: float) -> tuple[float, float]:
        """Image pixels to frame pixels."""
        return x * self.input_width / self.width, y * self.input_height / self.height
