"""The README's table of settings is the code's."""

import re
from pathlib import Path

from segweb.settings.env import ROOT, SETTINGS

_ROW = re.compile(r"^\| `(?P<name>[A-Z_]+)` \| (?P<default>.*?) \| (?P<help>.*) \|$", re.M)


def test_every_setting_is_in_the_table_as_the_code_declares_it():
    table = {m["name"]: (m["default"], m["help"]) for m in _ROW.finditer(_readme())}
    assert table == {s.name: (f"`{s.default}`" if s.default else "", s.help) for s in SETTINGS}


def test_no_setting_is_read_that_is_not_declared():
    declared = {setting.name for setting in SETTINGS}
    sources = [*(ROOT / "segweb").rglob("*.py"), *(ROOT / "annotations").rglob("*.py")]
    read = {
        name
        for path in sources
        for name in re.findall(
            r"env(?:iron\.get|iron\[|)\(?[\"'](SEGWEB_[A-Z_]+)", path.read_text()
        )
    }
    assert read <= declared


def _readme() -> str:
    return (Path(ROOT) / "README.md").read_text()
