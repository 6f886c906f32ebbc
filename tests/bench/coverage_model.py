"""How much of a community can swap: who has a partner or a circle, and how many can be served at once.

Sets of people are whole numbers with a bit for each: what "everybody who is free, teaches me and learns from her" costs
is then one operation. Serving as many as possible with groups of two and three has no fast exact way; this one takes
the best first, the hardest to place before the others, and then moves groups about as long as somebody gains by it.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Group = tuple[int, ...]
"""Places in the list of people: a pair, or a circle in which each teaches the next and the last the first."""

ROUNDS = 40
"""So often all who are left over are looked at again."""

PATIENCE = 8
"""Rounds without a gain after which nothing more is expected."""

CANDIDATES = 120
"""Groups that are tried for one person in one round."""

MAX_BROKEN = 2
"""Groups that one new group may take apart."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What one person teaches and wants to learn, as keys."""

    offers: frozenset[str]
    wants: frozenset[str]


class Community:
    """Who teaches whom: `learners[u]` are the people who want what u offers, `teachers[u]` who offer what u wants,
    `partners[u]` who are both."""

    def __init__(self, wishes: Sequence[Wish]) -> None:
        self.size = len(wishes)
        offering: dict[str, int] = defaultdict(int)
        wanting: dict[str, int] = defaultdict(int)
        for place, wish in enumerate(wishes):
            for key in wish.offers:
                offering[key] |= 1 << place
            for key in wish.wants:
                wanting[key] |= 1 << place
        self.learners = [_union(wanting, wish.offers) & ~(1 << place) for place, wish in enumerate(wishes)]
        self.teachers = [_union(offering, wish.wants) & ~(1 << place) for place, wish in enumerate(wishes)]
        self.partners = [self.learners[place] & self.teachers[place] for place in range(self.size)]

    def pairs(self) -> Iterator[Group]:
        for one in range(self.size):
            for other in _members(self.partners[one] >> one << one):
                yield one, other

    def circles(self) -> Iterator[Group]:
        """Every circle of three once, the first place first; none in which two could swap directly."""
        for first in range(self.size):
            yield from self.circles_with(first, (-1 << first) & ((1 << self.size) - 1))

    def circles_with(self, person: int, among: int) -> Iterator[Group]:
        """The circles of one person with two of `among`."""
        for second in _members(self.learners[person] & ~self.partners[person] & among):
            yield from self.circles_of_two(person, second, among)

    def circles_of_two(self, person: int, second: int, among: int = -1) -> Iterator[Group]:
        """The circles in which one person teaches the other, with a third of `among`."""
        strangers = ~(self.partners[person] | self.partners[second])
        for third in _members(self.learners[second] & self.teachers[person] & strangers & among):
            yield person, second, third

    def has_circle(self, person: int) -> bool:
        return next(self.circles_with(person, -1), None) is not None


def serve_at_once(community: Community, *, seed: int = 0, with_circles: bool = True) -> list[Group]:
    """Groups of which nobody is in two and that serve as many people as this finds; the same for the same seed."""
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
        """Pairs and circles, the people with the fewest ways to be served first."""
        for person in sorted(range(self._community.size), key=lambda place: (self._ease[place], place)):
            if self._free >> person & 1:
                self._place(person)

    def improve(self) -> bool:
        """Look once at everybody who is left over; True when more people are served than before."""
        before = len(self._group_of)
        left = list(_members(self._free))
        self._chance.shuffle(left)
        for person in left:
            if self._free >> person & 1 and not self._place(person):
                self._make_room(person)
        return len(self._group_of) > before

    def _place(self, person: int) -> bool:
        """Serve somebody with people who are free: those who are the hardest to place themselves."""
        community, free = self._community, self._free & ~(1 << person)
        group: Group | None = None
        if partners := community.partners[person] & free:
            group = person, min(_members(partners), key=self._ease.__getitem__)
        elif self._with_circles:
            group = next(community.circles_with(person, free), None)
        if group is not None:
            self._add(group)
        return group is not None

    def _make_room(self, person: int) -> None:
        """Serve somebody at the cost of others, if those find new groups or it makes no difference to the number."""
        for group in self._candidates(person):
            broken = {self._group_of[member] for member in group if member in self._group_of}
            if len(broken) > MAX_BROKEN:
                continue
            before, added = len(self._group_of), [group]
            for old in broken:
                self._remove(old)
            self._add(group)
            for member in (member for old in broken for member in old):
                if self._free >> member & 1 and self._place(member):
                    added.append(self._group_of[member])
            if len(self._group_of) >= before:
                return
            for new in added:
                self._remove(new)
            for old in broken:
                self._add(old)

    def _candidates(self, person: int) -> list[Group]:
        """Some of the groups that this person could be in."""
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
