"""The life of a request and of its one session as one sequential rule, written a second time for the races.

`problems_of` plays the history of a stored swap by it, and compares what was acknowledged and what was told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.swaps import Swap

REMINDER = "session.soon"
CARD = "swap.card"
"""Event of the actor's own card, which comes with each change that a user makes."""

ASIDE = ("user.unreliable",)
"""Events that a change may bring besides, to somebody who has let requests expire before."""

TOLD = {
    "accepted": "swap.accepted",
    "rejected": "swap.rejected",
    "countered": "swap.countered",
    "cancelled": "swap.cancelled",
    "expired": "swap.expired",
    "session_offered": "session.changed",
    "session_agreed": "session.changed",
    "session_moved": "session.changed",
    "session_called_off": "session.changed",
    "session_passed": "session.changed",
}
"""Event that tells the others of a change."""


@dataclass
class Known:
    """The swap as the rule knows it: `turn` has to answer the request, `offered_by` has offered the session's times."""

    asker: str
    asked: str
    status: str
    turn: str
    session: str = ""
    offered_by: str = ""

    def step(self, event: str, by: str) -> bool:
        """Go on by one change; False when it may not happen now."""
        if self.status == "pending":
            return self._answer(event, by)
        if self.status == "accepted":
            return self._plan(event, by)
        return False

    def _answer(self, event: str, by: str) -> bool:
        author = self.asker if self.turn == self.asked else self.asked
        may = {"accepted": self.turn, "rejected": self.turn, "countered": self.turn, "cancelled": author, "expired": ""}
        if event not in may or may[event] != by:
            return False
        if event == "countered":
            self.turn = author
        else:
            self.status = event
        return True

    def _plan(self, event: str, by: str) -> bool:
        match event, self.session:
            case "session_agreed", "offered" if by not in ("", self.offered_by):
                self.session = "agreed"
            case ("session_moved", "agreed") | ("session_offered", "offered") if by:
                self.session, self.offered_by = "offered", by
            case "session_called_off", ("offered" | "agreed") if by:
                self.session = "called_off"
            case "session_passed", "offered" if not by:
                self.session = "called_off"
            case "cancelled", _ if by:
                self.status = "cancelled"
                self.session = "called_off" if self.session else ""
            case _:
                return False
        return True


Acknowledged = Sequence[tuple[str, tuple[str, ...]]]
"""Changes whose callers were told that they worked: the user, and the events of which each leaves one."""


def problems_of(before: Swap, doc: dict[str, Any], acknowledged: Acknowledged) -> list[str]:
    """Return what is wrong with the stored swap that was `before`, given the acknowledged changes."""
    added = [(line["event"], str(line["by"] or "")) for line in doc["history"][len(before.history) :]]
    problems = [f"{event} acknowledged and gone" for event in _lost(before, added, acknowledged)]
    made = Counter(by for _, by in added if by)
    acknowledged_to = Counter(by for by, _ in acknowledged)
    problems += [f"{count} changes of {by}" for by, count in made.items() if count > acknowledged_to[by]]
    if doc["version"] != len(doc["history"]):
        problems.append(f"version {doc['version']} after {len(doc['history'])} events")
    session = before.plan.sessions[0] if before.plan.sessions else None
    known = Known(
        before.from_user_id,
        before.to_user_id,
        before.status,
        before.answerer,
        session.status if session else "",
        session.offered_by if session else "",
    )
    problems += [f"{event} may not happen here" for event, by in added if not known.step(event, by)]
    stored = doc.get("plan", {}).get("sessions", [])
    if (known.status, known.session) != (doc["status"], stored[0].get("status", "offered") if stored else ""):
        problems.append(f"stored as {doc['status']}, and by the rule {known}")
    return problems + _wrongly_told(before, doc, added)


def _lost(before: Swap, added: list[tuple[str, str]], acknowledged: Acknowledged) -> list[str]:
    """Return the acknowledged changes that the history has not; agreeing to what is agreed already leaves nothing."""
    left, lost = Counter(added), []
    repeats = sum(session.status == "agreed" for session in before.plan.sessions)
    for by, events in acknowledged:
        found = next((event for event in events if left[event, by]), None)
        if found is not None:
            left[found, by] -= 1
        elif "session_agreed" in events and repeats:
            repeats -= 1
        else:
            lost.append(events[0])
    return lost


def _wrongly_told(before: Swap, doc: dict[str, Any], added: list[tuple[str, str]]) -> list[str]:
    """Return which changes were not told once to each of the others, and reminders told twice or too late."""
    people = set(before.participants)
    lines = [(line["event"], str(line["to"])) for line in doc.get("outbox", ()) if line["event"] not in ASIDE]
    due = Counter((TOLD[event], person) for event, by in added for person in people - {by})
    due.update((CARD, by) for _, by in added if by)
    told = Counter(line for line in lines if line[0] != REMINDER)
    problems = [f"{event} told {told[event, to]} times, not {due[event, to]}" for event, to in due | told
                if told[event, to] != due[event, to]]  # fmt: skip
    reminders = Counter(line for line in lines if line[0] == REMINDER)
    problems += [f"a reminder told {count} times" for count in reminders.values() if count > 1]
    if added and REMINDER in [event for event, _ in lines[len(reminders) :]]:
        problems.append("a reminder of what has been changed")
    ids = [line["id"] for line in doc.get("outbox", ())]
    if len(set(ids)) != len(ids):
        problems.append("one delivery twice")
    return problems
