"""Planning the sessions of a running swap: offer times, agree on one, move it, call it off, note one afterwards.

Every function returns the next version of the swap, or raises what the caller is told: NotFound, Forbidden, Invalid or
Conflict (with the swap as it stands).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.sessions import AGREED, CALLED_OFF, MODES, OFFERED, ONLINE, UPCOMING, YES, Answer, Session
from domain.swaps import ACCEPTED, Swap
from domain.text import clean_line
from domain.timetable import (
    LATE_WITHIN,
    MAX_AHEAD,
    MAX_LINK_LENGTH,
    MAX_MINUTES,
    MAX_MOVES,
    MAX_OFFERS,
    MAX_PLACE_LENGTH,
    MAX_SESSIONS,
    MAX_SINCE,
    MAX_SLOTS,
    MAX_UPCOMING,
    MIN_MINUTES,
    USUAL_MINUTES,
)


@dataclass(frozen=True, slots=True)
class Meeting:
    """Session to be planned: `slots` are starts (aware), `legs` numbers of the swap's legs, all of the actor's for
    ()."""

    slots: tuple[datetime, ...]
    legs: tuple[int, ...] = ()
    minutes: int = USUAL_MINUTES
    mode: str = ONLINE
    place: str = ""
    link: str = ""


def people_of(swap: Swap, session: Session) -> tuple[str, ...]:
    """Return the ids of the two people of a session."""
    if len(session.legs) == 1 or swap.circle is None:
        leg = swap.legs[session.legs[0]]
        return leg.teacher, leg.learner
    legs = [swap.legs[leg] for leg in session.legs]
    return tuple(dict.fromkeys(person for leg in legs for person in (leg.teacher, leg.learner)))


def learners_of(swap: Swap) -> Mapping[int, str]:
    return {number: leg.learner for number, leg in enumerate(swap.legs)}


def sessions_of(swap: Swap, user_id: str) -> tuple[Session, ...]:
    """Return the sessions of a swap that this user takes part in."""
    if not swap.plan.sessions:
        return ()
    return tuple(session for session in swap.plan.sessions if user_id in people_of(swap, session))


def partners_to_plan_with(swap: Swap, user_id: str, *, is_open: bool = False) -> tuple[str, ...]:
    """Return the others whom this user still has to meet: in a circle those of their legs that have not taken place.
    `is_open`: legs for which a session is offered or agreed are left out, too."""
    covered = set(swap.plan.held_legs)
    if is_open:
        covered.update(leg for session in swap.plan.upcoming for leg in session.legs)
    people = [(leg.teacher, leg.learner) for number, leg in enumerate(swap.legs) if number not in covered]
    return tuple(dict.fromkeys(one for pair in people if user_id in pair for one in pair if one != user_id))


def clean_slots(slots: Sequence[datetime], at: datetime) -> tuple[datetime, ...]:
    """Return the offered starts in order, each once, in whole minutes. Raises Invalid."""
    starts = tuple(sorted({slot.replace(second=0, microsecond=0) for slot in slots}))
    if not 1 <= len(starts) <= MAX_SLOTS:
        raise Invalid("session.slots", field="slots", max=MAX_SLOTS)
    if starts[0] <= at:
        raise Invalid("session.past", field="slots")
    if starts[-1] > at + MAX_AHEAD:
        raise Invalid("session.too_far_ahead", field="slots", days=MAX_AHEAD.days)
    return starts


def clean_minutes(minutes: int) -> int:
    """Return the length of a session. Raises Invalid."""
    if not MIN_MINUTES <= minutes <= MAX_MINUTES:
        raise Invalid("session.minutes", field="minutes", min=MIN_MINUTES, max=MAX_MINUTES)
    return minutes


def offer(swap: Swap, meeting: Meeting, *, by: str, at: datetime) -> Swap:
    """Return the swap with a session offered at one to three times."""
    session = _new_session(swap, meeting, by=by, at=at)
    return _planned(swap, replace(session, slots=clean_slots(meeting.slots, at)), "session_offered", by=by, at=at)


def note_met(swap: Swap, meeting: Meeting, *, by: str, at: datetime) -> Swap:
    """Return the swap with a session that took place already, at the first slot or now; the other one confirms it."""
    started = meeting.slots[0] if meeting.slots else at - timedelta(minutes=meeting.minutes)
    if started + timedelta(minutes=clean_minutes(meeting.minutes)) > at:
        raise Invalid("session.still_to_come", field="slots")
    if started < at - MAX_SINCE:
        raise Invalid("session.too_long_ago", field="slots", days=MAX_SINCE.days)
    session = _new_session(swap, meeting, by=by, at=at)
    session = replace(session, status=AGREED, starts_at=started, agreed_at=at, noted_by=by)
    session = session.with_answer(Answer(by, YES, at, legs=session.legs))
    return _planned(swap, session, "session_noted", by=by, at=at)


def agree(swap: Swap, session_id: str, start: datetime, *, by: str, at: datetime) -> Swap:
    """Return the swap with the session agreed at one of its offered times."""
    session = _own_session(swap, session_id, by)
    if session.status == AGREED and session.starts_at == start and session.offered_by != by:
        return swap
    if session.status != OFFERED:
        raise Conflict("session.not_offered", current=swap)
    if session.offered_by == by:
        raise Forbidden("session.own_offer")
    if start not in session.slots:
        raise Invalid("session.no_such_slot", field="starts_at")
    if start <= at:
        raise Conflict("session.slot_passed", current=swap)
    agreed = session.changed(at, status=AGREED, starts_at=start, agreed_at=at, slots=())
    return _planned(swap, agreed, "session_agreed", by=by, at=at)


def move(swap: Swap, session_id: str, meeting: Meeting, *, by: str, at: datetime) -> Swap:
    """Return the swap with other times offered for a session; an agreed one can be moved MAX_MOVES times."""
    session = _own_session(swap, session_id, by)
    if not session.is_upcoming or session.noted_by or (session.status == AGREED and session.is_closed(at)):
        raise Conflict("session.over", current=swap)
    if session.is_said_held:
        raise Conflict("session.said_held", current=swap)
    is_move = session.status == AGREED
    if is_move and session.moves >= MAX_MOVES:
        raise Conflict("session.moved_enough", current=swap, n=MAX_MOVES)
    if not is_move and session.offers >= MAX_OFFERS:
        raise Conflict("session.offered_enough", current=swap, n=MAX_OFFERS)
    mode, where, link = _clean_place_of(meeting)
    moved = session.changed(
        at,
        status=OFFERED,
        slots=clean_slots(meeting.slots, at),
        starts_at=None,
        was_at=session.starts_at or session.was_at,
        agreed_at=None,
        offered_by=by,
        minutes=clean_minutes(meeting.minutes),
        mode=mode,
        place=where,
        link=link,
        moves=session.moves + is_move,
        offers=session.offers + 1,
        is_late=_is_late(session, at),
        answers=(),
        confirmed=(),
        denied_by="",
        denied_at=None,
    )
    return _planned(swap, moved, "session_moved" if is_move else "session_offered", by=by, at=at)


def call_off(swap: Swap, session_id: str, *, by: str, at: datetime) -> Swap:
    """Return the swap without this session; possible until it starts, and marked as late shortly before."""
    session = _own_session(swap, session_id, by)
    if session.status == CALLED_OFF and session.called_off_by == by:
        return swap
    if session.status not in UPCOMING or session.noted_by:
        raise Conflict("session.over", current=swap)
    if session.starts_at is not None and session.starts_at <= at:
        raise Conflict("session.has_begun", current=swap)
    off = session.changed(at, status=CALLED_OFF, called_off_by=by, is_late=_is_late(session, at))
    after = _planned(swap, off, "session_called_off", by=by, at=at)
    return replace(after, plan=replace(after.plan, done=swap.plan.done))  # nothing new is planned


def place(swap: Swap, session_id: str, meeting: Meeting, *, by: str, at: datetime) -> Swap:
    """Return the swap with the mode, place and link of `meeting` for a session that is not over; its times stay."""
    session = _own_session(swap, session_id, by)
    if not session.is_upcoming or session.noted_by or session.is_over(at):
        raise Conflict("session.over", current=swap)
    mode, where, link = _clean_place_of(meeting)
    if (session.mode, session.place, session.link) == (mode, where, link):
        return swap
    placed = session.changed(at, mode=mode, place=where, link=link)
    return replace(swap.moved(ACCEPTED, "session_placed", by=by, at=at), plan=swap.plan.with_session(placed))


def confirm(swap: Swap, session_id: str, *, by: str, at: datetime) -> Swap:
    """Return the swap after one of the two has said that they will be at an agreed session; the other one sees it."""
    session = _own_session(swap, session_id, by)
    if session.status != AGREED or session.starts_at is None or session.noted_by:
        raise Conflict("session.over", current=swap)
    if session.starts_at <= at:
        raise Conflict("session.has_begun", current=swap)
    if by in session.confirmed:
        return swap
    confirmed = replace(session, confirmed=(*session.confirmed, by))
    return replace(swap.moved(ACCEPTED, "session_confirmed", by=by, at=at), plan=swap.plan.with_session(confirmed))


def arrange(swap: Swap, *, by: str, at: datetime) -> Swap:
    """Return the swap after one of them has said that they arrange the sessions themselves."""
    _require_running(swap, by)
    if swap.plan.arranged_by:
        return swap
    plan = replace(swap.plan, arranged_by=by, idle_since=at)
    return replace(swap.moved(ACCEPTED, "arranged", by=by, at=at), plan=plan)


def not_yet(swap: Swap, *, by: str, at: datetime) -> Swap:
    """Return the swap after one has said that they have not met yet, but will: the deadlines begin anew."""
    _require_running(swap, by)
    return replace(swap.moved(ACCEPTED, "not_yet", by=by, at=at), plan=replace(swap.plan, idle_since=at))


def passed_offers(swap: Swap, *, at: datetime) -> Swap:
    """Return the swap without the offers all of whose times have passed. Raises Conflict when there is none."""
    plan = swap.plan
    for session in plan.sessions:
        if session.status == OFFERED and session.slots[-1] <= at:
            plan = plan.with_session(session.changed(at, status=CALLED_OFF))
    if plan is swap.plan:
        raise Conflict("swap.not_due", current=swap)
    return replace(swap.moved(ACCEPTED, "session_passed", by="", at=at), plan=replace(plan, idle_since=at))


def _new_session(swap: Swap, meeting: Meeting, *, by: str, at: datetime) -> Session:
    _require_running(swap, by)
    if len(swap.plan.sessions) >= MAX_SESSIONS:
        raise Conflict("session.too_many", current=swap, max=MAX_SESSIONS)
    if len(swap.plan.upcoming) >= MAX_UPCOMING:
        raise Conflict("session.too_many_upcoming", current=swap, max=MAX_UPCOMING)
    mode, where, link = _clean_place_of(meeting)
    return Session(
        id=str(len(swap.plan.sessions) + 1),
        legs=_clean_legs(swap, meeting.legs, by),
        slots=(),
        offered_by=by,
        changed_at=at,
        minutes=clean_minutes(meeting.minutes),
        mode=mode,
        place=where,
        link=link,
    )


def _planned(swap: Swap, session: Session, event: str, *, by: str, at: datetime) -> Swap:
    plan = replace(swap.plan.with_session(session), idle_since=at, done=())
    return replace(swap.moved(ACCEPTED, event, by=by, at=at), plan=plan)


def _require_running(swap: Swap, by: str) -> None:
    swap.require_party(by)
    if swap.status != ACCEPTED:
        raise Conflict("session.not_running", current=swap)


def _own_session(swap: Swap, session_id: str, by: str) -> Session:
    swap.require_party(by)
    session = swap.plan.find(session_id)
    if session is None or by not in people_of(swap, session):
        raise NotFound("session.no_such_session")
    if swap.status != ACCEPTED:
        raise Conflict("session.not_running", current=swap)
    return session


def _clean_legs(swap: Swap, legs: Sequence[int], by: str) -> tuple[int, ...]:
    """Return the numbers of the legs in order: the actor's own, and one alone in a circle. Raises Invalid."""
    own = tuple(number for number, leg in enumerate(swap.legs) if by in (leg.teacher, leg.learner))
    chosen = tuple(sorted(set(legs))) or (own if swap.circle is None else ())
    if not chosen or not set(chosen) <= set(own) or (swap.circle is not None and len(chosen) > 1):
        raise Invalid("session.legs", field="legs")
    return chosen


def _clean_place_of(meeting: Meeting) -> tuple[str, str, str]:
    """Return mode, place and link: a place of a session in person, a link of one online. Raises Invalid."""
    if meeting.mode not in MODES:
        raise Invalid("session.mode", field="mode")
    if meeting.mode == ONLINE:
        return ONLINE, "", _clean_link(meeting.link)
    return meeting.mode, clean_line(meeting.place, "place", max_length=MAX_PLACE_LENGTH, required=False), ""


def _clean_link(link: str) -> str:
    """Return the link of an online session. Raises Invalid for one that is not https."""
    link = clean_line(link, "link", max_length=MAX_LINK_LENGTH, required=False)
    if not link:
        return ""
    try:
        parts = urlsplit(link)
    except ValueError:
        raise Invalid("session.link", field="link") from None
    if parts.scheme != "https" or not parts.hostname or parts.username is not None or " " in link:
        raise Invalid("session.link", field="link")
    return link


def _is_late(session: Session, at: datetime) -> bool:
    return session.starts_at is not None and session.starts_at - at < LATE_WITHIN
