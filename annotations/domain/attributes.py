"""Attributes of objects: what a project defines, and which values fit.

A definition is a named field of text, a number, one of some choices, or a checkbox. A checkbox
always has a value (without one it is unticked), so it is never required. The other kinds may be
left out; a required one that is missing is told to people, and refuses nothing: a mask must not
be lost over it.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import DomainError

KINDS = ("text", "number", "choice", "checkbox")
MAX_CHARACTERS = 1000
MAX_OPTIONS = 500
OPTION_CHARACTERS = 100


@dataclass(frozen=True)
class Definition:
    """One attribute. `labels` are the ids of the labels whose objects have it, None for all."""

    name: str
    kind: str
    required: bool = False
    default: Any = None
    options: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    labels: frozenset[int] | None = None

    def applies_to(self, label: int) -> bool:
        return self.labels is None or label in self.labels

    def problem(self, value: Any) -> str:
        """What is wrong with a value, as a sentence; empty when it fits."""
        return _PROBLEMS[self.kind](self, value)

    def is_missing(self, values: Mapping[str, Any]) -> bool:
        """Whether an object with these values lacks this one."""
        value = values.get(self.name)
        empty = value is None or (isinstance(value, str) and not value.strip())
        return self.required and empty


def _text(_: Definition, value: Any) -> str:
    if not isinstance(value, str):
        return "Give a text."
    return f"At most {MAX_CHARACTERS} characters are taken." * (len(value) > MAX_CHARACTERS)


def _number(own: Definition, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
        return "Give a number."
    if own.minimum is not None and value < own.minimum:
        return f"It must be at least {own.minimum:g}."
    if own.maximum is not None and value > own.maximum:
        return f"It must be at most {own.maximum:g}."
    return ""


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond all floats
        return False


def _choice(own: Definition, value: Any) -> str:
    return "" if isinstance(value, str) and value in own.options else "It is none of the choices."


def _checkbox(_: Definition, value: Any) -> str:
    return "" if isinstance(value, bool) else "Give true or false."


_PROBLEMS = {"text": _text, "number": _number, "choice": _choice, "checkbox": _checkbox}


def check(own: Definition) -> None:
    """Raises DomainError for a definition that contradicts itself, naming its field."""
    if own.kind not in KINDS:
        raise DomainError("type", f"Give one of {', '.join(KINDS)}.")
    if own.kind == "choice" and not own.options:
        raise DomainError("options", "A choice needs at least one option.")
    if own.kind != "choice" and own.options:
        raise DomainError("options", "Only a choice has options.")
    if own.kind == "checkbox" and own.required:
        raise DomainError("required", "A checkbox always has a value.")
    for name, bound in (("min", own.minimum), ("max", own.maximum)):
        if own.kind != "number" and bound is not None:
            raise DomainError(name, "Only a number has bounds.")
    if own.minimum is not None and own.maximum is not None and own.minimum > own.maximum:
        raise DomainError("max", "It is less than the minimum.")
    if own.default is not None and (problem := own.problem(own.default)):
        raise DomainError("default", problem)


def defaults(definitions: Iterable[Definition], label: int) -> dict[str, Any]:
    """The values that a new object with this label begins with."""
    return {
        own.name: own.default
        for own in definitions
        if own.default is not None and own.applies_to(label)
    }


def misfits(
    definitions: Iterable[Definition], values: Mapping[str, Any]
) -> Iterable[tuple[str, str]]:
    """(name, what is wrong) of each value that does not fit; names of no definition are free."""
    for own in definitions:
        if own.name in values and (problem := own.problem(values[own.name])):
            yield own.name, problem
