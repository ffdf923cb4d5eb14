"""PixLab-compatible SEGMENT: `/segment`, `/store`, and the links that they answer with."""

from .views import segment, shared, store

__all__ = ["segment", "shared", "store"]
