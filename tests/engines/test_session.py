"""The rules of a prompt session, shared with the browser's."""

import json
from typing import Any

import numpy as np
import pytest

from annotations.domain.prompts import Prompts
from annotations.engines.base import Candidate, DecoderPrompt, Description, Embedding
from annotations.engines.mobile_sam.shapes import FRAME
from annotations.engines.session import PromptSession
from tests.support.environment import ROOT

_SHARED = json.loads((ROOT / "tests" / "fixtures" / "prompts_session.json").read_text())


class Formula:
    """Answers by the shared formula and notes what it was asked."""

    description = Description("formula", 1)
    batch = 1

    def __init__(self, answers: list[dict[str, Any]]) -> None:
        self.asked: list[dict[str, Any]] = []
        self._answers = answers
        self._before: list[Candidate] = []

    def embed(self, pictures: Any, sizes: Any) -> list[Embedding]:
        raise NotImplementedError

    def decode(self, embedding: Embedding, prompts: list[DecoderPrompt]) -> list[list[Candidate]]:
        (prompt,) = prompts
        answer = self._answers[len(self.asked)]
        before = [c.mask_index for c in self._before if c.logits is prompt.mask_input]
        self.asked.append(
            {
                "coords": prompt.coords.tolist(),
                "labels": prompt.labels.tolist(),
                "memory": before[0] if before else None,
            }
        )
        distance = _distance(*_centre(prompt))
        self._before = [
            Candidate(index, (radius - distance).astype(np.float32), score)
            for index, (radius, score) in enumerate(
                zip(answer["radii"], answer["scores"], strict=True)
            )
        ]
        return [self._before]


def _centre(prompt: DecoderPrompt) -> tuple[float, float]:
    clicks = prompt.coords[prompt.labels == 1]
    x, y = clicks[-1] if len(clicks) else prompt.coords[prompt.labels >= 2].mean(axis=0)
    return float(x), float(y)


def _distance(x: float, y: float) -> np.ndarray:
    cells = np.arange(256) * 4.0 + 2
    return np.maximum(abs(cells[None, :] - x), abs(cells[:, None] - y))


@pytest.mark.parametrize("case", _SHARED["cases"], ids=lambda case: case["name"])
def test_rules(case: dict[str, Any]) -> None:
    width, height = _SHARED["width"], _SHARED["height"]
    engine = Formula(case["answers"])
    embedding = Embedding(engine.description, np.zeros(1, np.float32), FRAME.of(width, height))
    prompts = Prompts.from_json(case["prompts"], width, height)
    candidates = PromptSession(engine, embedding).replay(prompts)
    assert engine.asked == case["asked"]
    assert [candidate.mask_index for candidate in candidates] == case["tokens"]
    scores = case["answers"][-1]["scores"]
    assert [c.score for c in candidates] == [scores[c.mask_index] for c in candidates]
