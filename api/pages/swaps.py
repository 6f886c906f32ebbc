"""The list of one's swaps: first what waits for the reader, then what is coming up, running, waiting, and over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.language import texts_of
from api.pages.layout import render
from api.pages.problems import as_page
from api.pages.swap_views import swap_line, upcoming_line, waiting_line
from domain.outcomes import is_in_dispute
from domain.quotas import RAISES
from domain.screening import partners_of
from domain.swaps import ACCEPTED, DISPUTED, OPEN, OVER, PENDING, PROPOSED, Swap
from domain.users import User
from handlers.quotas import get_quota
from handlers.runtime.deps import Deps
from handlers.sessions import list_upcoming
from handlers.swaps import list_swaps
from handlers.users import get_people
from handlers.waiting import list_waiting

SHOWN: Final = 100
OVER_SHOWN: Final = 20
OPEN_BEFORE, OVER_BEFORE = "open_before", "over_before"
"""Fields of the address of a further page: the id of the last swap on the one before."""


@as_page
async def show_swaps(request: web.Request) -> web.Response:
    """Show the reader's swaps."""
    deps, actor = await signed_in(request)
    texts, now = texts_of(request), deps.now()
    is_first = not request.query
    waiting = await list_waiting(deps, actor) if is_first else []
    upcoming = await list_upcoming(deps, actor) if is_first else []
    going_on, more_open = await _read_page(request, deps, actor, OPEN_BEFORE, (*OPEN, DISPUTED), SHOWN)
    ended, more_over = await _read_page(request, deps, actor, OVER_BEFORE, OVER, OVER_SHOWN)
    mine = [*going_on, *ended]
    people = await _people(deps, actor, [*mine, *(one.swap for one in upcoming)])
    waits = {one.swap.id for one in waiting}
    quota = await get_quota(deps, actor)
    parts = {
        "running": [swap for swap in going_on if swap.status == ACCEPTED or is_in_dispute(swap, now)],
        "for_them": [swap for swap in going_on if swap.status in (PENDING, PROPOSED) and swap.id not in waits],
        "over": [swap for swap in ended if not is_in_dispute(swap, now)],
    }
    return render(
        request,
        texts,
        "swaps.html",
        user=actor,
        title=texts.plain("page.swaps.title"),
        is_first=is_first,
        more_open=more_open,
        more_over=more_over,
        waiting=[waiting_line(texts, one, actor) for one in waiting],
        upcoming=[upcoming_line(texts, one, actor, people, now) for one in upcoming],
        quota=quota if quota.is_half_used else None,
        raises=RAISES,
        parts={name: [swap_line(texts, swap, actor, people) for swap in swaps] for name, swaps in parts.items()},
    )


async def _read_page(
    request: web.Request, deps: Deps, actor: User, name: str, statuses: Sequence[str], limit: int
) -> tuple[list[Swap], str]:
    """Return a page of the reader's swaps in these statuses, and the address of the next one; "" for none. A page of
    the other list has none of this one."""
    if request.query and name not in request.query:
        return [], ""
    before = request.query.get(name)
    found = await list_swaps(deps, actor, statuses=statuses, before=before, limit=limit + 1, with_circles=True)
    more = f"/swaps?{urlencode({name: found[limit - 1].id})}" if len(found) > limit else ""
    return found[:limit], more


async def _people(deps: Deps, viewer: User, swaps: Iterable[Swap]) -> Mapping[str, User]:
    known = [swap for swap in swaps if swap.is_disclosed]
    return await get_people(
        deps, tuple({one for swap in known for one in (*swap.participants, *partners_of(swap, viewer.id))})
    )


def routes() -> list[web.RouteDef]:
    return [web.get("/swaps", show_swaps)]
