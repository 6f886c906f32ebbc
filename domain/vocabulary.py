"""The vocabulary: skills with a name, their spellings, their names in each language, their categories.

The files are its base; the decisions of moderators are laid over it. A spelling that is not in it keeps its canonical
key, so that every text has a key and unknown skills match as well.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain

from domain.languages import DEFAULT_LOCALE
from domain.skills import MAX_SKILL_LENGTH, canonical_key

NAMED, MERGED, REJECTED = "named", "merged", "rejected"
DECISIONS = (NAMED, MERGED, REJECTED)

MAX_SIMILAR = 3
MIN_GUESSED = 4
"""Shortest spelling that is guessed at: shorter words resemble too many others."""

KNOWN_SPELLINGS = 8192
"""Spellings whose keys are kept in memory: a profile asks for each of its skills several times when it is changed."""

_known_key = lru_cache(maxsize=KNOWN_SPELLINGS)(canonical_key)

_LAST_CHARACTER = "\U0010ffff"
_OWN_NAME, _ALIAS, _NAME_ELSEWHERE, _INSIDE = range(4)
"""Kind of match of a completion, best first: the name in the reader's language, an alias, a name in another language, a
word inside a name."""

_Entry = tuple[str, int, str, str]
"""A spelling that can be completed: its key, its kind of match, its locale, the key of its skill."""


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill. `key` never changes, whatever the name; `names` is by locale."""

    key: str
    category: str
    names: Mapping[str, str]
    aliases: tuple[str, ...] = ()

    def spellings(self) -> Iterator[str]:
        """Yield every text that means this skill, names first; some may be equal."""
        yield from self.names.values()
        yield from self.aliases


