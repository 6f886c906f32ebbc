"""The texts of one language. They are HTML; values filled in are escaped, since they come from outside."""

from __future__ import annotations

import copy
import html
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import cache
from typing import Any

from babel import Locale
from babel.core import get_global
from babel.dates import format_date, format_skeleton, format_time, get_timezone_location
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import format_unit

from domain.cities import offset_name
from domain.languages import LOCALES
from domain.skills import canonical_key, split_skills
from domain.text import balanced
from domain.vocabulary import Vocabulary
from handlers.runtime.language_data import DISTANCE, forget_unused
from storage.locales.reader import load_locales

SENTENCE_ENDS = (".", "…", "!", "?")

NO_COUNTRY = ("001", "ZZ")
"""The territories of zones that belong to no country."""


class Html(str):
    """Markup that is inserted without escaping."""

    __slots__ = ()


class AtLeast(int):
    """A count that may be higher: written with a plus sign, "1,000+"."""

    __slots__ = ()


class _Zone(tzinfo):
    """A zone by its name alone: its words need no clock, whose file would have to be read."""

    def __init__(self, key: str) -> None:
        self.key = key

    def _nothing(self, at: datetime | None, /) -> None:
        return None

    utcoffset = dst = tzname = _nothing


class Texts:
    """The texts of one language: `texts("match.teaches", name=…)`. A text with plural forms selects one by `n`.

    Whole numbers are written as the language writes them: "4,000".
    """

    def __init__(self, locale: str, words: Mapping[str, Any]) -> None:
        self.locale = locale
        self._words = words
        self._babel = Locale.parse(locale)
        self._vocabulary: Callable[[], Vocabulary] | None = None
        self._templates: dict[str, dict[str, Any]] = {}
        # Both read their data now, not while a request waits.
        format_list(["", ""], locale=self._babel)
        self.timezone_name("Europe/Paris")

    def __call__(self, key: str, **params: Any) -> str:
        """Return the text of a key, filled in, as HTML. Raises KeyError for an unknown key."""
        return _without_second_stop(self._form(key, params), params).format_map(
            {name: _escaped(self._written(value)) for name, value in params.items()}
        )

    @property
    def is_right_to_left(self) -> bool:
        return self._babel.character_order == "right-to-left"

    def has(self, key: str) -> bool:
        return key in self._words

    def plain(self, key: str, **params: Any) -> str:
        """Return the text without markup, for a button, a toast, a command's description."""
        form = _without_second_stop(self._form(key, params), params)
        return form.format_map({name: self._written(value) for name, value in params.items()})

    def template(self, key: str) -> str:
        """Return a text without plural forms, not filled in."""
        return str(self._words[key])

    def templates(self, prefix: str) -> dict[str, Any]:
        """Return the texts whose keys start with `prefix`, by the rest of the key, not filled in; plural forms as a
        table. They are looked for once: a page asks for the same ones each time."""
        if prefix not in self._templates:
            found = {key[len(prefix) :]: text for key, text in self._words.items() if key.startswith(prefix)}
            self._templates[prefix] = found
        return self._templates[prefix]

    def naming_skills(self, vocabulary: Callable[[], Vocabulary]) -> Texts:
        """Return these texts with the vocabulary that `skill` names skills by; it is read anew each time."""
        bound = copy.copy(self)
        bound._vocabulary = vocabulary
        return bound

    def skill(self, written: str, *, level: str | None = None) -> str:
        """Return a skill in plain text by its name in this language; beside it the writer's words, where they differ,
        and the level: "Guitar (guitarra, expert)"."""
        name = self.skill_name(written)
        notes = [] if name == written else [written]
        notes += [self.plain(f"level.{level}")] if level else []
        return f"{name} ({', '.join(notes)})" if notes else name

    def skill_name(self, written: str) -> str:
        """Return the name of a skill in this language, for where there is little room; the writer's words when the
        vocabulary does not know them, or when they are that name in another case."""
        if self._vocabulary is None:
            return written
        vocabulary = self._vocabulary()
        name = vocabulary.name_of(vocabulary.key_of(written), self.locale)
        return written if canonical_key(name) == canonical_key(written) else name

    def language_name(self, locale: str) -> str:
        """Return the name of a language in this one: "German"."""
        return str(self._babel.languages.get(locale, locale))

    def enumerate(self, items: Sequence[str]) -> str:
        """Return a list in this language: "a, b and c"."""
        return str(format_list(list(items), locale=self._babel))

    def month(self, at: datetime) -> str:
        """Return a month in words: "January 2026"."""
        return str(format_skeleton("yMMMM", at, locale=self._babel))

    def date(self, day: date) -> str:
        """Return a day in words: "January 15, 2026"."""
        return str(format_date(day, "long", locale=self._babel))

    def day(self, at: datetime) -> str:
        """Return the day of a time near by in few words: "Tue, May 5"."""
        return str(format_skeleton("MMMEd", at.replace(tzinfo=None), locale=self._babel))

    def weekday(self, at: datetime) -> str:
        """Return the day of the week of a time in few letters: "Tue"."""
        return str(format_skeleton("E", at.replace(tzinfo=None), locale=self._babel))

    def time(self, at: datetime) -> str:
        """Return the time of a day, "6:00 PM"; in UTC with its name, for a reader whose zone is not known."""
        said = str(format_time(at, "short", locale=self._babel))
        return f"{said} UTC" if at.tzinfo is UTC else said

    def distance(self, km: float) -> str:
        """Return a distance with its unit: "12 km"."""
        return str(format_unit(km, DISTANCE, "short", locale=self._babel))

    def city(self, timezone: str) -> str:
        """Return the city after which a zone of the tz database is named: "Cairo" for `Africa/Cairo`."""
        return str(get_timezone_location(_Zone(timezone), locale=self._babel, return_city=True)).rsplit("/", 1)[-1]

    def timezone_name(self, timezone: str) -> str:
        """Return a zone by city and country, "Cairo (Egypt)", or by city alone; `Etc/GMT-3` as "UTC+3"."""
        if offset := offset_name(timezone):
            return offset
        main = get_global("zone_aliases").get(timezone, timezone)
        territory = get_global("zone_territories").get(main)
        country = "" if territory is None or territory in NO_COUNTRY else self.country_name(territory)
        return f"{self.city(timezone)} ({country})" if country else self.city(timezone)

    def country_name(self, code: str) -> str:
        """Return a country in this language by its code, "" for an unknown one: "Egypt"."""
        return str(self._babel.territories.get(code, ""))

    def _form(self, key: str, params: Mapping[str, Any]) -> str:
        text = self._words[key]
        if isinstance(text, Mapping):
            text = text.get(self._babel.plural_form(params["n"])) or text["other"]
        return str(text)

    def _written(self, value: Any) -> Any:
        if type(value) is str:
            return balanced(value)  # another program may have written a name that turns the sentence around it
        if type(value) not in (int, AtLeast):
            return value
        said = format_decimal(value, locale=self._babel)
        return f"{said}+" if type(value) is AtLeast else said


def words_in_any_language(languages: Iterable[Texts], key: str) -> frozenset[str]:
    """The canonical keys of the words that the texts under a key list, with commas between them."""
    return frozenset(canonical_key(word) for texts in languages for word in split_skills(texts.plain(key)))


def _without_second_stop(form: str, params: Mapping[str, Any]) -> str:
    """Return the form without the full stop after a value that ends a sentence itself: "Sent to Ana M." has one."""
    for name, value in params.items():
        if isinstance(value, str) and value.endswith(SENTENCE_ENDS):
            form = re.sub(rf"(\{{{name}\}}(?:</\w+>)*)\.(?!\.)", r"\1", form)
    return form


def _escaped(value: Any) -> str:
    return value if isinstance(value, Html) else html.escape(str(value), quote=False)


@cache
def load_texts() -> dict[str, Texts]:
    """Return the texts of all languages, by locale. Read once for each process; blocking."""
    forget_unused(LOCALES)
    return {locale: Texts(locale, words) for locale, words in load_locales().items()}
