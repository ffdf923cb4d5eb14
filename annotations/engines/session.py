"""Prompts in their order, each with the memory of the mask before it.

The rules by which a session goes on are the same in the browser
(`static/js/decoder/session.js`); `tests/fixtures/prompts_session.json` holds both to them.
Source of prompts, tokens and mask memory: Kirillov et al., "Segment Anything" (2023).
"""

from collections.abc import Callable, Sequence

import numpy as np

from ..domain.images import SamFrame
from ..domain.logits import contains_point, low_res_iou
from ..domain.prompts import TOKENS, Box, Point, Prompts, PromptStep
from .base import Candidate, DecoderAnswer, DecoderPrompt, Embedding, Engine

Decode = Callable[[DecoderPrompt], DecoderAnswer]
# With one click and nothing else the single-mask token is the average of what it can mean.
_AMBIGUOUS = (1, 2, 3)


class PromptSession:
    """One object in one image, made by prompts."""

    def __init__(self, engine: Engine, embedding: Embedding) -> None:
        self._engine = engine
        self._embedding = embedding

    def replay(self, prompts: Prompts) -> list[Candidate]:
        """The candidates after the last prompt: the chosen one first, the rest by score."""
        return replay(self._decode, prompts.steps, self._embedding.width, self._embedding.height)

    def _decode(self, prompt: DecoderPrompt) -> DecoderAnswer:
        return self._engine.decode(self._embedding, [prompt])[0]


def replay(decode: Decode, steps: Sequence[PromptStep], width: int, height: int) -> list[Candidate]:
    """The candidates after the last of `steps`, in an image of `width` × `height` pixels."""
    frame = SamFrame(width, height)
    candidates: list[Candidate] = []
    for count in range(1, len(steps) + 1):
        done = steps[:count]
        memory = candidates[0].logits if candidates else None
        answer = decode(decoder_prompt(done, frame, memory))
        candidates = _ordered(answer, done, _choose(answer, done, memory, frame))
    return candidates


def decoder_prompt(
    steps: Sequence[PromptStep], frame: SamFrame, memory: np.ndarray | None
) -> DecoderPrompt:
    """All prompts so far for the decoder. Without a box it wants one padding row."""
    rows: list[tuple[float, float, int]] = []
    for step in steps:
        if isinstance(step, Box):
            rows.append((*frame.to_frame(step.x0, step.y0), 2))
            rows.append((*frame.to_frame(step.x1, step.y1), 3))
        else:
            rows.append((*frame.to_frame(step.x, step.y), step.label))
    if not isinstance(steps[0], Box):
        rows.append((0.0, 0.0, -1))
    table = np.array(rows, dtype=np.float32)
    return DecoderPrompt(table[:, :2].copy(), table[:, 2].copy(), memory)


def _choose(
    answer: DecoderAnswer,
    steps: Sequence[PromptStep],
    memory: np.ndarray | None,
    frame: SamFrame,
) -> int:
    """The token that the session goes on with after the last of `steps`."""
    if (own := steps[-1].candidate) is not None:
        return own
    if memory is None:
        if isinstance(steps[0], Box):
            return 0
        return max(_AMBIGUOUS, key=lambda token: float(answer.scores[token]))
    if len(steps) == 2 and steps[0].candidate is not None:
        # Token 0 would throw the person's choice away; later it no longer does.
        clicks = [step for step in steps if isinstance(step, Point)]
        return max(
            range(TOKENS),
            key=lambda token: (
                _satisfied(answer.logits[token], clicks, frame),
                low_res_iou(answer.logits[token], memory),
            ),
        )
    return 0


def _satisfied(logits: np.ndarray, clicks: Sequence[Point], frame: SamFrame) -> int:
    """How many clicks lie on the side of the mask's border that they ask for."""
    return sum(
        contains_point(logits, click.x, click.y, frame.width, frame.height) == (click.label == 1)
        for click in clicks
    )


def _ordered(answer: DecoderAnswer, steps: Sequence[PromptStep], chosen: int) -> list[Candidate]:
    """The step's candidates: the chosen one, then the others by score, lower tokens first."""
    ambiguous = len(steps) == 1 and isinstance(steps[0], Point)
    tokens = [token for token in (_AMBIGUOUS if ambiguous else range(TOKENS)) if token != chosen]
    tokens.sort(key=lambda token: -float(answer.scores[token]))
    return [
        Candidate(token, answer.logits[token], float(answer.scores[token]))
        for token in (chosen, *tokens)
    ]
