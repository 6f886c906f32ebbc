"""The order of a deck: how well two users match, how likely an answer is, who is new, and who has been shown often.

The order is drawn once per viewer and day and not changed afterwards; the first cards differ from each other.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, TypeVar

from domain.matches import Candidate, Match
from domain.ranking import HALVED_IN, new_lift
from domain.timetable import GIVER_FACTOR
from domain.users import User

SWAPS, TEACHERS = "swaps", "could_teach_you"
KINDS: Final = (SWAPS, TEACHERS)
"""Kinds of deck: users with whom a two-sided swap is possible, and users who teach a wanted skill without wanting one
of the viewer's."""

DECIDED_FOR = timedelta(days=60)
"""Time for which a decision about a user stands, unless the skills between the two change."""
GETS_AND_GIVES: Final = ">"
"""Separates the two lists of keys in the mark of a decision."""
MAX_MARK: Final = 240
"""Characters of a mark."""
MAX_OPEN_REQUESTS = 5
"""Unanswered requests from which on a user is not shown, so that users in demand can answer first."""

MAX_COUNTED = 1000
"""Upper bound of a count of users."""
RELATIONS: Final = ("partners", "asked", "asking", "asked_before", "passed", "busy")
"""Relations of a viewer to another user: see PeopleCount."""

FIRST_CARDS = 10
SAME_SKILL, SAME_CATEGORY = 0.6, 0.85
"""Factors for a further card of the same skill and of the same category among the first ones."""
LOOK_AHEAD = 40
"""Matches considered for the first cards."""

ACTIVE_WITHIN = timedelta(days=14)
LEAST_RECENCY = 0.1
FAIR_SHARE = 10
"""First places in a day after which the weight of a user is halved."""
NO_TIME_FOR, NO_TIME_FACTOR = timedelta(days=14), 0.7
"""Time for which a no for want of time lowers the chance of an answer, and the factor."""
MAX_HALVINGS = 3
JITTER = 0.02
"""Largest random change of a weight, so that equal matches come in a different order per viewer and day."""


Weighed = TypeVar("Weighed", Candidate, Match)


@dataclass(frozen=True, slots=True)
class SkillCount:
    """A skill by its name, and a number of users."""

    skill: str
    people: int


@dataclass(frozen=True, slots=True)
class PeopleCount:
    """The users who teach, or want, a skill, as one viewer may know of them: listed, not the viewer, and without a
    block in either direction.

    `people` are all of them, up to MAX_COUNTED. Each is in one class: `can_ask` (nothing between the two, and room for
    a request), `partners` (a running swap or circle), `asked` (a request of the viewer waits), `asking` (theirs waits),
    `asked_before` (asked within DECIDED_FOR), `passed` (passed over or declined by the viewer), `busy` (too many
    requests wait for them; examined only where few could be asked).
    """

    skill: str
    people: int = 0
    can_ask: int = 0
    partners: int = 0
    asked: int = 0
    asking: int = 0
    asked_before: int = 0
    passed: int = 0
    busy: int = 0

    def classes(self) -> dict[str, int]:
        """Return the classes of those who cannot be asked now, without empty ones."""
        counts = {name: getattr(self, name) for name in RELATIONS}
        return {name: count for name, count in counts.items() if count}


@dataclass(frozen=True, slots=True)
class DeckAdvice:
    """Counts that explain an empty deck and suggest what would help.

    `wanting`: users per skill that the viewer teaches, most of whom can be asked first; `teaching`: users per skill
    that the viewer wants, fewest first; `want_too`, `teach_too`: further matches if the viewer added this skill to that
    list; `skipped`: users whom the viewer has passed over and who would come again. Counts are capped by the store.
    """

    wanting: tuple[PeopleCount, ...] = ()
    teaching: tuple[PeopleCount, ...] = ()
    want_too: tuple[SkillCount, ...] = ()
    teach_too: tuple[SkillCount, ...] = ()
    skipped: int = 0


