"""The list of one's swaps, which stands beside every swap: first what waits for the reader, then what is coming up,
running, waiting for others, and over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from api.pages.swap_views import SwapLine, swap_line, upcoming_line, waiting_line
from domain.outcomes import is_in_dispute
from domain.screening import partners_of
from domain.swaps import ACCEPTED, DISPUTED, OPEN, OVER, PENDING, PROPOSED, Swap
from domain.users import User
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts
from handlers.sessions import SwapSession, list_upcoming
from handlers.swaps import list_recent_swaps
from handlers.users import get_people
from handlers.waiting import Waiting

SHOWN: Final = 100
OVER_SHOWN: Final = 20
OPEN_BEFORE, OVER_BEFORE = "open_before", "over_before"
"""Fields of the address of a further page: the id of the last swap on the one before."""


@dataclass(frozen=True, slots=True)
class Turned:
    """A page of the list: the first one, or a further one of the swaps that go on or of those that are over."""

    name: str = ""
    before: str | None = None


FIRST: Final = Turned()


@dataclass(frozen=True, slots=True)
class SwapList:
    """The list as a template draws it, and `nearest`, the swap that needs the reader first."""

    is_first: bool
    waiting: Sequence[SwapLine] = ()
    upcoming: Sequence[SwapLine] = ()
    parts: Mapping[str, Sequence[SwapLine]] = field(default_factory=dict)
    more_open: str = ""
    more_over: str = ""
    nearest: Swap | None = None

    @property
    def is_empty(self) -> bool:
        return self.is_first and not (self.waiting or self.upcoming or any(self.parts.values()))


async def read_list(
    deps: Deps, texts: Texts, actor: User, waiting: Sequence[Waiting], turned: Turned = FIRST
) -> SwapList:
    """Return the reader's swaps, or a further page of them. `waiting` is what waits for the reader."""
    now, is_first = deps.now(), turned == FIRST
    waiting = waiting if is_first else ()
    upcoming = await list_upcoming(deps, actor) if is_first else []
    going_on, more_open = await _read_page(deps, actor, turned, OPEN_BEFORE, (*OPEN, DISPUTED), SHOWN)
    ended, more_over = await _read_page(deps, actor, turned, OVER_BEFORE, OVER, OVER_SHOWN)
    known = {person.id: person for one in waiting for person in one.people}
    people = await _people(deps, actor, [*going_on, *ended, *(one.swap for one in upcoming)], known)
    waits = {one.swap.id for one in waiting}
    comes = {one.swap.id for one in upcoming}
    running = [
        swap for swap in going_on if (swap.status == ACCEPTED or is_in_dispute(swap, now)) and swap.id not in comes
    ]
    for_them = [swap for swap in going_on if swap.status in (PENDING, PROPOSED) and swap.id not in waits]
    over = [swap for swap in ended if not is_in_dispute(swap, now)]
    parts = {"running": running, "for_them": for_them, "over": over}
    return SwapList(
        is_first,
        [waiting_line(texts, one, actor, now) for one in waiting],
        [upcoming_line(texts, one, actor, people, now) for one in upcoming],
        {name: [swap_line(texts, swap, actor, people) for swap in swaps] for name, swaps in parts.items()},
        more_open,
        more_over,
        _nearest(waiting, upcoming, [*running, *for_them, *over]),
    )


def _nearest(waiting: Sequence[Waiting], upcoming: Sequence[SwapSession], rest: Sequence[Swap]) -> Swap | None:
    swaps = [*(one.swap for one in waiting), *(one.swap for one in upcoming), *rest]
    return next((swap for swap in swaps if swap.is_disclosed), None)


async def _read_page(
    deps: Deps, actor: User, turned: Turned, name: str, statuses: Sequence[str], limit: int
) -> tuple[list[Swap], str]:
    """Return a page of the reader's swaps in these statuses, and the address of the next one; "" for none. A further
    page of the other list has none of this one."""
    if turned.name not in ("", name):
        return [], ""
    found = await list_recent_swaps(
        deps, actor, statuses=statuses, before=turned.before, limit=limit + 1, with_circles=True
    )
    more = f"/swaps?{urlencode({name: found[limit - 1].id})}" if len(found) > limit else ""
    return list(found[:limit]), more


async def _people(deps: Deps, viewer: User, swaps: Iterable[Swap], known: Mapping[str, User]) -> Mapping[str, User]:
    """Return the others of these swaps by id; those who are known already are not read again."""
    others = {one for swap in swaps if swap.is_disclosed for one in partners_of(swap, viewer.id)}
    missing = tuple(one for one in others if one not in known)
    return {**known, **await get_people(deps, missing)}
