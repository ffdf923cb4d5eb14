"""The precisions of the encoder: which is chosen, and that the masks stay the same."""

import os
from importlib.util import find_spec
from pathlib import Path
from statistics import mean

import pytest
from PIL import Image as PILImage

from annotations.domain.logits import low_res_iou
from annotations.domain.prompts import Point
from annotations.engines import registry
from annotations.engines.base import Engine
from annotations.engines.errors import EngineUnavailable
from annotations.engines.mobile_sam import precisions
from annotations.engines.mobile_sam.shapes import FRAME
from annotations.engines.session import decoder_prompt
from tests.support.engines import configured, load

_AMX = frozenset({"avx2", "avx512_vnni", "avx512_bf16", "amx_bf16"})
_VNNI = frozenset({"avx2", "avx_vnni"})
_OLD = frozenset({"sse4_2", "avx2"})


def serving(engine: str, precision: str, models_dir: Path) -> str:
    """The engine that serves by these settings."""
    values = {
        "SEGWEB_ENGINE": engine,
        "SEGWEB_PRECISION": precision,
        "SEGWEB_MODELS_DIR": models_dir,
    }
    return registry.serving(values).name


@pytest.mark.parametrize(
    ("flags", "openvino", "expected"),
    [
        (_AMX, True, "bf16"), (_AMX, False, "int8"), (_VNNI, True, "int8"),
        (_VNNI, False, "int8"), (_OLD, True, "f32"), (frozenset(), False, "f32"),
    ],
)  # fmt: skip
def test_the_fastest_that_the_cpu_runs_well(
    flags: frozenset[str], openvino: bool, expected: str
) -> None:
    found = precisions.fitness(flags, openvino=openvino)
    assert precisions.best(found) == expected
    assert [each.precision for each in found] == ["bf16", "int8", "f32"]


def test_auto_is_what_was_noted_when_the_models_were_prepared(tmp_path: Path) -> None:
    assert serving("sam_onnx", "auto", tmp_path) == "sam_onnx"
    (tmp_path / "mobile_sam").mkdir()
    noted = precisions.note(tmp_path)
    assert noted == precisions.noted(tmp_path) == precisions.best(precisions.here())
    before = os.stat(tmp_path / "mobile_sam" / "precision").st_mtime_ns
    assert precisions.note(tmp_path) == noted
    assert os.stat(tmp_path / "mobile_sam" / "precision").st_mtime_ns == before
    for text, engine in [("int8", "sam_onnx_int8"), ("bf16", "sam_openvino"), ("?", "sam_onnx")]:
        (tmp_path / "mobile_sam" / "precision").write_text(text)
        assert serving("sam_onnx", "auto", tmp_path) == engine


@pytest.mark.parametrize(
    ("noted", "flags", "expected"),
    [
        (None, _VNNI, "int8"), ("f32", _VNNI, "f32"), ("int8", _VNNI, "int8"),
        ("int8", _OLD, "f32"), ("bf16", _VNNI, "int8"), ("?", _VNNI, "f32"),
    ],
)  # fmt: skip
def test_a_start_keeps_what_suits_this_host_too(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    noted: str | None,
    flags: frozenset[str],
    expected: str,
) -> None:
    (tmp_path / "mobile_sam").mkdir()
    if noted is not None:
        (tmp_path / "mobile_sam" / "precision").write_text(noted)
    monkeypatch.setattr(precisions, "here", lambda: precisions.fitness(flags, openvino=False))
    assert precisions.note(tmp_path, keep=True) == precisions.noted(tmp_path) == expected
    assert precisions.note(tmp_path) == precisions.best(precisions.here())


def test_a_setting_goes_before_what_was_noted(tmp_path: Path) -> None:
    assert serving("sam_onnx", "f32", tmp_path) == "sam_onnx"
    assert serving("sam_onnx", "int8", tmp_path) == "sam_onnx_int8"
    assert serving("sam_onnx", "bf16", tmp_path) == "sam_openvino"
    assert serving("fake", "int8", tmp_path) == "fake"


def test_each_precision_has_embeddings_of_its_own() -> None:
    keys = [configured(name).describe() for name in precisions.ENGINES.values()]
    assert len(set(keys)) == 3


def agreement(exact: Engine, other: Engine, picture: PILImage.Image) -> float:
    """The mean IoU of the masks from clicks all over the picture."""
    size = picture.size
    frame = FRAME.of(*size)
    prompts = [
        decoder_prompt(frame, None, (Point(size[0] * x / 6, size[1] * y / 6, 1),), None)
        for x in range(1, 6)
        for y in range(1, 6)
    ]
    first = exact.decode(exact.embed([picture], [size])[0], prompts)
    second = exact.decode(other.embed([picture], [size])[0], prompts)
    values = []
    for one, two in zip(first, second, strict=True):
        best = max((1, 2, 3), key=lambda index: one[index].score)
        values.append(low_res_iou(one[best].logits, two[best].logits))
    return mean(values)


def test_int8_gives_the_same_masks(
    engine: Engine, models_dir: Path, picture: PILImage.Image
) -> None:
    small = load("sam_onnx_int8", models_dir)
    assert agreement(engine, small, picture) > 0.98


def test_bfloat16_gives_the_same_masks_or_says_what_is_missing(
    engine: Engine, models_dir: Path, picture: PILImage.Image
) -> None:
    half = load("sam_openvino", models_dir)
    if find_spec("openvino") is not None:
        assert configured("sam_openvino", models_dir).missing() == ""
        assert agreement(engine, half, picture) > 0.98
    else:
        assert configured("sam_openvino", models_dir).missing() == "openvino is not installed"
        with pytest.raises(EngineUnavailable, match="pip install openvino"):
            half.embed([picture], [picture.size])
