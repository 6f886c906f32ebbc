"""Exits: after a ban, a suspension or a departure the person is taken out of all that is running, step by step.

A job does what is due; each step may be repeated, and a killed process leaves the rest to the next one. Whoever is told
of a step is told in the same write, so nobody is told twice.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from domain.errors import Problem
from domain.events import SWAP_CARD_CHANGED, SWAP_PARTNER_GONE
from domain.exits import (
    ALERTS,
    BAN,
    CIRCLES,
    CLOSE,
    DECKS,
    LEAVING,
    RATINGS,
    SETTLE,
    STEPS,
    SUSPENSION,
    SWAPS,
    Exit,
    is_grounded,
    pause_after,
)
from domain.mail_addresses import kept_form
from domain.outcomes import taken_apart
from domain.swaps import OPEN, PARTNER_GONE, PARTNER_RESTS
from domain.users import BANNED, DELETED, User
from handlers.auth.sessions import end_all_sessions
from handlers.bars import add_bars, lift_bars
from handlers.circles import withdraw_from_circles
from handlers.notifications import deliveries_to
from handlers.records import count_records, note_change
from handlers.runtime.deps import Deps
from handlers.standing import SERVICE, lift_suspension

log = logging.getLogger(__name__)

REASONS: Final[Mapping[str, str]] = {BAN: PARTNER_GONE, LEAVING: PARTNER_GONE, SUSPENSION: PARTNER_RESTS}


async def go_on_with_exits(deps: Deps) -> int:
    """Do the steps that are due, for everybody who is on the way out. A job: it may run twice at the same time and be
    killed at any point. A step that fails is tried again later and keeps nobody else's from being done. Returns how
    many steps were done."""
    done = 0
    while due := await deps.store.standings.due_exits(deps.now()):
        for user_id, leaving in due:
            try:
                done += await _do_step(deps, user_id, leaving)
            except Exception:  # what one person has in the store must not keep all others in
                log.exception("exit of user %s waits at %s", user_id, leaving.next_step)
                waiting = replace(
                    leaving, due_at=deps.now() + pause_after(leaving.failures), failures=leaving.failures + 1
                )
                await deps.store.standings.advance(user_id, leaving, waiting)
    return done


async def lift_over_suspensions(deps: Deps) -> int:
    """Lift the suspensions whose time is over. A job: it may run twice at the same time. Returns how many."""
    lifted = 0
    for person in await deps.store.standings.over_suspensions(deps.now()):
        try:
            lifted += bool((await lift_suspension(deps, SERVICE, person.id)).entry_id)
        except Problem as problem:  # banned or gone at this moment
            log.info("suspension of user %s stays: %s", person.id, problem.code)
    return lifted


async def next_suspension_over(deps: Deps) -> datetime | None:
    """Return when `lift_over_suspensions` has work again."""
    return await deps.store.standings.next_suspension_over()


async def next_exit_step(deps: Deps) -> datetime | None:
    """Return when `go_on_with_exits` has work again, as far as the store knows."""
    return await deps.store.standings.next_exit_at()


async def leave_at_once(deps: Deps, user_id: str) -> None:
    """Do all steps of an exit that are due now, and leave what has to wait to the job."""
    while (leaving := await deps.store.standings.exit_of(user_id)) is not None and leaving.due_at <= deps.now():
        await _do_step(deps, user_id, leaving)


async def _do_step(deps: Deps, user_id: str, leaving: Exit) -> bool:
    person, step = await deps.store.users.find(user_id), leaving.next_step
    if person is None or person.status == DELETED or step is None or not is_grounded(leaving.kind, person):
        await deps.store.standings.advance(user_id, leaving, None)
        return False
    await _STEPS[step](deps, person, leaving)
    number = leaving.step + 1
    after = None
    if number < len(STEPS[leaving.kind]):
        after = replace(leaving, step=number, due_at=leaving.due_of(number, deps.now()), failures=0)
    else:
        log.info("user %s is out of all that was running, by decision %s", user_id, leaving.decision)
    return await deps.store.standings.advance(user_id, leaving, after)


async def _close_doors(deps: Deps, person: User, leaving: Exit) -> None:
    """Bar the accounts of a banned person, and end all by which they could go on: sessions, links, feeds."""
    await add_bars(deps, person)
    as_now = await deps.store.users.find(person.id)
    if as_now is not None and as_now.status not in (BANNED, DELETED):  # undone while they were added
        await lift_bars(deps, as_now)
        return
    await deps.store.sessions.end_all(person.id, at=deps.real_now())
    await deps.store.login_links.erase(person.id)
    await deps.store.calendar_feeds.erase(person.id)
    await deps.store.merges.erase(person.id)
    if person.email:
        await deps.store.verification_tokens.erase(kept_form(person.email))


async def _end_swaps(deps: Deps, person: User, leaving: Exit) -> None:
    """End the open requests and running swaps with one other; the other is told that the person is not here."""
    while swaps := await deps.store.swaps.list_of(person.id, statuses=OPEN):
        for swap in swaps:  # one that is changed by another request meanwhile comes again in the next round
            after = taken_apart(swap, reason=REASONS[leaving.kind], at=deps.now())
            told = await deliveries_to(deps, swap.others(person.id), SWAP_PARTNER_GONE)
            told += await deliveries_to(deps, [person.id], SWAP_CARD_CHANGED)
            if await deps.store.swaps.replace(swap, after, told):
                await note_change(deps, swap, after)


async def _leave_circles(deps: Deps, person: User, leaving: Exit) -> None:
    """Leave the circles: those that are not closed look for a replacement, those that run end for all three."""
    await withdraw_from_circles(deps, person)


async def _take_out_ratings(deps: Deps, person: User, leaving: Exit) -> None:
    """Count anew those whom the person has rated: a banned author's ratings do not count."""
    await count_records(deps, await deps.store.reviews.rated_by(person.id))


async def _end_alerts(deps: Deps, person: User, leaving: Exit) -> None:
    await deps.store.alerts.erase(person.id)
    await deps.store.circle_news.erase(person.id)


async def _forget_decks(deps: Deps, person: User, leaving: Exit) -> None:
    """Forget the order of the day of the person, and their share in those of others."""
    await deps.store.matches.erase(person.id)


async def _settle(deps: Deps, person: User, leaving: Exit) -> None:
    """Look once more, when every request that was under way at the time of the decision is over."""
    if leaving.kind == BAN:
        await add_bars(deps, person)
        await end_all_sessions(deps, person)
    await _end_swaps(deps, person, leaving)
    await _leave_circles(deps, person, leaving)


_STEPS: Final[Mapping[str, Callable[[Deps, User, Exit], Awaitable[None]]]] = {
    CLOSE: _close_doors,
    SWAPS: _end_swaps,
    CIRCLES: _leave_circles,
    RATINGS: _take_out_ratings,
    ALERTS: _end_alerts,
    DECKS: _forget_decks,
    SETTLE: _settle,
}
