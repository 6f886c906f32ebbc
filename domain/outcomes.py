"""Outcomes of a running swap: the answers of its two about a session, and the end that follows.

accepted ──every leg held, and both are done or nothing is planned──▶ completed
   ├──one leg held, and nothing planned for long──▶ completed, one way
   ├──ended by one of them──▶ completed, not_happened or cancelled, by what has been held and missed
   ├──one says that they met, the other denies it twice──▶ disputed ──the moderators──▶ one of these
   │                                                          └──no decision in time──▶ completed by what was held
   │                                                                                    before, else disputed for good
   └──nobody says anything──▶ not_happened after a missed session, else lapsed

Every function returns the next version of the swap, or raises NotFound, Invalid or Conflict.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.planning import learners_of, people_of
from domain.sessions import (
    AGREED,
    AGREED_NOT,
    ANSWERS,
    CALLED_OFF,
    HELD,
    MISSED,
    MOVED,
    NO,
    REASONS,
    THEY_DID_NOT_COME,
    UNKNOWN,
    YES,
    Answer,
    Session,
    settled,
)
from domain.sessions import (
    DISPUTED as SESSION_DISPUTED,
)
from domain.swaps import ACCEPTED, CANCELLED, COMPLETED, DISPUTED, LAPSED, NOT_HAPPENED, Swap
from domain.text import clean_text
from domain.timetable import MAX_STATEMENT_LENGTH

DECIDED: Final = "decided"
"""Event in a swap's history: moderators have settled its dispute."""
UNDECIDED: Final = "undecided"
"""Event in a swap's history: moderators have not settled its dispute in time."""

DECISIONS = (COMPLETED, NOT_HAPPENED, CANCELLED)


def answer(swap: Swap, session_id: str, said: Answer) -> Swap:
    """Return the swap with one person's answer about a session that is over.

    "moved" takes the session back to be offered anew. Raises NotFound, Invalid, Forbidden, Conflict.
    """
    swap.require_party(said.by)
    session = swap.plan.find(session_id)
    if session is None or said.by not in people_of(swap, session):
        raise NotFound("session.no_such_session")
    said = _clean_answer(session, said)
    if _is_repeated(session, said):
        return swap
    if swap.status != ACCEPTED or session.status != AGREED:
        raise Conflict("session.answered", current=swap)
    if session.starts_at is None or (session.ends_at is not None and session.ends_at > said.at):
        raise Conflict("session.still_to_come", current=swap)
    if session.is_closed(said.at):  # the next sweep settles it by what has been said so far
        raise Conflict("session.answered", current=swap)
    if session.noted_by == said.by:
        raise Forbidden("session.own_note")
    if said.answer == MOVED:
        return _moved(swap, session, said)
    after = settled(session.with_answer(said), learners_of(swap), is_closing=False, at=said.at)
    return with_settled(swap, after, event="session_answered", by=said.by, at=said.at)


def close_session(swap: Swap, session_id: str, *, at: datetime) -> Swap:
    """Return the swap after the time to answer about a session is over. Raises Conflict when it is not."""
    session = swap.plan.find(session_id)
    if session is None or session.status != AGREED or session.closes_at is None or session.closes_at > at:
        raise Conflict("swap.not_due", current=swap)
    after = settled(session, learners_of(swap), is_closing=True, at=at)
    return with_settled(swap, after, event="session_closed", by="", at=at)


def with_settled(swap: Swap, session: Session, *, event: str, by: str, at: datetime) -> Swap:
    """Return the swap with a session as its answers have left it; a disputed one ends the swap."""
    plan = replace(swap.plan.with_session(session), idle_since=at)
    events = {HELD: "session_held", MISSED: "session_missed", UNKNOWN: "session_unknown"}
    if session.status == SESSION_DISPUTED:
        return replace(swap, plan=replace(plan, disputed_at=at)).moved(DISPUTED, "disputed", by=by, at=at)
    return replace(swap.moved(ACCEPTED, events.get(session.status, event), by=by, at=at), plan=plan)


