"""Sessions under a Hypothesis state machine: its own, sequential writing of what may happen, against the operations.

Two people and the time act in any order, at the same moment as well. After every step the stored swap is the one of the
model, and each reminder has been told to each of them once at most; at the end none is missing.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from bson import ObjectId
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from domain.errors import Problem
from domain.planning import Meeting
from domain.swaps import Swap
from domain.timetable import MAX_MOVES
from domain.users import User
from handlers import sessions
from handlers.runtime.deps import Deps
from handlers.swaps import accept_swap
from handlers.timeline import do_due_steps
from tests.factories import Clock, insert_swap, insert_user

EXAMPLES = int(os.environ.get("SESSION_EXAMPLES", "12"))
"""Runs of the machine; more of them by SESSION_EXAMPLES=500."""

HOUR = timedelta(hours=1)
person = st.integers(0, 1)
ENDED = ("completed", "not_happened", "disputed", "lapsed", "cancelled")


@dataclass
class Known:
    """The model of the one session that is looked at."""

    status: str = "none"
    by: int = 0
    moves: int = 0
    hours: int = 0
    """Hours until its start when it was agreed, on the model's own clock."""
    answers: dict[int, str] = field(default_factory=dict)
    denied: int | None = None
    denied_at: int = 0


def after_answer(known: Known, by: int, said: str, now: int) -> str:
    """Return the status after an answer, as the table of the life of a swap has it."""
    other = known.answers.get(1 - by)
    if said == "no" and other == "no":
        return "missed"
    if said == "yes" and other == "yes":
        return "held"
    if {said, other} == {"yes", "no"}:
        return "disputed" if said == "no" and known.denied == by else "agreed"
    return "agreed"


