"""What a replay asks: the prompts of an image's objects, each in the frame that it was made in."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ...domain.crops import CropWindow
from ...domain.errors import DomainError
from ...domain.prompts import Prompts
from ...models import Annotation, Image
from ..embeddings import crops
from ..errors import Invalid, ServiceError


@dataclass(frozen=True)
class Question:
    """An object's prompts, in pixels of the frame that they are decoded in."""

    row: Annotation
    prompts: Prompts


@dataclass(frozen=True)
class Problem:
    """Why an object cannot be asked about: `code` for programs, `message` for people."""

    row: Annotation
    code: str
    message: str


@dataclass
class Asked:
    """`frames`: the questions in each crop, those in the whole image (None) first, then in the
    same order whenever they are read; `skipped`: how many objects have no prompts to ask."""

    frames: list[tuple[CropWindow | None, list[Question]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: int = 0


def read(rows: Iterable[Annotation], image: Image) -> Asked:
    """What there is to ask about the image's objects, in their order."""
    asked = Asked()
    frames: dict[CropWindow | None, list[Question]] = {}
    for row in rows:
        prompts = _prompts(row, image)
        if prompts is None:
            asked.skipped += 1
            continue
        try:
            window = _window(row, image)
            inside = prompts if window is None else window.inside(prompts)
        except DomainError as error:
            asked.problems.append(problem(row, _misplaced(error)))
        except ServiceError as error:
            asked.problems.append(problem(row, error))
        else:
            frames.setdefault(window, []).append(Question(row, inside))
    asked.frames = sorted(frames.items(), key=lambda frame: frame[0].key if frame[0] else "")
    return asked


def problem(row: Annotation, error: ServiceError | FileNotFoundError) -> Problem:
    """What an error says of the object."""
    if isinstance(error, ServiceError):
        return Problem(row, error.code, error.message)
    return Problem(row, "missing_file", "The image's file is gone.")


def _prompts(row: Annotation, image: Image) -> Prompts | None:
    """The object's prompts in pixels of the image, or None where it has none that can be
    asked."""
    if row.prompts is None or set(row.prompts) - {"points", "box", "region"}:
        return None  # whatever else belongs to them would be left out, and other masks come of it
    try:
        return Prompts.from_json(row.prompts, image.width, image.height)
    except DomainError:
        return None  # a client's own notes: nothing that a model understands


def _window(row: Annotation, image: Image) -> CropWindow | None:
    """The crop that it was made in; None for the whole image. Raises as `window_of` does."""
    assert row.prompts is not None
    named = row.prompts.get("region")
    return None if named is None else crops.window_of(image, named)


def _misplaced(error: DomainError) -> Invalid:
    text = f"The close-up that the object was made in does not fit: {error.field} {error.message}."
    return Invalid("invalid_region", text, error.field)
