"""Swaps whose sessions are confirmed, denied and disputed, and whose ratings are written and shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain import outcomes
from domain.planning import Meeting, agree, offer
from domain.reviews import Rating, seats_of, written
from domain.sessions import AGREED, CALLED_OFF, HELD, NO, YES, Answer
from domain.sessions import DISPUTED as SESSION_DISPUTED
from domain.swaps import ACCEPTED, COMPLETED, DISPUTED, Swap, propose
from domain.timetable import CLOSE_AFTER, DECIDE_WITHIN, RATE_WITHIN, REMIND_DAY_BEFORE, STATEMENT_WITHIN
from domain.users import User
from storage.mongodb.database import new_id
from tests.faults.circle_cases import LONG_OVER, running_circle, with_held
from tests.faults.plan_cases import DAY, HOUR, Case, to_each, with_all_told, with_session
from tests.faults.sequence import CARD

BOTH = (0, 1)
REASON = "Both have written to me."


def with_meeting(one: User, other: User, name: str, start: datetime) -> Swap:
    """Return a running swap with a session agreed shortly before it starts, too late for reminders."""
    before, start = start - HOUR / 2, start.replace(second=0, microsecond=0)
    swap = propose(
        swap_id=new_id(),
        from_id=one.id,
        to_id=other.id,
        offered_skill=name,
        wanted_skill="Python",
        message="",
        at=before,
    ).accept(by=other.id, at=before)
    swap = offer(swap, Meeting((start,)), by=one.id, at=before)
    return agree(swap, "1", start, by=other.id, at=before)


def said(swap: Swap, by: User, answer: str, at: datetime) -> Swap:
    """Return the swap with one answer about its session."""
    return outcomes.answer(swap, "1", Answer(by.id, answer, at))


def completed(swap: Swap, at: datetime) -> Swap:
    return outcomes.completed(swap, by="", at=at)


def outcome_cases(one: User, other: User, moderator: User, now: datetime, mark: str) -> Iterator[Case]:
    """Yield a swap of these two for each way in which a session and its swap can end in time, or by what they say."""

    def over(kind: str, ago: timedelta = LONG_OVER) -> Swap:
        return with_meeting(one, other, f"{kind} {mark}", now - ago)

    def denied(kind: str, ago: timedelta, denied_ago: timedelta) -> Swap:
        """Return a swap in which one says yes and the other no, and is asked once more since then."""
        swap = said(over(kind, ago), one, YES, now - denied_ago)
        return said(swap, other, NO, now - denied_ago)

    def disputed(kind: str, ago: timedelta) -> Swap:
        swap = denied(kind, ago + LONG_OVER + HOUR, ago + HOUR)
        return said(swap, other, NO, now - ago)

    yield from _before_it(one, other, now, mark)
    swap = with_all_told(said(over("denied"), one, YES, now - HOUR / 2), now)
    no = {"action": "answer", "answer": "no", "version": swap.version}
    told = (*to_each([other], CARD), *to_each([other], "session.asked"))
    plays = ((other, "PUT", f"/api/swap/{swap.id}/sessions/1", no),)
    yield Case("denied", swap, ("session_answered",), told, plays, ends=ACCEPTED, left=((AGREED, ()),))
    swap = with_all_told(denied("disputed", LONG_OVER + HOUR, HOUR), now)
    no = {"action": "answer", "answer": "no", "version": swap.version}
    told = (*to_each([other], CARD), *to_each([one], "swap.disputed"))
    plays = ((other, "PUT", f"/api/swap/{swap.id}/sessions/1", no),)
    left = ((SESSION_DISPUTED, ()),)
    yield Case("disputed", swap, ("disputed",), told, plays, ends=DISPUTED, left=left)
    swap = denied("disputed in silence", CLOSE_AFTER + LONG_OVER + HOUR, CLOSE_AFTER + HOUR)
    told = to_each((one, other), "swap.disputed")
    yield Case("disputed in silence", swap, ("disputed",), told, ends=DISPUTED, left=left)
    swap = disputed("statements over", STATEMENT_WITHIN + HOUR)
    yield Case("statements over", swap, told=to_each([moderator], "dispute.open"), ends=DISPUTED, left=left)
    swap = disputed("stated", HOUR)
    plays = ((one, "PUT", f"/api/swap/{swap.id}/statement", {"statement": "I was there."}),)
    yield Case("stated", swap, ("stated",), to_each([one], CARD), plays, ends=DISPUTED, left=left)
    swap = disputed("decided", HOUR)
    plays = ((moderator, "PUT", f"/api/disputes/{swap.id}", {"decision": COMPLETED, "reason": REASON}),)
    told = to_each((one, other), "swap.completed")
    yield Case("decided", swap, ("decided",), told, plays, ends=COMPLETED, left=((HELD, BOTH),))
    yield from _rated(one, other, now, mark)


def _before_it(one: User, other: User, now: datetime, mark: str) -> Iterator[Case]:
    """Yield a swap of which one says that they will be there, and the other that they cannot."""
    swap = with_meeting(one, other, f"confirmed {mark}", now + REMIND_DAY_BEFORE - 2 * HOUR)
    swap = with_all_told(with_session(swap, agreed_at=now - 2 * DAY), now)
    session = f"/api/swap/{swap.id}/sessions/1"
    yield Case(
        "confirmed",
        swap,
        ("session_confirmed", "session_called_off"),
        (*to_each((one, other), CARD), *to_each([one], "session.changed")),
        (
            (one, "PUT", session, {"action": "confirm", "version": swap.version}),
            (other, "PUT", session, {"action": "call_off", "version": swap.version + 1}),
        ),
        ends=ACCEPTED,
        left=((CALLED_OFF, ()),),
    )


def undecided_cases(one: User, other: User, now: datetime, mark: str) -> Iterator[Case]:
    """Yield disputes that nobody has decided in time: of two who have met before, and of two who have not."""
    start = now - DECIDE_WITHIN - 2 * DAY
    swap = said(with_meeting(one, other, f"undecided {mark}", start), one, YES, start + 2 * HOUR)
    swap = said(said(swap, other, NO, start + 2 * HOUR), other, NO, start + 3 * HOUR)
    told, left = to_each((one, other), "swap.undecided"), (SESSION_DISPUTED, ())
    yield Case("undecided", swap, ("undecided",), told, ends=DISPUTED, left=(left,))
    met = replace(swap.plan.sessions[0], id="2", status=HELD, held_legs=BOTH, answers=(), denied_by="", denied_at=None)
    swap = replace(swap, id=new_id(), plan=swap.plan.with_session(met))
    told = to_each((one, other), "swap.completed")
    yield Case("met before", swap, ("completed",), told, ends=COMPLETED, left=(left, (HELD, BOTH)))


def _rated(one: User, other: User, now: datetime, mark: str) -> Iterator[Case]:
    """Yield completed swaps whose ratings are written at the same moment, declined, or shown by time."""

    def done(kind: str, at: datetime) -> Swap:
        swap = with_meeting(one, other, f"{kind} {mark}", at - 2 * HOUR)
        return completed(with_session(swap, status=HELD, held_legs=BOTH), at)

    told = to_each((one, other), "review.revealed")
    swap = done("both rated", now - HOUR)
    rating = {"swap_id": swap.id, "stars": 5, "text": "A patient teacher."}
    plays = tuple((person, "POST", "/api/reviews", rating) for person in (one, other))
    yield Case("both rated", swap, (), told, plays, at_once=True, ends=COMPLETED, ratings=2)
    swap = done("one declined", now - HOUR)
    plays = (
        (one, "POST", "/api/reviews", {"swap_id": swap.id, "stars": 4}),
        (other, "POST", "/api/reviews/decline", {"swap_id": swap.id}),
    )
    yield Case("one declined", swap, (), told, plays, ends=COMPLETED, ratings=2)
    swap = done("shown by time", now - RATE_WITHIN - HOUR)
    seat, since = seats_of(swap)[0], now - DAY
    review = written(
        replace(swap, plan=replace(swap.plan, completed_at=since)),
        seat,
        Rating(5),
        review_id=new_id(),
        all_written=(),
        at=since,
    )
    review = replace(review, window_ends=now - HOUR)
    swap = replace(swap, rated=(seat.author,))
    yield Case("shown by time", swap, (), told, ends=COMPLETED, reviews=(review,), ratings=1)


def circle_rating_cases(people: Sequence[User], now: datetime, mark: str) -> Iterator[Case]:
    """Yield the circle whose three rate at the same moment: each learner their teacher."""
    circle = with_held(running_circle(people, f"circle rated {mark}", now - 5 * DAY), [0, 1, 2], now - 4 * DAY)
    circle = completed(circle, now - HOUR)
    rating = {"swap_id": circle.id, "stars": 5}
    plays = tuple((person, "POST", "/api/reviews", rating) for person in people)
    told = to_each(people, "review.revealed")
    yield Case("circle rated", circle, (), told, plays, at_once=True, ends=COMPLETED, ratings=3)
