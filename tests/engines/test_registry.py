"""Engines by name, and what asking for them costs."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

from annotations.domain.logits import rle_from_logits
from annotations.domain.prompts import Box, Point, Prompts
from annotations.engines import registry
from annotations.engines.mobile_sam.shapes import CODEC
from annotations.engines.session import PromptSession
from annotations.services.inference import engine as serving
from annotations.services.inference import model_catalog, overview
from tests.support.engines import configured, load
from tests.support.environment import ROOT

_HEAVY = ("onnxruntime", "cv2", "torch", "onnx", "openvino")


def test_the_registry_and_the_codec_load_no_model_library() -> None:
    code = f"""
import json, sys
from pathlib import Path
from annotations.engines import base, embedding_codec, registry, session
from annotations.engines.mobile_sam import precisions
values = {{"SEGWEB_ENGINE": "sam_onnx", "SEGWEB_MODELS_DIR": Path("/nowhere")}}
for spec in registry.specs():
    for each in spec.configured_models(values).values():
        each.describe()
        each.missing()
    registry.capabilities(spec)
registry.serving(values)
precisions.here()
registry.configured("fake", {{}}).load()
print(json.dumps([name for name in {_HEAVY!r} if name in sys.modules]))
"""
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert json.loads(result.stdout) == []


def test_a_decoding_worker_holds_no_encoder(models_dir: Path) -> None:
    engine = load("sam_onnx", models_dir, SEGWEB_ENGINE_THREADS=1)
    fake = load("fake")
    embedding = fake.embed([PILImage.new("RGB", (40, 30))], [(40, 30)])[0]
    PromptSession(engine, embedding).replay(Prompts((Point(1, 1, 1),)))
    assert "_parts" in vars(engine)
    assert "_encoder" not in vars(engine)


def test_names_are_checked() -> None:
    for ask in (registry.spec, load, lambda name: registry.serving({"SEGWEB_ENGINE": name})):
        with pytest.raises(registry.UnknownEngine, match="'nothing'; choose one of sam_onnx"):
            ask("nothing")


def test_the_server_says_what_is_wrong_with_the_name(settings: Any) -> None:
    settings.SEGWEB_ENGINE = "nothing"
    assert "nothing" in serving.missing()
    verdicts = {row.name: row.verdict for row in overview.rows()}
    assert verdicts["fake"] == "SEGWEB_ENGINE is nothing"
    assert [model.name for model in model_catalog.models() if model.serving] == []
    settings.SEGWEB_ENGINE = "fake"
    assert [model.name for model in model_catalog.models() if model.serving] == ["fake"]


def test_missing_names_the_files_that_are_not_there(tmp_path: Path, models_dir: Path) -> None:
    assert configured("fake", tmp_path).missing() == ""
    assert configured("sam_onnx", models_dir).missing() == ""
    assert "decoder.onnx" in configured("sam_onnx", tmp_path).missing()


def test_damaged_files_are_named_and_good_ones_again_when_mended(
    tmp_path: Path, models_dir: Path
) -> None:
    shutil.copytree(models_dir / "mobile_sam", tmp_path / "mobile_sam")
    path = tmp_path / "mobile_sam" / "decoder.onnx"
    data = path.read_bytes()
    for damaged in (data[:-1], data[:5000], b"", data[:-9] + b"\0" * 9):
        path.unlink()
        path.write_bytes(damaged)
        assert configured("sam_onnx", tmp_path).missing() == "damaged: mobile_sam/decoder.onnx"
    path.write_bytes(data)
    assert configured("sam_onnx", tmp_path).missing() == ""


def test_the_fake_engine_answers_with_discs_and_boxes() -> None:
    engine = load("fake")
    picture = PILImage.fromarray(np.full((200, 400, 3), 90, np.uint8))
    embedding = CODEC.from_bytes(CODEC.to_bytes(engine.embed([picture], [(400, 200)])[0]))
    session = PromptSession(engine, embedding)
    disc = session.replay(Prompts((Point(200, 100, 1),)))
    mask = rle_from_logits(disc[0].logits, embedding.frame)
    assert mask.contains(200, 100)
    assert not mask.contains(300, 100)
    assert [candidate.score for candidate in disc] == sorted(
        (candidate.score for candidate in disc), reverse=True
    )
    box = session.replay(Prompts(box=Box(50, 40, 150, 120)))[0]
    x, y, w, h = rle_from_logits(box.logits, embedding.frame).bbox
    assert (x, y, w, h) == pytest.approx((50, 40, 100, 80), abs=2)
