"""Steps that are due in the life of a swap: nudges, reminders, questions, and the ends that come by time.

`steps` derives all of it from the swap; the store keeps the earliest as `wake_at`, so that one sweep finds what is due.
Steps of one group are looked at from the latest back: after an outage the latest is taken and earlier ones are dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from domain.availability import local_time
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
"""Steps that change the swap itself."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something to be done at a time. `key` is unique in the swap: a step is done once. Of the due steps of one `group`
    only the latest is done. `until`: after that it is pointless."""

    at: datetime
    kind: str
    key: str
    group: str
    session_id: str = ""
    until: datetime | None = None

    @property
    def is_nudge(self) -> bool:
        return self.kind in NUDGES

    @property
    def may_be_put_off(self) -> bool:
        """Return whether this step waits for the end of the recipient's quiet hours."""
        return self.kind not in (REMIND_HOUR, REVEAL, *TRANSITIONS)


def steps(swap: Swap) -> Iterator[Step]:
    """Yield all steps of this swap as it stands, done ones included, in the order of each group."""
    if swap.status == PENDING:
        yield from _request_steps(swap)
    elif swap.status == ACCEPTED:
        for session in swap.plan.upcoming:
            yield from _session_steps(session)
        if not any(session.status == AGREED for session in swap.plan.upcoming):
            yield from _idle_steps(swap)
    elif swap.status == COMPLETED:
        yield from _rating_steps(swap)
    elif swap.status == DISPUTED:
        yield from _dispute_steps(swap)


def next_step(swap: Swap) -> Step | None:
    """Return the earliest step that has not been done; None when time changes nothing."""
    return min((step for step in steps(swap) if step.key not in swap.told), key=lambda step: step.at, default=None)


def due_steps(swap: Swap, at: datetime) -> Iterator[tuple[Step | None, tuple[Step, ...]]]:
    """Yield the step to be done of each group that has one, and the earlier ones of its group that it replaces.

    Steps that are pointless by now are replaced by none, and dropped with (None, them).
    """
    groups: dict[str, list[Step]] = {}
    for step in steps(swap):
        if step.at <= at and step.key not in swap.told:
            groups.setdefault(step.group, []).append(step)
    for group in groups.values():
        useful = [step for step in group if step.until is None or at < step.until]
        if useful:
            yield useful[-1], tuple(step for step in group if step is not useful[-1])
        else:
            yield None, tuple(group)


def step_after(swap: Swap, at: datetime) -> datetime | None:
    """Return when the first step after this time is due, whatever is due already."""
    return min((step.at for step in steps(swap) if step.at > at and step.key not in swap.told), default=None)


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
            yield Step(at, ANSWER_SOON, f"{ANSWER_SOON}:{_stamp(at)}", "request", until=swap.due_at)


def _session_steps(session: Session) -> Iterator[Step]:
    group = f"session {session.id}"
    if session.status == OFFERED:
        yield Step(session.slots[-1], PASS_OFFERS, _key(PASS_OFFERS, session), group, session.id)
    if session.status != AGREED or session.starts_at is None or session.agreed_at is None:
        return
    starts, agreed = session.starts_at, session.agreed_at
    if not session.noted_by:
        for kind, before, until in (
            (REMIND_DAY, REMIND_DAY_BEFORE, starts - REMIND_HOUR_BEFORE),
            (REMIND_HOUR, REMIND_HOUR_BEFORE, starts),
        ):
            if agreed <= starts - before:
                yield Step(starts - before, kind, _key(kind, session), group, session.id, until=until)
    yield from (
        Step(at, kind, _key(kind, session), group, session.id, until=session.closes_at)
        for kind, at in ((ASK, session.asked_at), (ASK_AGAIN, session.asked_again_at))
        if at is not None
    )
    if session.denied_at is not None:
        key = f"{_key(CONFIRM, session)}:{_stamp(session.denied_at)}"
        yield Step(session.denied_at, CONFIRM, key, f"denial {session.id}", session.id, until=session.closes_at)
    if session.closes_at is not None:
        key = f"{_key(CLOSE_SESSION, session)}:{_stamp(session.closes_at)}"
        yield Step(session.closes_at, CLOSE_SESSION, key, group, session.id)


def _idle_steps(swap: Swap) -> Iterator[Step]:
    since = swap.plan.idle_since
    if since is None:
        return
    held = swap.plan.held_legs
    is_whole = len(held) == len(swap.legs)
    if (swap.plan.arranged_by or swap.plan.is_older) and not held:
        nudges: tuple[tuple[str, timedelta], ...] = ((PROBE, PROBE_AFTER),)
    elif is_whole:
        nudges = ()
    else:
        nudges = ((SUGGEST, SUGGEST_AFTER), (ASK_FOR_PLAN, ASK_FOR_PLAN_AFTER))
    for kind, after in nudges:
        yield Step(since + after, kind, f"{kind}:{_stamp(since)}", "idle")
    lapses = ONE_WAY_AFTER if held and not is_whole else LAPSE_AFTER
    yield Step(since + lapses, LAPSE, f"{LAPSE}:{_stamp(since)}", "idle")


def _rating_steps(swap: Swap) -> Iterator[Step]:
    ends = swap.plan.ratings_end
    if ends is None:  # completed by an older application
        return
    for left in REMIND_TO_RATE:
        yield Step(ends - left, RATE_SOON, f"{RATE_SOON}:{_stamp(ends - left)}", "rating", until=ends)
    yield Step(ends, REVEAL, f"{REVEAL}:{_stamp(ends)}", "rating")


def _dispute_steps(swap: Swap) -> Iterator[Step]:
    since = swap.plan.disputed_at
    if since is None or swap.plan.decision:
        return
    yield Step(since + STATEMENT_WITHIN, STATEMENTS_OVER, f"{STATEMENTS_OVER}:{_stamp(since)}", "dispute")
    yield Step(since + DECIDE_WITHIN, DISPUTE_OVER, f"{DISPUTE_OVER}:{_stamp(since)}", "dispute")


def _key(kind: str, session: Session) -> str:
    """Return the key of a step. A new place is no new agreement: what was told of this one is not told again."""
    version = _stamp(session.agreed_at) if session.agreed_at is not None else session.sequence
    return f"{kind}:{session.id}:{version}"


def _stamp(at: datetime) -> str:
    return str(int(at.timestamp()))
