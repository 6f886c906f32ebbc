"""Swaps at every point of their life at which something is due, and what has to have become of each afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from domain.deliveries import deliveries_for
from domain.events import PARTNER_AWAY
from domain.planning import Meeting, agree, offer
from domain.reviews import Review
from domain.sessions import HELD, YES, Answer
from domain.swaps import COMPLETED, Swap, propose
from domain.timeline import steps
from domain.timetable import ASK_AFTER, CLOSE_AFTER, LAPSE_AFTER, RATE_WITHIN, REMIND_TO_RATE, SUGGEST_AFTER
from domain.users import User
from storage.mongodb.database import new_id
from storage.outbox import outbox_fields
from storage.swaps import swap_doc, swap_from
from tests.faults.sequence import ASIDE, CARD

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Line = tuple[str, str]
"""Event that is told, and the id of the user whom it is told to."""


Play = tuple[User, str, str, dict[str, Any]]
"""An act of a user: the user, the method and the path of a route, and what is sent there."""


@dataclass(frozen=True, slots=True)
class Case:
    """A swap as it is stored before the kills, the events that its history gets, and what is told.

    `plays` are what users do in it: who it is, the method and the path of a route, and what is sent there; one after
    the other, or `at_once`. `ends` is the status of the swap afterwards, `left` the status of each session and which
    legs were held in it. `reviews` are stored beforehand; `ratings` is their number afterwards.
    """

    kind: str
    swap: Swap
    events: tuple[str, ...] = ()
    told: tuple[Line, ...] = ()
    plays: tuple[Play, ...] = ()
    at_once: bool = False
    ends: str = ""
    left: tuple[tuple[str, tuple[int, ...]], ...] = ()
    reviews: tuple[Review, ...] = ()
    ratings: int = 0

    def document(self) -> dict[str, Any]:
        """Return the document; a request that is to be answered in Telegram has its card in the outbox."""
        if self.kind != "answered in Telegram":
            rated = [ObjectId(person) for person in self.swap.rated]
            return swap_doc(self.swap) | {"told": dict(self.swap.told), "rated": rated}
        lines = [line for line in self.told if line[0] == "swap.proposed"]
        asked = [User(id=to, name="", created_at=self.swap.created_at, telegram_id=1) for _, to in lines]
        return swap_doc(self.swap) | outbox_fields(deliveries_for(asked, "swap.proposed", self.swap.created_at))

    def problems(self, doc: dict[str, Any], *, is_sent: bool = True) -> list[str]:
        """Return what is wrong with the stored swap; `is_sent`: everything has to be delivered, too; else nobody has
        opened a chat with the bot, and some are told of that."""
        events = [line["event"] for line in doc["history"][len(self.swap.history) :]]
        aside = ASIDE if is_sent else (*ASIDE, PARTNER_AWAY)
        outbox = [line for line in doc.get("outbox", ()) if line["event"] not in aside]
        told, due = Counter((line["event"], str(line["to"])) for line in outbox), Counter(self.told)
        found = [f"{self.kind}: {events} instead of {list(self.events)}"] if events != list(self.events) else []
        if doc["version"] != len(doc["history"]):
            found.append(f"{self.kind}: version {doc['version']} after {len(doc['history'])} events")
        found += [f"{self.kind}: {line[0]} told {told[line]} times, not {due[line]}" for line in due | told
                  if told[line] != due[line]]  # fmt: skip
        found += [f"{self.kind}: {line['event']} is {line['state']}" for line in outbox
                  if is_sent and line["state"] not in ("sent", "skipped")]  # fmt: skip
        found += self._wrong_end(doc)
        if (most := max(doc.get("nudges", {}).values(), default=0)) > 1:
            found.append(f"{self.kind}: nudged {most} times")
        return found

    def _wrong_end(self, doc: dict[str, Any]) -> list[str]:
        """Return in which state the swap, or one of its sessions, is and should not be."""
        found = (
            [f"{self.kind}: {doc['status']}, not {self.ends}"] if doc["status"] != (self.ends or doc["status"]) else []
        )
        sessions = swap_from(doc).plan.sessions
        left = tuple((session.status, session.held_legs) for session in sessions)
        if self.left and left != self.left:
            found.append(f"{self.kind}: sessions {left}, not {self.left}")
        return found


def cases(one: User, other: User, now: datetime, mark: str) -> Iterator[Case]:
    """Yield a swap of these two for everything that time brings or that they do; `mark` tells the swaps apart."""
    both = (one, other)

    def asked(kind: str, at: datetime) -> Swap:
        return propose(
            swap_id=new_id(),
            from_id=one.id,
            to_id=other.id,
            offered_skill=f"{kind} {mark}",
            wanted_skill="Python",
            message="",
            at=at,
        )

    def running(kind: str, at: datetime) -> Swap:
        return asked(kind, at).accept(by=other.id, at=at)

    def agreed(kind: str, start: datetime) -> Swap:
        before = start - HOUR / 2  # too late for reminders, unless a case has its own
        swap = offer(running(kind, before), Meeting((start.replace(second=0, microsecond=0),)), by=one.id, at=before)
        return agree(swap, "1", swap.plan.sessions[0].slots[0], by=other.id, at=before)

    yield Case("suggested", running("suggested", now - SUGGEST_AFTER - HOUR), told=to_each(both, "swap.unplanned"))
    yield Case("lapsed", running("lapsed", now - LAPSE_AFTER - DAY), ("lapsed",), to_each(both, "swap.lapsed"))
    due = replace(asked("expired", now - 5 * DAY), due_at=now)
    yield Case("expired", due, ("expired",), to_each(both, "swap.expired"))
    nearly = replace(asked("answered soon", now - 4 * DAY), due_at=now + DAY - HOUR)
    yield Case("answered soon", nearly, told=to_each([other], "swap.answer_soon"))
    soon = with_session(agreed("reminded", now + HOUR * 0.9), agreed_at=now - 3 * HOUR)
    yield Case("reminded", soon, told=to_each(both, "session.soon"))
    yield Case("asked", agreed("asked", now - HOUR - ASK_AFTER - HOUR / 2), told=to_each(both, "session.asked"))
    over = agreed("closed", now - 2 * HOUR - ASK_AFTER - CLOSE_AFTER)
    said = over.plan.sessions[0].with_answer(Answer(other.id, YES, now - DAY, legs=(0, 1)))
    over = replace(over, plan=over.plan.with_session(said))
    yield Case("closed", over, ("session_held",), to_each(both, "session.changed"))
    passed = running("passed", now - 2 * HOUR)
    passed = offer(passed, Meeting((now - HOUR,)), by=one.id, at=now - 2 * HOUR)
    yield Case("passed", passed, ("session_passed",), to_each(both, "session.changed"))
    held = with_session(agreed("rated", now - 10 * DAY), status=HELD, held_legs=(0, 1))
    since = now - RATE_WITHIN + max(REMIND_TO_RATE) - HOUR
    done = held.moved(COMPLETED, "completed", by="", at=since)
    done = replace(done, plan=replace(done.plan, completed_at=since))
    yield Case("rated", done, told=to_each(both, "review.soon"))
    yield from _played(one, other, now, asked("countered", now), running("planned", now), asked("pressed", now))


def _played(one: User, other: User, now: datetime, request: Swap, run: Swap, pressed: Swap) -> Iterator[Case]:
    """Yield the swaps in which the two act, over REST and in Telegram."""
    counter = {"offered_skill": other.skills_offered[1], "wanted_skill": one.skills_offered[1], "version": 1}
    yield Case(
        "countered",
        request,
        ("countered", "accepted"),
        (*to_each([one], "swap.countered"), *to_each([other], "swap.accepted"), *to_each([one, other], CARD)),
        (
            (other, "POST", f"/api/swap/{request.id}/counter", counter),
            (one, "PUT", f"/api/swap/{request.id}", {"status": "accepted", "version": 2}),
        ),
    )
    start, later = ((now + timedelta(days=days)).replace(second=0, microsecond=0) for days in (3, 5))
    offered = offer(run, Meeting((start,)), by=one.id, at=now)
    session = f"/api/swap/{run.id}/sessions/1"
    said = {"swap_id": run.id, "message": "Tuesday?", "client_id": run.id}
    yield Case(
        "planned",
        offered,
        ("session_agreed", "session_moved", "session_agreed", "session_called_off"),
        (*to_each([one] * 3 + [other], "session.changed"), *to_each([one] + [other] * 3, CARD)),
        (
            (one, "POST", "/api/chat", said),
            (other, "PUT", session, {"action": "agree", "starts_at": start.isoformat(), "version": 3}),
            (one, "PUT", session, {"action": "move", "slots": [later.isoformat()], "version": 4}),
            (other, "PUT", session, {"action": "agree", "starts_at": later.isoformat(), "version": 5}),
            (one, "PUT", f"/api/chat/{run.id}/1", {"message": "Thursday?"}),
            (other, "PUT", session, {"action": "call_off", "version": 6}),
        ),
    )
    told = (*to_each([other], "swap.proposed"), *to_each([one], "swap.accepted"), *to_each([other], CARD))
    yield Case("answered in Telegram", pressed, ("accepted",), told)


def to_each(people: Iterable[User], event: str) -> tuple[Line, ...]:
    return tuple((event, person.id) for person in people)


def with_session(swap: Swap, session_id: str = "1", **fields: Any) -> Swap:
    session = swap.plan.find(session_id)
    assert session is not None
    return replace(swap, plan=swap.plan.with_session(replace(session, **fields)))


def with_all_told(swap: Swap, at: datetime) -> Swap:
    """Return the swap with everything marked as told that is due by then."""
    return replace(swap, told={step.key: at for step in steps(swap) if step.at <= at})
