"""What contributors read is true: paths, names, commands, rooms and links are those that exist."""

import os
import re
import shlex
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.support.docs import blocks
from tests.support.environment import ROOT

ARCHITECTURE = "docs/architecture.md"
# Whole pages, and sections by their titles.
PAGES = (
    "CONTRIBUTING.md", "SECURITY.md", ARCHITECTURE,
    "docs/engines.md#How to add an engine", "docs/engines.md#How to add a finder",
)  # fmt: skip
LINKED = ("CONTRIBUTING.md", "SECURITY.md", ARCHITECTURE, "CHANGELOG.md", "README.md")
# A room, a question or the like that the reader puts in.
PLACEHOLDERS = re.compile(r"NAME|ROOM|NOUN")
PROGRAMS = {"git", "node", "npm", "pip"}

_FENCE = re.compile(r"^ *```.*?^ *```$", re.M | re.S)
_CODE = re.compile(r"`([^`\n]+)`")
_NAMED = re.compile(r"`([^`\s]+)`: `(\w+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_SHELL = re.compile(r"^ *```sh\n(.*?)^ *```$", re.M | re.S)
_COMMAND = re.compile(r"(?:deploy/|\.venv/bin/|node_modules/\.bin/|manage\.py |node |python -m )\S")


def read(page: str) -> str:
    path, _, title = page.partition("#")
    text = (ROOT / path).read_text()
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0] if title else text


def spans(page: str) -> list[str]:
    """What stands in backticks, outside of blocks."""
    return _CODE.findall(_FENCE.sub("", read(page)))


def is_path(text: str) -> bool:
    """Whether it means a file or folder of the project: not an address, a name, or a command."""
    if re.search(r"[\s…(<]", text) or text.startswith(("/", "-", "http")):
        return False
    return "/" in text or bool(re.fullmatch(r"[\w.-]+\.(py|js|md|toml|html|css|json|yaml)", text))


def paths(page: str) -> list[str]:
    return [text for text in spans(page) if is_path(text)]


def exists(path: str) -> bool:
    pattern = PLACEHOLDERS.sub("*", path).rstrip("/")
    found = list(ROOT.glob(pattern))
    return any(each.is_dir() for each in found) if path.endswith("/") else bool(found)


def declares(path: str, name: str) -> bool:
    """Whether the module has a function, class or constant of that name at its top."""
    words = r"(?:export )?(?:async )?(?:def |class |function |const )?"
    return bool(re.search(rf"^{words}{name}\b", (ROOT / path).read_text(), re.M))


def commands(page: str) -> list[str]:
    """The command lines of blocks, and those in backticks."""
    text = read(page)
    lines = [line.strip() for block in _SHELL.findall(text) for line in block.splitlines()]
    return [*filter(None, lines), *(span for span in spans(page) if _COMMAND.match(span))]


def problem_of(command: str) -> str:
    """What of the command does not exist; empty when all does."""
    words = [word for word in shlex.split(command, comments=True) if "=" not in word.split("/")[0]]
    program, arguments = words[0], words[1:]
    if program == "manage.py":
        program, arguments = ".venv/bin/python", words
    if program == "node":
        files = [word for word in arguments if word.endswith(".js")]
        return "".join(file for file in files if not exists(file))
    if program in PROGRAMS:
        return ""
    if program.startswith("deploy/"):
        script = ROOT / program
        if not os.access(script, os.X_OK):
            return program
        options = [word for word in arguments if word.startswith("--")]
        return "".join(option for option in options if option not in script.read_text())
    if program in {"python", ".venv/bin/python"}:
        return problem_of_python(arguments)
    folder, _, name = program.rpartition("/")
    home = Path(sys.prefix) / "bin" if folder == ".venv/bin" else ROOT / folder
    return "" if folder and (home / name).exists() else program


def problem_of_python(arguments: list[str]) -> str:
    if arguments[0] == "manage.py":
        return "" if arguments[1] in get_commands() else arguments[1]
    if arguments[0] == "-m":
        return "" if find_spec(arguments[1]) else arguments[1]
    return "" if exists(arguments[0]) else arguments[0]