def machine(deps: Deps, clock: Clock, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> type[RuleBasedStateMachine]:
    class Play(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            clock.ahead = timedelta(0)
            self.hours = 0
            self.known = Known()
            self.ended = False
            self.people: list[User] = [run(insert_user(deps, telegram_id=True)) for _ in range(2)]
            asked = run(insert_swap(deps, *self.people))
            self.swap_id = asked.id
            run(accept_swap(deps, self.people[1], asked.id))

        # ---- actions ---------------------------------------------------------------------------------------------

        @rule(by=person, ahead=st.integers(2, 60))
        def offer(self, by: int, ahead: int) -> None:
            if self.known.status in ("offered", "agreed"):
                return
            start = (deps.now() + ahead * HOUR).replace(second=0, microsecond=0)
            done = self._try(sessions.offer_session(deps, self.people[by], self.swap_id, Meeting((start,))))
            assert (done is not None) == (not self.ended), self.known
            if done is not None:
                self.known = Known("offered", by, hours=self.hours + ahead)
                self.session_id = done.plan.sessions[-1].id
                self.start = start

        @rule(by=person)
        def agree(self, by: int) -> None:
            if self.known.status == "none":
                return
            done = self._try(sessions.agree_session(deps, self.people[by], self.swap_id, self.session_id, self.start))
            is_first = self.known.status == "offered" and by != self.known.by and self.start > deps.now()
            is_again = self.known.status == "agreed" and by != self.known.by
            assert (done is not None) == ((is_first or is_again) and not self.ended), (self.known, done)
            if is_first and done is not None:
                self.known.status = "agreed"

        @rule(by=person, ahead=st.integers(2, 60))
        def move(self, by: int, ahead: int) -> None:
            known = self.known
            if known.status == "none":
                return
            start = (deps.now() + ahead * HOUR).replace(second=0, microsecond=0)
            meeting = Meeting((start,))
            done = self._try(sessions.move_session(deps, self.people[by], self.swap_id, self.session_id, meeting))
            may = known.status in ("offered", "agreed") and "yes" not in known.answers.values()
            may = may and not (known.status == "agreed" and known.moves >= MAX_MOVES)
            if known.status == "offered" and done is None:  # too many offers of one session
                return
            assert (done is not None) == (may and not self.ended), (known, done)
            if done is not None:
                moves = known.moves + (known.status == "agreed")
                self.known = Known("offered", by, moves, self.hours + ahead)
                self.start = start

        @rule(by=person)
        def call_off(self, by: int) -> None:
            known = self.known
            if known.status == "none":
                return
            done = self._try(sessions.call_off_session(deps, self.people[by], self.swap_id, self.session_id))
            has_begun = known.status == "agreed" and self.start <= deps.now()
            may = known.status in ("offered", "agreed") and not has_begun
            is_again = known.status == "called_off" and known.by == by
            assert (done is not None) == ((may or is_again) and not self.ended), (known, done)
            if may and done is not None:
                self.known = Known("called_off", by)

        @rule(by=person, said=st.sampled_from(["yes", "yes", "no"]))
        def answer(self, by: int, said: str) -> None:
            known = self.known
            if known.status != "agreed" or self.ended:
                return
            done = self._try(sessions.answer_session(deps, self.people[by], self.swap_id, self.session_id, said))
            is_over = self.start + HOUR <= deps.now()
            is_same = known.answers.get(by) == said and not (said == "no" and known.denied == by)
            assert (done is not None) == is_over, (known, done)
            if not is_over or is_same:
                return
            known.status = after_answer(known, by, said, self.hours)
            known.answers[by] = said
            if set(known.answers.values()) == {"yes", "no"} and known.denied is None:
                known.denied = next(one for one, word in known.answers.items() if word == "no")
                known.denied_at = self.hours
            self.ended = known.status == "disputed"

        @rule(first=person, said=st.sampled_from(["agree", "call_off", "move"]))
        def at_once(self, first: int, said: str) -> None:
            """Both act at the same moment: whatever the order, one result is stored."""
            if self.known.status != "offered" or self.ended:
                return
            other = 1 - self.known.by
            later = (deps.now() + 30 * HOUR).replace(second=0, microsecond=0)
            people, sid = self.people, self.session_id
            acts: list[Awaitable[Swap]] = [
                sessions.agree_session(deps, people[other], self.swap_id, sid, self.start),
                sessions.call_off_session(deps, people[self.known.by], self.swap_id, sid)
                if said == "call_off"
                else sessions.move_session(deps, people[self.known.by], self.swap_id, sid, Meeting((later,))),
            ]

            async def both() -> list[Any]:
                return await asyncio.gather(*acts, return_exceptions=True)

            for result in run(both()):
                assert not isinstance(result, BaseException) or isinstance(result, Problem), result
            session = self._stored().plan.find(sid)
            assert session is not None
            by = self.known.by
            if session.status == "offered":
                moved = Known("offered", by, session.moves, self.hours + 30)
                self.known, self.start = moved, later
            elif session.status == "agreed":
                self.known.status = "agreed"
            else:
                self.known = Known("called_off", by)

        @rule(hours=st.sampled_from([1, 1, 3, 12, 24, 80, 500]), sweeps=st.integers(1, 3))
        def pass_time(self, hours: int, sweeps: int) -> None:
            clock.ahead += hours * HOUR
            self.hours += hours

            async def sweep() -> None:
                await asyncio.gather(*(do_due_steps(deps) for _ in range(sweeps)))

            run(sweep())
            self._follow_time()

        # ---- the model of time -----------------------------------------------------------------------------------

        def _follow_time(self) -> None:
            """Take over what time decides, where it is due by the model's own table."""
            swap, known = self._stored(), self.known
            session = swap.plan.find(self.session_id) if known.status != "none" else None
            now = deps.now()
            if known.status == "offered" and self.start <= now:
                self.known = Known("called_off", -1)
            elif known.status == "agreed" and session is not None:
                closes = self.start + HOUR + timedelta(hours=1 + 72)
                if known.denied is not None:
                    assert session.denied_at is not None
                    closes = session.denied_at + timedelta(hours=72)
                if closes <= now:
                    words = list(known.answers.values())
                    known.status = (
                        "disputed" if len(set(words)) == 2
                        else "held" if words == ["yes"]
                        else "missed" if words == ["no"]
                        else "unknown"
                    )  # fmt: skip
            if swap.status in ENDED:
                self.ended = True

        @invariant()
        def the_stored_session_is_the_one_of_the_model(self) -> None:
            if not hasattr(self, "known") or self.known.status == "none":
                return
            session = self._stored().plan.find(self.session_id)
            assert session is not None
            if not (self.ended and self.known.status in ("offered", "agreed")):
                assert session.status == self.known.status, (session, self.known)

        @invariant()
        def each_reminder_is_told_once(self) -> None:
            if not hasattr(self, "known"):
                return

            async def document() -> dict[str, Any]:
                doc = await deps.store.database.collection("swaps").find_one({"_id": ObjectId(self.swap_id)})
                return dict(doc or {})

            doc = run(document())
            soon = Counter(
                (str(line["to"]), line["event"], line.get("about")) for line in doc.get("outbox", ())
                if line["event"] in ("session.soon", "session.asked")
            )  # fmt: skip
            for session in self._stored().plan.sessions:
                for one in self.people:
                    reminders = soon[one.id, "session.soon", session.id]
                    assert reminders <= 2 * (session.moves + 1), (session, reminders)
                    assert soon[one.id, "session.asked", session.id] <= 3, session
            assert max(doc.get("nudges", {}).values(), default=0) <= 3

        def _stored(self) -> Swap:
            found: Swap | None = run(deps.store.swaps.find(self.swap_id))
            assert found is not None
            return found

        def _try(self, act: Coroutine[Any, Any, Swap]) -> Swap | None:
            try:
                done: Swap = run(act)
            except Problem:
                return None
            return done

    return Play


async def test_any_order_of_acts_and_time_leads_where_the_table_says(deps: Deps) -> None:
    loop, clock = asyncio.get_running_loop(), Clock(deps.now)
    moved = replace(deps, now=clock)

    def run(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(60)

    chosen = settings(
        max_examples=EXAMPLES, stateful_step_count=25, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    await asyncio.to_thread(run_state_machine_as_test, machine(moved, clock, run), settings=chosen)
