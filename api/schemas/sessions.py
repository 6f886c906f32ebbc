"""Schemas of the sessions of a swap."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field
from typing_extensions import TypedDict

from api.schemas.values import Body, Id, Query, iso
from domain.local_times import MAX_TIME_LENGTH
from domain.messages import MAX_SEQ
from domain.planning import people_of, sessions_of
from domain.sessions import ANSWERS, MODES, ONLINE, REASONS, STATUSES, Session
from domain.stages import STAGES, VERBS, can_in_session, next_action, stage
from domain.swaps import Swap
from domain.timetable import MAX_LINK_LENGTH, MAX_PLACE_LENGTH, MAX_SLOTS, MAX_STATEMENT_LENGTH, USUAL_MINUTES

SessionStatus = Literal[STATUSES]  # type: ignore[valid-type] # one of the domain's
Stage = Literal[STAGES]  # type: ignore[valid-type]
Verb = Literal[VERBS]  # type: ignore[valid-type]


class SwapSessionDocument(TypedDict):
    """A session of a swap, between two people.

    `id` is unique in the swap, `legs` are numbers of the swap's `legs`, from 0. `slots` are the
    times that `offered_by` has offered, `starts_at` is the one agreed on. `answers` is what the two
    have said about it, by user id; `reason` is your own, for a no. `held_legs` took place, `is_auto`
    by one answer and the other's silence. `noted_by` has noted it afterwards. `is_late`: it was moved
    or called off shortly before. `confirmed` have said that they will be there. `sequence` increases
    with each change that calendars must know. `can`: `agree`, `confirm` (from a day before on),
    `move`, `call_off`, `answer`.
    """

    id: str
    legs: list[int]
    people: list[Id]
    status: SessionStatus
    slots: list[str]
    starts_at: str | None
    ends_at: str | None
    minutes: int
    mode: str
    place: str
    link: str
    offered_by: Id | None
    called_off_by: Id | None
    noted_by: Id | None
    moves: int
    is_late: bool
    answers: dict[str, str]
    reason: str | None
    held_legs: list[int]
    is_auto: bool
    confirmed: list[Id]
    sequence: int
    can: list[str]


class NextActionDocument(TypedDict):
    """Next action in a swap: by whom and until when; `session` is the session that it is about."""

    verb: Verb
    by: list[Id]
    until: str | None
    session: str | None


class PlanDocument(TypedDict):
    """Stage of a swap.

    `slots` and `minutes` are the times that a request names. `arranged_by` has said that the two
    arrange it themselves, `done` are those who are done. `one_way`: one direction alone took place.
    `statement` is yours about a dispute. `next_action` is null when nothing is to be done.
    """

    sessions: list[SwapSessionDocument]
    stage: Stage | None
    next_action: NextActionDocument | None
    slots: list[str]
    minutes: int
    arranged_by: Id | None
    done: list[Id]
    one_way: bool
    completed_at: str | None
    statement: str | None


NO_PLAN: Final[PlanDocument] = {
    "sessions": [],
    "stage": None,
    "next_action": None,
    "slots": [],
    "minutes": USUAL_MINUTES,
    "arranged_by": None,
    "done": [],
    "one_way": False,
    "completed_at": None,
    "statement": None,
}
"""The plan of a circle that has not closed."""


def plan_document(swap: Swap, viewer_id: str, at: datetime) -> PlanDocument:
    """Return where a swap stands for a viewer, with the viewer's sessions."""
    plan = swap.plan
    return {
        "sessions": [session_document(swap, session, viewer_id, at) for session in sessions_of(swap, viewer_id)],
        "stage": stage(swap, viewer_id, at),
        "next_action": _next_action(swap, viewer_id, at),
        "slots": [iso(slot) for slot in plan.slots],
        "minutes": plan.minutes,
        "arranged_by": plan.arranged_by or None,
        "done": list(plan.done),
        "one_way": plan.one_way,
        "completed_at": _iso_or_none(plan.completed_at),
        "statement": plan.statements.get(viewer_id),
    }


