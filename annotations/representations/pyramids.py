"""Large images in tiles."""

from typing import Annotated

from typing_extensions import TypedDict

from ..domain.pyramid import TILE
from .fields import Of, example, represent_each


class Level(TypedDict):
    """`level` 0 has the image's own pixels, each further one half of them a side."""

    level: Annotated[int, Of("number", 0)]
    width: Annotated[int, Of("width", 900)]
    height: Annotated[int, Of("height", 500)]
    columns: Annotated[int, Of("columns", 2)]
    rows: Annotated[int, Of("rows", 1)]


_HALF = example(Level, level=1, width=450, height=250, columns=1)


class Pyramid(TypedDict):
    """`tile`: the side of a tile; those in the last column and row may be smaller. `version`
    stands for the tiles' bytes. The finest level comes first."""

    version: Annotated[str, Of("version", "3f1c9a7e52d84b6f8e0d5a4c2b19f7e3")]
    tile: Annotated[int, Of(lambda _pyramid: TILE, TILE)]
    levels: Annotated[
        list[Level],
        Of(lambda pyramid: represent_each(Level, pyramid.levels), [example(Level), _HALF]),
    ]
