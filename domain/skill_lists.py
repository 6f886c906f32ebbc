"""Lists of skills as people type them: one message, several skills, in sentences or with all kinds of separators."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from domain.errors import Invalid
from domain.skills import MAX_SKILLS, KeyOf, canonical_key, clean_skill
from domain.vocabulary import MIN_GUESSED, Vocabulary

MAX_READ: Final = 5 * MAX_SKILLS
"""Items of a list that are read closely; the others would not fit into a profile."""
MAX_SEGMENT: Final = 240
"""Characters between separators that are read closely; more are no list."""
MAX_PHRASE_WORDS: Final = 5
"""Words of a phrase that opens or closes an item."""
MAX_JOINED: Final = 4
"""Parts that the vocabulary may know as one: "search, rescue and first aid" has three."""
MAX_NAME_WORDS: Final = 6
"""Words of a known skill that is looked for inside an item."""
MAX_FILLERS: Final = 3
MIN_RESEMBLING: Final = 6
"""Letters of a misspelt skill for which "and" is taken as a separator."""
MAX_PARTS: Final = 5 * MAX_SKILLS
MAX_GUESSES: Final = 10
MIN_PROOF: Final = 2
"""Letters of a skill for which "and" is taken as a separator: R & B is not R and B."""

_SEPARATORS: Final = frozenset(",;|\n·•，、；،؛")
_BULLET: Final = re.compile(r"^\s*(?:[-–—*+▪◦‣]+\s+|\d{1,2}[.)]\s+)+")
_OPENING_BRACKETS: Final = dict(zip("([{（［【", ")]}）］】", strict=True))
_SIGNS: Final = frozenset("&+/＆＋／")
"""Signs that join skills as "and" does, when they stand alone or, like the stroke, anywhere."""


_Span = tuple[int, int]
"""Places in an item, from and to."""


@dataclass(frozen=True, slots=True)
class ListWords:
    """Words of lists in all languages, by their keys. `joining`: "and"; `opening`: "I would like to learn how to";
    `closing`: "and so on"; `fillers`: "the", "learn"; `nothing`: "idk"."""

    joining: frozenset[str]
    opening: frozenset[str]
    closing: frozenset[str]
    fillers: frozenset[str]
    nothing: frozenset[str]


@dataclass(frozen=True, slots=True)
class Additions:
    """A list of skills after an addition, and what of the addition is not in it."""

    skills: tuple[str, ...]
    too_long: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    no_room: tuple[str, ...] = ()


def read_list(text: str, words: ListWords, vocabulary: Vocabulary) -> list[str]:
    """Return the skills of a text in the writer's words; they still have to be cleaned.

    What the vocabulary knows as one stays one ("Canning and preserving"), and so does what stands in brackets. Words
    that name no skill are left out.
    """
    reader = _Reader(words, vocabulary)
    segments = [part for part in _split(text) if part]
    read = [piece for segment in segments[:MAX_READ] for piece in reader.pieces(segment)]
    return [piece for piece in (*read, *segments[MAX_READ:]) if not names_nothing(piece, words)]


def names_nothing(text: str, words: ListWords) -> bool:
    """Return whether a text says that there is no skill: "-", "nothing", "idk"."""
    key = canonical_key(text)
    return key in words.nothing or key in words.closing or all(map(_is_punctuation, key))


def add_skills(known: tuple[str, ...], given: list[str], name: str, vocabulary: Vocabulary) -> Additions:
    """Return `known` with the given skills added; one that is listed already is not added again."""
    key_of: KeyOf = vocabulary.key_of
    keys = {key_of(skill) for skill in known}
    skills, too_long, rejected, no_room = list(known), list[str](), list[str](), list[str]()
    for item in given:
        try:
            skill = clean_skill(item, name)
        except Invalid as problem:
            if problem.code != "text.empty":  # nothing but invisible characters
                (too_long if problem.code == "text.too_long" else rejected).append(" ".join(item.split()))
            continue
        key = key_of(skill)
        if key in keys:
            continue
        keys.add(key)
        if key in vocabulary.rejected:
            rejected.append(skill)
        elif len(skills) < MAX_SKILLS:
            skills.append(skill)
        else:
            no_room.append(skill)
    return Additions(tuple(skills), tuple(too_long), tuple(rejected), tuple(no_room))


@dataclass(slots=True)
class _Reader:
    """Reader of one message: what takes time is done so many times and no more."""

    words: ListWords
    vocabulary: Vocabulary
    parts_left: int = MAX_PARTS
    guesses_left: int = MAX_GUESSES

    def pieces(self, segment: str) -> list[str]:
        """Return the skills of a part between separators."""
        if len(segment) > MAX_SEGMENT:
            return [segment]
        item = self._bare(_BULLET.sub("", segment).strip())
        if not item or self._is_known(item):
            return [item] if item else []
        parts = list(self._parts(item))
        self.parts_left -= len(parts)
        if len(parts) == 1 or self.parts_left < 0:
            return [item]
        parts = list(self._grouped(item, parts))
        start = 0
        pieces = list[str]()
        for place, (_, end) in enumerate(parts):
            if place + 1 == len(parts) or self._are_two(item, parts[place], parts[place + 1]):
                pieces.append(self._bare(item[start:end].strip()))
                start = parts[place + 1][0] if place + 1 < len(parts) else end
        return [piece for piece in pieces if piece]

    def _is_known(self, text: str) -> bool:
        return self.vocabulary.key_of(text) in self.vocabulary

    def _are_two(self, item: str, left: _Span, right: _Span) -> bool:
        """Return whether neighbouring parts are skills of their own: one is known, or each has a known skill in it."""
        parts = [self._bare(item[start:end].strip()) for start, end in (left, right)]
        if any(len(canonical_key(part)) >= MIN_PROOF and self._is_known(part) for part in parts):
            return True
        return all(self._has_known(part) or self._resembles(part) for part in parts)

    def _resembles(self, text: str) -> bool:
        """Return whether a text resembles a known skill: asked for long words only, and seldom, since it takes time."""
        if len(text) < MIN_RESEMBLING or not self.guesses_left:
            return False
        self.guesses_left -= 1
        return bool(self.vocabulary.similar(text))

    def _has_known(self, text: str) -> bool:
        words = canonical_key(text).split()
        spellings = self.vocabulary.spellings
        spans = ((start, start + size) for start in range(len(words)) for size in range(1, MAX_NAME_WORDS + 1))
        names = (" ".join(words[start:end]) for start, end in spans)
        return any(len(name) >= MIN_GUESSED and name in spellings for name in names)

    def _parts(self, item: str) -> Iterator[_Span]:
        """Yield the places of the parts between "and", "&" and "/" outside brackets."""
        start = depth = 0
        for word in re.finditer(r"[/／]|[^\s/／]+", item):
            is_joint = not depth and (word[0] in _SIGNS or canonical_key(word[0]) in self.words.joining)
            depth = max(0, depth + sum(char in _OPENING_BRACKETS for char in word[0]) - _closed(word[0]))
            if is_joint and item[start : word.start()].strip() and item[word.end() :].strip():
                yield start, word.start()
                start = word.end()
        yield start, len(item)

    def _grouped(self, item: str, parts: list[_Span]) -> Iterator[_Span]:
        """Yield the parts, and as one those that the vocabulary knows as one."""
        first = 0
        while first < len(parts):
            last = min(first + MAX_JOINED, len(parts)) - 1
            while last > first and not self._is_known(self._bare(item[parts[first][0] : parts[last][1]].strip())):
                last -= 1
            yield parts[first][0], parts[last][1]
            first = last + 1

    def _bare(self, text: str) -> str:
        """Return an item without the words around the skill: "I would like to learn how to cook" is "cook".

        Fillers belong to the skill ("Learning theory"), unless a sentence has begun or what is left is known.
        """
        words = text.split()
        keys = [*map(canonical_key, words)]  # word by word: within a phrase, signs are in no key
        is_sentence = False
        while words and not self._is_known(" ".join(words)):
            openings = self.words.opening | self.words.joining | (self.words.fillers if is_sentence else frozenset())
            if count := _longest(openings, (keys[:size] for size in range(1, MAX_PHRASE_WORDS + 1))):
                is_sentence |= " ".join(keys[:count]) in self.words.opening
                del words[:count], keys[:count]
            elif (
                count := _longest(
                    self.words.closing, (keys[-size:] for size in range(1, min(MAX_PHRASE_WORDS + 1, len(keys))))
                )
            ) and (is_sentence or self._is_known(" ".join(words[:-count]))):
                del words[-count:], keys[-count:]
            else:
                break
        for start in range(1, min(MAX_FILLERS, len(words) - 1) + 1):
            rest = " ".join(words[start:])
            if keys[start - 1] not in self.words.fillers:
                break
            if self._is_known(rest):
                return rest
        return " ".join(words)


def _longest(phrases: frozenset[str], candidates: Iterable[list[str]]) -> int:
    """Return the number of words of the longest candidate that is one of the phrases; 0 for none."""
    return max((len(keys) for keys in candidates if " ".join(keys) in phrases), default=0)


def _split(text: str) -> Iterator[str]:
    """Yield the parts of a text between separators; those in brackets separate nothing. A bracket that is never closed
    is none."""
    start = place = 0
    while place < len(text):
        closing = _OPENING_BRACKETS.get(text[place])
        if closing is not None and (end := text.find(closing, place)) > 0 and "\n" not in text[place:end]:
            place = end
        elif text[place] in _SEPARATORS:
            yield text[start:place].strip()
            start = place + 1
        place += 1
    yield text[start:].strip()


def _closed(text: str) -> int:
    return sum(char in _OPENING_BRACKETS.values() for char in text)


def _is_punctuation(char: str) -> bool:
    return char.isspace() or unicodedata.category(char)[0] == "P" or (char.isascii() and not char.isalnum())
