"""Transitions of a circle: a swap of three, each of whom teaches the next one, and the last one the first.

proposed ──the last join──▶ accepted ──leave──▶ cancelled
   ├──a no, or no answer──▶ proposed with a vacancy, once, for two days ──replace──▶ proposed
   └──no replacement, or no time left──▶ cancelled, expired

Nobody is bound before the last of the three has joined. A consent stands while a vacancy is filled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain import outcomes
from domain.errors import Conflict, NotFound
from domain.swaps import ACCEPTED, CANCELLED, EXPIRED, PROPOSED, Circle, Event, Leg, Swap

ANSWER_WITHIN = timedelta(hours=72)
REPLACE_WITHIN = timedelta(hours=48)
MAX_REPLACEMENTS = 3
"""Replacements that may be asked for one vacancy, one after the other."""

MAX_OPEN_FOR_A_SKILL = 2
"""Open circles in which one user may wait for the same skill."""

MAX_RUNNING = 10
"""Running swaps and circles per user when a circle closes; quiet ones are not counted: see `timetable.RUNS_FOR`."""


@dataclass(frozen=True, slots=True)
class Part:
    """One user of a circle to be proposed: the skill they teach the next one, in their spelling, and its key."""

    user_id: str
    teaches: str
    key: str


def circle_of(swap: Swap) -> Circle:
    """Return the circle part of a swap. Raises NotFound for a swap of two."""
    if swap.circle is None:
        raise NotFound("circle.not_found")
    return swap.circle


def propose_circle(*, circle_id: str, parts: Sequence[Part], at: datetime) -> Swap:
    """Return a new circle, asked for by the first of `parts`; each teaches the one after, the last one the first."""
    first, second, third = parts
    legs = tuple(
        Leg(part.user_id, parts[(place + 1) % len(parts)].user_id, part.teaches, part.key)
        for place, part in enumerate(parts)
    )
    return Swap(
        id=circle_id,
        from_user_id=first.user_id,
        to_user_id=second.user_id,
        offered_skill=first.teaches,
        wanted_skill=third.teaches,
        message="",
        status=PROPOSED,
        created_at=at,
        updated_at=at,
        participants=tuple(part.user_id for part in parts),
        legs=legs,
        consents={first.user_id: 1},
        due_at=at + ANSWER_WITHIN,
        history=(Event(at, first.user_id, "proposed", PROPOSED),),
        circle=Circle(),
    )


def join(swap: Swap, *, by: str, version: int, at: datetime) -> Swap:
    """Return the circle with this user's consent to it as of `version`; the last consent closes it. Raises NotFound or
    Conflict."""
    circle = circle_of(swap)
    swap.require_party(by)
    _require_proposed(swap)
    if not circle.terms <= version <= swap.version:
        raise Conflict("circle.changed", current=swap)
    if swap.due_at is not None and swap.due_at <= at:
        raise Conflict("circle.expired", current=swap)
    if by in swap.consents:
        return swap
    is_last = not swap.is_vacant and set(swap.participants) == {*swap.consents, by}
    after = swap.moved(ACCEPTED if is_last else PROPOSED, "accepted" if is_last else "joined", by=by, at=at)
    return replace(after, consents={**swap.consents, by: after.version}, due_at=None if is_last else swap.due_at)


def with_consent(swap: Swap, user_id: str) -> Swap:
    """Return the circle with this user's consent noted, before another transition is applied."""
    return replace(swap, consents={**swap.consents, user_id: swap.version + 1})


def decline(swap: Swap, *, by: str, at: datetime) -> Swap:
    """Return the circle without this user, who may have joined before; possible until it is closed. Raises NotFound or
    Conflict."""
    circle_of(swap)
    swap.require_party(by)
    _require_proposed(swap)
    return without(swap, by, event="declined", by=by, at=at)


