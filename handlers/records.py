"""Records of users, counted anew after each swap, answer and rating."""

from __future__ import annotations

from collections.abc import Iterable

from domain.events import UNRELIABLE
from domain.sessions import MISSED
from domain.standing import EDIT
from domain.swaps import COMPLETED, EXPIRED, Swap
from domain.timetable import NOTE_AT, PAUSE_AT, UNRELIABLE_WITHIN
from domain.users import User
from handlers.notifications import deliveries_to
from handlers.runtime.deps import Deps
from handlers.standing import require_right


async def count_records(deps: Deps, user_ids: Iterable[str]) -> None:
    """Count the records of these users anew."""
    for user_id in user_ids:
        await deps.store.records.recount(user_id, at=deps.now())


async def note_change(deps: Deps, before: Swap, after: Swap) -> None:
    """Count what a change of a swap says about its participants: a reply (by a counter-offer, too), a completion, a
    session missed, an expiry."""
    missed = {session.id for session in after.plan.sessions if session.status == MISSED}
    is_missed = missed > {session.id for session in before.plan.sessions if session.status == MISSED}
    is_countered = after.rounds > before.rounds
    if after.status == before.status and not is_missed and not is_countered:
        return
    is_about_all = after.status == COMPLETED or is_missed or after.circle is not None
    people = after.participants if is_about_all else (before.answerer,)
    await count_records(deps, people)
    if is_missed or (after.status == EXPIRED and after.circle is None):
        for person in people:
            await _note_lapses(deps, after, person)


async def _note_lapses(deps: Deps, swap: Swap, user_id: str) -> None:
    """Send a user a note, or pause them, for what they have let lapse lately. One note in UNRELIABLE_WITHIN, however
    many lapses a change has brought at once."""
    since = deps.now() - UNRELIABLE_WITHIN
    expired = await deps.store.records.count_expired(user_id, since=since)
    lapses = expired + await deps.store.records.count_no_shows(user_id, since=since)
    is_paused = lapses >= PAUSE_AT and await deps.store.records.set_paused(user_id, is_paused=True)
    is_noted = NOTE_AT <= lapses < PAUSE_AT and await deps.store.records.claim_note(user_id, at=deps.now(), since=since)
    if is_paused or is_noted:
        key = f"{UNRELIABLE}:{user_id}:{lapses}"
        deliveries = await deliveries_to(deps, [user_id], UNRELIABLE)
        current = await deps.store.swaps.find(swap.id)
        if current is not None:
            await deps.store.swap_steps.mark_told(current, [key], deliveries, nudged=[], at=deps.now())


async def resume(deps: Deps, actor: User) -> bool:
    """Let a paused user be found again. False when they were not paused."""
    await require_right(deps, actor, EDIT)
    return await deps.store.records.set_paused(actor.id, is_paused=False)