@dataclass(frozen=True, slots=True)
class Category:
    key: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Decision:
    """A moderator's decision about the skill with this key; later decisions override earlier ones.

    named: it has `names`, a `category` and `aliases` · merged: it is the skill `into` · rejected: it is never suggested
    and cannot be added; profiles that list it keep it.
    """

    key: str
    verdict: str
    names: Mapping[str, str] = field(default_factory=dict)
    category: str = ""
    aliases: tuple[str, ...] = ()
    into: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """An immutable vocabulary, made by `build`; `decided` returns one with decisions applied."""

    skills: Mapping[str, Skill]
    categories: Mapping[str, Category]
    rejected: frozenset[str]
    _keys: Mapping[str, str]
    _entries: Mapping[str, tuple[_Entry, ...]]
    _completions: tuple[_Entry, ...]

    @classmethod
    def build(cls, skills: Iterable[Skill], categories: Iterable[Category]) -> Vocabulary:
        by_key = {skill.key: skill for skill in skills}
        entries = {key: _entries(skill) for key, skill in by_key.items()}
        keys = {key: key for key in by_key}
        for of_skill in entries.values():
            _enter(keys, of_skill)
        by_category = {category.key: category for category in categories}
        return cls(by_key, by_category, frozenset(), keys, entries, _sorted(entries))

    def decided(self, decisions: Iterable[Decision]) -> Vocabulary:
        """Return the vocabulary with these decisions applied, oldest first. A decision that has become void is passed
        over.

        That is the case when the files have come to know the spelling as another skill's, or when two merges form a
        cycle.
        """
        skills, keys, rejected = dict(self.skills), dict(self._keys), set(self.rejected)
        entries = dict(self._entries)
        for decision in decisions:
            key = canonical_key(decision.key)  # stored by earlier rules for keys, perhaps
            if decision.verdict == REJECTED and key not in keys:
                rejected.add(key)
            elif decision.verdict == NAMED and keys.get(key, key) == key:
                rejected.discard(key)
                known = skills.get(key)
                aliases = dict.fromkeys((*decision.aliases, *(known.spellings() if known else ())))
                skills[key] = Skill(key, decision.category, decision.names, tuple(aliases))
                keys[key] = key
                entries[key] = _entries(skills[key])
                _enter(keys, entries[key])
            elif decision.verdict == MERGED:
                into = keys.get(canonical_key(decision.into), decision.into)
                if into in skills and into != key and keys.get(key, key) == key:
                    rejected.discard(key)
                    gone = skills.pop(key, None)
                    aliases = dict.fromkeys(
                        (*skills[into].aliases, *(gone.spellings() if gone else (key,)), *decision.aliases)
                    )
                    skills[into] = replace(skills[into], aliases=tuple(aliases))
                    keys.update({spelling: into for spelling, target in keys.items() if target == key})
                    keys[key] = into
                    entries.pop(key, None)
                    entries[into] = _entries(skills[into])
                    _enter(keys, entries[into])
        return Vocabulary(skills, self.categories, frozenset(rejected), keys, entries, _sorted(entries))

    def key_of(self, text: str) -> str:
        """Return the key by which a spelling is compared. The key of a key is that key, or the one it was merged
        into."""
        key = _known_key(text) if len(text) <= MAX_SKILL_LENGTH else canonical_key(text)
        return self._keys.get(key, key)

    @property
    def spellings(self) -> Mapping[str, str]:
        """Return the key of every known spelling, by the spelling's canonical key."""
        return self._keys

    def moved_since(self, before: Mapping[str, str]) -> tuple[str, ...]:
        """Return the keys that may be stored under an earlier map of spellings and are no longer right."""
        return tuple(
            dict.fromkeys(
                before.get(spelling, spelling)
                for spelling in (*self._keys, *before)
                if before.get(spelling, spelling) != self._keys.get(spelling, spelling)
            )
        )

    def __contains__(self, key: object) -> bool:
        return key in self.skills

    def name_of(self, key: str, locale: str) -> str:
        """Return the name of a skill in a language; the key of a skill without a name."""
        skill = self.skills.get(key)
        if skill is None:
            return key
        return skill.names.get(locale) or skill.names.get(DEFAULT_LOCALE) or key

    def category_of(self, key: str) -> str | None:
        skill = self.skills.get(key)
        return skill.category if skill else None

    def category_name(self, category: str, locale: str) -> str:
        known = self.categories.get(category)
        if known is None:
            return category
        return known.names.get(locale) or known.names.get(DEFAULT_LOCALE) or category

    def complete(self, prefix: str, locale: str, limit: int) -> tuple[str, ...]:
        """Return the keys of skills with a spelling that starts with `prefix`: names in the reader's language before
        aliases, before names in other languages, before words inside a name."""
        start = canonical_key(prefix)
        if not start:
            return ()
        ranked: dict[str, tuple[int, str]] = {}
        place = bisect_left(self._completions, (start,))
        while place < len(self._completions) and self._completions[place][0].startswith(start):
            spelling, kind, of_locale, key = self._completions[place]
            if kind == _OWN_NAME and of_locale != locale:
                kind = _NAME_ELSEWHERE
            ranked[key] = min(ranked.get(key, (_INSIDE, _LAST_CHARACTER)), (kind, spelling))
            place += 1
        return tuple(sorted(ranked, key=lambda key: ranked[key])[:limit])

    def similar(self, text: str) -> tuple[str, ...]:
        """Return the keys of skills that a text may mean, best first, at most MAX_SIMILAR: to be confirmed, never
        assumed.

        Empty for a known spelling. Similar spellings count, and skills that the text names among other words.
        """
        wanted = canonical_key(text)
        if wanted in self._keys:
            return ()
        scores: dict[str, float] = {}
        for spelling, key in self._keys.items():
            if len(spelling) >= MIN_GUESSED and f" {spelling} " in f" {wanted} ":
                scores[key] = max(scores.get(key, 0), len(spelling) / len(wanted) + 1)
        if len(wanted) >= MIN_GUESSED:
            from rapidfuzz.distance import OSA  # loaded late to keep start-up fast
            from rapidfuzz.process import extract

            slips = 1 + (len(wanted) > 5) + (len(wanted) > 9)
            close = extract(wanted, tuple(self._keys), scorer=OSA.distance, score_cutoff=slips, limit=4 * MAX_SIMILAR)
            for spelling, distance, _ in close:
                if len(spelling) >= MIN_GUESSED:
                    key = self._keys[spelling]
                    scores[key] = max(scores.get(key, 0), 1 - distance / len(wanted))
        return tuple(sorted(scores, key=lambda key: (-scores[key], key))[:MAX_SIMILAR])


