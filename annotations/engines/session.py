"""Mask inputs and choice: what the decoder is asked after each prompt, and which of its four
masks counts. The browser keeps the same rules in `static/js/decoder/session.js`.

- One point: the decoder's three masks (index 1 to 3), the best score first.
- A box alone: mask 0.
- Each further point feeds the chosen mask's logits back. Right after a person chose among the
  candidates, the mask that satisfies most clicks follows (ties: the highest IoU with the mask
  before), so that the choice lasts; else mask 0.
- A person's own choice always counts.
"""

from collections.abc import Sequence

import numpy as np

from ..domain.frame import ImageFrame
from ..domain.logits import contains_point, low_res_iou
from ..domain.prompts import Box, Point, Prompts
from .base import Candidate, DecoderPrompt, Embedding, Engine

_PADDING = ((0.0, 0.0), -1.0)


def decoder_prompt(
    frame: ImageFrame, box: Box | None, points: Sequence[Point], before: Candidate | None
) -> DecoderPrompt:
    """The decoder's inputs; `before` is the mask to refine. Without a box a padding point takes
    its place, as in SAM's own predictor; the packaged decoder was exported to expect it."""
    rows = [(frame.to_frame(p.x, p.y), float(p.label)) for p in points]
    if box is None:
        rows.append(_PADDING)
    else:
        rows.append((frame.to_frame(box.x0, box.y0), 2.0))
        rows.append((frame.to_frame(box.x1, box.y1), 3.0))
    return DecoderPrompt(
        coords=np.array([coords for coords, _ in rows], dtype=np.float32),
        labels=np.array([label for _, label in rows], dtype=np.float32),
        mask_input=None if before is None else before.logits,
    )


def _by_score(candidates: Sequence[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda candidate: -candidate.score)


def satisfied(candidate: Candidate, points: Sequence[Point], frame: ImageFrame) -> int:
    """How many clicks agree with the mask."""
    return sum(contains_point(candidate.logits, p.x, p.y, frame) == (p.label == 1) for p in points)


class PromptSession:
    """Replays prompts on one image."""

    def __init__(self, engine: Engine, embedding: Embedding) -> None:
        self._engine = engine
        self._embedding = embedding
        self.frame = embedding.frame

    def replay(self, prompts: Prompts) -> list[Candidate]:
        """The candidates after the last prompt: the chosen one, then the others by score."""
        chosen: Candidate | None = None
        offered: list[Candidate] = []
        by_person = False
        if prompts.box is not None:
            offered = self._step(prompts.box, (), None, False, prompts.box.candidate)
            chosen, by_person = offered[0], prompts.box.candidate is not None
        for count, point in enumerate(prompts.points, 1):
            points = prompts.points[:count]
            # The rule for a choice holds for the second prompt alone: later, the mask input is
            # enough.
            second = count + (prompts.box is not None) == 2
            offered = self._step(prompts.box, points, chosen, by_person and second, point.candidate)
            chosen, by_person = offered[0], point.candidate is not None
        return offered

    def _step(
        self,
        box: Box | None,
        points: Sequence[Point],
        before: Candidate | None,
        keep_choice: bool,
        choice: int | None,
    ) -> list[Candidate]:
        prompt = decoder_prompt(self.frame, box, points, before)
        masks = self._engine.decode(self._embedding, [prompt])[0]
        first_point = before is None and box is None
        if choice is not None:
            chosen = masks[choice]
        elif first_point:
            chosen = _by_score(masks[1:])[0]
        elif keep_choice and before is not None:
            chosen = self._most_faithful(masks, points, before)
        else:
            chosen = masks[0]
        others = masks[1:] if first_point else masks
        return [chosen, *_by_score([c for c in others if c is not chosen])]

    def _most_faithful(
        self, masks: Sequence[Candidate], points: Sequence[Point], before: Candidate
    ) -> Candidate:
        return max(
            masks,
            key=lambda c: (
                satisfied(c, points, self.frame),
                low_res_iou(c.logits, before.logits),
            ),
        )
