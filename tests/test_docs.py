"""The documentation names only existing pages, pictures, headings, commands, settings and names of the code."""

from __future__ import annotations

import argparse
import re
import unicodedata
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from domain import timetable
from skillswap.cli import build_parser
from skillswap.settings import variables
from tests.conftest import ROOT

TOP = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "clients/typescript/README.md", "examples/nextjs/README.md")
PAGES = (*(ROOT / name for name in TOP), *sorted((ROOT / "docs").rglob("*.md")))
FOLDERS = ("api", "bot", "deploy", "docs", "domain", "handlers", "mail", "scripts", "skillswap", "storage", "tests")
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"```[a-z]*\n(.*?)```|``?([^`\n]+)`|^ {4}(\S[^\n]*)$", re.DOTALL | re.MULTILINE)
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
SECTIONS = ["Context", "Decision", "Consequences"]
EXTERNAL = {"ConversationHandler"}
SETTING = re.compile(
    r"\b((?:CLOUDINARY|NEXTAUTH|TELEGRAM|METRICS|EMAIL|OIDC|GOOGLE|GITHUB|SKILLSWAP|MONGODB|SANDBOX|DRAIN)_[A-Z_]+)\b"
)


@cache
def text_of(page: Path) -> str:
    return page.read_text("utf-8")


def code_of(page: Path) -> Iterator[str]:
    """Yield the code of a page: fences, indented blocks and inline code."""
    for match in CODE.finditer(text_of(page)):
        yield next(filter(None, match.groups()), "")


@cache
def anchors_of(page: Path) -> frozenset[str]:
    """Return the ids that GitHub gives to the headings of a page."""
    found: list[str] = []
    for heading in re.findall(r"^#+ +(.+?)\s*$", FENCED.sub("", text_of(page)), re.MULTILINE):
        words = re.sub(r"\[([^]]*)]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        characters = "".join(sign for sign in words if sign in " -_" or unicodedata.category(sign)[0] in "LNM")
        anchor = characters.replace(" ", "-")
        found.append(f"{anchor}-{again}" if (again := found.count(anchor)) else anchor)
    return frozenset(found)


def subcommands_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the subcommands of a command by name; {} without any."""
    found = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return dict(found[0]) if found else {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_picture_has_a_target(page: Path) -> None:
    for link in LINK.findall(FENCED.sub("", text_of(page))):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors_of(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_documented_command_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = subcommands_of(build_parser())
    for code in code_of(page):
        assert set(re.findall(r"\bmake ([a-z][a-z-]*)", code)) <= targets, code
        for line in re.findall(r"(?<![\w/.-])skillswap ([a-z][^\n`]*)", re.sub(r"(?m)#.*$", "", code)):
            command, *rest = line.split()
            assert command in commands, line
            actions = subcommands_of(commands[command]) if rest else {}
            chosen = [actions[name] for name in rest.pop(0).split("|")] if actions else [commands[command]]
            for option in re.findall(r"(?<!\S)--[a-z-]+", line):
                assert any(option in parser.format_help() for parser in chosen), line


def test_every_documented_setting_exists() -> None:
    for page in PAGES:
        for code in code_of(page):
            assert set(SETTING.findall(code)) <= set(variables()), f"{page.name}: {code}"


def test_every_documented_module_and_test_exists() -> None:
    for page in PAGES:
        for code in code_of(page):
            for path in re.findall(rf"^(?:{'|'.join(FOLDERS)})/[\w/.@-]*$", code):
                assert (ROOT / path).exists(), f"{page.name}: {path}"


def test_every_documented_name_of_the_code_exists() -> None:
    """Classes, functions, constants and fields, as whole words of any Python file; names of libraries are in
    EXTERNAL."""
    files = [ROOT / "pyproject.toml", *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))]
    known = EXTERNAL | {word for path in files for word in re.findall(r"\w+", path.read_text("utf-8"))}
    pages = ("CONTRIBUTING.md", "docs/architecture.md", "docs/glossary.md")
    for page in (*(ROOT / name for name in pages), *DECISIONS):
        for code in code_of(page):
            if re.fullmatch(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?:\(\))?", code) and Path(code).suffix != ".md":
                unknown = set(re.findall(r"\w+", code.removesuffix(".py"))) - known
                assert not unknown or (ROOT / code).exists(), f"{page.name}: {code}"


def test_decisions_are_numbered_without_gaps_and_indexed() -> None:
    index = text_of(ROOT / "docs" / "decisions" / "README.md")
    for number, page in enumerate(DECISIONS, 1):
        assert page.name.startswith(f"{number:04}-"), page.name
        title, date = re.search(rf"\| {number} \| \[(.+)]\({page.name}\) \| (\S+) \|", index).groups()  # type: ignore[union-attr]
        assert text_of(page).startswith(f"# {number}. {title}\n"), page.name
        assert f"\nDate: {date}\n" in text_of(page), page.name
    assert len(re.findall(r"^\| \d", index, re.MULTILINE)) == len(DECISIONS)


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_decision_has_status_date_and_sections(page: Path) -> None:
    text = text_of(page)
    assert re.search(r"^Status: (?:accepted|superseded by \d+)$", text, re.MULTILINE)
    assert re.search(r"^Date: \d{4}-\d\d-\d\d$", text, re.MULTILINE)
    sections = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert sections in (SECTIONS, [*SECTIONS, "Alternatives"])


def test_the_timetable_has_every_number_as_it_is() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", text_of(ROOT / "docs" / "timetable.md"), re.MULTILINE))
    numbers = {name: value for name, value in vars(timetable).items() if name.isupper()}
    assert rows == {name: in_words(value) for name, value in numbers.items()}


def in_words(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(in_words, value))
    if not isinstance(value, timedelta):
        return f"{value:g}"
    hours = value / timedelta(hours=1)
    return f"{hours:g} h" if hours <= 72 else f"{hours / 24:g} days"
