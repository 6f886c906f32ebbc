"""Steps that are due in the life of a swap: nudges, reminders, questions, and the ends that come by time.

`steps` derives all of it from the swap; the store keeps the earliest as `wake_at`, so that one sweep finds what is due.
Steps of one group are looked at from the latest back: after an outage the latest is taken and earlier ones are dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from domain.availability import local_time
from domain.deliveries import Delivery
from domain.reviews import seats_of
from domain.sessions import AGREED, OFFERED, Session
from domain.swaps import ACCEPTED, COMPLETED, DISPUTED, PENDING, Swap
from domain.timetable import (
    ASK_FOR_PLAN_AFTER,
    DECIDE_WITHIN,
    LAPSE_AFTER,
    MAX_NUDGES,
    NUDGES_BEFORE_EXPIRY,
    ONE_WAY_AFTER,
    PROBE_AFTER,
    QUIET_FROM,
    QUIET_UNTIL,
    REMIND_DAY_BEFORE,
    REMIND_HOUR_BEFORE,
    REMIND_TO_RATE,
    STATEMENT_WITHIN,
    SUGGEST_AFTER,
)

ANSWER_SOON = "answer_soon"
SUGGEST, ASK_FOR_PLAN, PROBE = "suggest", "ask_for_plan", "probe"
REMIND_DAY, REMIND_HOUR, ASK, ASK_AGAIN = "remind_day", "remind_hour", "ask", "ask_again"
CONFIRM = "confirm"
"""The question whether a denial stands, since the other one says that they met."""
RATE_SOON = "rate_soon"
NUDGES = (ANSWER_SOON, SUGGEST, ASK_FOR_PLAN, PROBE, ASK_AGAIN, RATE_SOON)
"""Steps that count as nudges: at most MAX_NUDGES per swap and person."""
PASS_OFFERS, CLOSE_SESSION, LAPSE = "pass_offers", "close_session", "lapse"
STATEMENTS_OVER, DISPUTE_OVER = "statements_over", "dispute_over"
REVEAL = "reveal"
TRANSITIONS = (PASS_OFFERS, CLOSE_SESSION, LAPSE)
"""Steps that change the swap itself, at any hour. DISPUTE_OVER does, too, and waits for the end of quiet hours."""


class Step(NamedTuple):
    """Something to be done at a time. Of the due steps of one `group` only the latest is done. `marks` are the times
    and numbers that tell it from earlier steps of its kind. `until`: after that it is pointless.

    A named tuple, and its key made where it is asked for: every write of a swap goes through its steps.
    """

    at: datetime
    kind: str
    group: str
    marks: tuple[datetime | int, ...]
    session_id: str = ""
    until: datetime | None = None

    @property
    def key(self) -> str:
        """Return what is stored when the step is done; unique in the swap, so that it is done once."""
        marks = [str(int(mark.timestamp()) if isinstance(mark, datetime) else mark) for mark in self.marks]
        return ":".join([self.kind, self.session_id, *marks] if self.session_id else [self.kind, *marks])

    @property
    def is_nudge(self) -> bool:
        return self.kind in NUDGES

    @property
    def may_be_put_off(self) -> bool:
        """Return whether this step waits for the end of the recipient's quiet hours."""
        return self.kind not in (REMIND_HOUR, REVEAL, *TRANSITIONS)


@dataclass(frozen=True, slots=True)
class Told:
    """Steps of a swap that are done, by their keys, with what is to be delivered and the users whom it nudges.

    `is_step`: one of them has been done, and not all of them dropped. `has_revealed`: the ratings of the swap are shown
    with it.
    """

    swap: Swap
    keys: tuple[str, ...]
    deliveries: tuple[Delivery, ...] = ()
    nudged: tuple[str, ...] = ()
    is_step: bool = True
    has_revealed: bool = False


@dataclass(frozen=True, slots=True)
class PutOff:
    """Swap in which nothing can be done before another time; None for no more."""

    swap: Swap
    until: datetime | None


def steps(swap: Swap) -> Iterator[Step]:
    """Yield all steps of this swap as it stands, done ones included, in the order of each group."""
    if swap.screened_at is not None:
        return
    if swap.status == PENDING:
        yield from _request_steps(swap)
    elif swap.status == ACCEPTED:
        is_agreed = False
        for session in swap.plan.sessions:
            if session.is_upcoming:
                yield from _session_steps(session)
                is_agreed = is_agreed or session.status == AGREED
        if not is_agreed:
            yield from _idle_steps(swap)
    elif swap.status == COMPLETED:
        yield from _rating_steps(swap)
    elif swap.status == DISPUTED:
        yield from _dispute_steps(swap)


def next_step(swap: Swap) -> Step | None:
    """Return the earliest step that has not been done; None when time changes nothing."""
    first: Step | None = None
    for step in steps(swap):
        if (first is None or step.at < first.at) and not is_done(swap, step):
            first = step
    return first


def is_done(swap: Swap, step: Step) -> bool:
    return bool(swap.told) and step.key in swap.told


def due_steps(swap: Swap, at: datetime) -> Iterator[tuple[Step | None, tuple[Step, ...]]]:
    """Yield the step to be done of each group that has one, and the earlier ones of its group that it replaces.

    Steps that are pointless by now are replaced by none, and dropped with (None, them).
    """
    groups: dict[str, list[Step]] = {}
    for step in steps(swap):
        if step.at <= at and not is_done(swap, step):
            groups.setdefault(step.group, []).append(step)
    for group in groups.values():
        useful = [step for step in group if step.until is None or at < step.until]
        if useful:
            yield useful[-1], tuple(step for step in group if step is not useful[-1])
        else:
            yield None, tuple(group)


