"""Checks before the last consent closes a circle: are all three still there, free, and teaching the agreed skills?"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from itertools import count, islice

from domain.circles import MAX_RUNNING, circle_of
from domain.swaps import Swap
from domain.timetable import RUNS_FOR
from domain.users import User
from handlers.runtime.deps import Deps

TAKEN, CHANGED = "circle.you_are_taken", "circle.you_changed"
"""Reasons why a user cannot be in a circle; also the error codes for the user who joins."""


async def unavailable_users(deps: Deps, closed: Swap) -> dict[str, str]:
    """Return the users who cannot be in this circle any more, with the reason (TAKEN or CHANGED), the gravest case
    first."""
    people = await deps.store.users.find_many(closed.participants)
    out = {person: TAKEN for person in closed.participants if person not in people or not people[person].is_active}
    if out:
        return out
    out = _changed(deps, closed, people)
    promised = await deps.store.circles.held_promises(closed.promises, besides=closed.id)
    out |= {leg.learner: TAKEN for leg in closed.legs if f"{leg.learner}:{leg.key}" in promised}
    for pair in await deps.store.blocks.pairs_among(closed.participants):
        # the last of the two to join has seen the other's name last
        out.setdefault(min(pair, key=lambda person: closed.consents.get(person, 0)), TAKEN)
    return out


def _changed(deps: Deps, closed: Swap, people: Mapping[str, User]) -> dict[str, str]:
    """Return the users who have stopped teaching or wanting their skill of the circle."""
    key_of, out = deps.vocabulary.key_of, dict[str, str]()
    for leg in closed.legs:
        key, teacher, learner = key_of(leg.key), people[leg.teacher], people[leg.learner]
        if key not in map(key_of, teacher.offered_keys):
            out[teacher.id] = CHANGED
        if key not in map(key_of, learner.wanted_keys):
            out[learner.id] = CHANGED
    return out


async def with_slots(deps: Deps, closed: Swap) -> tuple[Swap, dict[str, str]]:
    """Return the circle with one slot of each user, and the users who have no room for another one.

    A slot is unique, and only as many of the first free ones are chosen from as there is room for: of circles that
    close at the same time, the loser looks again. A quiet circle keeps its slot, and takes no room.
    """
    taken = await deps.store.circles.slots_taken(closed.participants)  # read before counting: never too many are free
    slots, out, since = dict[str, int](), dict[str, str](), deps.now() - RUNS_FOR
    for person in closed.participants:
        running = await deps.store.circles.count_running(person, since=since, limit=MAX_RUNNING)
        if running >= MAX_RUNNING:
            out[person] = TAKEN
        else:
            free = (slot for slot in count() if slot not in taken[person])
            slots[person] = random.choice(list(islice(free, MAX_RUNNING - running)))
    return replace(closed, circle=replace(circle_of(closed), slots=slots)), out
