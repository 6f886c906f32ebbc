"""What the bot says, in every language. Texts are HTML; what is filled in is escaped, for it comes from outside."""

from __future__ import annotations

import html
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from babel import Locale
from babel.lists import format_list

from domain.users import LOCALES

PLURAL_FORMS = frozenset(("zero", "one", "two", "few", "many", "other"))
"""A table with no other keys than these is one text, whose form is picked by `n`."""

FOLDER = Path(__file__).parent / "words"


class Html(str):
    """Markup of our own making, filled in as it is."""

    __slots__ = ()


class Texts:
    """The texts of one language: `texts("match.teaches", name=…)`. A text with plurals picks its form by `n`."""

    def __init__(self, locale: str, words: Mapping[str, Any]) -> None:
        self.locale = locale
        self._words = words
        self._babel = Locale.parse(locale)
        format_list(["", ""], locale=self._babel)  # reads its file now, and not while somebody waits for an answer

    def __call__(self, key: str, **params: Any) -> str:
        """The text under a key, filled in. Raises KeyError for a key that does not exist."""
        text = self._words[key]
        if isinstance(text, Mapping):
            text = text.get(self._babel.plural_form(params["n"])) or text["other"]
        return str(text).format_map({name: _escaped(value) for name, value in params.items()})

    def has(self, key: str) -> bool:
        return key in self._words

    def plain(self, key: str, **params: Any) -> str:
        """The text for a place without markup: a button, a toast, a command's description."""
        text = self._words[key]
        if isinstance(text, Mapping):
            text = text.get(self._babel.plural_form(params["n"])) or text["other"]
        return str(text).format_map(params)

    def enumerate(self, items: Sequence[str]) -> str:
        """Words as a list in this language: "a, b and c"."""
        return str(format_list(list(items), locale=self._babel))


def _escaped(value: Any) -> str:
    return value if isinstance(value, Html) else html.escape(str(value), quote=False)


def load_texts() -> dict[str, Texts]:
    """All languages, read from `words/<locale>/*.toml`; tables nest, keys join with dots."""
    return {locale: Texts(locale, _read(FOLDER / locale)) for locale in LOCALES}


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
            flat[f"{prefix}{key}"] = value
    return flat