def session_document(swap: Swap, session: Session, viewer_id: str, at: datetime) -> SwapSessionDocument:
    """Return the document of a session for one of its two, with a reason only to whom has given it."""
    people = people_of(swap, session)
    said = session.answer_of(viewer_id)

    def person(user_id: str) -> str | None:
        return user_id if user_id in people else None

    return {
        "id": session.id,
        "legs": list(session.legs),
        "people": list(people),
        "status": session.status,
        "slots": [iso(slot) for slot in session.slots],
        "starts_at": _iso_or_none(session.starts_at),
        "ends_at": _iso_or_none(session.ends_at),
        "minutes": session.minutes,
        "mode": session.mode,
        "place": session.place,
        "link": session.link,
        "offered_by": person(session.offered_by),
        "called_off_by": person(session.called_off_by),
        "noted_by": person(session.noted_by),
        "moves": session.moves,
        "is_late": session.is_late,
        "answers": {answer.by: answer.answer for answer in session.answers},
        "reason": said.reason or None if said is not None else None,
        "held_legs": list(session.held_legs),
        "is_auto": session.is_auto,
        "confirmed": list(session.confirmed),
        "sequence": session.sequence,
        "can": list(can_in_session(swap, session, viewer_id, at)),
    }


def _next_action(swap: Swap, viewer_id: str, at: datetime) -> NextActionDocument | None:
    action = next_action(swap, viewer_id, at)
    if action is None:
        return None
    until = _iso_or_none(action.until)
    return {"verb": action.verb, "by": list(action.by), "until": until, "session": action.session_id or None}


def _iso_or_none(at: datetime | None) -> str | None:
    return iso(at) if at is not None else None


Time = Annotated[str, Field(max_length=MAX_TIME_LENGTH)]
Zone = Annotated[str, Field(max_length=64)]
Version = Annotated[int, Field(ge=0, le=MAX_SEQ)]
Legs = Annotated[list[Annotated[int, Field(ge=0, le=2)]], Field(max_length=3)]
Slots = Annotated[list[Time], Field(max_length=4 * MAX_SLOTS)]
Place = Annotated[str, Field(max_length=4 * MAX_PLACE_LENGTH)]
Link = Annotated[str, Field(max_length=4 * MAX_LINK_LENGTH)]
Minutes = Annotated[int, Field(ge=0, le=MAX_SEQ)]
Mode = Literal[MODES]  # type: ignore[valid-type]


class SessionBody(Body):
    """A session to be offered: one to three `slots`, 15 to 240 `minutes` (60).

    Times are ISO 8601 with a difference from UTC, or by the clock of `timezone` (your profile's). An
    hour that is left out in spring is refused, of one that comes twice in autumn the first is meant.
    `legs` are the directions of the swap that it is for, all of yours if left out; in a circle one.
    `place` (120 characters) is of a session in person, `link` (https, 300) of one online.

    With `met` it has taken place already: `at`, or just now if left out.
    """

    slots: Slots = []
    legs: Legs = []
    minutes: Minutes = USUAL_MINUTES
    mode: Mode = ONLINE
    place: Place = ""
    link: Link = ""
    timezone: Zone | None = None
    met: bool = False
    at: Time | None = None
    version: Version | None = None


class SessionActionBody(Body):
    """Action on a session.

    `agree` to `starts_at`, one of its slots. `confirm` that you will be there. `move` it to other
    `slots`; `minutes`, `mode`, `place` and `link` stay as they are unless given. `place` says where it
    is (`mode`, `place`, `link`) and leaves the times. `call_off`. `answer` after its end: `yes` (with
    `legs`, if not all took place), `moved`, or `no` with a `reason` that the other one does not see.
    Times as for a new session.
    """

    action: Literal["agree", "confirm", "move", "place", "call_off", "answer"]
    starts_at: Time | None = None
    slots: Slots = []
    minutes: Minutes | None = None
    mode: Mode | None = None
    place: Place | None = None
    link: Link | None = None
    timezone: Zone | None = None
    answer: Literal[ANSWERS] | None = None  # type: ignore[valid-type]
    legs: Legs = []
    reason: Literal[REASONS] | None = None  # type: ignore[valid-type]
    version: Version | None = None


class StatementBody(Body):
    """Your side of a dispute, for the moderators: 500 characters."""

    statement: Annotated[str, Field(max_length=4 * MAX_STATEMENT_LENGTH)]
    version: Version | None = None


class SessionsQuery(Query):
    """Times from which and up to which sessions start, at most a year: ISO 8601 with a difference from UTC. If left
    out, a day ago and 60 days after `from`."""

    since: Time | None = Field(default=None, alias="from")
    to: Time | None = None


class SwapSessionItem(TypedDict):
    """A session with the id of its swap."""

    swap_id: Id
    session: SwapSessionDocument
