"""List of what waits for a user: the one behind the top of a front end, its badge and its title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.stages import AGREE, ANSWER, ANSWER_SESSION, JOIN, PLAN, RATE, STATE, next_action
from domain.swaps import ACCEPTED, DISPUTED, PENDING, PROPOSED, Swap
from domain.users import User
from handlers.reviews import list_pending
from handlers.runtime.deps import Deps
from handlers.users import get_people

KINDS: Final = (ANSWER, JOIN, AGREE, ANSWER_SESSION, PLAN, STATE, RATE)
"""Kinds of what waits: the verbs of `domain.stages` that need the user."""
OPEN_STATUSES: Final = (PENDING, PROPOSED, ACCEPTED, DISPUTED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for a user: its kind, one of KINDS, the swap, the others whom it is about, and until when.

    Before a circle is closed, nobody of it is named. `session_id` is "" for what is about no session.
    """

    kind: str
    swap: Swap
    people: tuple[User, ...]
    until: datetime | None
    session_id: str = ""


async def list_waiting(deps: Deps, actor: User) -> list[Waiting]:
    """Return what waits for the actor and can still be done, the nearest end first, what has none last."""
    now = deps.now()
    swaps = await deps.store.swaps.list_of(actor.id, statuses=OPEN_STATUSES, with_circles=True)
    found: list[tuple[str, Swap, tuple[str, ...], datetime | None, str]] = []
    for swap in swaps:
        action = next_action(swap, actor.id, now)
        if action is None or action.verb not in KINDS or actor.id not in action.by:
            continue
        if action.until is not None and action.until <= now:
            continue
        found.append((action.verb, swap, _others(swap, actor.id), action.until, action.session_id))
    found += [
        (RATE, pending.swap, (pending.seat.about,), pending.until, "") for pending in await list_pending(deps, actor)
    ]
    people = await get_people(deps, tuple({person for _, _, others, _, _ in found for person in others}))
    waiting = [
        Waiting(kind, swap, tuple(people[one] for one in others if one in people), until, session_id)
        for kind, swap, others, until, session_id in found
    ]
    return _by_end(waiting)


def _others(swap: Swap, viewer_id: str) -> tuple[str, ...]:
    return swap.others(viewer_id) if swap.is_disclosed else ()


def _by_end(waiting: Sequence[Waiting]) -> list[Waiting]:
    return sorted(waiting, key=lambda one: (one.until is None, one.until.timestamp() if one.until else 0))
