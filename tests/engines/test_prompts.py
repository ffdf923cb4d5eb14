"""Prompts as clients send them."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.errors import DomainError
from annotations.domain.prompts import Prompts

_POINT = {"x": 10, "y": 5.5, "label": 1}
_BOX = {"x0": 0, "y0": 0, "x1": 100, "y1": 50}


def _parse(data: Any) -> Prompts:
    return Prompts.from_json(data, 100, 50)


@pytest.mark.parametrize(
    "data",
    [
        {"points": [_POINT], "box": None},
        {"points": [{**_POINT, "candidate": 3}, {"x": 100, "y": 50, "label": 0}], "box": None},
        {"points": [], "box": {**_BOX, "candidate": 0}},
        {"points": [_POINT], "box": _BOX},
    ],
)
def test_what_is_sent_comes_back(data: Any) -> None:
    assert _parse(data).to_json() == data
    json.dumps(_parse(data).to_json(), allow_nan=False)


def test_points_and_box_may_be_left_out() -> None:
    assert _parse({"points": [_POINT]}).box is None
    assert _parse({"box": _BOX}).points == ()


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (None, "prompts"),
        ([], "prompts"),
        ({}, "points"),
        ({"points": [], "box": None}, "points"),
        ({"points": "xy"}, "points"),
        ({"points": False, "box": _BOX}, "points"),
        ({"points": {"x": 1}}, "points"),
        ({"points": [_POINT] * 65}, "points"),
        ({"points": [7]}, "points.0"),
        ({"points": [_POINT, {**_POINT, "x": math.nan}]}, "points.1.x"),
        ({"points": [{**_POINT, "x": math.inf}]}, "points.0.x"),
        ({"points": [{**_POINT, "y": -0.001}]}, "points.0.y"),
        ({"points": [{**_POINT, "y": 50.001}]}, "points.0.y"),
        ({"points": [{**_POINT, "x": 10**400}]}, "points.0.x"),
        ({"points": [{**_POINT, "x": True}]}, "points.0.x"),
        ({"points": [{**_POINT, "x": "1"}]}, "points.0.x"),
        ({"points": [{"y": 1, "label": 1}]}, "points.0.x"),
        ({"points": [{"x": 1, "y": 1}]}, "points.0.label"),
        ({"points": [{**_POINT, "label": 2}]}, "points.0.label"),
        ({"points": [{**_POINT, "label": True}]}, "points.0.label"),
        ({"points": [{**_POINT, "label": 1.0}]}, "points.0.label"),
        ({"points": [{**_POINT, "candidate": 4}]}, "points.0.candidate"),
        ({"points": [{**_POINT, "candidate": True}]}, "points.0.candidate"),
        ({"box": [0, 0, 1, 1]}, "box"),
        ({"box": {**_BOX, "x1": 0}}, "box.x1"),
        ({"box": {**_BOX, "y0": 50}}, "box.y1"),
        ({"box": {**_BOX, "x1": 101}}, "box.x1"),
        ({"box": {**_BOX, "candidate": -1}}, "box.candidate"),
    ],
)
def test_what_is_wrong_is_named(data: Any, field: str) -> None:
    with pytest.raises(DomainError) as caught:
        _parse(data)
    assert caught.value.field == field
    assert caught.value.message


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["points", "box", "x", "y", "label", "x0", "y0", "x1", "y1"]), inner
        )
    ),
    max_leaves=12,
)


@given(_JSON)
def test_any_json_is_prompts_or_refused(data: Any) -> None:
    try:
        prompts = _parse(data)
    except DomainError:
        return
    json.dumps(prompts.to_json(), allow_nan=False)
