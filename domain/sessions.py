"""Sessions: the meetings of a swap, from the offered times to what became of them.

offered ──agree──▶ agreed ──its end, and the answers──▶ held, missed, disputed or unknown
   ▲                  │ ├──move──▶ offered
   └──other times─────┘ └──call off──▶ called_off       (an offer can be called off as well)

A session is between two people, for one direction ("leg") of their swap or for both. In a circle it is for one leg.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from domain.timetable import (
    ASK_AFTER,
    ASK_ONCE_MORE_AFTER,
    CLOSE_AFTER,
    CONFIRM_WITHIN,
    DECIDE_WITHIN,
    RATE_WITHIN,
    STATEMENT_WITHIN,
    USUAL_MINUTES,
)

OFFERED, AGREED, HELD, MISSED, CALLED_OFF = "offered", "agreed", "held", "missed", "called_off"
DISPUTED, UNKNOWN = "disputed", "unknown"
UPCOMING = (OFFERED, AGREED)
"""Statuses of a session of which something is still to be decided."""
STATUSES = (OFFERED, AGREED, HELD, MISSED, CALLED_OFF, DISPUTED, UNKNOWN)

ONLINE, IN_PERSON = "online", "in_person"
MODES = (ONLINE, IN_PERSON)

YES, MOVED, NO = "yes", "moved", "no"
ANSWERS = (YES, MOVED, NO)

THEY_DID_NOT_COME, COULD_NOT, AGREED_NOT, OTHER = "they_did_not_come", "could_not", "agreed_not", "other"
REASONS = (THEY_DID_NOT_COME, COULD_NOT, AGREED_NOT, OTHER)
"""Reasons why a session did not take place; only whoever gave one, and the moderators, see it."""


_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def nothing() -> Mapping[str, Any]:
    """Return an empty mapping, the same each time: a swap has several, and thousands of swaps are kept."""
    return _NOTHING


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer of one of the two about a session: `legs` are those that took place, with YES; `reason` belongs to NO."""

    by: str
    answer: str
    at: datetime
    legs: tuple[int, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A session of a swap. `id` is unique in the swap; `legs` are numbers of the swap's legs.

    `slots` are the offered starts, `starts_at` the agreed one, and `was_at` the one that was agreed before a move.
    `sequence` increases with every change that a calendar must know. `held_legs` are the legs that took place;
    `is_auto`: by one answer and the other's silence. `noted_by`: this user has noted it afterwards; `denied_by`: this
    user is asked once more, for the other says yes. `confirmed`: these users have said that they will be there.
    """

    id: str
    legs: tuple[int, ...]
    slots: tuple[datetime, ...]
    offered_by: str
    changed_at: datetime
    minutes: int = USUAL_MINUTES
    mode: str = ONLINE
    place: str = ""
    link: str = ""
    status: str = OFFERED
    starts_at: datetime | None = None
    was_at: datetime | None = None
    agreed_at: datetime | None = None
    moves: int = 0
    offers: int = 1
    sequence: int = 0
    is_late: bool = False
    called_off_by: str = ""
    answers: tuple[Answer, ...] = ()
    held_legs: tuple[int, ...] = ()
    is_auto: bool = False
    noted_by: str = ""
    denied_by: str = ""
    denied_at: datetime | None = None
    confirmed: tuple[str, ...] = ()

    @property
    def is_upcoming(self) -> bool:
        return self.status in UPCOMING

    @property
    def is_disputed(self) -> bool:
        return self.status == DISPUTED

    @property
    def ends_at(self) -> datetime | None:
        return self.starts_at + timedelta(minutes=self.minutes) if self.starts_at is not None else None

    @property
    def asked_at(self) -> datetime | None:
        """Return when the two are asked whether it took place: at once about a session noted afterwards."""
        if self.noted_by:
            return self.agreed_at
        return self.ends_at + ASK_AFTER if self.ends_at is not None else None

    @property
    def asked_again_at(self) -> datetime | None:
        return self.asked_at + ASK_ONCE_MORE_AFTER if self.asked_at is not None else None

    @property
    def closes_at(self) -> datetime | None:
        """Return when the answers so far decide."""
        if self.denied_at is not None:
            return self.denied_at + CLOSE_AFTER
        if self.asked_at is None:
            return None
        return self.asked_at + (CONFIRM_WITHIN if self.noted_by else CLOSE_AFTER)

    @property
    def is_said_held(self) -> bool:
        """Return whether one of its two has said that it took place."""
        return any(answer.answer == YES for answer in self.answers)

    def is_over(self, at: datetime) -> bool:
        """Return whether the agreed time has passed."""
        return self.ends_at is not None and self.ends_at <= at

    def is_closed(self, at: datetime) -> bool:
        """Return whether the time to answer is over: what has been said so far decides, whenever that is written."""
        return self.closes_at is not None and self.closes_at <= at

    def answer_of(self, user_id: str) -> Answer | None:
        return next((answer for answer in self.answers if answer.by == user_id), None)

    def with_answer(self, answer: Answer) -> Session:
        """Return the session with this answer in place of an earlier one of the same user."""
        others = tuple(other for other in self.answers if other.by != answer.by)
        return replace(self, answers=(*others, answer))

    def changed(self, at: datetime, **fields: object) -> Session:
        """Return the session with these fields, and the next number for calendars."""
        return replace(self, sequence=self.sequence + 1, changed_at=at, **fields)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Plan:
    """Plan of a swap: the times that a request proposes, and everything after the yes.

    `slots` and `minutes`: the times that the request names. `idle_since`: since when nothing is planned, which the
    deadlines of a swap without a plan count from. `arranged_by`: this user said that the two arrange it themselves.
    `done`: users who have said that they are done. `one_way`: one direction alone took place. `statements`: what each
    says about a dispute, by user id; `decision`: what the moderators made of it; `undecided_at`: they have made nothing
    of it in time. `is_older`: the swap was accepted before sessions could be planned here, so that its two are asked
    first whether they have met.
    """

    slots: tuple[datetime, ...] = ()
    minutes: int = USUAL_MINUTES
    accepted_at: datetime | None = None
    idle_since: datetime | None = None
    arranged_by: str = ""
    is_older: bool = False
    done: tuple[str, ...] = ()
    sessions: tuple[Session, ...] = ()
    one_way: bool = False
    completed_at: datetime | None = None
    disputed_at: datetime | None = None
    statements: Mapping[str, str] = field(default_factory=nothing)
    decision: str = ""
    undecided_at: datetime | None = None

    @property
    def ratings_end(self) -> datetime | None:
        """Return when the ratings of the completed swap are closed; None before it is complete."""
        return self.completed_at + RATE_WITHIN if self.completed_at is not None else None

    @property
    def statements_end(self) -> datetime | None:
        """Return until when the two may say their side of a dispute; None without one."""
        return self.disputed_at + STATEMENT_WITHIN if self.disputed_at is not None else None

    @property
    def decision_ends(self) -> datetime | None:
        """Return until when the moderators may decide a dispute; None without one."""
        return self.disputed_at + DECIDE_WITHIN if self.disputed_at is not None else None

    @property
    def held_legs(self) -> frozenset[int]:
        if not self.sessions:
            return frozenset()
        return frozenset(leg for session in self.sessions for leg in session.held_legs)

    @property
    def has_missed(self) -> bool:
        return any(session.status == MISSED for session in self.sessions)

    @property
    def upcoming(self) -> tuple[Session, ...]:
        return tuple(session for session in self.sessions if session.is_upcoming)

    def find(self, session_id: str) -> Session | None:
        return next((session for session in self.sessions if session.id == session_id), None)

    def with_session(self, session: Session) -> Plan:
        """Return the plan with this session in place of the one with its id, or added at the end."""
        if self.find(session.id) is None:
            return replace(self, sessions=(*self.sessions, session))
        return replace(self, sessions=tuple(session if old.id == session.id else old for old in self.sessions))

    def closed(self, at: datetime, *, by: str = "") -> Plan:
        """Return the plan after the end of its swap: what was still to come is called off."""
        sessions = (
            session.changed(at, status=CALLED_OFF, called_off_by=by) if session.is_upcoming else session
            for session in self.sessions
        )
        return replace(self, sessions=tuple(sessions))


NO_PLAN: Final = Plan()
"""Plan of a swap of which nothing is planned; one for all, since each read of a swap needs it."""


def settled(session: Session, learners: Mapping[int, str], *, is_closing: bool, at: datetime) -> Session:
    """Return the session as its answers decide it; unchanged while they do not.

    `learners` names the learner of each leg. `is_closing`: the time to answer is over. The learner's yes counts alone;
    a teacher's needs the learner's, or the learner's silence until the end.
    """
    yes = [answer for answer in session.answers if answer.answer == YES]
    no = [answer for answer in session.answers if answer.answer == NO]
    if len(no) == 2:
        return replace(session, status=MISSED, denied_by="")
    if yes and no:
        return _contradicted(session, no[0].by, is_closing=is_closing, at=at)
    if len(yes) == 2:
        return _held(session, _said_by_learners(yes, learners), is_auto=False)
    if yes and not session.noted_by:
        named = yes[0].legs
        if is_closing:
            return _held(session, named, is_auto=True)
        if named == session.legs and all(learners[leg] == yes[0].by for leg in named):
            return _held(session, named, is_auto=False)
        return session
    if not is_closing:
        return session
    return replace(session, status=MISSED if no else UNKNOWN, is_auto=True)


def _contradicted(session: Session, denier: str, *, is_closing: bool, at: datetime) -> Session:
    """Return the session of which one says yes and the other no: the other is asked once more, then it is disputed."""
    if session.noted_by:
        return replace(session, status=CALLED_OFF, called_off_by=denier)
    if not session.denied_by:
        return replace(session, denied_by=denier, denied_at=at)
    answer = session.answer_of(session.denied_by)
    is_repeated = answer is not None and session.denied_at is not None and answer.at > session.denied_at
    return replace(session, status=DISPUTED) if is_closing or is_repeated else session


def _said_by_learners(answers: Iterable[Answer], learners: Mapping[int, str]) -> tuple[int, ...]:
    return tuple(sorted(leg for answer in answers for leg in answer.legs if learners[leg] == answer.by))


def _held(session: Session, legs: tuple[int, ...], *, is_auto: bool) -> Session:
    """Return the session held with these legs; missed when its two agree on none."""
    if not legs:
        return replace(session, status=MISSED, is_auto=is_auto, denied_by="")
    return replace(session, status=HELD, held_legs=legs, is_auto=is_auto, denied_by="")
