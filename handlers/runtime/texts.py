"""The texts of one language. They are HTML; values filled in are escaped, since they come from outside."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from babel import Locale
from babel.lists import format_list

from storage.locales.reader import load_locales


class Html(str):
    """Markup that is inserted without escaping."""

    __slots__ = ()


class Texts:
    """The texts of one language: `texts("match.teaches", name=…)`. A text with plural forms selects one by `n`."""

    def __init__(self, locale: str, words: Mapping[str, Any]) -> None:
        self.locale = locale
        self._words = words
        self._babel = Locale.parse(locale)
        format_list(["", ""], locale=self._babel)  # reads its data now, not while a request waits

    def __call__(self, key: str, **params: Any) -> str:
        """Return the text of a key, filled in, as HTML. Raises KeyError for an unknown key."""
        return self._form(key, params).format_map({name: _escaped(value) for name, value in params.items()})

    def has(self, key: str) -> bool:
        return key in self._words

    def plain(self, key: str, **params: Any) -> str:
        """Return the text without markup, for a button, a toast, a command's description."""
        return self._form(key, params).format_map(params)

    def template(self, key: str) -> str:
        """Return a text without plural forms, not filled in."""
        return str(self._words[key])

    def templates(self, prefix: str) -> dict[str, Any]:
        """Return the texts whose keys start with `prefix`, by the rest of the key, not filled in; plural forms as a
        table."""
        return {key[len(prefix) :]: text for key, text in self._words.items() if key.startswith(prefix)}

    def _form(self, key: str, params: Mapping[str, Any]) -> str:
        text = self._words[key]
        if isinstance(text, Mapping):
            text = text.get(self._babel.plural_form(params["n"])) or text["other"]
        return str(text)

    def language_name(self, locale: str) -> str:
        """Return the name of a language in this one: "German"."""
        return str(self._babel.languages.get(locale, locale))

    def enumerate(self, items: Sequence[str]) -> str:
        """Return a list in this language: "a, b and c"."""
        return str(format_list(list(items), locale=self._babel))


def _escaped(value: Any) -> str:
    return value if isinstance(value, Html) else html.escape(str(value), quote=False)


@cache
def load_texts() -> dict[str, Texts]:
    """Return the texts of all languages, by locale. Read once for each process; blocking."""
    return {locale: Texts(locale, words) for locale, words in load_locales().items()}
