"""Connected parts of labels."""

import numpy as np

from annotations.domain.rle import Rle
from annotations.engines.colour_clusters.components import components


def test_parts_are_apart_and_whole() -> None:
    labels = np.zeros((40, 60), np.uint8)
    labels[2:12, 3:20] = 1
    labels[20:35, 30:50] = 1
    labels[5, 5] = 2  # a speck, which its surroundings keep
    labels[25:31, 35:45] = 2  # a hole that is a part of its own
    found = list(components(labels, min_pixels=20, max_labels=9))
    assert [(part.label, part.x, part.y, part.mask.shape) for part in found] == [
        (0, 0, 0, (40, 60)),
        (1, 3, 2, (10, 17)),
        (1, 30, 20, (15, 20)),
        (2, 35, 25, (6, 10)),
    ]
    assert [part.area for part in found[1:]] == [170, 300 - 60, 60]
    assert found[1].mask.all()
    assert not found[2].mask[5:11, 5:15].any()


def test_diagonal_neighbours_belong_together() -> None:
    labels = np.eye(30, dtype=np.uint8)
    (part,) = [part for part in components(labels, 10, 9) if part.label == 1]
    assert part.area == 30


def test_only_large_parts_of_large_labels() -> None:
    labels = np.zeros((50, 50), np.uint16)
    labels[:5, :5] = 300
    labels[20:40, 20:40] = 7
    assert [part.label for part in components(labels, 26, 9)] == [0, 7]
    assert [part.label for part in components(labels, 1, 1)] == [0]


def test_a_part_as_runs_is_the_part_in_the_image() -> None:
    random = np.random.default_rng(3)
    for height, width, x, y, h, w in ((9, 7, 0, 0, 9, 7), (20, 30, 4, 5, 6, 8), (8, 8, 7, 0, 8, 1)):
        part = random.random((h, w)) < 0.6
        whole = np.zeros((height, width), bool)
        whole[y : y + h, x : x + w] = part
        assert Rle.from_part(part, x, y, height, width).counts == Rle.from_mask(whole).counts
