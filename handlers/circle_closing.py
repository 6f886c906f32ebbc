"""Whether the last yes may close a circle: are all three still there, free, and of the skills that they joined with?"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

from domain.circles import MAX_RUNNING, circle_of
from domain.swaps import Swap
from domain.users import User
from handlers.runtime.deps import Deps

TAKEN, CHANGED = "circle.you_are_taken", "circle.you_changed"
"""Why somebody cannot be in it; what they are told when it is they who join."""


async def who_is_out(deps: Deps, closed: Swap) -> dict[str, str]:
    """Who of the three cannot be in this circle any more, and why (TAKEN or CHANGED); whom it concerns first first."""
    people = await deps.store.users.find_many(closed.participants)
    out = {person: TAKEN for person in closed.participants if person not in people or not people[person].is_active}
    if out:
        return out
    out = _changed(deps, closed, people)
    promised = await deps.store.circles.promised(closed.promises, besides=closed.id)
    out |= {leg.learner: TAKEN for leg in closed.legs if f"{leg.learner}:{leg.key}" in promised}
    for pair in await deps.store.blocks.among(closed.participants):
        # whoever of the two has joined last has seen the other's name last
        out.setdefault(min(pair, key=lambda person: closed.consents.get(person, 0)), TAKEN)
    return out


def _changed(deps: Deps, closed: Swap, people: Mapping[str, User]) -> dict[str, str]:
    """Who teaches, or wants to learn, their skill of the circle no more."""
    key_of, out = deps.vocabulary.key_of, dict[str, str]()
    for leg in closed.legs:
        key, teacher, learner = key_of(leg.key), people[leg.teacher], people[leg.learner]
        if key not in map(key_of, teacher.offered_keys):
            out[teacher.id] = CHANGED
        if key not in map(key_of, learner.wanted_keys):
            out[learner.id] = CHANGED
    return out


async def with_slots(deps: Deps, closed: Swap) -> tuple[Swap, dict[str, str]]:
    """The circle with one of the MAX_RUNNING slots of each of its people, and who has none left.

    A slot can be taken once: circles that close at once do not pass the limit, the loser looks anew.
    """
    taken = await deps.store.circles.slots_taken(closed.participants)  # before counting: never too many are free
    slots, out = dict[str, int](), dict[str, str]()
    for person in closed.participants:
        running = await deps.store.circles.count_running(person, limit=MAX_RUNNING)
        without_slot = max(0, running - len(taken[person]))
        free = [slot for slot in range(MAX_RUNNING - without_slot) if slot not in taken[person]]
        if running >= MAX_RUNNING or not free:
            out[person] = TAKEN
        else:
            slots[person] = random.choice(free)
    return replace(closed, circle=replace(circle_of(closed), slots=slots)), out
