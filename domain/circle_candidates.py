"""Circle candidates: possible circles of three around one user, found among neighbours that the store supplies.

An edge leads from a teacher to a user who wants the skill. A candidate is asker → learner → third → asker, and no two
of the three could swap directly: such a pair is better served by a swap of two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import product

MAX_SHOWN = 5
"""Circles on one page."""

MAX_RANKED = 100
"""Candidates whose users are loaded and ranked, and that can be reached page by page: first those for wishes without a
direct partner, in turn for each wish, and those of the best ranked neighbours before others."""

SAME_WISH, SAME_PERSON = 0.6, 0.8
"""Factors for a further candidate with the same skill for the asker, or with a user who is in one already."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A user reduced to what the search needs: the keys taught and wanted, in the user's own order."""

    id: str
    offered: tuple[str, ...]
    wanted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CircleCandidate:
    """Three users: each teaches the next one the skill at the same index, and the last one teaches the first."""

    people: tuple[str, str, str]
    keys: tuple[str, str, str]

    @property
    def wishes(self) -> tuple[tuple[str, str], ...]:
        """Return (user, key of the skill that user learns) for each of the three, in order."""
        return tuple((person, self.keys[place - 1]) for place, person in enumerate(self.people))

    @property
    def name(self) -> str:
        """Return a name that is the same from the view of each of the three. Three users form one circle at most: in
        the opposite direction two of them could swap directly."""
        return "|".join(sorted(self.people))


BlockedPairs = frozenset[frozenset[str]]
"""Pairs of users who must not meet because one has blocked the other."""


def find_circle_candidates(
    me: Neighbour, learners: Sequence[Neighbour], teachers: Sequence[Neighbour], *, blocked: BlockedPairs = frozenset()
) -> list[CircleCandidate]:
    """Return the candidates made of the asker, one of `learners` and one of `teachers`, in the order of both lists.

    An index from the keys that teachers want to the teachers supplies the third edge, so that only pairs which have it
    are examined.
    """
    wanting: dict[str, list[tuple[int, Neighbour]]] = {}
    for place, teacher in enumerate(teachers):
        if may_meet(me, teacher, blocked):
            for key in teacher.wanted:
                wanting.setdefault(key, []).append((place, teacher))
    found: dict[tuple[str, str], tuple[int, CircleCandidate]] = {}
    for place, learner in enumerate(learners):
        if not may_meet(me, learner, blocked):
            continue
        for other, teacher in (pair for key in learner.offered for pair in wanting.get(key, ())):
            pair = (learner.id, teacher.id)
            if pair not in found and may_meet(learner, teacher, blocked):
                candidate = _candidate_of(me, learner, teacher)
                if candidate is not None:
                    found[pair] = (place + other, candidate)
    return [candidate for _, candidate in sorted(found.values(), key=lambda ranked: ranked[0])]


def fits(teacher: Neighbour, candidate: Neighbour, learner: Neighbour, *, blocked: BlockedPairs = frozenset()) -> bool:
    """Return whether a candidate can fill the vacancy between a teacher and a learner."""
    ids = {teacher.id, candidate.id, learner.id}
    return len(ids) == 3 and may_meet(teacher, candidate, blocked) and may_meet(candidate, learner, blocked)


def in_turn(candidates: Iterable[CircleCandidate], unmet: AbstractSet[str]) -> list[CircleCandidate]:
    """Return the candidates with those for the asker's `unmet` wishes (keys) first, and of both one for each wish in
    turn, so that a cut leaves something of every wish."""
    counted: Counter[str] = Counter()
    placed: list[tuple[bool, int, CircleCandidate]] = []
    for candidate in candidates:
        wish = candidate.keys[2]
        placed.append((wish not in unmet, counted[wish], candidate))
        counted[wish] += 1
    return [candidate for _, _, candidate in sorted(placed, key=lambda each: each[:2])]


def rank_circle_candidates(
    candidates: Iterable[CircleCandidate],
    utility: Callable[[str, str], float],
    chance: Callable[[str], float],
    unmet: AbstractSet[str] = frozenset(),
) -> list[tuple[float, CircleCandidate]]:
    """Return the candidates, those for `unmet` wishes first, then best first: the harmonic mean of the three utilities
    times the chance that the other two answer. The first ones differ in the asker's skill and in their users.

    `utility(learner, teacher)` and `chance(user)` are in [0, 1]; the first user of a candidate is the asker. `unmet`
    are the keys that no direct partner teaches the asker.
    """
    scored = [(_score(candidate, utility, chance), candidate) for candidate in candidates]
    left = sorted(scored, key=lambda pair: (pair[1].keys[2] not in unmet, -pair[0], pair[1].people))
    first: list[tuple[float, CircleCandidate]] = []
    counted: Counter[str] = Counter()
    while left and len(first) < MAX_SHOWN:
        is_met = left[0][1].keys[2] not in unmet
        alike = [pair for pair in left if (pair[1].keys[2] not in unmet) == is_met]
        best = max(alike, key=lambda pair: pair[0] * _still_counts(pair[1], counted))
        left.remove(best)
        first.append(best)
        counted.update(_alike(best[1]))
    return [*first, *left]


def _alike(candidate: CircleCandidate) -> tuple[str, str, str]:
    """Return what makes two candidates alike: the asker's skill, its teacher, and the asker's learner."""
    return candidate.keys[2], *candidate.people[1:]


def _still_counts(candidate: CircleCandidate, counted: Counter[str]) -> float:
    wish, *others = _alike(candidate)
    return float(SAME_WISH ** counted[wish] * SAME_PERSON ** sum(counted[person] for person in others))


def _score(candidate: CircleCandidate, utility: Callable[[str, str], float], chance: Callable[[str], float]) -> float:
    first, second, third = candidate.people
    values = [utility(second, first), utility(third, second), utility(first, third)]
    if min(values) <= 0:
        return 0.0
    return 3 / sum(1 / value for value in values) * chance(second) * chance(third)


def _candidate_of(me: Neighbour, learner: Neighbour, teacher: Neighbour) -> CircleCandidate | None:
    """Return the candidate of three users, or None. Of several skills, the learner's first wish is taken; nobody
    teaches the skill that they learn in the same circle."""
    people = (me, learner, teacher)
    edges = [list(_taught(people[place], people[(place + 1) % 3])) for place in range(3)]
    for keys in product(*edges):
        if len(set(keys)) == 3:
            return CircleCandidate((me.id, learner.id, teacher.id), (keys[0], keys[1], keys[2]))
    return None


def _taught(teacher: Neighbour, learner: Neighbour) -> Iterator[str]:
    offered = set(teacher.offered)
    return (key for key in learner.wanted if key in offered)


def may_meet(one: Neighbour, other: Neighbour, blocked: BlockedPairs = frozenset()) -> bool:
    """Return whether two users may be in one circle: different, not blocked, and without a direct swap between them."""
    if one.id == other.id or frozenset((one.id, other.id)) in blocked:
        return False
    return not (_teaches(one, other) and _teaches(other, one))


def _teaches(teacher: Neighbour, learner: Neighbour) -> bool:
    return not set(teacher.offered).isdisjoint(learner.wanted)