def lapses_at(swap: Swap) -> datetime | None:
    """Return when a swap in which nothing is agreed ends by itself; None for any other swap."""
    plan = swap.plan
    if swap.status != ACCEPTED or plan.idle_since is None or any(one.status == AGREED for one in plan.upcoming):
        return None
    return _lapses_at(swap, plan.idle_since)


def step_after(swap: Swap, at: datetime) -> datetime | None:
    """Return when the first step after this time is due, whatever is due already."""
    return min((step.at for step in steps(swap) if step.at > at and not is_done(swap, step)), default=None)


def may_nudge(swap: Swap, user_id: str) -> bool:
    return swap.nudges.get(user_id, 0) < MAX_NUDGES


def after_quiet_hours(at: datetime, zone: str | None) -> datetime:
    """Return this time, or the end of the quiet hours of this zone that it lies in. A time without a zone is not
    quiet."""
    if not zone:
        return at
    local = local_time(at, zone)
    if QUIET_UNTIL <= local.hour < QUIET_FROM:
        return at
    day = local.date() + timedelta(days=local.hour >= QUIET_FROM)
    morning = datetime(day.year, day.month, day.day, QUIET_UNTIL, tzinfo=local.tzinfo)
    return morning.astimezone(UTC)


def calm_time(at: datetime, zones: Iterable[str | None]) -> datetime:
    """Return the first time from `at` on that lies in nobody's quiet hours; for two who are never awake at the same
    time, one that is calm for one of them."""
    known = tuple(zones)
    calm = at
    for _ in range(len(known) + 1):
        calm = max((after_quiet_hours(calm, zone) for zone in known), default=calm)
    return calm


def _request_steps(swap: Swap) -> Iterator[Step]:
    if swap.due_at is None:
        return
    for left in NUDGES_BEFORE_EXPIRY:
        at = swap.due_at - left
        if at > swap.created_at:
            yield Step(at, ANSWER_SOON, "request", (at,), until=swap.due_at)


def _session_steps(session: Session) -> Iterator[Step]:
    group = f"session {session.id}"
    # a new place is no new agreement: what was told of this one is not told again
    mark = session.agreed_at or session.sequence
    if session.status == OFFERED:
        yield Step(session.slots[-1], PASS_OFFERS, group, (mark,), session.id)
    if session.status != AGREED or session.starts_at is None or session.agreed_at is None:
        return
    starts, agreed = session.starts_at, session.agreed_at
    closes = session.closes_at
    if not session.noted_by:
        for kind, before, until in (
            (REMIND_DAY, REMIND_DAY_BEFORE, starts - REMIND_HOUR_BEFORE),
            (REMIND_HOUR, REMIND_HOUR_BEFORE, starts),
        ):
            if agreed <= starts - before:
                yield Step(starts - before, kind, group, (mark,), session.id, until)
    for kind, at in ((ASK, session.asked_at), (ASK_AGAIN, session.asked_again_at)):
        if at is not None:
            yield Step(at, kind, group, (mark,), session.id, closes)
    if session.denied_at is not None:
        marks = (mark, session.denied_at)
        yield Step(session.denied_at, CONFIRM, f"denial {session.id}", marks, session.id, closes)
    if closes is not None:
        yield Step(closes, CLOSE_SESSION, group, (mark, closes), session.id)


def _idle_steps(swap: Swap) -> Iterator[Step]:
    since = swap.plan.idle_since
    if since is None:
        return
    held = swap.plan.held_legs
    if (swap.plan.arranged_by or swap.plan.is_older) and not held:
        nudges: tuple[tuple[str, timedelta], ...] = ((PROBE, PROBE_AFTER),)
    elif len(held) == len(swap.legs):
        nudges = ()
    else:
        nudges = ((SUGGEST, SUGGEST_AFTER), (ASK_FOR_PLAN, ASK_FOR_PLAN_AFTER))
    for kind, after in nudges:
        yield Step(since + after, kind, "idle", (since,))
    yield Step(_lapses_at(swap, since), LAPSE, "idle", (since,))


def _lapses_at(swap: Swap, since: datetime) -> datetime:
    is_one_way = 0 < len(swap.plan.held_legs) < len(swap.legs)
    return since + (ONE_WAY_AFTER if is_one_way else LAPSE_AFTER)


def _rating_steps(swap: Swap) -> Iterator[Step]:
    ends = swap.plan.ratings_end
    if ends is None or swap.plan.completed_at is None:  # completed by an older application
        return
    if swap.rated and {seat.author for seat in seats_of(swap)} <= set(swap.rated):
        # whoever has written last tells of it at once; the sweep, if that process was killed
        yield Step(swap.plan.completed_at, REVEAL, "rating", (ends,))
        return
    for left in REMIND_TO_RATE:
        yield Step(ends - left, RATE_SOON, "rating", (ends - left,), until=ends)
    yield Step(ends, REVEAL, "rating", (ends,))


def _dispute_steps(swap: Swap) -> Iterator[Step]:
    since = swap.plan.disputed_at
    if since is None or swap.plan.decision or swap.plan.undecided_at is not None:
        return
    yield Step(since + STATEMENT_WITHIN, STATEMENTS_OVER, "dispute", (since,))
    yield Step(since + DECIDE_WITHIN, DISPUTE_OVER, "dispute", (since,))
