"""The columns of a stored mask."""

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from ..domain.rle import Rle


class MaskColumns(models.Model):
    """What every row with a mask has: bbox and area, in pixels of its image. The run lengths stand
    beside them in `counts`, which only some may leave empty."""

    bbox_x = models.PositiveIntegerField()
    bbox_y = models.PositiveIntegerField()
    bbox_w = models.PositiveIntegerField()
    bbox_h = models.PositiveIntegerField()
    area = models.PositiveBigIntegerField()

    class Meta:
        abstract = True

    @property
    def bbox(self) -> list[int]:
        """Left, top, width and height."""
        return [self.bbox_x, self.bbox_y, self.bbox_w, self.bbox_h]


def bbox_columns(bbox: Any) -> dict[str, int]:
    """The columns of a bbox: left, top, width and height."""
    x, y, w, h = bbox
    return {"bbox_x": x, "bbox_y": y, "bbox_w": w, "bbox_h": h}


def mask_columns(rle: "Rle") -> dict[str, Any]:
    """The columns of a mask."""
    return {"counts": rle.counts, "area": rle.area, **bbox_columns(rle.bbox)}
