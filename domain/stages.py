"""Stage of a swap, and the next action in it and by whom: derived from the swap, never stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.planning import partners_to_plan_with, people_of, sessions_of
from domain.reviews import seats_of
from domain.sessions import AGREED, OFFERED, Session
from domain.swaps import ACCEPTED, Swap
from domain.timeline import lapses_at
from domain.timetable import MAX_MOVES, MAX_OFFERS, REMIND_DAY_BEFORE

TALKING, PLANNED, ASKING = "talking", "planned", "asking"
STAGES = (TALKING, PLANNED, ASKING)
"""Stages of a running swap: nothing is agreed, a session is to come, or one is over and has not been answered."""

ANSWER, JOIN, AGREE, MEET, ANSWER_SESSION, PLAN, DONE, RATE, STATE = (
    "answer", "join", "agree", "meet", "answer_session", "plan", "done", "rate", "state",
)  # fmt: skip
VERBS = (ANSWER, JOIN, AGREE, MEET, ANSWER_SESSION, PLAN, DONE, RATE, STATE)


@dataclass(frozen=True, slots=True)
class NextAction:
    """Next action in a swap: `verb`, one of VERBS, by these users, and until when; None for no end."""

    verb: str
    by: tuple[str, ...]
    until: datetime | None
    session_id: str = ""


def stage(swap: Swap, viewer_id: str, at: datetime) -> str | None:
    """Return the stage of a running swap for one of its users; None for any other swap."""
    if swap.status != ACCEPTED:
        return None
    agreed = [session for session in sessions_of(swap, viewer_id) if session.status == AGREED]
    if any(session.is_over(at) for session in agreed):
        return ASKING
    return PLANNED if agreed else TALKING


def next_action(swap: Swap, viewer_id: str, at: datetime) -> NextAction | None:
    """Return what is to be done next in a swap, as far as this user has to do with it; None when it is over."""
    match swap.status:
        case "pending":
            return NextAction(ANSWER, (swap.answerer,), swap.due_at)
        case "proposed":
            missing = tuple(person for person in swap.participants if person not in swap.consents)
            return NextAction(JOIN, missing, swap.due_at) if missing else None
        case "accepted":
            return _next_in_running(swap, viewer_id, at)
        case "completed":
            ends = swap.plan.ratings_end
            missing = tuple(seat.author for seat in seats_of(swap) if seat.author not in swap.rated)
            return NextAction(RATE, missing, ends) if missing and ends and at < ends else None
        case "disputed":
            return _next_in_dispute(swap, at)
    return None


def is_probed(swap: Swap) -> bool:
    """Return whether the two are asked if they have met: they arrange it themselves, and nothing is known of it yet."""
    plan = swap.plan
    is_open = swap.status == ACCEPTED and not plan.held_legs
    return (
        is_open and bool(plan.arranged_by or plan.is_older) and not any(one.status == AGREED for one in plan.upcoming)
    )


def can_in_session(swap: Swap, session: Session, user_id: str, at: datetime) -> tuple[str, ...]:
    """Return the verbs that are open to one of its two in a session now: agree, move, call_off, answer; and confirm
    from the reminder of the day before on."""
    if swap.status != ACCEPTED or not session.is_upcoming:
        return ()
    if session.status == OFFERED:
        agree = session.offered_by != user_id and session.slots[-1] > at
        move = session.offers < MAX_OFFERS
        return (*((AGREE,) if agree else ()), *(("move",) if move else ()), "call_off")
    is_over = session.is_over(at)
    is_closed = is_over and session.is_closed(at)  # nobody is asked before it is over
    answer = is_over and session.noted_by != user_id and not is_closed
    move = not is_closed and not session.noted_by and session.moves < MAX_MOVES and not session.is_said_held
    call_off = not session.noted_by and session.starts_at is not None and session.starts_at > at
    is_asked = call_off and session.starts_at is not None and session.starts_at - at <= REMIND_DAY_BEFORE
    verbs = {
        ANSWER: answer,
        "confirm": is_asked and user_id not in session.confirmed,
        "move": move,
        "call_off": call_off,
    }
    return tuple(verb for verb, is_open in verbs.items() if is_open)


def _next_in_running(swap: Swap, viewer_id: str, at: datetime) -> NextAction:
    sessions = [session for session in sessions_of(swap, viewer_id) if session.is_upcoming]
    if sessions:
        actions = list(_session_actions(swap, sessions, at))
        mine = [action for action in actions if action.verb != MEET and viewer_id in action.by]
        found = mine or actions  # what needs the viewer comes before what only waits
        asking = [action for action in found if action.verb == ANSWER_SESSION]
        return min(asking or found, key=lambda action: action.until or at)
    lapses = lapses_at(swap)
    if len(swap.plan.held_legs) == len(swap.legs):
        return NextAction(DONE, tuple(person for person in swap.participants if person not in swap.plan.done), lapses)
    planners = swap.participants
    if swap.circle is not None:
        planners = tuple(person for person in planners if partners_to_plan_with(swap, person, is_open=True))
    if planners:
        return NextAction(PLAN, planners, lapses)
    # all that is missing is in the hands of the other two of the circle
    others = min(_session_actions(swap, swap.plan.upcoming, at), key=lambda action: action.until or at)
    return replace(others, session_id="")


def _session_actions(swap: Swap, sessions: Sequence[Session], at: datetime) -> Iterator[NextAction]:
    for session in sessions:
        people = people_of(swap, session)
        if session.status == OFFERED:
            others = tuple(person for person in people if person != session.offered_by)
            yield NextAction(AGREE, others, session.slots[-1], session.id)
        elif not session.is_over(at):
            yield NextAction(MEET, people, session.starts_at, session.id)
        elif session.denied_by:
            yield NextAction(ANSWER_SESSION, (session.denied_by,), session.closes_at, session.id)
        else:
            silent = tuple(person for person in people if session.answer_of(person) is None)
            yield NextAction(ANSWER_SESSION, silent or people, session.closes_at, session.id)


def _next_in_dispute(swap: Swap, at: datetime) -> NextAction | None:
    ends = swap.plan.statements_end
    if ends is None or swap.plan.decision or at > ends:
        return None
    silent = tuple(person for person in swap.disputants if person not in swap.plan.statements)
    return NextAction(STATE, silent, ends) if silent else None