def without(swap: Swap, gone: str, *, event: str, at: datetime, by: str = "") -> Swap:
    """Return the circle with this user's place vacant; cancelled when a vacancy was searched for before or nobody has
    joined."""
    circle = circle_of(swap)
    kept = {person: version for person, version in swap.consents.items() if person != gone}
    if swap.is_vacant or not kept or circle.asked >= MAX_REPLACEMENTS:
        return _over(swap, CANCELLED, event, by=by, at=at)
    after = swap.moved(PROPOSED, event, by=by, at=at)
    left = tuple(person for person in swap.participants if person != gone)
    return replace(
        after,
        participants=left,
        legs=tuple(_renamed(leg, gone, "") for leg in swap.legs),
        consents=kept,
        to_user_id=_other_than(swap.from_user_id, left),
        due_at=swap.due_at if circle.is_repaired else at + REPLACE_WITHIN,
        circle=replace(circle, gone=(*circle.gone, gone), is_repaired=True),
    )


def vacancy(swap: Swap) -> tuple[str, str] | None:
    """Return the keys that a replacement must teach and must want; None when there is no vacancy."""
    if swap.status != PROPOSED or not swap.is_vacant:
        return None
    teaches = next(leg.key for leg in swap.legs if not leg.teacher)
    return teaches, next(leg.key for leg in swap.legs if not leg.learner)


def neighbours_of_vacancy(swap: Swap) -> tuple[str, str]:
    """Return the ids of the users who would teach the replacement and learn from the replacement."""
    teacher = next(leg.teacher for leg in swap.legs if not leg.learner)
    return teacher, next(leg.learner for leg in swap.legs if not leg.teacher)


def fill(swap: Swap, part: Part, *, at: datetime) -> Swap:
    """Return the circle with this user asked to fill the vacancy; the consents of the other two stand."""
    circle = circle_of(swap)
    after = swap.moved(PROPOSED, "replaced", by="", at=at)
    legs = [_renamed(leg, "", part.user_id) for leg in swap.legs]
    legs = [replace(leg, skill=part.teaches) if leg.teacher == part.user_id else leg for leg in legs]
    people = tuple(leg.teacher for leg in legs)
    return replace(
        after,
        participants=people,
        legs=tuple(legs),
        to_user_id=_other_than(swap.from_user_id, people),
        circle=replace(circle, terms=after.version, asked=circle.asked + 1),
    )


def run_out(swap: Swap, *, at: datetime) -> Swap:
    """Return the circle after its time has run out: without the user who has not answered, or expired when a vacancy
    was searched for before.

    Raises Conflict when it is not due.
    """
    circle = circle_of(swap)
    if swap.status != PROPOSED or swap.due_at is None or swap.due_at > at:
        raise Conflict("circle.not_due", current=swap)
    silent = [person for person in swap.participants if person not in swap.consents]
    if circle.is_repaired or len(silent) != 1:
        return _over(swap, EXPIRED, "expired", by="", at=at)
    return without(swap, silent[0], event="unanswered", at=at)


def end(swap: Swap, *, by: str, at: datetime) -> Swap:
    """Return the running circle ended for all three by one of them. Raises NotFound or Conflict."""
    circle_of(swap)
    swap.require_party(by)
    if swap.status != ACCEPTED:
        raise Conflict("circle.over", current=swap)
    return outcomes.end(swap, by=by, at=at)


def _require_proposed(swap: Swap) -> None:
    if swap.status == ACCEPTED:
        raise Conflict("circle.closed", current=swap)
    if swap.status != PROPOSED:
        raise Conflict("circle.over", current=swap)


def _over(swap: Swap, status: str, event: str, *, by: str, at: datetime) -> Swap:
    return replace(swap.moved(status, event, by=by, at=at), due_at=None)


def _renamed(leg: Leg, old: str, new: str) -> Leg:
    teacher, learner = (new if person == old else person for person in (leg.teacher, leg.learner))
    return replace(leg, teacher=teacher, learner=learner)


def _other_than(user_id: str, people: Sequence[str]) -> str:
    return next(person for person in people if person != user_id)