def belongs(viewer: User, other: User, kind: str) -> bool:
    """Return whether `other` belongs into this kind of deck of the viewer, as the store's index decides it."""
    teaches = not set(viewer.wanted_keys).isdisjoint(other.offered_keys)
    learns = not set(viewer.offered_keys).isdisjoint(other.wanted_keys)
    return other.id != viewer.id and other.is_listed and other.can_match and teaches and learns == (kind == SWAPS)


def decision_mark(one: User, other: User) -> str:
    """Return the mark of a decision: the keys of the skills between two users. The decision lapses when the mark
    changes.

    The keys of what one gets and gives, so that merged skills can be followed; a digest when there are many.
    """
    get, give = _between(one, other)
    mark = "\n".join([*sorted(get), GETS_AND_GIVES, *sorted(give)])
    return mark if len(mark) <= MAX_MARK else _digest(get, give)


def decision_stands(mark: str, one: User, other: User, key_of: Callable[[str], str]) -> bool:
    """Return whether the mark of a decision still holds between the two, with merged skills followed through
    `key_of`."""
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
    """Return the keys that one could learn from the other, and teach the other."""
    return {*other.offered_keys} & {*one.wanted_keys}, {*one.offered_keys} & {*other.wanted_keys}


def _digest(get: set[str], give: set[str]) -> str:
    return hashlib.blake2s("\n".join([*sorted(get), "", *sorted(give)]).encode(), digest_size=8).hexdigest()


def viewer_mark(viewer: User) -> str:
    """Return the mark of a viewer's skills; the order of the day is drawn again when it changes."""
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
    """Return the matches in the order of the day. `shown`: first places of each user (by id) today."""
    weights = {match.user.id: weight(viewer, match, at=at, shown=shown.get(match.user.id, 0)) for match in matches}
    best = sorted(matches, key=lambda match: (-weights[match.user.id], match.user.id))
    return _varied(best, weights, category_of)


def chance_of_answer(user: User, *, at: datetime) -> float:
    """Return the chance, 0 to 1, that this user answers a request."""
    away = max(timedelta(), at - user.last_active - ACTIVE_WITHIN)
    is_busy = user.no_time_at is not None and at < user.no_time_at + NO_TIME_FOR
    return (
        (NO_TIME_FACTOR if is_busy else 1.0) * user.responsiveness * max(LEAST_RECENCY, math.pow(0.5, away / HALVED_IN))
    )


def weight(viewer: User, match: Candidate | Match, *, at: datetime, shown: int) -> float:
    """Return the weight by which matches are ordered; `shown`: the user's first places today."""
    exposure = math.pow(0.5, min(shown / FAIR_SHARE, MAX_HALVINGS))
    fortune = 1 + JITTER * (2 * _fortune(viewer.id, match.user.id, at.date()) - 1)
    lift = new_lift(at - match.user.created_at)
    return (
        match.score * chance_of_answer(match.user, at=at) * lift * exposure * fortune * _thanks(viewer, match.user, at)
    )


def _thanks(viewer: User, other: User, at: datetime) -> float:
    """Return the factor of somebody who has lately taught without being taught, for those who teach what they want."""
    until = other.record.gave_until
    is_due = until is not None and at < until and not set(viewer.offered_keys).isdisjoint(other.wanted_keys)
    return GIVER_FACTOR if is_due else 1.0


def _fortune(viewer_id: str, user_id: str, day: date) -> float:
    """Return a number in [0, 1) that is the same all day for this pair."""
    seed = f"{viewer_id}{user_id}{day.toordinal()}".encode()
    return int.from_bytes(hashlib.blake2s(seed, digest_size=4).digest()) / 0xFFFFFFFF


def _varied(
    best: list[Weighed], weights: Mapping[str, float], category_of: Callable[[str], str | None]
) -> list[Weighed]:
    """Return the matches with the first cards chosen so that skills and categories repeat late; the rest keep their
    order."""
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
