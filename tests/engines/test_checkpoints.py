"""Large models from a checkpoint: the official builders, names that tell one from another, and
every way in which a file can be wrong. The weights are random: their values do not matter."""

import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as PILImage

from annotations.domain.prompts import Box, Point, Prompts
from annotations.engines.errors import EngineUnavailable
from annotations.engines.mobile_sam.shapes import CODEC
from annotations.engines.sam_torch import checkpoints
from annotations.engines.sam_torch import settings as torch_settings
from annotations.engines.sam_torch.model import builders
from annotations.engines.sam_torch.settings import TorchSettings
from annotations.engines.sam_torch.spec import SPEC
from annotations.engines.session import PromptSession
from tests.support.engines import load as load_engine


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """vit_b as the official package saves it, 375 MB, gone afterwards."""
    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("checkpoint")
    path = folder / "vit_b.pth"
    torch.save(builders()["vit_b"]().state_dict(), path)
    yield path
    shutil.rmtree(folder)


def large(path: Path, **fields: Any) -> TorchSettings:
    return TorchSettings(**{"model": "vit_b", "checkpoint": path, "device": "cpu", **fields})


def load(models_dir: Path, settings: TorchSettings) -> Any:
    return SPEC.load(replace(settings, models_dir=models_dir))


# --- Loading ---------------------------------------------------------------------------------


def test_a_checkpoint_computes_what_the_official_model_does(
    checkpoint: Path, tmp_path: Path
) -> None:
    engine = load(tmp_path, large(checkpoint))
    official = builders()["vit_b"]()
    official.load_state_dict(torch.load(checkpoint))
    loaded = engine._encoder.state_dict()
    for name, tensor in official.image_encoder.state_dict().items():
        assert torch.equal(tensor, loaded[name]), name
    # The weights are those of the official one; one of the twelve blocks shows that they are used.
    del engine._encoder.blocks[1:]
    picture = PILImage.fromarray(
        np.random.default_rng(1).integers(0, 255, (768, 1024, 3), np.uint8)
    )
    embedding = CODEC.from_bytes(CODEC.to_bytes(engine.embed([picture], [picture.size])[0]))
    assert embedding.description == engine.description
    assert len(engine.description.model_id) <= 60
    assert embedding.values.any()
    with torch.inference_mode():
        points = torch.tensor([[[300.0, 200.0]]]), torch.tensor([[1.0]])
        sparse, dense = official.prompt_encoder(points=points, boxes=None, masks=None)
        masks, scores = official.mask_decoder(
            torch.from_numpy(embedding.values)[None],
            official.prompt_encoder.get_dense_pe(),
            sparse,
            dense,
            multimask_output=True,
        )
    candidates = PromptSession(engine, embedding).replay(Prompts((Point(300, 200, 1),)))
    for candidate in candidates:
        np.testing.assert_allclose(
            candidate.logits, masks[0, candidate.mask_index - 1].numpy(), atol=1e-3
        )
        assert candidate.score == pytest.approx(
            float(scores[0, candidate.mask_index - 1]), abs=1e-4
        )


def test_boxes_and_mask_inputs_are_the_official_ones(checkpoint: Path, tmp_path: Path) -> None:
    engine = load(tmp_path, large(checkpoint, precision="f32"))
    official = builders()["vit_b"]()
    official.load_state_dict(torch.load(checkpoint))
    values = np.random.default_rng(2).normal(size=(256, 64, 64)).astype(np.float32)
    embedding = load_engine("fake").embed([PILImage.new("RGB", (1024, 1024))], [(1024, 1024)])[0]
    np.copyto(embedding.values, values)
    session = PromptSession(engine, embedding)
    first = session.replay(Prompts(box=Box(100, 80, 700, 600)))[0]
    second = session.replay(Prompts((Point(300, 200, 0),), box=Box(100, 80, 700, 600)))[0]
    prompts, decoder = official.prompt_encoder, official.mask_decoder
    box = torch.tensor([[100.0, 80.0, 700.0, 600.0]])
    point = torch.tensor([[[300.0, 200.0]]]), torch.tensor([[0.0]])
    before = torch.from_numpy(first.logits)[None, None]
    with torch.inference_mode():
        for found, arguments in (
            (first, {"points": None, "boxes": box, "masks": None}),
            (second, {"points": point, "boxes": box, "masks": before}),
        ):
            sparse, dense = prompts(**arguments)
            masks, _ = decoder(
                torch.from_numpy(values)[None],
                prompts.get_dense_pe(),
                sparse,
                dense,
                multimask_output=False,
            )
            np.testing.assert_allclose(found.logits, masks[0, 0].numpy(), atol=1e-3)


