"""The life of a running swap as one sequential table, in whole hours: a second writing of what the product does.

Two people act, by number; `act` and `pass_time` go on by one step and note the events of the history and what is told
to whom. Nothing here is taken from the product. Every boundary lies on a whole hour, and what is planned starts at the
last whole minute, so that the seconds in which a step is really made decide nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

BEFORE_DAY, BEFORE_HOUR, LENGTH, ASK, AGAIN, CLOSE = 24, 1, 1, 1, 24, 72
SUGGEST, ASK_FOR_PLAN, LAPSE = 48, 168, 504
STATEMENTS, DECISION = 72, 720
RATE_SOON, RATE_END = (168, 288), 336
MOST_MOVES, MOST_OFFERS, MOST_NUDGES = 2, 10, 3

DONE, SAME, REFUSED = "done", "same", "refused"
"""Outcomes of an act: a change, nothing since it has been done before, or an error."""

ALONE = ("offer", "finish", "stop", "rate", "state")
"""Acts that are about no session, or a new one; the others are about the last one."""


@dataclass
class Session:
    by: int
    starts: int
    status: str = "offered"
    agreed_at: int = 0
    moves: int = 0
    offers: int = 1
    answers: dict[int, str] = field(default_factory=dict)
    confirmed: set[int] = field(default_factory=set)
    denied: int | None = None
    denied_at: int = 0
    called_off_by: int | None = None
    told: set[str] = field(default_factory=set)

    @property
    def is_upcoming(self) -> bool:
        return self.status in ("offered", "agreed")

    @property
    def asked(self) -> int:
        return self.starts + LENGTH + ASK

    @property
    def closes(self) -> int:
        return (self.asked if self.denied is None else self.denied_at) + CLOSE


@dataclass
class Table:
    """A swap that both have said yes to at hour 0. `told` counts (event, person)."""

    hour: int = 0
    status: str = "accepted"
    sessions: list[Session] = field(default_factory=list)
    idle: int = 0
    idle_told: set[str] = field(default_factory=set)
    finished: set[int] = field(default_factory=set)
    rated: set[int] = field(default_factory=set)
    stated: set[int] = field(default_factory=set)
    over: int = 0
    """Hour of the completion, or of the dispute."""
    after_told: set[str] = field(default_factory=set)
    is_undecided: bool = False
    nudges: Counter[int] = field(default_factory=Counter)
    events: list[str] = field(default_factory=list)
    told: Counter[tuple[str, int]] = field(default_factory=Counter)

    @property
    def session(self) -> Session | None:
        return self.sessions[-1] if self.sessions else None

    @property
    def has_held(self) -> bool:
        return any(session.status == "held" for session in self.sessions)

    # ---- what people do --------------------------------------------------------------------------------------------

    def act(self, name: str, by: int, value: int = 0) -> str:
        """Return what comes of this act of `by`; `value` is the number of hours until the start of an offered time."""
        if name in ALONE:
            return str(getattr(self, f"_{name}")(by, value))
        session = self.session
        if session is None:
            return REFUSED
        if name in ("yes", "no"):
            return self._answer(session, by, name)
        if self.status != "accepted":
            return REFUSED
        return str(getattr(self, f"_{name}")(session, by, value))

    def _offer(self, by: int, ahead: int) -> str:
        if self.status != "accepted":
            return REFUSED
        self.sessions.append(Session(by, self.hour + ahead))
        self._plan("session_offered", by)
        return DONE

    def _agree(self, session: Session, by: int, _: int) -> str:
        if session.status == "agreed" and by != session.by:
            return SAME
        if session.status != "offered" or by == session.by or session.starts <= self.hour:
            return REFUSED
        session.status, session.agreed_at = "agreed", self.hour
        session.told.clear()
        self._plan("session_agreed", by)
        return DONE

    def _move(self, session: Session, by: int, ahead: int) -> str:
        is_agreed = session.status == "agreed"
        too_often = session.moves >= MOST_MOVES if is_agreed else session.offers >= MOST_OFFERS
        if not session.is_upcoming or "yes" in session.answers.values() or too_often:
            return REFUSED
        session.by, session.starts, session.status = by, self.hour + ahead, "offered"
        session.moves, session.offers, session.denied = session.moves + is_agreed, session.offers + 1, None
        session.answers.clear()
        session.confirmed.clear()
        self._plan("session_moved" if is_agreed else "session_offered", by)
        return DONE

    def _call_off(self, session: Session, by: int, _: int) -> str:
        if session.status == "called_off" and session.called_off_by == by:
            return SAME
        if not session.is_upcoming or (session.status == "agreed" and session.starts <= self.hour):
            return REFUSED
        session.status, session.called_off_by = "called_off", by
        finished = set(self.finished)
        self._plan("session_called_off", by)
        self.finished = finished
        return DONE

    def _confirm(self, session: Session, by: int, _: int) -> str:
        if session.status != "agreed" or session.starts <= self.hour:
            return REFUSED
        if by in session.confirmed:
            return SAME
        session.confirmed.add(by)
        self._note("session_confirmed", by)
        return DONE

    def _answer(self, session: Session, by: int, said: str) -> str:
        is_second_no = session.denied == by and said == "no" and session.is_upcoming
        if session.answers.get(by) == said and not is_second_no:
            return SAME
        if self.status != "accepted" or session.status != "agreed" or session.starts + LENGTH > self.hour:
            return REFUSED
        session.answers[by] = said
        words = list(session.answers.values())
        self._be_idle()
        if len(words) == 2 and len(set(words)) == 1:
            session.status = "held" if said == "yes" else "missed"
            self._note(f"session_{session.status}", by, "session.changed")
        elif is_second_no:
            self._dispute(session, by)
        else:
            self._note("session_answered", by)
            if len(words) == 2 and session.denied is None:
                session.denied = next(one for one, word in session.answers.items() if word == "no")
                session.denied_at = self.hour
                self.told["session.asked", session.denied] += 1
        return DONE

    def _finish(self, by: int, _: int) -> str:
        if self.status == "completed" or by in self.finished:
            return SAME
        if self.status != "accepted" or not self.has_held:
            return REFUSED
        self.finished.add(by)
        if len(self.finished) == 2:
            self._end("completed", by)
        else:
            self._note("done", by, "swap.done")
        return DONE

    def _outcome(self) -> str:
        """Return the end that what has been held and missed brings; "" for none."""
        if self.has_held:
            return "completed"
        return "not_happened" if any(session.status == "missed" for session in self.sessions) else ""

    def _stop(self, by: int, _: int) -> str:
        if self.status != "accepted":
            return REFUSED
        self._end(self._outcome() or "cancelled", by)
        return DONE

    def _rate(self, by: int, _: int) -> str:
        if self.status != "completed" or by in self.rated or self.hour >= self.over + RATE_END:
            return REFUSED
        self.rated.add(by)
        if len(self.rated) == 2:
            self._reveal()
        return DONE

    def _state(self, by: int, _: int) -> str:
        if self.status != "disputed" or self.is_undecided or self.hour >= self.over + STATEMENTS:
            return REFUSED
        if by in self.stated:
            return SAME
        self.stated.add(by)
        self._note("stated", by)
        return DONE

    # ---- what time brings ------------------------------------------------------------------------------------------

    def pass_time(self, hours: int) -> None:
        """Let so many hours pass, and do what is due then, one after the other: an outage tells the latest alone."""
        self.hour += hours
        while self._has_ended_something():
            pass
        if self.status == "accepted":
            if (session := self.session) is not None and session.status == "agreed":
                self._remind(session)
            else:
                self._nudge()
        elif self.status == "completed":
            self._ask_to_rate()

    def _has_ended_something(self) -> bool:
        """Make one transition that is due."""
        session = self.session
        if self.status == "disputed" and not self.is_undecided and self.hour >= self.over + DECISION:
            if self.has_held:
                self._end("completed")
            else:
                self.is_undecided = True
                self._note("undecided", None, "swap.undecided")
            return True
        if self.status != "accepted":
            return False
        if session is not None and session.status == "offered" and session.starts <= self.hour:
            session.status = "called_off"
            self._be_idle()
            self._note("session_passed", None, "session.changed")
            return True
        if session is not None and session.status == "agreed":
            if session.closes > self.hour:
                return False
            self._close(session)
            return True
        if self.hour >= self.idle + LAPSE:
            self._end(self._outcome() or "lapsed")
            return True
        return False

    def _close(self, session: Session) -> None:
        words = set(session.answers.values())
        self._be_idle()
        if len(words) == 2:
            self._dispute(session, None)
            return
        session.status = {"yes": "held", "no": "missed", "": "unknown"}[next(iter(words), "")]
        news = "" if session.status == "unknown" else "session.changed"
        self._note(f"session_{session.status}", None, news)

    def _remind(self, session: Session) -> None:
        steps = [
            ("day", session.starts - BEFORE_DAY, session.starts - BEFORE_HOUR),
            ("hour", session.starts - BEFORE_HOUR, session.starts),
            ("ask", session.asked, session.closes),
            ("again", session.asked + AGAIN, session.closes),
        ]
        ahead = [one for one in steps if one[0] in ("ask", "again") or session.agreed_at < one[1]]
        kind = self._latest(ahead, session.told)
        if kind in ("day", "hour"):
            self._tell("session.soon", (0, 1))
        elif kind in ("ask", "again"):
            silent = [one for one in (0, 1) if one not in session.answers]
            self._tell("session.asked", silent, is_nudge=kind == "again")

    def _nudge(self) -> None:
        steps = [("suggest", self.idle + SUGGEST, None), ("plan", self.idle + ASK_FOR_PLAN, None)]
        if not self.has_held and self._latest(steps, self.idle_told):
            self._tell("swap.unplanned", (0, 1), is_nudge=True)

    def _ask_to_rate(self) -> None:
        if len(self.rated) == 2:
            return
        ends = self.over + RATE_END
        steps = [(f"soon {after}", self.over + after, ends) for after in RATE_SOON]
        kind = self._latest([*steps, ("reveal", ends, None)], self.after_told)
        if kind == "reveal":
            self._reveal()
        elif kind:
            self._tell("review.soon", [one for one in (0, 1) if one not in self.rated], is_nudge=True)

    def _latest(self, steps: Sequence[tuple[str, int, int | None]], told: set[str]) -> str:
        """Return the latest step that is due, not told, and not pointless by now; "" for none. All due ones are told
        with it, or dropped."""
        due = [one for one in steps if one[1] <= self.hour and one[0] not in told]
        told |= {kind for kind, _, _ in due}
        useful = [kind for kind, _, until in due if until is None or self.hour < until]
        return useful[-1] if useful else ""

    # ---- what is written and told ----------------------------------------------------------------------------------

    def _reveal(self) -> None:
        if self.rated:
            self._tell("review.revealed", (0, 1))

    def _plan(self, event: str, by: int) -> None:
        self.finished.clear()
        self._be_idle()
        self._note(event, by, "session.changed")

    def _be_idle(self) -> None:
        self.idle, self.idle_told = self.hour, set()

    def _dispute(self, session: Session, by: int | None) -> None:
        session.status, self.status, self.over = "disputed", "disputed", self.hour
        self._note("disputed", by, "swap.disputed")

    def _end(self, status: str, by: int | None = None) -> None:
        session = self.session
        if session is not None and session.is_upcoming:
            session.status, session.called_off_by = "called_off", by
        self.status, self.over = status, self.hour
        self._note(status, by, f"swap.{status}")

    def _note(self, event: str, by: int | None, news: str = "") -> None:
        """Write one event: its news for the others, and a new card for whoever did it."""
        self.events.append(event)
        if news:
            self._tell(news, [one for one in (0, 1) if one != by])
        if by is not None:
            self.told["swap.card", by] += 1

    def _tell(self, event: str, people: tuple[int, ...] | list[int], *, is_nudge: bool = False) -> None:
        for one in people:
            if is_nudge and self.nudges[one] >= MOST_NUDGES:
                continue
            self.nudges[one] += is_nudge
            self.told[event, one] += 1
