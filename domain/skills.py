"""Skills as users write them, and the keys by which they are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from itertools import islice

from domain.errors import Invalid
from domain.folding import LETTERS, VOWEL_MARKS
from domain.text import clean_line

KEY_RULES = 2
"""Number of the rules by which keys are made."""
MAX_SKILLS = 20
MAX_SKILL_LENGTH = 40

LEVELS = ("beginner", "intermediate", "advanced", "expert")
"""Levels of a taught skill, or of the goal for a wanted one; optional."""

KeyOf = Callable[[str], str]
"""A function that returns the key of a spelling: the vocabulary's `key_of`, or `canonical_key` without one."""

_SEPARATORS = re.compile(r"[,;\n]+")
_SIGNS_IN_A_KEY = frozenset("_+#.")
_LEADING_DOT = re.compile(r"\.(?=\w)")
_ASCII_IN_A_KEY = {code: " " for code in range(128) if not chr(code).isalnum() and chr(code) not in _SIGNS_IN_A_KEY}


def canonical_key(skill: str) -> str:
    """Return the key of a spelling: " Café " and "cafe" have the same one; C, C++, C# and .NET have four.

    The key of a key is that key. A change of the rules is a new KEY_RULES: then stored keys are brought up to date.
    """
    if skill.isascii():  # the common case, and thousands of spellings are read at start
        plain = skill.lower()
        if plain.replace(" ", "").isalnum():
            return " ".join(plain.split())
        spaced = " ".join(plain.translate(_ASCII_IN_A_KEY).split())
    else:
        plain = _plain(skill)
        spaced = " ".join("".join(char if _is_in_a_key(char) else " " for char in plain).split())
    key = spaced.rstrip(" .")
    start = len(key) - len(key.lstrip(" ."))
    if start and _LEADING_DOT.match(key, start - 1):
        start -= 1
    # A lone accent decomposes into a space and a mark: then the spelling itself is the key.
    return key[start:] or " ".join(plain.split()) or " ".join(_without_controls(skill.casefold()).split())


def _plain(skill: str) -> str:
    """Return the text without capitals, accents and compatibility forms, in letters that readers take for the same."""
    # Compatibility forms may decompose into capitals, so the case is folded before and after.
    folded = unicodedata.normalize("NFKD", skill.casefold().replace("♯", "#")).casefold()
    letters = "".join(char for char in folded if not _is_decoration(char)).translate(LETTERS)
    return unicodedata.normalize("NFC", letters)


def _is_decoration(char: str) -> bool:
    """Return whether a character is a Latin, Greek or Cyrillic accent, an Arabic or Hebrew sign that need not be
    written, or draws nothing. Marks of other scripts are letters: ガ is not カ."""
    if char in VOWEL_MARKS or "\u0300" <= char <= "\u036f" or "\ufe00" <= char <= "\ufe0f":
        return True
    return unicodedata.category(char) == "Cf"


def _without_controls(text: str) -> str:
    return "".join(char for char in text if unicodedata.category(char) != "Cf")


def _is_in_a_key(char: str) -> bool:
    return char.isalnum() or char in _SIGNS_IN_A_KEY or unicodedata.category(char) in ("Mn", "Mc")


def clean_skill(text: str, field: str = "skill") -> str:
    """Return one skill as written, with white space tidied. Raises Invalid."""
    return clean_line(text, field, max_length=MAX_SKILL_LENGTH)


def clean_skills(
    skills: Iterable[str], field: str, key_of: KeyOf = canonical_key, *, known: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return a list of skills, bounded and without duplicates. Raises Invalid, also for a duplicate.

    Two of the `known` skills may have come to share a key since they were written: they are kept.
    """
    given = tuple(islice(skills, MAX_SKILLS + 1))
    if len(given) > MAX_SKILLS:
        raise Invalid("skills.too_many", field=field, max=MAX_SKILLS)
    cleaned = tuple(clean_skill(skill, field) for skill in given)
    seen: dict[str, str] = {}
    kept = frozenset(known)
    for skill in cleaned:
        before = seen.setdefault(key_of(skill), skill)
        if before is not skill and not (before != skill and before in kept and skill in kept):
            raise Invalid("skills.twice", field=field, skill=skill)
    return cleaned


def split_skills(text: str) -> list[str]:
    """Return the parts of a text of ours with commas, semicolons or line breaks; `read_list` reads what people type."""
    return [part.strip() for part in _SEPARATORS.split(text) if part.strip()]


def trades_of(offered_keys: Iterable[str], wanted_keys: Iterable[str]) -> tuple[str, ...]:
    """Return every "offered>wanted" pair of keys once: the field by which one index finds two-sided matches."""
    wanted = tuple(dict.fromkeys(wanted_keys))
    return tuple(f"{give}>{get}" for give in dict.fromkeys(offered_keys) for get in wanted if give != get)


def shared_skills(offered: Iterable[str], offered_keys: Iterable[str], wanted_keys: Iterable[str]) -> tuple[str, ...]:
    """Return the offered skills, in the teacher's spelling, that are wanted. `offered_keys` is in the order of
    `offered`."""
    keys = set(wanted_keys)
    return tuple(skill for skill, key in zip(offered, offered_keys, strict=True) if key in keys)
