"""Matching: how well two users match, with reasons and caveats. The store finds candidates by one index; these rules
weigh them.

The directional utility is the worth, 0 to 1, of learning from a user. The score of a two-sided match is the harmonic
mean of both directions, so that one strong direction cannot hide a weak one.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from domain.availability import minutes_together, slots_together
from domain.geo import distance_km
from domain.places import is_same_place
from domain.skills import LEVELS, canonical_key, shared_skills
from domain.users import MOST_COMPLETE, User

LEVEL_WEIGHT, TIME_WEIGHT, LANGUAGE_WEIGHT, PLACE_WEIGHT, QUALITY_WEIGHT = 0.40, 0.25, 0.15, 0.10, 0.10

UNKNOWN = 0.5
"""Utility of an attribute that is not stated: neither a bonus nor a malus."""
OTHER_LANGUAGE = 0.4
ENOUGH_MINUTES = 120
"""Common free minutes a week beyond which more makes no difference to the score."""
MANY_MINUTES = 600
"""Common free minutes a week at which the reason is given its full weight."""
AMOUNTS = {"much": 600, "some": 180, "little": 60}
"""Words for common time, and the least minutes a week of each. People tick slots, which are wider than the time that
they have: the number says more than is known."""
HALF_LIFE_KM = 10.0
NEAR_KM, FAR_KM = 20, 50
FAR_STEP, MOST_FAR_DECLINES = 0.5, 3
"""Growth of the exponent of closeness with each request that a learner has declined as too far away, and the number of
them that count. Who lives in the same place loses nothing by it."""
WANT_STEP, LEAST_WANT = 0.05, 0.75
"""Loss of utility per position in the list of wishes, and the least factor."""

UNKNOWN_LEVEL = 0.7
AS_FAR = 0.85
LEVELS_SHORT = (AS_FAR, 0.4, 0.2, 0.0)
"""Level fit by the number of levels that the teacher is short of the learner's goal; the first entry is for none."""

NEW_WITHIN = timedelta(days=14)
AWAY_AFTER = timedelta(days=60)
MANY_ANSWERS, ENOUGH_REQUESTS = 0.7, 3
MAX_REASONS = 3


@dataclass(frozen=True, slots=True)
class Factor:
    """A reason or caveat of a match: the key of its text and the params of it."""

    key: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """`user` teaches the viewer one of `teaches_you`; the viewer teaches them one of `you_teach`.

    `score` is 0 to 1; for a one-sided match it is the utility for the viewer. `reasons` are at most three, strongest
    first; `caveats` are what the viewer should know before asking, gravest first. The keys are those of the skills, in
    the order of the viewer's wishes.
    """

    user: User
    teaches_you: tuple[str, ...]
    you_teach: tuple[str, ...]
    shared_slots: tuple[str, ...]
    score: float = 0.0
    reasons: tuple[Factor, ...] = ()
    caveats: tuple[Factor, ...] = ()
    distance_km: int | None = None
    taught_keys: tuple[str, ...] = ()

    @property
    def is_two_sided(self) -> bool:
        return bool(self.teaches_you and self.you_teach)


class Between(NamedTuple):
    """Attributes that are the same in both directions."""

    minutes: int | None
    km: int | None
    is_same_place: bool
    is_same_language: bool


class Candidate(NamedTuple):
    """The part of a match that its order needs, and what it was made of; most candidates are compared and never
    shown."""

    user: User
    score: float
    taught_keys: tuple[str, ...]
    between: Between


def directional_utility(learner: User, teacher: User, *, at: datetime, online: AbstractSet[str]) -> float:
    """Return the worth, 0 to 1, for `learner` of learning from `teacher`; 0 when the teacher teaches nothing wanted.

    Here and below, `online` holds the keys of locations that mean "online": users there are close to everybody.
    """
    return _utility(learner, teacher, _between(learner, teacher, at, online))


def match_between(viewer: User, other: User, *, at: datetime, online: AbstractSet[str]) -> Match:
    """Return the match of `viewer` with `other`, with reasons and caveats."""
    return explained(viewer, weigh(viewer, other, at=at, online=online), at=at)


def weigh(viewer: User, other: User, *, at: datetime, online: AbstractSet[str]) -> Candidate:
    """Return the match without reasons and caveats."""
    between = _between(viewer, other, at, online)
    to_viewer, to_other = _utility(viewer, other, between), _utility(other, viewer, between)
    score = round(harmonic_mean(to_viewer, to_other) if to_other else to_viewer, 4)
    return Candidate(other, score, tuple(key for key in viewer.wanted_keys if key in other.offered_keys), between)


def harmonic_mean(*utilities: float) -> float:
    """Return the harmonic mean of any number of utilities; 0 as soon as one of them is 0."""
    if not utilities or min(utilities) <= 0:
        return 0.0
    return len(utilities) / sum(1 / utility for utility in utilities)


def _between(one: User, other: User, at: datetime, online: AbstractSet[str]) -> Between:
    place, other_place = _place_key(one.location), _place_key(other.location)
    return Between(
        minutes=minutes_together(one, other, at=at),
        km=distance_km(one.coordinates, other.coordinates),
        is_same_place=is_same_place(one.location, other.location)
        or (bool(place and other_place) and not online.isdisjoint((place, other_place))),
        is_same_language=one.locale == other.locale,
    )