def _enter(keys: dict[str, str], entries: Iterable[_Entry]) -> None:
    """Enter spellings; a spelling that means a skill already keeps its meaning."""
    for spelling, kind, _, key in entries:
        if kind != _INSIDE:
            keys.setdefault(spelling, key)


def _entries(skill: Skill) -> tuple[_Entry, ...]:
    return tuple(_each_entry(skill))


def _each_entry(skill: Skill) -> Iterator[_Entry]:
    for locale, name in skill.names.items():
        spelling = canonical_key(name)
        yield spelling, _OWN_NAME, locale, skill.key
        words = spelling.split(" ")
        for start in range(1, len(words)):
            yield " ".join(words[start:]), _INSIDE, locale, skill.key
    for alias in skill.aliases:
        yield canonical_key(alias), _ALIAS, "", skill.key


def _sorted(entries: Mapping[str, tuple[_Entry, ...]]) -> tuple[_Entry, ...]:
    return tuple(sorted(chain.from_iterable(entries.values())))


def read_vocabulary(texts: Mapping[str, str]) -> Vocabulary:
    """Return the vocabulary of the files of all languages, by locale, in the form that their heads explain.

    The file of the default language defines keys and categories; the others name them. Raises ValueError naming the
    locale and the line.
    """
    read = _Reader()
    for locale in (DEFAULT_LOCALE, *(other for other in texts if other != DEFAULT_LOCALE)):
        category = ""
        for number, line in enumerate(texts[locale].splitlines(), 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            try:
                if line.startswith("["):
                    category, _, name = (part.strip() for part in line[1:].partition("]"))
                    read.category(locale, category, name)
                else:
                    read.skill(locale, category, [part.strip() for part in line.split("|")])
            except (ValueError, LookupError):
                raise ValueError(f"{locale}, line {number} is not as the head of the file says: {line}") from None
    return Vocabulary.build(read.skills(), read.categories())


class _Reader:
    """Collect skills and categories from the files; a skill is found by its English name, whose key is made once."""

    def __init__(self) -> None:
        self._categories: dict[str, dict[str, str]] = {}
        self._skills: dict[str, tuple[str, str, dict[str, str], list[str]]] = {}
        self._keys: set[str] = set()

    def categories(self) -> Iterator[Category]:
        return (Category(key, names) for key, names in self._categories.items())

    def skills(self) -> Iterator[Skill]:
        return (Skill(key, of, names, tuple(aliases)) for key, of, names, aliases in self._skills.values())

    def category(self, locale: str, key: str, name: str) -> None:
        names = self._categories.setdefault(key, {}) if locale == DEFAULT_LOCALE else self._categories[key]
        names[locale] = _required(name)

    def skill(self, locale: str, category: str, parts: list[str]) -> None:
        """Add one line: `Name | aliases` of the default language, `English name | Name | aliases` of another one."""
        if locale == DEFAULT_LOCALE:
            name, *rest = parts
            key = canonical_key(name)
            if key in self._keys or category not in self._categories:
                raise ValueError(key)
            self._keys.add(key)
            self._skills[name] = key, category, {}, []
        else:
            name, *rest = parts[1:]
        _, of, names, aliases = self._skills[parts[0]]
        if len(rest) > 1 or of != category:
            raise ValueError(name)
        names[locale] = _required(name)
        if rest:
            aliases.extend(_required(alias.strip()) for alias in rest[0].split(","))


def _required(text: str) -> str:
    if not text:
        raise ValueError("empty")
    return text
