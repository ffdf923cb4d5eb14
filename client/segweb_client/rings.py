"""Polygons to run lengths in plain Python, by the rule that segweb's server has.

A pixel is inside a ring when its centre is (even-odd). COCO's parts of one object are filled each
by itself and joined, so an overlap is inside, too.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence


def fill(rings: Iterable[Sequence[float]], width: int, height: int) -> list[int]:
    """Run lengths (column-major, zeros first) of all rings [x, y, x, y, …] together, in pixels;
    what lies outside the image is cut off."""
    # How many rings begin (+) or end (-) to cover at a position.
    steps: Counter[int] = Counter()
    for ring in rings:
        for index, position in enumerate(_changes(ring, width, height)):
            steps[position] += 1 if index % 2 == 0 else -1
    runs, covered, last = [], 0, 0
    total = width * height
    for position in sorted(steps):
        before = covered
        covered += steps[position]
        if (before == 0) != (covered == 0) and position < total:
            runs.append(position - last)
            last = position
    runs.append(total - last)
    return runs


def _changes(ring: Sequence[float], width: int, height: int) -> list[int]:
    """Positions at which one ring's mask changes, sorted; pairs at one place cancel out."""
    places: Counter[int] = Counter()
    count = len(ring) // 2
    for index in range(count):
        x0, y0 = ring[2 * index], ring[2 * index + 1]
        following = (index + 1) % count
        x1, y1 = ring[2 * following], ring[2 * following + 1]
        if x0 > x1:
            x0, y0, x1, y1 = x1, y1, x0, y0
        first = min(max(math.ceil(x0 - 0.5), 0), width)
        last = min(max(math.ceil(x1 - 0.5), 0), width)
        for column in range(first, last):
            share = (column + 0.5 - x0) / (x1 - x0)
            # The first row whose centre (row + 0.5) lies at or below the crossing.
            row = min(max(math.ceil(y0 + share * (y1 - y0) - 0.5), 0), height)
            places[column * height + row] += 1
    return sorted(place for place, times in places.items() if times % 2)
