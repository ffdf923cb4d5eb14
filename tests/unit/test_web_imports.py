"""The web process stays small: what runs models and decodes pixels is loaded by workers only."""

import subprocess
import sys
from pathlib import Path

from tests.support.environment import ROOT, clean_environment

_HEAVY = ("torch", "onnxruntime", "onnx", "openvino", "cv2", "pycocotools")
_PROGRAM = f"""
import sys
import segweb.asgi
from django.urls import get_resolver
def walk(resolver):
    for entry in resolver.url_patterns:
        if hasattr(entry, "url_patterns"):
            walk(entry)
        else:
            entry.callback
walk(get_resolver())
print(*(name for name in {_HEAVY!r} if name in sys.modules))
"""


def test_web_process_loads_no_engine(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        cwd=ROOT,
        env=clean_environment(SEGWEB_DATA=str(tmp_path)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
