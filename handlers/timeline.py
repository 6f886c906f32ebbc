"""The sweep of what is due in the life of swaps: nudges, reminders, questions, and the ends that come by time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain import outcomes, planning, timeline
from domain.deliveries import Delivery, deliveries_for
from domain.errors import Conflict
from domain.events import DISPUTE_OPEN, REVIEW_SOON, SESSION_ASKED, SESSION_SOON, SWAP_ANSWER_SOON, SWAP_UNPLANNED
from domain.planning import partners_to_plan_with, people_of
from domain.staff_cards import DISPUTE
from domain.swaps import Swap
from domain.timeline import (
    ANSWER_SOON,
    ASK,
    ASK_AGAIN,
    ASK_FOR_PLAN,
    CONFIRM,
    DISPUTE_OVER,
    LAPSE,
    PROBE,
    RATE_SOON,
    REMIND_DAY,
    REMIND_HOUR,
    REVEAL,
    STATEMENTS_OVER,
    SUGGEST,
    TRANSITIONS,
    PutOff,
    Step,
    Told,
    calm_time,
    due_steps,
    may_nudge,
    next_step,
    step_after,
)
from domain.timetable import ASK_FOR_PLAN_AFTER, NO_NUDGE_AFTER_MESSAGE
from domain.users import User
from handlers.auth.roles import list_staff
from handlers.notifications import deliveries_to
from handlers.records import note_change
from handlers.reviews import reveal, unwritten
from handlers.runtime.deps import Deps
from handlers.staff_cards import keeping_staff_card
from handlers.swap_news import news_of

log = logging.getLogger(__name__)

AT_ONCE = 250
"""Swaps read at once, and marked at once."""
TOGETHER = 10
"""Swaps worked on at the same time."""
MAX_STAFF = 100
"""Moderators and admins who are told of one dispute."""
MAX_ROUNDS = 100
"""Rounds of one run of the sweep; the next run goes on."""

EVENT_OF_STEP: Final = {
    ANSWER_SOON: SWAP_ANSWER_SOON,
    SUGGEST: SWAP_UNPLANNED,
    ASK_FOR_PLAN: SWAP_UNPLANNED,
    PROBE: SWAP_UNPLANNED,
    REMIND_DAY: SESSION_SOON,
    REMIND_HOUR: SESSION_SOON,
    ASK: SESSION_ASKED,
    ASK_AGAIN: SESSION_ASKED,
    CONFIRM: SESSION_ASKED,
    STATEMENTS_OVER: DISPUTE_OPEN,
    RATE_SOON: REVIEW_SOON,
}


@dataclass(frozen=True, slots=True)
class Look:
    """Facts that are read at once for many swaps: their people, and when the two of each have written last."""

    at: datetime
    people: Mapping[str, User]
    last_sent: Mapping[str, datetime]


async def do_due_steps(deps: Deps) -> int:
    """Do every step that is due, the longest overdue first; may run twice at the same time. Returns how many."""
    done = 0
    for _ in range(MAX_ROUNDS):
        swaps = await deps.store.swap_steps.due(deps.now(), limit=AT_ONCE)
        done += await _do_steps(deps, swaps)
        if len(swaps) < AT_ONCE:
            return done
    return done


async def do_steps_of(deps: Deps, swap: Swap) -> None:
    """Do what a change of this swap has made due at once, if it need not wait; else the sweep does it."""
    step = next_step(swap)
    if step is not None and step.at <= deps.now():
        await _do_steps(deps, [swap])


async def next_step_at(deps: Deps) -> datetime | None:
    """Return when the next step is due."""
    return await deps.store.swap_steps.next_due()


async def _do_steps(deps: Deps, swaps: Sequence[Swap]) -> int:
    """Do the first step of each swap that need not wait. Transitions are written one by one; marks in one bulk, in
    which each is still a write of its own. Returns how many steps were done."""
    look = await _look_at(deps, swaps)
    results: list[bool | Told | PutOff] = []
    for start in range(0, len(swaps), TOGETHER):
        some = swaps[start : start + TOGETHER]
        results += await asyncio.gather(*(_do_step(deps, swap, look) for swap in some))
    told = [one for one in results if isinstance(one, Told)]
    dropped = [one for one in told if not one.is_step]
    await deps.store.swap_steps.mark_all(dropped, at=look.at)
    await deps.store.swap_steps.put_off_all([one for one in results if isinstance(one, PutOff)])
    done = await deps.store.swap_steps.mark_all([one for one in told if one.is_step], at=look.at)
    return done + results.count(True)


async def _look_at(deps: Deps, swaps: Sequence[Swap]) -> Look:
    now = deps.now()
    people = await deps.store.users.find_many({person for swap in swaps for person in swap.participants})
    talked = [swap.id for swap in swaps if any(_pause_after_message(step) for step, _ in due_steps(swap, now) if step)]
    return Look(now, people, await deps.store.messages.last_sent_at(talked) if talked else {})


async def _do_step(deps: Deps, swap: Swap, look: Look) -> bool | Told | PutOff:
    """Do the first step of a swap that need not wait: a transition at once; a reminder, or dropping what is pointless
    by now, is returned to be marked. Else return until when to wait."""
    now = look.at
    later = [at for at in (step_after(swap, now),) if at is not None]
    for step, dropped in due_steps(swap, now):
        if step is None:
            return Told(swap, tuple(each.key for each in dropped), is_step=False)
        told = await _recipients(deps, swap, step)
        until = _wait_until(swap, step, told, look)
        if until is None:
            return await _tell(deps, swap, step, dropped, told, look)
        later.append(until)
    return PutOff(swap, min(later, default=None))


async def _tell(
    deps: Deps, swap: Swap, step: Step, dropped: Sequence[Step], told: Sequence[str], look: Look
) -> bool | Told:
    """Do a transition; return what a reminder tells, with its mark and those of the steps that it replaces."""
    if step.kind in (RATE_SOON, REVEAL) and await reveal(deps, swap):
        return True
    if step.kind == DISPUTE_OVER:
        async with keeping_staff_card(deps, DISPUTE, swap.id):
            return await _move(deps, swap, step, look.at)
    if step.kind in TRANSITIONS:
        return await _move(deps, swap, step, look.at)
    event = EVENT_OF_STEP.get(step.kind)
    deliveries: list[Delivery] = []
    if event is not None and told:
        if all(person in look.people for person in told):  # read with the swaps; the moderators are not
            found = [look.people[person] for person in told]
            deliveries = deliveries_for(found, event, look.at, has_mail=deps.has_mail, about=step.session_id)
        else:
            deliveries = await deliveries_to(deps, told, event, about=step.session_id)
    nudged = told if step.is_nudge and deliveries else ()
    keys = (*(each.key for each in dropped), step.key)
    return Told(swap, keys, tuple(deliveries), tuple(nudged))


async def _move(deps: Deps, swap: Swap, step: Step, now: datetime) -> bool:
    try:
        match step.kind:
            case timeline.CLOSE_SESSION:
                after = outcomes.close_session(swap, step.session_id, at=now)
            case timeline.DISPUTE_OVER:
                after = outcomes.leave_undecided(swap, at=now)
            case timeline.PASS_OFFERS:
                after = planning.passed_offers(swap, at=now)
            case _:
                after = outcomes.lapse(swap, at=now)
    except Conflict:
        log.warning("step %s of swap %s is not due", step.kind, swap.id)
        return False
    if not await deps.store.swaps.replace(swap, after, await news_of(deps, swap, after, "")):
        return False
    await note_change(deps, swap, after)
    return True


def _wait_until(swap: Swap, step: Step, told: Sequence[str], look: Look) -> datetime | None:
    """Return a later time for a step that would come in somebody's quiet hours, or soon after a message; else None."""
    later = look.at
    pause, last = _pause_after_message(step), look.last_sent.get(swap.id)
    if pause is not None and last is not None:
        later = max(later, last + pause)
    if step.may_be_put_off:
        zones = [person.timezone for person in map(look.people.get, told) if person is not None]
        later = calm_time(later, zones)
    return later if later > look.at else None


