"""Times in a request: the ones that it proposes, and the yes to one of them, which is a session at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.errors import Conflict, Invalid
from domain.planning import clean_minutes, clean_slots
from domain.sessions import AGREED, NO_PLAN, OFFERED, Plan, Session
from domain.swaps import Swap


def proposed_plan(slots: Sequence[datetime], minutes: int, *, at: datetime) -> Plan:
    """Return the plan of a request that proposes these times, or none. Raises Invalid."""
    minutes = clean_minutes(minutes)
    return Plan(slots=clean_slots(slots, at), minutes=minutes) if slots else NO_PLAN


def slots_ahead(swap: Swap, at: datetime) -> tuple[datetime, ...]:
    """Return the times that the present offer of a request proposes and that are still to come."""
    return tuple(slot for slot in swap.plan.slots if slot > at)


def accept_with(swap: Swap, start: datetime, *, by: str, at: datetime) -> Swap:
    """Return the request accepted with a session at one of the times that it proposes. Raises NotFound, Forbidden,
    Conflict, Invalid."""
    accepted = swap.accept(by=by, at=at)
    if start not in swap.plan.slots:
        raise Invalid("session.no_such_slot", field="starts_at")
    if start <= at:
        raise Conflict("session.slot_passed", current=swap)
    return _with_session(accepted, Plan(slots=(start,), minutes=swap.plan.minutes), by=swap.author, at=at, agreed=start)


def joined_times(accepted: Swap, asked: Plan, *, by: str, at: datetime) -> Swap:
    """Return the swap that two requests have become: a session is agreed at the first time that both propose, or else
    offered at those of the second request, `asked` by this user."""
    common = [slot for slot in asked.slots if slot in accepted.plan.slots]
    if not asked.slots:
        return accepted
    return _with_session(accepted, asked, by=by, at=at, agreed=common[0] if common else None)


def _with_session(accepted: Swap, proposed: Plan, *, by: str, at: datetime, agreed: datetime | None) -> Swap:
    session = Session(
        id="1",
        legs=tuple(range(len(accepted.legs))),
        slots=() if agreed else proposed.slots,
        offered_by=by,
        changed_at=at,
        minutes=proposed.minutes,
        status=AGREED if agreed else OFFERED,
        starts_at=agreed,
        agreed_at=at if agreed else None,
    )
    return replace(accepted, plan=accepted.plan.with_session(session))
