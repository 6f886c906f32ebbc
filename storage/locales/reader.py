"""Read the texts of each language: `<locale>/*.toml`. Tables nest, keys join with dots."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from domain.languages import LOCALES

FOLDER: Final = Path(__file__).parent

PLURAL_FORMS: Final = frozenset(("zero", "one", "two", "few", "many", "other"))
"""Keys of a plural text: a table with no other keys is one text, whose form the plural rules of its language select."""

NARROW: Final = "\u202f"
WIDE: Final = "\u00a0"
UNBROKEN: Final = (
    *((f" {sign}", NARROW + sign) for sign in "?!;"),
    *((f" {sign}", WIDE + sign) for sign in ":»"),
    ("« ", f"«{WIDE}"),
)
"""Spaces beside signs, as French has them: a line must not break there."""

_TABLE: Final = r"\[([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\]"
_LINE: Final = r'"([^"\\\x00-\x1f\x7f]*(?:\\[n"][^"\\\x00-\x1f\x7f]*)*)"'
_LINES: Final = r'"""\n?([^"\\\x00-\x09\x0b-\x1f\x7f]*(?:(?:\\[n"]|"(?!""))[^"\\\x00-\x09\x0b-\x1f\x7f]*)*)"""'
_PLAIN: Final = re.compile(rf"(?:{_TABLE}|([A-Za-z0-9_-]+) = (?:{_LINE}|{_LINES})|(?:#[^\x00-\x1f\x7f]*)?)\n")
"""A line of the part of TOML that texts need: a table, a text in one line, one in several, a comment or nothing."""


@cache
def load_locales() -> dict[str, dict[str, Any]]:
    """Return each language's texts by key; a text with plural forms is a table. Blocking: reads files, once."""
    keys: dict[str, str] = {}
    return {locale: _read(FOLDER / locale, keys) for locale in LOCALES}


def _read(folder: Path, keys: dict[str, str]) -> dict[str, Any]:
    """Return the texts of one language. `keys` are one object each for all languages."""
    words: dict[str, Any] = {}
    for file in sorted(folder.glob("*.toml")):
        for key, text in _flat(_parsed(_unbroken(file.read_text(encoding="utf-8")))).items():
            words[keys.setdefault(key, key)] = text
    return words


def _parsed(toml: str) -> Mapping[str, Any]:
    """Return the tables of a file. The parser of the standard library takes four times as long, a tenth of a second of
    each start; it reads a file that has more than texts, and says what is wrong with one that is not TOML."""
    tables: dict[str, Any] = {}
    table, place, names = tables, 0, set[str]()
    for found in _PLAIN.finditer(toml):
        if found.start() != place:
            break
        place = found.end()
        name, key, line, lines = found.groups()
        if name:
            table = tables
            for part in name.split("."):
                table = table.setdefault(part, {})
                if not isinstance(table, dict):
                    return _parsed_slowly(toml)
        if name in names or (key is not None and key in table):  # given twice
            return _parsed_slowly(toml)
        if name:
            names.add(name)
        elif key:
            table[key] = (lines if line is None else line).replace("\\n", "\n").replace('\\"', '"')
    return tables if place == len(toml) else _parsed_slowly(toml)


def _parsed_slowly(toml: str) -> Mapping[str, Any]:
    import tomllib  # loaded late: our files need it only where they are wrong

    return tomllib.loads(toml)


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict) and not set(value) <= PLURAL_FORMS:
            flat.update(_flat(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _unbroken(toml: str) -> str:
    """Return a file with no-break spaces where a sign would begin a line of a text."""
    for broken, unbroken in UNBROKEN:
        toml = toml.replace(broken, unbroken)
    return toml