def done(swap: Swap, *, by: str, at: datetime) -> Swap:
    """Return the swap after one of them is done with it; the last one completes it. Raises Conflict before anything has
    been held."""
    swap.require_party(by)
    if swap.status == COMPLETED or by in swap.plan.done:
        return swap
    if swap.status != ACCEPTED:
        raise Conflict("session.not_running", current=swap)
    if not swap.plan.held_legs:
        raise Conflict("swap.nothing_held", current=swap)
    people = (*swap.plan.done, by)
    marked = replace(swap, plan=replace(swap.plan, done=people))
    if set(people) >= set(swap.participants):
        return completed(marked, by=by, at=at)
    return marked.moved(ACCEPTED, "done", by=by, at=at)


def end(swap: Swap, *, by: str, at: datetime) -> Swap:
    """Return the running swap ended by one of them, by what has been held and missed. Raises NotFound, Conflict."""
    swap.require_party(by)
    if swap.status != ACCEPTED:
        raise Conflict("swap.already_over", current=swap, status=swap.status)
    if swap.plan.held_legs:
        return completed(swap, by=by, at=at)
    if swap.plan.has_missed:
        return swap.moved(NOT_HAPPENED, "not_happened", by=by, at=at)
    return swap.moved(CANCELLED, "cancelled", by=by, at=at)


def taken_apart(swap: Swap, *, reason: str, at: datetime) -> Swap:
    """Return the open request or running swap ended because one of them is not here any more, by nobody's doing: nobody
    has declined or ended it. What has been held counts. Nothing can be written in it any more."""
    if swap.status == ACCEPTED and swap.plan.held_legs:
        after = completed(swap, by="", at=at)
    elif swap.status == ACCEPTED and swap.plan.has_missed:
        after = swap.moved(NOT_HAPPENED, "not_happened", by="", at=at)
    else:
        after = swap.moved(CANCELLED, "cancelled", by="", at=at)
    return replace(after, due_at=None, end_reason=reason, is_parted=True)


def completed(swap: Swap, *, by: str, at: datetime) -> Swap:
    """Return the swap completed; one way when only some of its legs were held."""
    is_one_way = len(swap.plan.held_legs) < len(swap.legs)
    after = swap.moved(COMPLETED, "completed", by=by, at=at)
    return replace(after, plan=replace(after.plan, completed_at=at, one_way=is_one_way))


def lapse(swap: Swap, *, at: datetime) -> Swap:
    """Return the swap ended because nobody planned or said anything; the caller knows that it is time."""
    if swap.plan.held_legs:
        return completed(swap, by="", at=at)
    if swap.plan.has_missed:
        return swap.moved(NOT_HAPPENED, "not_happened", by="", at=at)
    return swap.moved(LAPSED, "lapsed", by="", at=at)


def is_in_dispute(swap: Swap, at: datetime) -> bool:
    """Return whether the moderators can still decide a dispute. The time alone ends it: the sweep that writes the end
    and tells of it may come later."""
    ends = swap.plan.decision_ends
    is_open = swap.status == DISPUTED and not swap.plan.decision and swap.plan.undecided_at is None
    return is_open and ends is not None and at < ends


def state(swap: Swap, text: str, *, by: str, at: datetime) -> Swap:
    """Return the disputed swap with one person's statement, which the moderators read. Raises Invalid, Conflict."""
    swap.require_party(by)
    ends = swap.plan.statements_end
    if swap.status != DISPUTED or ends is None or swap.plan.decision or at > ends or by not in swap.disputants:
        raise Conflict("swap.no_statement", current=swap)
    text = clean_text(text, "statement", max_length=MAX_STATEMENT_LENGTH)
    if swap.plan.statements.get(by) == text:
        return swap
    plan = replace(swap.plan, statements={**swap.plan.statements, by: text})
    return replace(swap.moved(DISPUTED, "stated", by=by, at=at), plan=plan)


