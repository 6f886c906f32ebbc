"""Times that the bot suggests for a session."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.sessions import Session
from domain.suggestions import Busy, suggest_days, suggest_times
from domain.swaps import Swap
from domain.users import User
from handlers.runtime.deps import Deps
from handlers.sessions import list_upcoming


async def suggest_slots(deps: Deps, actor: User, swap: Swap | None, partner: User | None) -> tuple[datetime, ...]:
    """Return starts that suit both, of which none overlaps a session of the actor's or of this swap; None for a swap
    that is yet to be asked for.

    The partner's other sessions are not looked at: the actor must not learn of them.
    """
    return suggest_times(actor, partner or actor, at=deps.now(), busy=await _busy(deps, actor, swap))


async def suggest_week(deps: Deps, actor: User, swap: Swap | None, partner: User | None) -> tuple[datetime, ...]:
    """Return starts for a calendar of the next days that have any, chosen as in `suggest_slots`."""
    return suggest_days(actor, partner or actor, at=deps.now(), busy=await _busy(deps, actor, swap))


async def _busy(deps: Deps, actor: User, swap: Swap | None) -> list[Busy]:
    busy: list[Busy] = []
    planned = swap.plan.upcoming if swap is not None else ()
    for session in (*planned, *(one.session for one in await list_upcoming(deps, actor))):
        busy += _times_of(session)
    return busy


def _times_of(session: Session) -> list[Busy]:
    starts = session.slots if session.starts_at is None else (session.starts_at,)
    return [(start, start + timedelta(minutes=session.minutes)) for start in starts]