def anchors(path: Path) -> set[str]:
    """What links to the page's headings end with."""
    titles = re.findall(r"^#+ (.+)$", _FENCE.sub("", path.read_text()), re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def leads_somewhere(link: str, page: Path) -> bool:
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    return target.exists() and (not anchor or anchor in anchors(target))


def rows(page: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    lines = [line for line in read(page).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


# --- Paths, names, commands ------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_every_path_exists(page: str) -> None:
    assert [path for path in paths(page) if not exists(path)] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_name_beside_a_path_is_declared_in_that_file(page: str) -> None:
    named = [(path, name) for path, name in _NAMED.findall(read(page)) if is_path(path)]
    assert [pair for pair in named if not declares(*pair)] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_command_exists(page: str) -> None:
    problems = {command: problem_of(command) for command in commands(page)}
    assert {command: problem for command, problem in problems.items() if problem} == {}


@pytest.mark.parametrize("page", LINKED)
def test_every_link_within_the_project_leads_somewhere(page: str) -> None:
    links = [link for link in _LINK.findall(read(page)) if "://" not in link]
    assert [link for link in links if not leads_somewhere(link, ROOT / page)] == []


@pytest.mark.parametrize(
    "command",
    [
        "deploy/test --slow", "deploy/nothing", ".venv/bin/nothing .", "node_modules/.bin/nothing",
        ".venv/bin/python manage.py nothing", "manage.py nothing", "python -m tests.nothing",
        "node --test tests/js/nothing.test.js", "nothing at all",
    ],
)  # fmt: skip
def test_a_command_that_does_not_exist_is_noticed(command: str) -> None:
    assert problem_of(command)


def test_a_name_that_is_only_used_is_no_declaration() -> None:
    assert declares("annotations/services/annotations/edit.py", "update")
    assert not declares("annotations/services/annotations/edit.py", "StaleVersion")


def test_a_link_that_leads_nowhere_is_noticed() -> None:
    page = ROOT / ARCHITECTURE
    assert leads_somewhere("#a-clicks-way", page)
    gone = ["nothing.md", "#nothing", "../README.md#nothing"]
    assert [link for link in gone if leads_somewhere(link, page)] == []


def test_a_path_that_does_not_exist_is_noticed() -> None:
    gone = ["annotations/nothing.py", "annotations/nothing/", "annotations/*/NAME.nothing", "x.md"]
    assert [path for path in gone if not is_path(path) or exists(path)] == []
    assert exists("annotations/exporters/NAME.py")
    assert not exists("annotations/access.py/")


# --- Questions, layers and rooms -------------------------------------------------------------


def test_every_question_is_answered_by_a_file() -> None:
    questions = rows(f"{ARCHITECTURE}#Where is what")
    assert len(questions) >= 15
    assert [question for question, answer in questions if not _NAMED.match(answer)] == []


def contract_layers(container: str) -> list[set[str]]:
    """The layers of the import contract, the top first, with what there is of each."""
    contracts = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    (contract,) = [c for c in contracts if c.get("containers") == [container]]
    folder = ROOT / container.replace(".", "/")
    there = {path.name.removesuffix(".py") for path in folder.iterdir()}
    return [set(re.findall(r"\w+", layer)) & there for layer in contract["layers"]]


def rooms() -> set[str]:
    return {path.parent.name for path in (ROOT / "annotations/services").glob("*/__init__.py")}


def drawn_levels() -> Iterator[set[str]]:
    """The rooms in the drawing, level by level."""
    (text,) = [b.text for b in blocks(ARCHITECTURE) if re.search(r"^ +compat$", b.text, re.M)]
    for level in re.findall(r"direction LR\n(.*?)\n +end", text, re.S):
        yield set(re.split(r"[\s~]+", level.strip()))


def test_the_layers_are_drawn_in_the_order_that_the_import_contract_holds() -> None:
    drawn = re.findall(r"\b(\w+)\[\1\b", blocks(ARCHITECTURE)[0].text)
    for layer in contract_layers("annotations"):
        assert set(drawn[: len(layer)]) == layer
        del drawn[: len(layer)]
    assert drawn == []


def test_the_rooms_are_the_packages_that_exist() -> None:
    listed = [row[0].strip("`") for row in rows(f"{ARCHITECTURE}#Rooms of the services")]
    assert sorted(listed) == sorted(rooms())


def test_the_rooms_are_drawn_in_the_order_that_the_import_contract_holds() -> None:
    layers = [layer & rooms() for layer in contract_layers("annotations.services")]
    assert list(drawn_levels()) == [layer for layer in layers if layer]
