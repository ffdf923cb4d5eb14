"""Colour segmentation: pictures cut into the clusters of their colours.

The method: scale-space filtered histograms of the three channels in a colour space; boxes
("hexahedra") of colours between the valleys of those histograms; boxes with too few pixels
dropped; all other pixels to the nearest box's mean.

Source: Lim and Lee, "On the color image segmentation algorithm based on the thresholding and
the fuzzy c-means techniques", Pattern Recognition 23(9), 935-952, 1990. Where the paper leaves
a choice open, the choice is that of ImageMagick's `-segment`, so that results can be compared.
"""

from ..spec import Finder
from .segmentation import Segmentation, segment
from .spaces import ColourSpace

__all__ = ["FINDER", "ColourSpace", "Segmentation", "segment"]

# It looks at pixels, and needs nothing of an engine.
FINDER = Finder("colour_clusters", frozenset(), segment)
