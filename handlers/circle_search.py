"""Finding circles: those around one person, and somebody for an empty place. A few bounded, indexed queries each."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from domain.circle_candidates import (
    MAX_RANKED,
    MAX_RINGS,
    Bars,
    CircleCandidate,
    Neighbour,
    find_circle_candidates,
    fits,
    rank_circle_candidates,
)
from domain.circles import MAX_OPEN_FOR_A_SKILL, Part, circle_of, neighbours_of_vacancy, vacancy
from domain.decks import DECIDED_FOR, chance_of_answer
from domain.matches import directional_utility
from domain.swaps import PROPOSED, Swap
from domain.users import User
from handlers.runtime.deps import Deps

MAX_CANDIDATES = 15
"""People for an empty place who are looked at closely."""


@dataclass(frozen=True, slots=True)
class Possible:
    """A circle that nobody has asked for yet, and its people."""

    ring: CircleCandidate
    people: dict[str, User]

    @property
    def parts(self) -> tuple[Part, ...]:
        rows = zip(self.ring.people, self.ring.keys, strict=True)
        return tuple(Part(user_id, written(self.people[user_id], key), key) for user_id, key in rows)


def written(teacher: User, key: str) -> str:
    """The skill of this key as its teacher writes it."""
    rows = zip(teacher.offered_keys, teacher.skills_offered, strict=True)
    return next((skill for known, skill in rows if known == key), key)


def neighbour(user: User) -> Neighbour:
    return Neighbour(user.id, user.offered_keys, user.wanted_keys)


async def find_circles(deps: Deps, user: User, *, limit: int = MAX_RINGS) -> list[Possible]:
    """The circles that this person could ask for, best first: none asked for lately, nobody who waits in enough."""
    me = neighbour(user)
    if not me.offered or not me.wanted:
        return []
    rings = (await _rings_around(deps, me))[:MAX_RANKED]
    people = await deps.store.users.find_many({person for ring in rings for person in ring.people})
    people[user.id] = user
    rings = [ring for ring in rings if all(_may_be_asked(people.get(person)) for person in ring.people[1:])]

    now, online = deps.now(), deps.online_places

    def utility(learner: str, teacher: str) -> float:
        return directional_utility(people[learner], people[teacher], at=now, online=online)

    def chance(person: str) -> float:
        return chance_of_answer(people[person], at=now)

    ranked = rank_circle_candidates(rings, utility, chance)
    return [Possible(ring, {person: people[person] for person in ring.people}) for _, ring in ranked[:limit]]


async def _rings_around(deps: Deps, me: Neighbour) -> list[CircleCandidate]:
    """Those that all three may be asked for, among the best ranked learners and teachers; where that gives few, among
    those too who would close a ring."""
    circles = deps.store.circles
    learners, teachers = await asyncio.gather(
        circles.learners(me.offered, besides=[me.id]), circles.teachers(me.wanted, besides=[me.id])
    )
    if not learners or not teachers:
        return []
    since = deps.now() - DECIDED_FOR
    known = [
        {*swap.participants, *circle_of(swap).gone}
        for swap in await circles.list_of(me.id)
        if swap.is_open or swap.updated_at >= since
    ]
    rings = await _open_to_all(deps, await _among(deps, me, learners, teachers), known)
    if len(rings) >= MAX_RINGS:
        return rings
    to_teachers = [(get, mine) for person in teachers for get in person.wanted for mine in me.offered]
    to_learners = [(mine, give) for person in learners for give in person.offered for mine in me.wanted]
    more_learners, more_teachers = await asyncio.gather(
        circles.traders(to_teachers, besides=[me.id, *(person.id for person in learners)]),
        circles.traders(to_learners, besides=[me.id, *(person.id for person in teachers)]),
    )
    rings = await _among(deps, me, _each_once(learners, more_learners), _each_once(teachers, more_teachers))
    return await _open_to_all(deps, rings, known)


async def _among(
    deps: Deps, me: Neighbour, learners: Sequence[Neighbour], teachers: Sequence[Neighbour]
) -> list[CircleCandidate]:
    ids = {person.id for person in (me, *learners, *teachers)}
    barred: Bars = await deps.store.blocks.among(ids)
    return find_circle_candidates(me, learners, teachers, barred=barred)


def _each_once(*lists: Iterable[Neighbour]) -> list[Neighbour]:
    return list({person.id: person for people in lists for person in people}.values())


async def _open_to_all(deps: Deps, rings: list[CircleCandidate], known: Sequence[set[str]]) -> list[CircleCandidate]:
    """Without trios that are known from a circle, and without people who have no room for it. The rings that come first
    are often enough; only else are the others looked at."""
    rings = [ring for ring in rings if not any(trio.issuperset(ring.people) for trio in known)]
    free: list[CircleCandidate] = []
    for part in (rings[: 2 * MAX_RANKED], rings[2 * MAX_RANKED :]):
        if part and len(free) < MAX_RANKED:
            full = await full_places(deps, {place for ring in part for place in ring.places})
            free += [ring for ring in part if full.isdisjoint(ring.places)]
    return free


async def full_places(deps: Deps, places: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of these (person, key) who wait for the skill in as many open circles as one may, or learn it in a closed
    one: a second one could not close."""
    waiting, promised = await asyncio.gather(
        deps.store.circles.places_waited_for(list({person for person, _ in places})),
        deps.store.circles.promised([f"{person}:{key}" for person, key in places]),
    )
    count = Counter(waiting)
    return {
        (person, key)
        for person, key in places
        if count[person, key] >= MAX_OPEN_FOR_A_SKILL or f"{person}:{key}" in promised
    }


def _may_be_asked(user: User | None) -> bool:
    return user is not None and user.is_listed


async def find_replacements(deps: Deps, swap: Swap) -> list[Part]:
    """People who could take the empty place of this circle, best first."""
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
    barred: Bars = await deps.store.blocks.among([*two, *(person.id for person in candidates)])
    teacher, learner = neighbour(two[teacher_id]), neighbour(two[learner_id])
    fitting = [person.id for person in candidates if fits(teacher, person, learner, barred=barred)][:MAX_CANDIDATES]
    full = await full_places(deps, {(person, learns) for person in fitting})
    people = await deps.store.users.find_many(person for person in fitting if (person, learns) not in full)
    free = [user for user in people.values() if user.is_listed]

    now, online = deps.now(), deps.online_places

    def worth(user: User) -> float:
        for_user = directional_utility(user, two[teacher_id], at=now, online=online)
        of_user = directional_utility(two[learner_id], user, at=now, online=online)
        return for_user * of_user * chance_of_answer(user, at=now)

    places = {person: place for place, person in enumerate(fitting)}
    best = sorted(free, key=lambda user: (-worth(user), places[user.id]))
    return [Part(user.id, written(user, teaches), teaches) for user in best]
