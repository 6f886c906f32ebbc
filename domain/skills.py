"""Skills as people write them, and the keys under which they are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from itertools import islice

from domain.errors import Invalid
from domain.text import clean_line

MAX_SKILLS = 20
MAX_SKILL_LENGTH = 40

LEVELS = ("beginner", "intermediate", "advanced", "expert")
"""How well somebody knows a skill that they teach, or how far they want to get; nobody has to say."""

KeyOf = Callable[[str], str]
"""What names the key of a spelling: the vocabulary's `key_of`, or `canonical_key` where there is none."""

_SEPARATORS = re.compile(r"[,;\n]+")
_SIGNS_IN_A_KEY = frozenset("_+#.")
_LEADING_DOT = re.compile(r"\.(?=\w)")
_ASCII_IN_A_KEY = {code: " " for code in range(128) if not chr(code).isalnum() and chr(code) not in _SIGNS_IN_A_KEY}


def canonical_key(skill: str) -> str:
    """What makes two spellings one skill: "  Café " and "cafe" agree; C, C++, C# and .NET stay four skills.

    The key of a key is that key.
    """
    if skill.isascii():  # most are, and there are thousands to read at start
        plain = skill.lower()
        spaced = " ".join(plain.translate(_ASCII_IN_A_KEY).split())
    else:
        plain = _plain(skill)
        spaced = " ".join("".join(char if _is_in_a_key(char) else " " for char in plain).split())
    key = spaced.rstrip(" .")
    start = next((place for place in range(len(key)) if key[place] not in " ."), 0)
    if start and _LEADING_DOT.match(key, start - 1):
        start -= 1
    # A lone accent unfolds into a space and a mark: then what was written is the key.
    return key[start:] or " ".join(plain.split()) or " ".join(_without_controls(skill.casefold()).split())


def _plain(skill: str) -> str:
    """Without capitals, accents and compatibility forms."""
    # Compatibility forms may unfold into capitals, so the case goes before and after.
    folded = unicodedata.normalize("NFKD", skill.casefold().replace("♯", "#")).casefold()
    return unicodedata.normalize("NFC", "".join(char for char in folded if not _is_decoration(char)))


def _is_decoration(char: str) -> bool:
    """Latin, Greek and Cyrillic accents, and what draws nothing. Marks of other scripts are letters: ガ is not カ."""
    return "\u0300" <= char <= "\u036f" or "\ufe00" <= char <= "\ufe0f" or unicodedata.category(char) == "Cf"


def _without_controls(text: str) -> str:
    return "".join(char for char in text if unicodedata.category(char) != "Cf")


def _is_in_a_key(char: str) -> bool:
    return char.isalnum() or char in _SIGNS_IN_A_KEY or unicodedata.category(char) in ("Mn", "Mc")


def clean_skill(text: str, field: str = "skill") -> str:
    """One skill as a person wrote it, tidied. Raises Invalid."""
    return clean_line(text, field, max_length=MAX_SKILL_LENGTH)


def clean_skills(
    skills: Iterable[str], field: str, key_of: KeyOf = canonical_key, *, known: Iterable[str] = ()
) -> tuple[str, ...]:
    """A whole list: bounded, each skill once. Raises Invalid, also when a skill is there twice.

    Two of the `known` may have become one skill since they were written: they stay.
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
    """Free text with commas, semicolons or line breaks, as a list of skills still to be cleaned."""
    return [part.strip() for part in _SEPARATORS.split(text) if part.strip()]


def add_skills(known: tuple[str, ...], text: str, field: str, key_of: KeyOf = canonical_key) -> tuple[str, ...]:
    """`known` with what `text` names added; a skill already there is not added again."""
    keys = {key_of(skill) for skill in known}
    added = list(known)
    for part in split_skills(text):
        skill = clean_skill(part, field)
        if key_of(skill) not in keys:
            keys.add(key_of(skill))
            added.append(skill)
    if len(added) > MAX_SKILLS:
        raise Invalid("skills.too_many", field=field, max=MAX_SKILLS)
    return tuple(added)


def trades_of(offered_keys: Iterable[str], wanted_keys: Iterable[str]) -> tuple[str, ...]:
    """Every "offered>wanted" pair of keys, each once: what one index finds two-sided matches by."""
    wanted = tuple(dict.fromkeys(wanted_keys))
    return tuple(f"{give}>{get}" for give in dict.fromkeys(offered_keys) for get in wanted if give != get)


def shared_skills(offered: Iterable[str], offered_keys: Iterable[str], wanted_keys: Iterable[str]) -> tuple[str, ...]:
    """The offered skills (as the teacher writes them) that are among the wanted. `offered_keys` is in their order."""
    keys = set(wanted_keys)
    return tuple(skill for skill, key in zip(offered, offered_keys, strict=True) if key in keys)
