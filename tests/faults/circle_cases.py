"""Circles at the points of their life at which something is due or done: a leg concerns its two alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain.circles import Part, join, propose_circle
from domain.planning import Meeting, agree, offer
from domain.sessions import AGREED, CALLED_OFF, HELD, MISSED, OFFERED, YES, Answer
from domain.skills import canonical_key
from domain.swaps import ACCEPTED, CANCELLED, COMPLETED, LAPSED, Swap
from domain.timetable import ASK_AFTER, CLOSE_AFTER, LAPSE_AFTER, ONE_WAY_AFTER
from domain.users import User
from storage.mongodb.database import new_id
from tests.faults.plan_cases import DAY, HOUR, Case, to_each, with_all_told, with_session
from tests.faults.sequence import CARD

LONG_OVER = HOUR + ASK_AFTER + HOUR
"""A session that began so long ago is over, and its question due."""
Trio = Sequence[User]


def running_circle(people: Trio, name: str, at: datetime) -> Swap:
    """Return a circle that all three have joined: the first teaches the second, who teaches the third."""
    skills = [f"{name} {number}" for number in range(len(people))]
    parts = [Part(one.id, skill, canonical_key(skill)) for one, skill in zip(people, skills, strict=True)]
    circle = propose_circle(circle_id=new_id(), parts=parts, at=at)
    for one in people[1:]:
        circle = join(circle, by=one.id, version=circle.version, at=at)
    return circle


def with_lesson(circle: Swap, leg: int, start: datetime, *, is_agreed: bool = True) -> Swap:
    """Return the circle with a session of one leg, offered by its teacher shortly before it starts."""
    before, start = start - HOUR / 2, start.replace(second=0, microsecond=0)  # too late for reminders
    teacher, learner = circle.legs[leg].teacher, circle.legs[leg].learner
    circle = offer(circle, Meeting((start,), legs=(leg,)), by=teacher, at=before)
    session_id = circle.plan.sessions[-1].id
    return agree(circle, session_id, start, by=learner, at=before) if is_agreed else circle


def with_held(circle: Swap, legs: Sequence[int], start: datetime) -> Swap:
    """Return the circle with a session held for each of these legs."""
    for leg in legs:
        circle = with_lesson(circle, leg, start)
        circle = with_session(circle, circle.plan.sessions[-1].id, status=HELD, held_legs=(leg,))
    return circle


def circle_cases(people: Trio, now: datetime, mark: str) -> Iterator[Case]:
    yield from _by_time(people, now, mark)
    yield from _played(people, now, mark)


def _by_time(people: Trio, now: datetime, mark: str) -> Iterator[Case]:
    first, second, _ = people
    weeks_ago = now - timedelta(days=60)

    def running(kind: str, at: datetime = weeks_ago) -> Swap:
        return running_circle(people, f"{kind} {mark}", at)

    soon = with_lesson(running("circle reminded"), 0, now + HOUR * 0.9)
    soon = with_session(soon, agreed_at=now - 3 * HOUR)
    told = to_each((first, second), "session.soon")
    yield Case("circle reminded", soon, told=told, left=((AGREED, ()),))
    asked = with_lesson(running("circle asked"), 0, now - LONG_OVER)
    yield Case("circle asked", asked, told=to_each((first, second), "session.asked"), left=((AGREED, ()),))
    over = with_lesson(running("circle closed"), 0, now - LONG_OVER - CLOSE_AFTER)
    over = with_session(over, answers=(Answer(first.id, YES, now - DAY, legs=(0,)),))
    over = with_lesson(over, 1, now + DAY / 2, is_agreed=False)
    told = to_each((first, second), "session.changed")
    yield Case("circle closed", over, ("session_held",), told, left=((HELD, (0,)), (OFFERED, ())))
    idle = running("circle lapsed", now - LAPSE_AFTER - DAY)
    yield Case("circle lapsed", idle, ("lapsed",), to_each(people, "swap.lapsed"), ends=LAPSED)
    one_way = with_held(running("circle one way"), [0], now - ONE_WAY_AFTER - DAY)
    told = to_each(people, "swap.completed")
    yield Case("circle one way", one_way, ("completed",), told, ends=COMPLETED, left=((HELD, (0,)),))


def _played(people: Trio, now: datetime, mark: str) -> Iterator[Case]:
    """Yield the circles in which the three act, over REST."""
    first, second, third = people
    start = (now + timedelta(days=3)).replace(second=0, microsecond=0)
    planned = running_circle(people, f"circle planned {mark}", now)
    planned = offer(planned, Meeting((start,), legs=(0,)), by=first.id, at=now)
    session = f"/api/swap/{planned.id}/sessions/1"
    version = planned.version
    yield Case(
        "circle planned",
        planned,
        ("session_agreed", "session_confirmed", "session_called_off"),
        (*to_each((first, second), "session.changed"), *to_each((second, second, first), CARD)),
        (
            (second, "PUT", session, {"action": "agree", "starts_at": start.isoformat(), "version": version}),
            (second, "PUT", session, {"action": "confirm", "version": version + 1}),
            (first, "PUT", session, {"action": "call_off", "version": version + 2}),
        ),
        ends=ACCEPTED,
        left=((CALLED_OFF, ()),),
    )
    over = running_circle(people, f"circle answered {mark}", now - 5 * DAY)
    over = with_lesson(with_lesson(over, 0, now - LONG_OVER), 1, now - LONG_OVER)
    over = with_all_told(over, now)
    sessions, no = f"/api/swap/{over.id}/sessions", {"action": "answer", "answer": "no"}
    yield Case(
        "circle answered",
        over,
        ("session_answered", "session_held", "session_missed"),
        (*to_each((first, third), "session.changed"), *to_each((third, second, second), CARD)),
        (
            (third, "PUT", f"{sessions}/2", no),
            (second, "PUT", f"{sessions}/1", {"action": "answer", "answer": "yes"}),
            (second, "PUT", f"{sessions}/2", no),
        ),
        ends=ACCEPTED,
        left=((HELD, (0,)), (MISSED, ())),
    )
    done = with_held(running_circle(people, f"circle done {mark}", now - 5 * DAY), [0, 1, 2], now - 4 * DAY)
    done = replace(done, plan=replace(done.plan, done=(first.id, second.id)))
    yield Case(
        "circle done",
        done,
        ("completed",),
        (*to_each((first, second), "swap.completed"), *to_each([third], CARD)),
        ((third, "POST", f"/api/swap/{done.id}/done", {}),),
        ends=COMPLETED,
        left=((HELD, (0,)), (HELD, (1,)), (HELD, (2,))),
    )
    left = running_circle(people, f"circle left {mark}", now - DAY)
    yield Case(
        "circle left",
        left,
        ("cancelled",),
        (*to_each((first, third), "swap.cancelled"), *to_each([second], CARD)),
        ((second, "PUT", f"/api/circles/{left.id}", {"answer": "leave"}),),
        ends=CANCELLED,
    )