def decide(swap: Swap, decision: str, reason: str, *, by: str, at: datetime) -> Swap:
    """Return the disputed swap as the moderators settle it, with their reason. One of which an earlier session has been
    held is complete, whatever they make of the other. Raises Invalid, Conflict."""
    if decision not in DECISIONS:
        raise Invalid("swap.unknown_status", field="status")
    if not is_in_dispute(swap, at):
        raise Conflict("swap.not_disputed", current=swap)
    reason = clean_text(reason, "reason", max_length=MAX_STATEMENT_LENGTH)
    status = COMPLETED if swap.plan.held_legs else decision
    after = swap.moved(status, DECIDED, by=by, at=at)
    plan = replace(after.plan, decision=reason)
    if decision == COMPLETED:
        sessions = tuple(
            replace(session, status=HELD, held_legs=_said_held(session))
            if session.status == SESSION_DISPUTED
            else session
            for session in plan.sessions
        )
        plan = replace(plan, sessions=sessions)
    if status == COMPLETED:
        plan = replace(plan, completed_at=at, one_way=len(plan.held_legs) < len(swap.legs))
    return replace(after, plan=plan)


def leave_undecided(swap: Swap, *, at: datetime) -> Swap:
    """Return the disputed swap that the moderators have not decided in time: complete by the sessions that were held
    before; without any it keeps its status, is over, and counts for nobody. Raises Conflict when it is not due."""
    ends = swap.plan.decision_ends
    if swap.status != DISPUTED or swap.plan.decision or swap.plan.undecided_at or ends is None or ends > at:
        raise Conflict("swap.not_due", current=swap)
    if swap.plan.held_legs:
        return completed(swap, by="", at=at)
    return replace(swap.moved(DISPUTED, UNDECIDED, by="", at=at), plan=replace(swap.plan, undecided_at=at))


def _said_held(session: Session) -> tuple[int, ...]:
    """Return the legs that the one of the two who says that they met has named."""
    return next((said.legs for said in session.answers if said.answer == YES), session.legs)


@dataclass(frozen=True, slots=True)
class NoShowClaim:
    """`by` says that `about` did not come."""

    about: str
    by: str
    at: datetime


def no_show_claims(swap: Swap) -> tuple[NoShowClaim, ...]:
    """Return who says of whom that they did not come. None counts when the other says that they had agreed not to
    meet."""
    claims = []
    for session in swap.plan.sessions:
        for said in session.answers if session.status == MISSED else ():
            other = next(person for person in people_of(swap, session) if person != said.by)
            reply = session.answer_of(other)
            if said.reason == THEY_DID_NOT_COME and (reply is None or reply.reason != AGREED_NOT):
                claims.append(NoShowClaim(other, said.by, said.at))
    return tuple(claims)


def _clean_answer(session: Session, said: Answer) -> Answer:
    if said.answer not in ANSWERS:
        raise Invalid("session.answer", field="answer")
    if said.reason and (said.reason not in REASONS or said.answer != NO):
        raise Invalid("session.reason", field="reason")
    legs = tuple(sorted(set(said.legs))) or session.legs
    if said.answer != YES:
        return replace(said, legs=())
    if not set(legs) <= set(session.legs):
        raise Invalid("session.legs", field="legs")
    return replace(said, legs=legs)


def _is_repeated(session: Session, said: Answer) -> bool:
    """Return whether this answer is known. A repeated no of whoever was asked once more is another one."""
    known = session.answer_of(said.by)
    if known is None or (known.answer, known.legs) != (said.answer, said.legs):
        return False
    return not (session.denied_by == said.by and said.answer == NO and session.is_upcoming)


def _moved(swap: Swap, session: Session, said: Answer) -> Swap:
    """Return the swap with a session that its two have moved by themselves: offered anew, without a time yet."""
    if any(other.answer == YES for other in session.answers if other.by != said.by):
        raise Conflict("session.said_held", current=swap)
    off = session.changed(said.at, status=CALLED_OFF, called_off_by=said.by, answers=())
    plan = replace(swap.plan.with_session(off), idle_since=said.at)
    return replace(swap.moved(ACCEPTED, "session_moved", by=said.by, at=said.at), plan=plan)
