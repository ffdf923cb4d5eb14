"""The finders of all objects and of similar ones, on pictures whose objects are known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage
from PIL import ImageDraw, ImageFilter

from annotations.domain.frame import ImageFrame
from annotations.domain.logits import rle_from_logits
from annotations.domain.rle import Rle
from annotations.engines import auto_segment, find_similar
from annotations.engines.base import DecoderPrompt, Description, Embedding, Engine
from annotations.engines.found import Found, View, iou
from annotations.engines.mobile_sam.shapes import CODEC, FRAME

WIDTH, HEIGHT = 960, 720
# What was found in each scene, and the shares of the work that were told on the way.
Segmented = list[tuple[list[Found], list[float]]]


@dataclass(frozen=True)
class Scene:
    """A picture and its objects: masks of discs, and of bars."""

    picture: PILImage.Image
    discs: list[Rle]
    bars: list[Rle]


def scene(seed: int) -> Scene:
    """Six shaded discs and six bars on a soft ground, none touching another."""
    random = np.random.default_rng(seed)
    ground = random.normal(120, 30, (HEIGHT // 24, WIDTH // 24, 3)).clip(0, 255).astype(np.uint8)
    picture = PILImage.fromarray(ground).resize((WIDTH, HEIGHT), PILImage.Resampling.BICUBIC)
    picture = picture.filter(ImageFilter.GaussianBlur(6))
    cells = [(column * 240 + 120, row * 240 + 120) for row in range(3) for column in range(4)]
    discs, bars = [], []
    for turn, place in enumerate(random.permutation(cells)):
        x, y = (int(v) for v in place + random.integers(-20, 21, 2))
        mask = PILImage.new("L", picture.size)
        draw = ImageDraw.Draw(mask)
        if turn % 2:
            radius = int(random.integers(48, 75))
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
            colour = (205, 40, 35)
            discs.append(Rle.from_mask(np.asarray(mask)))
        else:
            draw.rectangle((x - 22, y - 75, x + 22, y + 75), fill=255)
            colour = (30, 70, 190)
            bars.append(Rle.from_mask(np.asarray(mask)))
        picture.paste(PILImage.new("RGB", picture.size, colour), mask=mask)
    grain = random.normal(0, 6, (HEIGHT, WIDTH, 3))
    pixels = (np.asarray(picture).astype(float) + grain).clip(0, 255).astype(np.uint8)
    return Scene(PILImage.fromarray(pixels), discs, bars)


def embedded(engine: Engine, made: Scene) -> Embedding:
    return engine.embed([made.picture], [made.picture.size])[0]


@pytest.fixture(scope="module")
def scenes(engine: Engine) -> list[tuple[Scene, Embedding]]:
    made = [scene(seed) for seed in (1, 2)]
    return [(each, embedded(engine, each)) for each in made]


def masks(found: list[Found]) -> list[Rle]:
    return [rle_from_logits(each.logits, FRAME.of(WIDTH, HEIGHT)) for each in found]


@pytest.fixture(scope="module")
def segmented(engine: Engine, scenes: list[tuple[Scene, Embedding]]) -> Segmented:
    answers = []
    for _, embedding in scenes:
        shares: list[float] = []
        found = auto_segment.find(engine, embedding, auto_segment.Query(), shares.append)
        answers.append((found, shares))
    return answers


def test_every_object_is_found_once(
    scenes: list[tuple[Scene, Embedding]], segmented: Segmented
) -> None:
    for (made, _), (found, shares) in zip(scenes, segmented, strict=True):
        proposed = masks(found)
        for truth in made.discs + made.bars:
            overlaps = [truth.iou(mask) for mask in proposed]
            assert max(overlaps) > 0.85
            assert sum(overlap > 0.75 for overlap in overlaps) == 1
        assert [f.score for f in found] == sorted((f.score for f in found), reverse=True)
        assert all(f.score >= 0.85 and f.stability >= 0.9 for f in found)
        assert shares == sorted(shares)
        assert shares[-1] == pytest.approx(1, abs=0.1)


def test_settled_points_lose_little(
    engine: Engine, scenes: list[tuple[Scene, Embedding]], segmented: Segmented
) -> None:
    _, embedding = scenes[0]
    every = auto_segment.find(engine, embedding, auto_segment.Query(every_point=True))
    some, _ = segmented[0]
    again = sum(any(iou(a, b) > 0.75 for b in some) for a in every)
    assert again >= 0.8 * len(every)


def test_thresholds_and_bounds_hold(engine: Engine, scenes: list[tuple[Scene, Embedding]]) -> None:
    _, embedding = scenes[0]
    strict = auto_segment.Query(points_per_side=6, score=0.97, stability=0.96, max_masks=3)
    found = auto_segment.find(engine, embedding, strict)
    assert len(found) <= 3
    assert all(f.score >= 0.97 and f.stability >= 0.96 for f in found)
    assert auto_segment.find(engine, embedding, auto_segment.Query(2, score=2.0)) == []


def similar(
    engine: Any, embedding: Embedding, examples: list[find_similar.Example], taken: list[Rle]
) -> list[find_similar.Similar]:
    return find_similar.find(engine, embedding, find_similar.Query(examples, taken, 100))


@pytest.mark.parametrize("kind", ["discs", "bars"])
def test_the_others_of_a_kind_are_found_in_the_image(
    engine: Engine, scenes: list[tuple[Scene, Embedding]], kind: str
) -> None:
    made, embedding = scenes[0]
    wanted = getattr(made, kind)
    given = [find_similar.example(embedding, wanted[0])]
    found = similar(engine, embedding, given, wanted[:1])
    _judge(found, wanted[1:], [*(made.discs if kind == "bars" else made.bars)])
    assert all(mask.iou(wanted[0]) < 0.5 for mask in masks([each.found for each in found]))


@pytest.mark.parametrize("kind", ["discs", "bars"])
def test_and_in_another_image(
    engine: Engine, scenes: list[tuple[Scene, Embedding]], kind: str
) -> None:
    (first, embedding), (second, other) = scenes
    given = [find_similar.example(embedding, mask) for mask in getattr(first, kind)[:2]]
    found = similar(engine, other, given, [])
    _judge(found, getattr(second, kind), second.discs if kind == "bars" else second.bars)


def _judge(found: list[find_similar.Similar], wanted: list[Rle], unlike: list[Rle]) -> None:
    """All that are wanted are there, before all that are of the other kind."""
    proposed = masks([each.found for each in found])

    def score(truth: Rle) -> float:
        fits = [
            each.score for each, mask in zip(found, proposed, strict=True) if truth.iou(mask) > 0.75
        ]
        return max(fits, default=0.0)

    assert min(map(score, wanted)) > max(map(score, unlike))
    assert min(map(score, wanted)) > 0.4


def test_what_is_taken_is_not_proposed_again(
    engine: Engine, scenes: list[tuple[Scene, Embedding]]
) -> None:
    made, embedding = scenes[0]
    given = [find_similar.example(embedding, made.discs[0])]
    found = similar(engine, embedding, given, made.discs)
    for mask in masks([each.found for each in found]):
        assert all(mask.iou(disc) < 0.5 for disc in made.discs)


def test_within_a_taken_object_others_are_found(engine: Engine) -> None:
    """A board with discs on it, of which one and the board are objects already."""
    picture = scene(3).picture
    draw = ImageDraw.Draw(picture)
    board = np.zeros((HEIGHT, WIDTH), np.uint8)
    board[80:640, 90:870] = 1
    draw.rectangle((90, 80, 869, 639), fill=(150, 120, 60))
    discs = []
    for x, y in ((220, 200), (480, 190), (740, 210), (230, 500), (470, 510), (730, 490)):
        mask = PILImage.new("L", picture.size)
        ImageDraw.Draw(mask).ellipse((x - 55, y - 55, x + 55, y + 55), fill=255)
        picture.paste(PILImage.new("RGB", picture.size, (205, 40, 35)), mask=mask)
        discs.append(Rle.from_mask(np.asarray(mask)))
    embedding = engine.embed([picture], [picture.size])[0]
    given = [find_similar.example(embedding, discs[0])]
    taken = [Rle.from_mask(board), discs[0]]
    found = masks([each.found for each in similar(engine, embedding, given, taken)])
    for disc in discs[1:]:
        assert max((disc.iou(mask) for mask in found), default=0.0) > 0.75
    for mask in found:
        assert all(mask.iou(old) < 0.5 for old in taken)


class Asked:
    """An engine that notes which points of the image it is asked about."""

    def __init__(self, engine: Engine, frame: ImageFrame) -> None:
        self._engine, self._frame = engine, frame
        self.points: list[tuple[float, float]] = []

    def decode(self, embedding: Embedding, prompts: Sequence[DecoderPrompt], *more: Any) -> Any:
        for prompt in prompts:
            x, y = prompt.coords[0] / (self._frame.input_width / WIDTH)
            self.points.append((float(x), float(y)))
        return self._engine.decode(embedding, prompts, *more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


def test_nothing_is_asked_about_smaller_ones_that_are_taken(engine: Engine) -> None:
    """A large disc is the example, and rows of small ones are objects already: they would take
    the places of those that are looked for."""
    picture = PILImage.new("RGB", (WIDTH, HEIGHT), (150, 120, 60))
    draw = ImageDraw.Draw(picture)

    def disc(x: int, y: int, radius: int) -> Rle:
        corners = (x - radius, y - radius, x + radius, y + radius)
        draw.ellipse(corners, fill=(205, 40, 35))
        mask = PILImage.new("L", picture.size)
        ImageDraw.Draw(mask).ellipse(corners, fill=255)
        return Rle.from_mask(np.asarray(mask))

    small = [disc(x, y, 26) for y in range(40, 400, 70) for x in range(40, WIDTH - 30, 70)]
    large = [disc(x, 560, 70) for x in (140, 360, 580, 800)]
    embedding = engine.embed([picture], [picture.size])[0]
    asked = Asked(engine, FRAME.of(WIDTH, HEIGHT))
    given = [find_similar.example(embedding, large[0])]
    found = masks([each.found for each in similar(asked, embedding, given, [*small, large[0]])])
    for each in large[1:]:
        assert max((each.iou(mask) for mask in found), default=0.0) > 0.75
    taken = sum(each.to_mask((0, 0, WIDTH, HEIGHT)) for each in small)
    within = [taken[min(int(y), HEIGHT - 1), min(int(x), WIDTH - 1)] for x, y in asked.points]
    assert not any(within)


def test_coverage_counts_pixels_in_cells() -> None:
    mask = np.zeros((512, 1024), np.uint8)
    mask[0:16, 0:8] = 1
    mask[100:116, 32:48] = 1
    view = View(Embedding(Description("", 1), np.zeros(CODEC.shape), FRAME.of(1024, 512)))
    cells = find_similar.coverage(Rle.from_mask(mask), view)
    assert cells.shape == (64, 64)
    assert cells[0, 0] > 0
    assert cells[32:].sum() == 0
    assert np.count_nonzero(cells) <= 4


def test_grids_cover_the_image() -> None:
    points = auto_segment.grid(4, 80, 40)
    assert sorted(points) == sorted((x, y) for x in (10, 30, 50, 70) for y in (5, 15, 25, 35))
