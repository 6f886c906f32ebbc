"""Moments from which on a swap looks different by time alone: what is shown stays true until the next one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.declines import REASON_WITHIN
from domain.sessions import AGREED, Session
from domain.swaps import ACCEPTED, Swap
from domain.talks import TALK_AFTER_END, TALKS_ON
from domain.timetable import REMIND_DAY_BEFORE


def next_moment(swap: Swap, at: datetime) -> datetime | None:
    """Return the first moment, `at` included, that `domain.stages` or `domain.talks` compares the time with; None for
    none. From `at` until right before it, stage, next action and verbs of a swap are the same for each of its users."""
    if any(session.closes_at is None for session in _agreed(swap)):
        return at  # of another program; without its end it is ordered by the time itself
    return min((moment for moment in _moments(swap) if moment >= at), default=None)


def _agreed(swap: Swap) -> Iterator[Session]:
    return (session for session in swap.plan.sessions if session.status == AGREED)


def _moments(swap: Swap) -> Iterator[datetime]:
    if swap.status in TALKS_ON:
        yield swap.updated_at + REASON_WITHIN
        yield swap.updated_at + TALK_AFTER_END
    plan = swap.plan
    for ends in (plan.ratings_end, plan.statements_end):
        if ends is not None:
            yield ends
    if swap.status != ACCEPTED:
        return
    for session in plan.upcoming:
        yield from session.slots
    for session in _agreed(swap):
        if session.starts_at is not None:
            yield session.starts_at - REMIND_DAY_BEFORE
            yield session.starts_at
        for ends in (session.ends_at, session.closes_at):
            if ends is not None:
                yield ends
