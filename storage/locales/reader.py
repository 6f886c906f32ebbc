"""Read the texts of each language: `<locale>/*.toml`. Tables nest, keys join with dots."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from domain.languages import LOCALES

FOLDER: Final = Path(__file__).parent

PLURAL_FORMS: Final = frozenset(("zero", "one", "two", "few", "many", "other"))
"""Keys of a plural text: a table with no other keys is one text, whose form the plural rules of its language select."""

NARROW: Final = re.compile(r" (?=[?!;])")
WIDE: Final = re.compile(r" (?=[:»])|(?<=«) ")
"""Spaces beside signs, as French has them: a line must not break there."""


@cache
def load_locales() -> dict[str, dict[str, Any]]:
    """Return each language's texts by key; a text with plural forms is a table. Blocking: reads files, once."""
    return {locale: _read(FOLDER / locale) for locale in LOCALES}


def _read(folder: Path) -> dict[str, Any]:
    words: dict[str, Any] = {}
    for file in sorted(folder.glob("*.toml")):
        words.update(_flat(tomllib.loads(file.read_text(encoding="utf-8"))))
    return words


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, Mapping) and not set(value) <= PLURAL_FORMS:
            flat.update(_flat(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = _unbroken(value)
    return flat


def _unbroken(text: Any) -> Any:
    """Return a text, or the forms of one, with no-break spaces where a sign would begin a line."""
    if isinstance(text, Mapping):
        return {form: _unbroken(words) for form, words in text.items()}
    return WIDE.sub("\u00a0", NARROW.sub("\u202f", text)) if isinstance(text, str) else text
