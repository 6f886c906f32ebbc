"""Schemas of disputes, for moderators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from api.schemas.values import Body, Id, Limit, Query, iso
from domain.outcomes import DECISIONS
from domain.sessions import Session
from domain.swaps import Swap
from domain.timetable import MAX_STATEMENT_LENGTH


class DisputesQuery(Query):
    """`after` is the id of the last one seen."""

    after: Id | None = None
    limit: Limit | None = None


class DisputedLeg(TypedDict):
    """One direction of the swap."""

    teacher: Id
    learner: Id
    skill: str


class DisputedAnswer(TypedDict):
    """Answer of one of the two about a session: `yes` with the `legs` that took place, or `no` with a reason."""

    by: Id
    answer: str
    legs: list[int]
    reason: str | None
    at: str


class DisputedSession(TypedDict):
    """A session that its two remember differently."""

    id: str
    legs: list[int]
    starts_at: str | None
    minutes: int
    answers: list[DisputedAnswer]


class DisputeDocument(TypedDict):
    """A dispute as moderators see it.

    `people` are the two who remember it differently, `statements` their sides by user id, to be made
    until `statements_until`. `status` is `disputed` until it is decided; `decision` is the reason of
    the decision then.
    """

    swap_id: Id
    status: str
    people: list[Id]
    legs: list[DisputedLeg]
    sessions: list[DisputedSession]
    statements: dict[str, str]
    disputed_at: str | None
    statements_until: str | None
    decision: str | None


class DisputeDecisionBody(Body):
    """A decision: `completed` (it took place), `not_happened` or `cancelled`, with a reason that both read."""

    decision: Literal[DECISIONS]  # type: ignore[valid-type] # one of the domain's
    reason: Annotated[str, Field(max_length=4 * MAX_STATEMENT_LENGTH)]


def dispute_document(swap: Swap) -> DisputeDocument:
    """Return the document of a dispute."""
    plan = swap.plan
    return {
        "swap_id": swap.id,
        "status": swap.status,
        "people": list(swap.disputants),
        "legs": [{"teacher": leg.teacher, "learner": leg.learner, "skill": leg.skill} for leg in swap.legs],
        "sessions": [_session(one) for one in plan.sessions if one.is_disputed or (plan.decision and one.denied_at)],
        "statements": dict(plan.statements),
        "disputed_at": _iso_or_none(plan.disputed_at),
        "statements_until": _iso_or_none(plan.statements_end),
        "decision": plan.decision or None,
    }


def _session(session: Session) -> DisputedSession:
    return {
        "id": session.id,
        "legs": list(session.legs),
        "starts_at": _iso_or_none(session.starts_at),
        "minutes": session.minutes,
        "answers": [
            {
                "by": said.by,
                "answer": said.answer,
                "legs": list(said.legs),
                "reason": said.reason or None,
                "at": iso(said.at),
            }
            for said in session.answers
        ],
    }


def _iso_or_none(at: datetime | None) -> str | None:
    return iso(at) if at is not None else None
