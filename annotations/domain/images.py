"""How an image stands."""

_SWAPPING = frozenset({5, 6, 7, 8})


def upright_size(width: int, height: int, orientation: int) -> tuple[int, int]:
    """(width, height) after the EXIF orientation (1..8, TIFF 6.0 tag 274) is applied."""
    return (height, width) if orientation in _SWAPPING else (width, height)
