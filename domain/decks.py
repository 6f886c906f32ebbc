"""In which order people come: how well they suit, whether they will answer, who is new, and who has been shown enough.

The order is made once for a person and a day; what has been drawn is never drawn again, and the first cards differ.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, TypeVar

from domain.matches import Candidate, Match
from domain.users import HALVED_IN, NEW_FOR, NEW_LIFT, User

SWAPS, TEACHERS = "swaps", "could_teach_you"
KINDS: Final = (SWAPS, TEACHERS)
"""A deck of people with whom a direct swap is possible, and one of those who teach what is wanted and want nothing back
that the viewer teaches."""

DECIDED_FOR = timedelta(days=60)
"""So long a decision about somebody stands, unless the skills that are between the two change."""
GETS_AND_GIVES: Final = ">"
"""Stands in a decision's mark between the keys."""
MAX_MARK: Final = 240
"""Characters of a mark."""
MAX_OPEN_REQUESTS = 5
"""With so many unanswered requests nobody is shown: popular people get room to answer."""

FIRST_CARDS = 10
SAME_SKILL, SAME_CATEGORY = 0.6, 0.85
"""What another card of the same skill, of the same category, counts for among the first ones."""
LOOK_AHEAD = 40
"""So many of the best are looked at for the first cards."""

ACTIVE_WITHIN = timedelta(days=14)
LEAST_RECENCY = 0.1
FAIR_SHARE = 10
"""Every so many first places in one day halve what the next one counts."""
MAX_HALVINGS = 3
JITTER = 0.02
"""Equals come in another order each day and for everybody, at most by so much."""


Weighed = TypeVar("Weighed", Candidate, Match)


@dataclass(frozen=True, slots=True)
class SkillCount:
    """A skill by a name for people, and how many."""

    skill: str
    people: int


@dataclass(frozen=True, slots=True)
class DeckAdvice:
    """Why a deck is empty, and what would help most, in numbers.

    `wanting`: how many want each skill that the viewer teaches, most first; `teaching`: how many teach each that they
    want, fewest first; `want_too`, `teach_too`: with how many more they would match, had they this skill on that list,
    too; `skipped`: how many they have passed over. Numbers of people are cut at the store's bounds.
    """

    wanting: tuple[SkillCount, ...] = ()
    teaching: tuple[SkillCount, ...] = ()
    want_too: tuple[SkillCount, ...] = ()
    teach_too: tuple[SkillCount, ...] = ()
    skipped: int = 0


def belongs(viewer: User, other: User, kind: str) -> bool:
    """Is `other` somebody for this kind of deck of the viewer's, as the store's index would find them?"""
    teaches = not set(viewer.wanted_keys).isdisjoint(other.offered_keys)
    learns = not set(viewer.offered_keys).isdisjoint(other.wanted_keys)
    return other.id != viewer.id and other.is_listed and other.can_match and teaches and learns == (kind == SWAPS)


def decision_mark(one: User, other: User) -> str:
    """What a decision of one about the other rests on: the skills between them. It falls when they change.

    The keys of what one gets and gives, which can be followed when skills are merged; of many a digest.
    """
    get, give = _between(one, other)
    mark = "\n".join([*sorted(get), GETS_AND_GIVES, *sorted(give)])
    return mark if len(mark) <= MAX_MARK else _digest(get, give)


def decision_stands(mark: str, one: User, other: User, key_of: Callable[[str], str]) -> bool:
    """Is that still between the two which a decision rests on, whatever its skills have been merged into since?"""
    if mark == decision_mark(one, other):
        return True
    get, give = _between(one, other)
    before = mark.split("\n")
    if GETS_AND_GIVES not in before:
        return False
    at = before.index(GETS_AND_GIVES)
    got, given = set(before[:at]), set(before[at + 1 :])
    return all({*map(key_of, then)} == {*map(key_of, now)} for then, now in ((got, get), (given, give)))


def _between(one: User, other: User) -> tuple[set[str], set[str]]:
    """The keys of what one could learn from the other, and teach them."""
    return {*other.offered_keys} & {*one.wanted_keys}, {*one.offered_keys} & {*other.wanted_keys}


def _digest(get: set[str], give: set[str]) -> str:
    return hashlib.blake2s("\n".join([*sorted(get), "", *sorted(give)]).encode(), digest_size=8).hexdigest()


def viewer_mark(viewer: User) -> str:
    """What the order of a day rests on: with other skills it is made anew."""
    keys = "\n".join([*viewer.wanted_keys, "", *viewer.offered_keys])
    return hashlib.blake2s(keys.encode(), digest_size=8).hexdigest()


def ordered(
    viewer: User,
    matches: Sequence[Weighed],
    *,
    at: datetime,
    shown: Mapping[str, int],
    category_of: Callable[[str], str | None],
) -> list[Weighed]:
    """The matches as they are to come. `shown`: how often each (user id) has stood in first places today."""
    weights = {match.user.id: weight(viewer, match, at=at, shown=shown.get(match.user.id, 0)) for match in matches}
    best = sorted(matches, key=lambda match: (-weights[match.user.id], match.user.id))
    return _varied(best, weights, category_of)


def chance_of_answer(user: User, *, at: datetime) -> float:
    """How likely it is that a request to this person is answered, 0 to 1, from what is known about them."""
    away = max(timedelta(), at - user.last_active - ACTIVE_WITHIN)
    return user.responsiveness * max(LEAST_RECENCY, math.pow(0.5, away / HALVED_IN))


def weight(viewer: User, match: Candidate | Match, *, at: datetime, shown: int) -> float:
    """What puts a match before another; `shown`: how often this person has stood in first places today."""
    newness = max(0.0, 1 - (at - match.user.created_at) / NEW_FOR)
    exposure = math.pow(0.5, min(shown / FAIR_SHARE, MAX_HALVINGS))
    fortune = 1 + JITTER * (2 * _fortune(viewer.id, match.user.id, at.date()) - 1)
    return match.score * chance_of_answer(match.user, at=at) * (1 + NEW_LIFT * newness) * exposure * fortune


def _fortune(viewer_id: str, user_id: str, day: date) -> float:
    """0 to 1, the same all day for these two."""
    seed = f"{viewer_id}{user_id}{day.toordinal()}".encode()
    return int.from_bytes(hashlib.blake2s(seed, digest_size=4).digest()) / 0xFFFFFFFF


def _varied(
    best: list[Weighed], weights: Mapping[str, float], category_of: Callable[[str], str | None]
) -> list[Weighed]:
    """The first cards picked so that skills and categories repeat late; the others stay in their order."""
    left, rest = best[:LOOK_AHEAD], best[LOOK_AHEAD:]
    picked: list[Weighed] = []
    skills: dict[str, int] = {}
    categories: dict[str, int] = {}
    while left and len(picked) < FIRST_CARDS:
        choices = [(_penalty(match, skills, categories, category_of) * weights[match.user.id]) for match in left]
        match = left.pop(max(range(len(left)), key=choices.__getitem__))
        picked.append(match)
        for key in match.taught_keys[:1]:
            skills[key] = skills.get(key, 0) + 1
            if category := category_of(key):
                categories[category] = categories.get(category, 0) + 1
    return picked + left + rest


def _penalty(
    match: Candidate | Match,
    skills: Mapping[str, int],
    categories: Mapping[str, int],
    category_of: Callable[[str], str | None],
) -> float:
    key = match.taught_keys[0] if match.taught_keys else ""
    return float(SAME_SKILL ** skills.get(key, 0) * SAME_CATEGORY ** categories.get(category_of(key) or "", 0))