@pytest.mark.parametrize("model", ["vit_l", "vit_h"])
def test_the_larger_models_are_built_without_memory_for_their_weights(model: str) -> None:
    from annotations.engines.sam_torch.model import _skeleton

    sam = _skeleton(model)
    assert {row.device.type for row in sam.image_encoder.parameters()} == {"meta"}
    width = sam.image_encoder.patch_embed.proj.weight.shape[0]
    assert width == {"vit_l": 1024, "vit_h": 1280}[model]


# --- Names -----------------------------------------------------------------------------------


def test_another_checkpoint_is_another_model(tmp_path: Path) -> None:
    one, other = tmp_path / "one.pth", tmp_path / "other.pth"
    one.write_bytes(b"one")
    other.write_bytes(b"other")
    names = {SPEC.describe(large(path, models_dir=tmp_path)).model_id for path in (one, other)}
    assert len(names) == 2
    # SHA-256 of `one`.
    assert "sam_vit_b-7692c3ad-half" in names
    one.write_bytes(b"one more")
    changed = SPEC.describe(large(one, models_dir=tmp_path)).model_id
    assert changed not in names


def test_the_checksum_is_computed_once_for_all_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "one.pth"
    path.write_bytes(b"one")
    first = checkpoints.digest_of(path, tmp_path)
    checkpoints._digest.cache_clear()  # as in another process

    def must_not_read(_path: Path) -> str:
        raise AssertionError("the file was read again")

    monkeypatch.setattr(checkpoints, "sha256_of", must_not_read)
    assert checkpoints.digest_of(path, tmp_path) == first
    assert checkpoints.digest_of(tmp_path / "absent.pth", tmp_path) == ""
    assert checkpoints.digest_of(tmp_path, tmp_path) == ""


@pytest.mark.parametrize("content", ["", "[1]", '{"x": 1}', "\x00"])
def test_a_damaged_cache_of_checksums_is_made_anew(tmp_path: Path, content: str) -> None:
    path = tmp_path / "one.pth"
    path.write_bytes(b"one")
    cache = tmp_path / "checkpoints" / "digests.json"
    cache.parent.mkdir()
    cache.write_text(content)
    checkpoints._digest.cache_clear()
    digest = checkpoints.digest_of(path, tmp_path)
    assert digest.startswith("7692c3ad")
    assert digest in json.loads(cache.read_text()).values()


def test_precision_is_part_of_the_name() -> None:
    names = {
        (model, precision): SPEC.describe(TorchSettings(model=model, precision=precision)).model_id
        for model in ("mobile_sam", "vit_b")
        for precision in ("auto", "f32", "half")
    }
    assert names == {
        ("mobile_sam", "auto"): "mobile_sam",
        ("mobile_sam", "f32"): "mobile_sam",
        ("mobile_sam", "half"): "mobile_sam-half",
        ("vit_b", "auto"): "sam_vit_b-half",
        ("vit_b", "f32"): "sam_vit_b",
        ("vit_b", "half"): "sam_vit_b-half",
    }


# --- What can be missing or wrong ------------------------------------------------------------


