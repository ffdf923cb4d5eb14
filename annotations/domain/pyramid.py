"""A picture in levels of half the size each, cut into square tiles.

Pixel (x, y) of level n covers [x·2ⁿ, (x+1)·2ⁿ) × [y·2ⁿ, (y+1)·2ⁿ) of the image, so the last
column and row may reach beyond it.
"""

from dataclasses import dataclass

TILE = 512


@dataclass(frozen=True)
class Level:
    """`number` 0 is the image itself; `width` and `height` are the level's, in its pixels."""

    number: int
    width: int
    height: int

    @property
    def columns(self) -> int:
        return -(-self.width // TILE)

    @property
    def rows(self) -> int:
        return -(-self.height // TILE)

    @property
    def tiles(self) -> int:
        return self.columns * self.rows


def level_of(width: int, height: int, number: int) -> Level:
    """The level of an image of `width` × `height` pixels."""
    step = 1 << number
    return Level(number, -(-width // step), -(-height // step))


def levels_of(width: int, height: int, finest: int = 0) -> list[Level]:
    """From the level `finest` down to the first that is one tile."""
    levels = [level_of(width, height, finest)]
    while levels[-1].tiles > 1:
        levels.append(level_of(width, height, levels[-1].number + 1))
    return levels
