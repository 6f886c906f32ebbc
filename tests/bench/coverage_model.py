"""Matching of a whole community: partners and circles of each person, and a packing into disjoint groups.

Sets of people are integers with a bit for each person, so that intersections are single operations. Serving as many
people as possible with groups of two and three has no fast exact algorithm; this one is greedy, people with the fewest
options first, and then exchanges groups as long as the number of people served grows.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Group = tuple[int, ...]
"""Indices of people: a pair, or a circle in which each teaches the next and the last teaches the first."""

ROUNDS = 40
"""Limit of rounds over the people not served."""

PATIENCE = 8
"""Rounds without improvement after which the search stops."""

CANDIDATES = 120
"""Groups tried for one person in one round."""

MAX_BROKEN = 2
"""Groups that a new group may replace."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Keys of the skills that one person offers and wants."""

    offers: frozenset[str]
    wants: frozenset[str]


class Community:
    """The graph of teaching: `learners[u]` want what u offers, `teachers[u]` offer what u wants, `partners[u]` are
    both."""

    def __init__(self, wishes: Sequence[Wish]) -> None:
        self.size = len(wishes)
        offering: dict[str, int] = defaultdict(int)
        wanting: dict[str, int] = defaultdict(int)
        for position, wish in enumerate(wishes):
            for key in wish.offers:
                offering[key] |= 1 << position
            for key in wish.wants:
                wanting[key] |= 1 << position
        self.learners = [_union(wanting, wish.offers) & ~(1 << position) for position, wish in enumerate(wishes)]
        self.teachers = [_union(offering, wish.wants) & ~(1 << position) for position, wish in enumerate(wishes)]
        self.partners = [self.learners[position] & self.teachers[position] for position in range(self.size)]

    def pairs(self) -> Iterator[Group]:
        for one in range(self.size):
            for other in _members(self.partners[one] >> one << one):
                yield one, other

    def circles(self) -> Iterator[Group]:
        """Yield every circle of three once, lowest index first, without circles that contain a pair."""
        for first in range(self.size):
            yield from self.circles_with(first, (-1 << first) & ((1 << self.size) - 1))

    def circles_with(self, person: int, among: int) -> Iterator[Group]:
        """Yield the circles of one person with two of `among`."""
        for second in _members(self.learners[person] & ~self.partners[person] & among):
            yield from self.circles_of_two(person, second, among)

    def circles_of_two(self, person: int, second: int, among: int = -1) -> Iterator[Group]:
        """Yield the circles in which one person teaches the second, with a third of `among`."""
        strangers = ~(self.partners[person] | self.partners[second])
        for third in _members(self.learners[second] & self.teachers[person] & strangers & among):
            yield person, second, third

    def has_circle(self, person: int) -> bool:
        return next(self.circles_with(person, -1), None) is not None


def serve_at_once(community: Community, *, seed: int = 0, with_circles: bool = True) -> list[Group]:
    """Return disjoint groups that serve as many people as this algorithm finds; the same for the same seed."""
    packing = _Packing(community, random.Random(seed), with_circles)
    packing.begin()
    idle = 0
    for _ in range(ROUNDS):
        idle = 0 if packing.improve() else idle + 1
        if idle == PATIENCE:
            break
    return sorted(packing.groups)


class _Packing:
    def __init__(self, community: Community, chance: random.Random, with_circles: bool) -> None:
        self._community = community
        self._chance = chance
        self._with_circles = with_circles
        self._free = (1 << community.size) - 1
        self._group_of: dict[int, Group] = {}
        links = zip(community.learners, community.teachers, strict=True)
        self._ease = [min(learners.bit_count(), teachers.bit_count()) for learners, teachers in links]

    @property
    def groups(self) -> set[Group]:
        return set(self._group_of.values())

    def begin(self) -> None:
        """Form pairs and circles greedily, people with the fewest options first."""
        for person in sorted(range(self._community.size), key=lambda position: (self._ease[position], position)):
            if self._free >> person & 1:
                self._serve_from_free(person)

    def improve(self) -> bool:
        """Try every person not served once; return True when more people are served than before."""
        before = len(self._group_of)
        left = list(_members(self._free))
        self._chance.shuffle(left)
        for person in left:
            if self._free >> person & 1 and not self._serve_from_free(person):
                self._serve_by_exchange(person)
        return len(self._group_of) > before

    def _serve_from_free(self, person: int) -> bool:
        """Serve a person with free people, preferring those with the fewest options."""
        community, free = self._community, self._free & ~(1 << person)
        group: Group | None = None
        if partners := community.partners[person] & free:
            group = person, min(_members(partners), key=self._ease.__getitem__)
        elif self._with_circles:
            group = next(community.circles_with(person, free), None)
        if group is not None:
            self._add(group)
        return group is not None

    def _serve_by_exchange(self, person: int) -> None:
        """Serve a person by replacing groups, if their members find new groups or the number served does not fall."""
        for group in self._candidates(person):
            broken = {self._group_of[member] for member in group if member in self._group_of}
            if len(broken) > MAX_BROKEN:
                continue
            before, added = len(self._group_of), [group]
            for old in broken:
                self._remove(old)
            self._add(group)
            for member in (member for old in broken for member in old):
                if self._free >> member & 1 and self._serve_from_free(member):
                    added.append(self._group_of[member])
            if len(self._group_of) >= before:
                return
            for new in added:
                self._remove(new)
            for old in broken:
                self._add(old)

    def _candidates(self, person: int) -> list[Group]:
        """Return some of the groups that this person can be in."""
        community = self._community
        found: list[Group] = [(person, partner) for partner in _members(community.partners[person])]
        if len(found) > CANDIDATES:
            return self._chance.sample(found, CANDIDATES)
        if self._with_circles:
            seconds = list(_members(community.learners[person] & ~community.partners[person]))
            self._chance.shuffle(seconds)
            for second in seconds:
                found += community.circles_of_two(person, second)
                if len(found) > 4 * CANDIDATES:
                    break
        return self._chance.sample(found, min(len(found), CANDIDATES))

    def _add(self, group: Group) -> None:
        for member in group:
            self._group_of[member] = group
            self._free &= ~(1 << member)

    def _remove(self, group: Group) -> None:
        for member in group:
            del self._group_of[member]
            self._free |= 1 << member


def _union(sets: dict[str, int], keys: frozenset[str]) -> int:
    union = 0
    for key in keys:
        union |= sets[key]
    return union


def _members(people: int) -> Iterator[int]:
    while people:
        lowest = people & -people
        yield lowest.bit_length() - 1
        people ^= lowest