@lru_cache(maxsize=4096)
def _place_key(location: str) -> str:
    return canonical_key(location)


def _utility(learner: User, teacher: User, between: Between) -> float:
    best, offered = 0.0, teacher.offered_keys
    rest = (
        TIME_WEIGHT * (UNKNOWN if between.minutes is None else min(1.0, between.minutes / ENOUGH_MINUTES))
        + LANGUAGE_WEIGHT * (1.0 if between.is_same_language else OTHER_LANGUAGE)
        + PLACE_WEIGHT * _closeness(between, learner)
        + QUALITY_WEIGHT * (teacher.completeness / MOST_COMPLETE + teacher.record.quality) / 2
    )
    for place, key in enumerate(learner.wanted_keys):
        if key in offered:
            priority = max(LEAST_WANT, 1 - WANT_STEP * place)
            fit = level_fit(learner.wanted_levels.get(key), teacher.offered_levels.get(key))
            best = max(best, priority * (LEVEL_WEIGHT * fit + rest))
    return best


def level_fit(wanted: str | None, taught: str | None) -> float:
    """Return how far, 0 to 1, a teacher at level `taught` can take a learner who aims at level `wanted`."""
    if wanted is None or taught is None:
        return UNKNOWN_LEVEL
    short = LEVELS.index(wanted) - LEVELS.index(taught)
    return 1.0 if short < 0 or taught == LEVELS[-1] else LEVELS_SHORT[short]


def _closeness(between: Between, learner: User) -> float:
    if between.is_same_place:
        return 1.0
    if between.km is None:
        return UNKNOWN
    strictness = 1 + FAR_STEP * min(learner.far_declines, MOST_FAR_DECLINES)
    return float(0.5 ** (strictness * between.km / HALF_LIFE_KM))


Weighed = list[tuple[float, Factor]]


def explained(viewer: User, candidate: Candidate, *, at: datetime) -> Match:
    """Return the match of a candidate that was weighed for this viewer, with reasons and caveats."""
    other, between, taught_keys = candidate.user, candidate.between, candidate.taught_keys
    teaches_you = shared_skills(other.skills_offered, other.offered_keys, viewer.wanted_keys)
    weighed = [*_of_times(viewer, other, between), *_of_places(between), *_of_person(other, at)]
    weighed += _of_level(viewer, other, taught_keys)
    if len(teaches_you) > 1:
        weighed.append((0.6, Factor("several_skills", {"n": len(teaches_you)})))
    if between.is_same_language:
        weighed.append((0.1, Factor("same_language", {"language": viewer.locale})))
    else:
        weighed.append((-0.4, Factor("other_language", {"language": other.locale})))
    weighed.sort(key=lambda factor: -abs(factor[0]))
    return Match(
        user=other,
        teaches_you=teaches_you,
        you_teach=shared_skills(viewer.skills_offered, viewer.offered_keys, other.wanted_keys),
        shared_slots=slots_together(viewer, other, at=at),
        score=candidate.score,
        reasons=tuple(factor for weight, factor in weighed if weight > 0)[:MAX_REASONS],
        caveats=tuple(factor for weight, factor in weighed if weight < 0),
        distance_km=between.km,
        taught_keys=taught_keys,
    )


def _of_level(viewer: User, other: User, taught_keys: tuple[str, ...]) -> Weighed:
    """Return the factor of the first wish for which both have stated a level."""
    for key in taught_keys:
        wanted, taught = viewer.wanted_levels.get(key), other.offered_levels.get(key)
        if wanted is None or taught is None:
            continue
        params = {"skill": other.skills_offered[other.offered_keys.index(key)], "level": taught}
        if level_fit(wanted, taught) >= AS_FAR:
            return [(0.65, Factor("level", params))]
        return [(-0.55, Factor("low_level", params))]
    return []


def _of_times(viewer: User, other: User, between: Between) -> Weighed:
    if between.minutes is None:
        return [(-0.2, Factor("your_times_unknown" if not viewer.free else "their_times_unknown"))]
    if between.minutes == 0:
        return [(-1.0, Factor("no_common_time"))]
    if between.minutes < 60:
        return []
    weight = 0.4 + 0.5 * min(1.0, between.minutes / MANY_MINUTES)
    amount = next(name for name, least in AMOUNTS.items() if between.minutes >= least)
    return [(weight, Factor("common_time", {"n": between.minutes // 60, "amount": amount}))]


def _of_places(between: Between) -> Weighed:
    if between.km is not None and between.km <= NEAR_KM:
        return [(0.7, Factor("near", {"km": between.km}) if between.km else Factor("very_near"))]
    if between.is_same_place:
        return [(0.55, Factor("same_place"))]
    if between.km is not None and between.km >= FAR_KM:
        return [(-0.6, Factor("far", {"km": between.km}))]
    return []


def _of_person(other: User, at: datetime) -> Weighed:
    weighed: Weighed = []
    asked = other.answered + other.ignored
    if asked >= ENOUGH_REQUESTS and other.answered >= MANY_ANSWERS * asked:
        weighed.append((0.5, Factor("answers")))
    if at - other.created_at < NEW_WITHIN:
        weighed.append((0.2, Factor("new_here")))
    elif at - other.last_active > AWAY_AFTER:
        weighed.append((-0.5, Factor("away")))
    return weighed
