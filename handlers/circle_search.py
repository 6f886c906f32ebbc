"""Searching for circles around a user, and for a replacement, with a few bounded, indexed queries each."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from domain.circle_candidates import (
    MAX_RANKED,
    MAX_SHOWN,
    BlockedPairs,
    CircleCandidate,
    Neighbour,
    find_circle_candidates,
    fits,
    in_turn,
    rank_circle_candidates,
)
from domain.circles import MAX_OPEN_FOR_A_SKILL, Part, circle_of, neighbours_of_vacancy, vacancy
from domain.decks import DECIDED_FOR, chance_of_answer
from domain.matches import directional_utility
from domain.swaps import PROPOSED, Swap
from domain.users import User
from handlers.people_counts import hidden_from
from handlers.runtime.deps import Deps

MAX_CANDIDATES = 15
"""Users compared for one vacancy."""


@dataclass(frozen=True, slots=True)
class Possible:
    """A circle that has not been asked for, and its users."""

    candidate: CircleCandidate
    people: dict[str, User]

    @property
    def parts(self) -> tuple[Part, ...]:
        rows = zip(self.candidate.people, self.candidate.keys, strict=True)
        return tuple(Part(user_id, written(self.people[user_id], key), key) for user_id, key in rows)


def written(teacher: User, key: str) -> str:
    """Return the skill of this key in its teacher's spelling."""
    rows = zip(teacher.offered_keys, teacher.skills_offered, strict=True)
    return next((skill for known, skill in rows if known == key), key)


def neighbour(user: User) -> Neighbour:
    return Neighbour(user.id, user.offered_keys, user.wanted_keys)


async def find_circles(deps: Deps, user: User, *, limit: int = MAX_SHOWN) -> list[Possible]:
    """Return the circles that this user could ask for: not asked for lately, and with users who have room for another.
    Those for wishes that no direct partner teaches come first."""
    me = neighbour(user)
    if not me.offered or not me.wanted:
        return []
    unmet = await _unmet_wishes(deps, me)
    candidates = (await _candidates_around(deps, me, unmet))[:MAX_RANKED]
    people = await deps.store.users.find_many({person for candidate in candidates for person in candidate.people})
    people[user.id] = user
    candidates = [
        candidate
        for candidate in candidates
        if all(_may_be_asked(people.get(person)) for person in candidate.people[1:])
    ]

    now, online = deps.now(), deps.online_places

    def utility(learner: str, teacher: str) -> float:
        return directional_utility(people[learner], people[teacher], at=now, online=online)

    def chance(person: str) -> float:
        return chance_of_answer(people[person], at=now)

    ranked = rank_circle_candidates(candidates, utility, chance, unmet)
    return [
        Possible(candidate, {person: people[person] for person in candidate.people}) for _, candidate in ranked[:limit]
    ]


async def _unmet_wishes(deps: Deps, me: Neighbour) -> frozenset[str]:
    """Return the wishes (keys) for which nobody could swap directly with this user."""
    besides = list(await hidden_from(deps, me.id))
    return frozenset(me.wanted) - await deps.store.circles.partnered_keys(me.wanted, me.offered, besides=besides)


async def _candidates_around(deps: Deps, me: Neighbour, unmet: frozenset[str]) -> list[CircleCandidate]:
    """Return candidates whose users may all be asked, among the best ranked learners and teachers; if that gives few,
    or none for an unmet wish, also among users who are known to close a circle.

    Teachers of unmet wishes are read on their own: the best ranked of all wishes may not include them.
    """
    circles = deps.store.circles
    learners, rare, others = await asyncio.gather(
        circles.learners(me.offered, besides=[me.id]),
        circles.teachers([key for key in me.wanted if key in unmet], besides=[me.id]),
        circles.teachers(me.wanted, besides=[me.id]),
    )
    teachers = _each_once(rare, others)
    if not learners or not teachers:
        return []
    since = deps.now() - DECIDED_FOR
    known = [
        {*swap.participants, *circle_of(swap).gone}
        for swap in await circles.list_of(me.id)
        if swap.is_open or swap.updated_at >= since
    ]
    candidates = await _open_to_all(deps, in_turn(await _among(deps, me, learners, teachers), unmet), known)
    taught = unmet.intersection(key for person in rare for key in person.offered)
    if len(candidates) >= MAX_SHOWN and taught <= {candidate.keys[2] for candidate in candidates}:
        return candidates
    to_teachers = [(get, mine) for person in teachers for get in person.wanted for mine in me.offered]
    to_learners = [(mine, give) for person in learners for give in person.offered for mine in me.wanted]
    more_learners, more_teachers = await asyncio.gather(
        circles.traders(to_teachers, besides=[me.id, *(person.id for person in learners)]),
        circles.traders(to_learners, besides=[me.id, *(person.id for person in teachers)]),
    )
    candidates = await _among(deps, me, _each_once(learners, more_learners), _each_once(teachers, more_teachers))
    return await _open_to_all(deps, in_turn(candidates, unmet), known)


