"""Attributes: definitions that contradict themselves, values that do not fit."""

from typing import Any

import pytest

from annotations.domain.attributes import Definition, check, defaults, misfits
from annotations.domain.errors import DomainError

TEXT = Definition("plate", "text", required=True)
NUMBER = Definition("age", "number", minimum=0, maximum=10)
CHOICE = Definition("side", "choice", options=("left", "right"), default="left")
TICK = Definition("occluded", "checkbox", default=True, labels=frozenset({7}))


@pytest.mark.parametrize("own", [TEXT, NUMBER, CHOICE, TICK])
def test_good_definitions_pass(own: Definition) -> None:
    check(own)


@pytest.mark.parametrize(
    ("own", "field"),
    [
        (Definition("x", "colour"), "type"),
        (Definition("x", "choice"), "options"),
        (Definition("x", "text", options=("a",)), "options"),
        (Definition("x", "checkbox", required=True), "required"),
        (Definition("x", "text", minimum=1), "min"),
        (Definition("x", "choice", options=("a",), maximum=1), "max"),
        (Definition("x", "number", minimum=2, maximum=1), "max"),
        (Definition("x", "number", maximum=1, default=2), "default"),
        (Definition("x", "choice", options=("a",), default="b"), "default"),
        (Definition("x", "checkbox", default="yes"), "default"),
    ],
)
def test_definitions_that_contradict_themselves(own: Definition, field: str) -> None:
    with pytest.raises(DomainError) as caught:
        check(own)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("own", "value", "fits"),
    [
        (TEXT, "", True), (TEXT, "AB 12", True), (TEXT, 5, False), (TEXT, None, False),
        (TEXT, "x" * 1000, True), (TEXT, "x" * 1001, False), (TEXT, ["x"], False),
        (NUMBER, 0, True), (NUMBER, 2.5, True), (NUMBER, -0.1, False), (NUMBER, 11, False),
        (NUMBER, True, False), (NUMBER, "3", False), (NUMBER, float("nan"), False),
        (NUMBER, 10**400, False),
        (CHOICE, "right", True), (CHOICE, "up", False), (CHOICE, ["left"], False),
        (TICK, False, True), (TICK, 0, False), (TICK, {"a": 1}, False),
    ],
)  # fmt: skip
def test_which_values_fit(own: Definition, value: Any, fits: bool) -> None:
    assert (own.problem(value) == "") is fits


def test_what_a_new_object_begins_with() -> None:
    own = (TEXT, NUMBER, CHOICE, TICK)
    assert defaults(own, 7) == {"side": "left", "occluded": True}
    assert defaults(own, 8) == {"side": "left"}


def test_what_is_missing() -> None:
    assert TEXT.is_missing({})
    assert TEXT.is_missing({"plate": "  "})
    assert not TEXT.is_missing({"plate": "x"})
    assert not NUMBER.is_missing({})


def test_names_of_no_attribute_are_free() -> None:
    found = list(misfits((NUMBER, CHOICE), {"age": "old", "side": "left", "mood": 3}))
    assert [name for name, _ in found] == ["age"]
