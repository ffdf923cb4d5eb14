"""What many shapes have parts of: masks, errors, pages. And the examples' story, of which each
example is a part, so that ids in one fit those in the others."""

from typing import Annotated, NotRequired

from typing_extensions import TypedDict

from .fields import Given, Of, example, numbers

# The story: Ann cut a cup out of a photo of 8 × 6 pixels.
ANNOTATION = "6f1f7a52-6a8e-4b0e-9c37-0d9b8f2f5a11"
MADE = 1_767_225_600_000
PROMPTS = {"points": [{"x": 3.5, "y": 2.5, "label": 1}], "box": None}


class ErrorBody(TypedDict):
    code: Annotated[str, Given("not_ready")]
    message: Annotated[str, Given("The image is not ready yet, or was refused.")]
    field: NotRequired[Annotated[str | None, Given()]]


class Error(TypedDict):
    """Every refusal has this shape."""

    error: Annotated[ErrorBody, Given(example(ErrorBody))]


class Rle(TypedDict):
    size: Annotated[list[int], numbers(2, "height and width"), Given([6, 8])]
    counts: Annotated[str, Given("7240m0", description="COCO's compressed string")]


BOX = numbers(4, "left, top, width and height in pixels")
Box = Annotated[list[int], BOX, Of("bbox", [1, 1, 2, 2])]
# What the next page is asked for by; null on the last one.
Next = Annotated[str | None, Given(None)]
