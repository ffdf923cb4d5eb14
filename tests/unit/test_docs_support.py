"""What runs the documentation's examples really fails when one of them does not work."""

from pathlib import Path

import pytest

from tests.support.docs import ExampleError, blocks, run_examples

PAGE = """
# A page

```bash
COLOUR=red
greet() { echo "hello $1"; }
```

Some words.

```bash
greet "$COLOUR $PLACE"
```

```python
import os
seen = os.environ["COLOUR"]
```

```json
{"not": "run"}
```

```python
print(seen, "a made-up word")
```
"""


def page(folder: Path, text: str) -> Path:
    path = folder / "page.md"
    path.write_text(text)
    return path


def test_a_page_is_one_session(tmp_path: Path) -> None:
    path = page(tmp_path, PAGE)
    assert [b.line for b in blocks(path)] == [4, 11, 15, 20, 24]
    ran = run_examples(path, {"PLACE": "here"}, folder=tmp_path, replace={"made-up": "true"})
    assert [r.output for r in ran] == ["", "hello red here\n", "", "red a true word\n"]
    assert [p.name for p in tmp_path.iterdir()] == ["page.md"]


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ("```bash\nfalse | true\n```", "page.md:1 ended with 1"),
        ("```bash\necho $MISSING\n```", "MISSING"),
        ("\n```python\nassert 1 == 2, 'no'\n```", "page.md:2"),
        ("```python\nraise SystemExit(3)\n```", "SystemExit: 3"),
        ("```python\nimport os\nos._exit(0)\n```", "page.md:1 failed"),
        ("```bash\nsleep 60\n```", "took more than"),
        ("```python\nimport time\ntime.sleep(60)\n```", "took more than"),
    ],
)
def test_a_block_that_fails_is_told_with_its_place(tmp_path: Path, block: str, words: str) -> None:
    with pytest.raises(ExampleError, match=words):
        run_examples(page(tmp_path, block + "\n"), {}, folder=tmp_path, seconds=2)