async def _among(
    deps: Deps, me: Neighbour, learners: Sequence[Neighbour], teachers: Sequence[Neighbour]
) -> list[CircleCandidate]:
    ids = {person.id for person in (me, *learners, *teachers)}
    blocked: BlockedPairs = await deps.store.blocks.pairs_among(ids)
    return find_circle_candidates(me, learners, teachers, blocked=blocked)


def _each_once(*lists: Iterable[Neighbour]) -> list[Neighbour]:
    return list({person.id: person for people in lists for person in people}.values())


async def _open_to_all(
    deps: Deps, candidates: list[CircleCandidate], known: Sequence[set[str]]
) -> list[CircleCandidate]:
    """Return the candidates without trios that have been in a circle and without users who have no room. The first ones
    are often enough; the others are examined only if they are not."""
    candidates = [candidate for candidate in candidates if not any(trio.issuperset(candidate.people) for trio in known)]
    free: list[CircleCandidate] = []
    for part in (candidates[: 2 * MAX_RANKED], candidates[2 * MAX_RANKED :]):
        if part and len(free) < MAX_RANKED:
            full = await wishes_without_room(deps, {place for candidate in part for place in candidate.wishes})
            free += [candidate for candidate in part if full.isdisjoint(candidate.wishes)]
    return free


async def wishes_without_room(deps: Deps, wishes: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return those (user, key) pairs whose user waits for the skill in the most open circles allowed, or learns it in a
    closed one, so that another circle could not close."""
    waiting, promised = await asyncio.gather(
        deps.store.circles.places_waited_for(list({person for person, _ in wishes})),
        deps.store.circles.held_promises([f"{person}:{key}" for person, key in wishes]),
    )
    count = Counter(waiting)
    return {
        (person, key)
        for person, key in wishes
        if count[person, key] >= MAX_OPEN_FOR_A_SKILL or f"{person}:{key}" in promised
    }


def _may_be_asked(user: User | None) -> bool:
    return user is not None and user.is_listed


async def find_replacements(deps: Deps, swap: Swap) -> list[Part]:
    """Return users who could fill the vacancy of this circle, best first."""
    wanted = vacancy(swap)
    if wanted is None or swap.status != PROPOSED:
        return []
    teaches, learns = wanted
    out = (*swap.participants, *circle_of(swap).gone)
    candidates = await deps.store.circles.traders([wanted], besides=out)
    teacher_id, learner_id = neighbours_of_vacancy(swap)
    two = await deps.store.users.find_many((teacher_id, learner_id))
    if len(two) < 2:
        return []
    blocked: BlockedPairs = await deps.store.blocks.pairs_among([*two, *(person.id for person in candidates)])
    teacher, learner = neighbour(two[teacher_id]), neighbour(two[learner_id])
    fitting = [person.id for person in candidates if fits(teacher, person, learner, blocked=blocked)][:MAX_CANDIDATES]
    full = await wishes_without_room(deps, {(person, learns) for person in fitting})
    people = await deps.store.users.find_many(person for person in fitting if (person, learns) not in full)
    free = [user for user in people.values() if user.is_listed]

    now, online = deps.now(), deps.online_places

    def worth(user: User) -> float:
        for_user = directional_utility(user, two[teacher_id], at=now, online=online)
        of_user = directional_utility(two[learner_id], user, at=now, online=online)
        return for_user * of_user * chance_of_answer(user, at=now)

    wishes = {person: place for place, person in enumerate(fitting)}
    best = sorted(free, key=lambda user: (-worth(user), wishes[user.id]))
    return [Part(user.id, written(user, teaches), teaches) for user in best]
