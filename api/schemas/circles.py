"""Schemas of circles."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from api.schemas.sessions import NO_PLAN, PlanDocument, plan_document
from api.schemas.values import Body, Id, Limit, Query, iso
from domain.circle_views import CircleView, Seat
from domain.messages import MAX_SEQ


class PossibleQuery(Query):
    """`cursor` is from the `Link` header of the page before."""

    limit: Limit | None = None
    cursor: Annotated[str, Field(max_length=100)] | None = None


class PossibleSeatDocument(TypedDict):
    """One of the other two members, by first name, and the skill between the two of you: as its
    teacher writes it, and by its name in your language.
    """

    name: str
    skill: str
    skill_name: str


class PossibleCircleDocument(TypedDict):
    """A circle that you could ask for. `key` is valid for that, and for you only.

    `you_teach` is the member who learns from you, `you_learn` the one who teaches you. The former
    teaches the latter the skill `between`, in your language `between_name`.
    """

    key: str
    you_teach: PossibleSeatDocument
    you_learn: PossibleSeatDocument
    between: str
    between_name: str


class SeatDocument(TypedDict):
    """One of the other two members.

    `name` is "" while a member is searched for, and once a member has deleted their account;
    `user_id` is null until all three have joined. `leg` is the number that your sessions with this
    member have in `legs`, null until then, too.
    """

    name: str
    skill: str
    user_id: Id | None
    has_joined: bool
    leg: int | None


class CircleDocument(PlanDocument):
    """A circle of three, as you see it.

    `status`: `proposed`, `accepted` (all have joined: you can chat), `cancelled`, `expired`, or
    `declined` (you have left it). `can`: `join`, `leave`, `chat`, `plan` and further verbs of a swap.
    Once it is accepted, `_id` is the `swap_id` of its conversation, and its `sessions` are yours with
    one of the others.
    """

    _id: Id
    status: str
    version: int
    you_teach: SeatDocument
    you_learn: SeatDocument
    between: str
    has_joined: bool
    is_searching: bool
    due_at: str | None
    can: list[str]


def possible_document(view: CircleView, name_of: Callable[[str], str]) -> PossibleCircleDocument:
    """Return the document of a possible circle; `name_of` names a skill in the reader's language."""

    def seat(shown: Seat) -> PossibleSeatDocument:
        return {"name": shown.name, "skill": shown.skill, "skill_name": name_of(shown.skill)}

    return {
        "key": view.id,
        "you_teach": seat(view.you_teach),
        "you_learn": seat(view.you_learn),
        "between": view.between,
        "between_name": name_of(view.between),
    }


def circle_document(view: CircleView, at: datetime) -> CircleDocument:
    """Return the document of a circle at this time."""
    legs = view.swap.legs if view.swap is not None else ()
    teaching = next((number for number, leg in enumerate(legs) if leg.teacher == view.viewer_id), None)
    learning = next((number for number, leg in enumerate(legs) if leg.learner == view.viewer_id), None)
    return {
        "_id": view.id,
        "status": view.status,
        "version": view.version,
        "you_teach": _seat(view.you_teach, teaching),
        "you_learn": _seat(view.you_learn, learning),
        "between": view.between,
        "has_joined": view.has_joined,
        "is_searching": view.is_searching,
        "due_at": iso(view.due_at) if view.due_at is not None else None,
        "can": list(view.can),
        **(plan_document(view.swap, view.viewer_id, at) if view.swap is not None else NO_PLAN),
    }


def _seat(seat: Seat, leg: int | None) -> SeatDocument:
    return {"name": seat.name, "skill": seat.skill, "user_id": seat.user_id, "has_joined": seat.has_joined, "leg": leg}


class CircleBody(Body):
    """The `key` of a possible circle."""

    key: Annotated[str, Field(max_length=100)]


class CircleAnswerBody(Body):
    """An answer to a circle. `version` is the version that you have read; a join requires it."""

    answer: Literal["join", "decline", "leave"]
    version: Annotated[int, Field(ge=0, le=MAX_SEQ)] | None = None