def _pause_after_message(step: Step) -> timedelta | None:
    """Return how long this step waits after a message between the two; None for one that does not."""
    if step.is_nudge:
        return NO_NUDGE_AFTER_MESSAGE
    return ASK_FOR_PLAN_AFTER if step.kind == LAPSE else None


async def _recipients(deps: Deps, swap: Swap, step: Step) -> Sequence[str]:
    """Return the ids of those whom a step tells something."""
    people: Sequence[str] = swap.participants
    if step.kind == ANSWER_SOON:
        people = (swap.answerer,)
    elif step.kind == RATE_SOON:
        people = await unwritten(deps, swap)
    elif step.kind == STATEMENTS_OVER:
        return [person.id for person in await list_staff(deps)][:MAX_STAFF]
    elif step.session_id and (session := swap.plan.find(step.session_id)) is not None:
        people = people_of(swap, session)
        if step.kind == CONFIRM:
            people = [session.denied_by] if session.denied_by else []
        elif step.kind in (ASK, ASK_AGAIN):
            people = [person for person in people if session.answer_of(person) is None]
    elif step.kind in (SUGGEST, ASK_FOR_PLAN, PROBE):
        people = [person for person in people if partners_to_plan_with(swap, person)]
    return [person for person in people if may_nudge(swap, person)] if step.is_nudge else people