def test_missing_says_what_to_do(
    tmp_path: Path, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(**fields: Any) -> str:
        return SPEC.missing(TorchSettings(**fields, models_dir=tmp_path))

    assert SPEC.missing(TorchSettings(models_dir=models_dir)) == ""
    assert "mobile_sam/decoder.onnx" in missing()
    assert "fetch_checkpoint vit_h" in missing(model="vit_h")
    assert missing(model="vit_b", checkpoint=tmp_path / "own.pth") == (
        "the checkpoint own.pth is not there"
    )
    assert "choose one of mobile_sam, vit_b" in missing(model="vit_x")
    assert "choose one of auto, f32" in missing(precision="double")
    monkeypatch.setattr(torch_settings, "_installed", lambda name: name != "torch")
    assert missing() == "torch not installed: pip install 'segweb[gpu]'"
    with pytest.raises(EngineUnavailable, match=r"segweb\[gpu\]"):
        load(models_dir, TorchSettings())


def written(path: Path, kind: str, checkpoint: Path) -> Path:
    """A file that is no checkpoint of vit_b, in one of the ways that happen."""
    state: dict[str, Any]
    if kind == "text":
        path.write_text("<html>not found</html>")
    elif kind == "empty":
        path.touch()
    elif kind == "truncated":
        path.write_bytes(checkpoint.read_bytes()[:200_000_000])
    elif kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a", "b")
    elif kind == "code":
        torch.save({"image_encoder.patch_embed.proj.weight": Path("/")}, path)
    elif kind == "list":
        torch.save([1, 2], path)
    elif kind == "other model":
        torch.save({"conv1.weight": torch.zeros(3)}, path)
    else:
        state = torch.load(checkpoint, mmap=True)
        if kind == "incomplete":
            del state["image_encoder.blocks.3.attn.qkv.weight"]
        elif kind == "of vit_h":
            state = {"image_encoder.patch_embed.proj.weight": torch.zeros(1280, 3, 16, 16)}
        elif kind == "other shape":
            state["image_encoder.neck.0.weight"] = torch.zeros(7, 768, 1, 1)
        torch.save(state, path)
    return path


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("text", "damaged"),
        ("empty", "damaged"),
        ("truncated", "damaged"),
        ("zip", "damaged"),
        ("code", "damaged"),
        ("list", "no Segment Anything"),
        ("other model", "no Segment Anything"),
        ("of vit_h", "is of vit_h, not of vit_b"),
        ("incomplete", "does not fit the model"),
        ("other shape", "does not fit the model"),
    ],
)
def test_wrong_files_are_refused_in_words(
    tmp_path: Path, checkpoint: Path, kind: str, message: str
) -> None:
    path = written(tmp_path / "wrong.pth", kind, checkpoint)
    engine = load(tmp_path, large(path))
    picture = PILImage.new("RGB", (40, 30))
    with pytest.raises(EngineUnavailable, match=message) as caught:
        engine.embed([picture], [picture.size])
    assert "wrong.pth" in caught.value.message
    assert str(tmp_path) not in caught.value.message
    path.unlink()


def test_a_decoder_of_another_shape_is_refused(tmp_path: Path, checkpoint: Path) -> None:
    state = torch.load(checkpoint, mmap=True)
    del state["mask_decoder.iou_token.weight"]
    path = tmp_path / "wrong.pth"
    torch.save(state, path)
    engine = load(tmp_path, large(path))
    embedding = load_engine("fake").embed([PILImage.new("RGB", (40, 30))], [(40, 30)])[0]
    with pytest.raises(EngineUnavailable, match="iou_token"):
        PromptSession(engine, embedding).replay(Prompts((Point(1, 1, 1),)))
    path.unlink()


def test_a_fetched_checkpoint_that_changed_is_refused(tmp_path: Path, checkpoint: Path) -> None:
    path = checkpoints.CHECKPOINTS["vit_b"].path_in(tmp_path)
    path.parent.mkdir()
    path.symlink_to(checkpoint)  # whole, of the right shape, with other numbers
    fetched = TorchSettings("vit_b", device="cpu", models_dir=tmp_path)
    assert "damaged: sam_vit_b_01ec64.pth" in SPEC.missing(fetched)
    with pytest.raises(EngineUnavailable, match="fetch_checkpoint vit_b"):
        load(tmp_path, fetched)


@pytest.mark.parametrize("content", [b"", b"not a model", bytes(100_000)])
def test_damaged_mobile_sam_files_are_refused_in_words(
    tmp_path: Path, models_dir: Path, content: bytes
) -> None:
    folder = tmp_path / "mobile_sam"
    folder.mkdir()
    (folder / "encoder.onnx").write_bytes(content)
    shutil.copy(models_dir / "mobile_sam" / "decoder.onnx", folder)
    engine = load(tmp_path, TorchSettings(device="cpu"))
    picture = PILImage.new("RGB", (40, 30))
    with pytest.raises(EngineUnavailable, match=r"encoder\.onnx"):
        engine.embed([picture], [picture.size])
