"""The list of one's swaps: first what waits for the reader, then what is coming up, running, waiting, and over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.language import texts_of
from api.pages.layout import render
from api.pages.problems import as_page
from api.pages.swap_views import swap_line, upcoming_line, waiting_line
from domain.outcomes import is_in_dispute
from domain.quotas import RAISES
from domain.screening import partners_of
from domain.swaps import ACCEPTED, PENDING, PROPOSED, Swap
from domain.users import User
from handlers.quotas import get_quota
from handlers.runtime.deps import Deps
from handlers.sessions import list_upcoming
from handlers.swaps import list_swaps
from handlers.users import get_people
from handlers.waiting import list_waiting

SHOWN: Final = 100
OVER_SHOWN: Final = 20


@as_page
async def show_swaps(request: web.Request) -> web.Response:
    """Show the reader's swaps."""
    deps, actor = await signed_in(request)
    texts, now = texts_of(request), deps.now()
    waiting, upcoming = await list_waiting(deps, actor), await list_upcoming(deps, actor)
    mine = await list_swaps(deps, actor, limit=SHOWN, with_circles=True)
    people = await _people(deps, actor, [*mine, *(one.swap for one in upcoming)])
    waits = {one.swap.id for one in waiting}
    quota = await get_quota(deps, actor)
    parts = {
        "running": [swap for swap in mine if swap.status == ACCEPTED or is_in_dispute(swap, now)],
        "for_them": [swap for swap in mine if swap.status in (PENDING, PROPOSED) and swap.id not in waits],
        "over": [swap for swap in mine if not swap.is_open and not is_in_dispute(swap, now)][:OVER_SHOWN],
    }
    return render(
        request,
        texts,
        "swaps.html",
        user=actor,
        title=texts.plain("page.swaps.title"),
        waiting=[waiting_line(texts, one, actor) for one in waiting],
        upcoming=[upcoming_line(texts, one, actor, people, now) for one in upcoming],
        quota=quota if quota.is_half_used else None,
        raises=RAISES,
        parts={name: [swap_line(texts, swap, actor, people) for swap in swaps] for name, swaps in parts.items()},
    )


async def _people(deps: Deps, viewer: User, swaps: Iterable[Swap]) -> Mapping[str, User]:
    known = [swap for swap in swaps if swap.is_disclosed]
    return await get_people(
        deps, tuple({one for swap in known for one in (*swap.participants, *partners_of(swap, viewer.id))})
    )


def routes() -> list[web.RouteDef]:
    return [web.get("/swaps", show_swaps)]
