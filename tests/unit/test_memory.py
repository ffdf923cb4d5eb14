"""What strangers' files may take is bounded; what a model takes is not counted as theirs."""

import subprocess
import sys
from pathlib import Path

from tests.support.environment import ROOT, clean_environment

_PROGRAM = """
import django
django.setup()
from annotations.services.jobs import memory_limit

def fits(megabytes):
    try:
        return len(bytearray(megabytes << 20)) > 0
    except MemoryError:
        return False

before = fits(1200)
memory_limit.bound()
bound, small = fits(1200), fits(100)
with memory_limit.lifted():
    with memory_limit.lifted():
        pass
    lifted = fits(1200)
    model = bytearray(800 << 20)
print(before, bound, small, lifted, fits(1200), fits(100))
"""


def test_a_model_fits_under_the_bound(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        cwd=ROOT,
        env=clean_environment(
            SEGWEB_DATA=str(tmp_path),
            SEGWEB_DECODE_MEMORY_MB="500",
            DJANGO_SETTINGS_MODULE="segweb.settings",
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True", "False", "True", "True", "False", "True"]
