"""Finding circles of three around one person, in the neighbourhood that the store gives: nobody enumerates them all.

An edge runs from a teacher to whoever wants what they teach. A ring is me → learner → third → me, and no two of the
three could swap directly: they should be told of each other instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

MAX_RINGS = 5
"""Circles that one person is shown."""

MAX_RANKED = 30
"""Rings of which the people are looked at closely; those of the best ranked neighbours."""

SAME_WISH, SAME_PERSON = 0.6, 0.8
"""What another ring in which the asker learns the same, or that has one of the same people, counts for."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A person as far as finding goes: the keys they teach and want, in their own order."""

    id: str
    offered: tuple[str, ...]
    wanted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CircleCandidate:
    """Three people, each of whom teaches the next one the skill of the same place; the last one teaches the first."""

    people: tuple[str, str, str]
    keys: tuple[str, str, str]

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """(person, key of what they learn), in order."""
        return tuple((person, self.keys[place - 1]) for place, person in enumerate(self.people))

    @property
    def name(self) -> str:
        """The same from whichever of the three it is looked at. Three people make one circle at most, one way round:
        the other way two of them could swap."""
        return "|".join(sorted(self.people))


Bars = frozenset[frozenset[str]]
"""Pairs of people who must not meet: one has blocked the other."""


def find_circle_candidates(
    me: Neighbour, learners: Sequence[Neighbour], teachers: Sequence[Neighbour], *, barred: Bars = frozenset()
) -> list[CircleCandidate]:
    """The rings of me, one of these learners of mine and one of these teachers of mine, the first in each list first.

    An index from what the teachers want to them gives the third edge, so only pairs that have it are looked at.
    """
    wanting: dict[str, list[tuple[int, Neighbour]]] = {}
    for place, teacher in enumerate(teachers):
        if may_meet(me, teacher, barred):
            for key in teacher.wanted:
                wanting.setdefault(key, []).append((place, teacher))
    found: dict[tuple[str, str], tuple[int, CircleCandidate]] = {}
    for place, learner in enumerate(learners):
        if not may_meet(me, learner, barred):
            continue
        for other, teacher in (pair for key in learner.offered for pair in wanting.get(key, ())):
            pair = (learner.id, teacher.id)
            if pair not in found and may_meet(learner, teacher, barred):
                ring = _ring(me, learner, teacher)
                if ring is not None:
                    found[pair] = (place + other, ring)
    return [ring for _, ring in sorted(found.values(), key=lambda ranked: ranked[0])]


def fits(teacher: Neighbour, candidate: Neighbour, learner: Neighbour, *, barred: Bars = frozenset()) -> bool:
    """May this candidate stand between a teacher and a learner who have nobody between them any more?"""
    ids = {teacher.id, candidate.id, learner.id}
    return len(ids) == 3 and may_meet(teacher, candidate, barred) and may_meet(candidate, learner, barred)


def rank_circle_candidates(
    rings: Iterable[CircleCandidate], utility: Callable[[str, str], float], chance: Callable[[str], float]
) -> list[tuple[float, CircleCandidate]]:
    """Best first: harmonic mean of the three utilities × the chance that the other two answer; the first ones differ in
    what the asker learns and in their people.

    `utility(learner, teacher)` is in [0, 1], so is `chance(person)`; the first of a ring is the one who asks.
    """
    scored = [(_score(ring, utility, chance), ring) for ring in rings]
    left = sorted(scored, key=lambda pair: (-pair[0], pair[1].people))
    first: list[tuple[float, CircleCandidate]] = []
    counted: Counter[str] = Counter()
    while left and len(first) < MAX_RINGS:
        best = max(left, key=lambda pair: pair[0] * _still_counts(pair[1], counted))
        left.remove(best)
        first.append(best)
        counted.update(_alike(best[1]))
    return [*first, *left]


def _alike(ring: CircleCandidate) -> tuple[str, str, str]:
    """What the asker learns, by whom, and whom they teach."""
    return ring.keys[2], *ring.people[1:]


def _still_counts(ring: CircleCandidate, counted: Counter[str]) -> float:
    wish, *others = _alike(ring)
    return float(SAME_WISH ** counted[wish] * SAME_PERSON ** sum(counted[person] for person in others))


def _score(ring: CircleCandidate, utility: Callable[[str, str], float], chance: Callable[[str], float]) -> float:
    first, second, third = ring.people
    values = [utility(second, first), utility(third, second), utility(first, third)]
    if min(values) <= 0:
        return 0.0
    return 3 / sum(1 / value for value in values) * chance(second) * chance(third)


def _ring(me: Neighbour, learner: Neighbour, teacher: Neighbour) -> CircleCandidate | None:
    """Of several skills the one that its learner names first; nobody passes on what they learn in the same ring."""
    people = (me, learner, teacher)
    edges = [list(_taught(people[place], people[(place + 1) % 3])) for place in range(3)]
    for keys in product(*edges):
        if len(set(keys)) == 3:
            return CircleCandidate((me.id, learner.id, teacher.id), (keys[0], keys[1], keys[2]))
    return None


def _taught(teacher: Neighbour, learner: Neighbour) -> Iterator[str]:
    offered = set(teacher.offered)
    return (key for key in learner.wanted if key in offered)


def may_meet(one: Neighbour, other: Neighbour, barred: Bars = frozenset()) -> bool:
    """Not the same, not blocked, and no direct swap between them."""
    if one.id == other.id or frozenset((one.id, other.id)) in barred:
        return False
    return not (_teaches(one, other) and _teaches(other, one))


def _teaches(teacher: Neighbour, learner: Neighbour) -> bool:
    return not set(teacher.offered).isdisjoint(learner.wanted)
