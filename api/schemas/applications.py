"""Schemas of the door: applications and invite links."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from api.schemas.users import PublicUser, public_user
from api.schemas.values import Body, Id, Limit, Query, iso
from domain.applications import MAX_ANSWER, MAX_ASKED, STATES, Application
from domain.invites import Invite
from domain.users import User
from handlers.applications import Numbers
from handlers.invites import InviteView

State = Literal[STATES]  # type: ignore[valid-type] # one of the domain's


class NumbersDocument(TypedDict):
    """Count of the people and of the skills that they teach: all that applicants see of the others."""

    people: int
    skills: int


class ApplicationDocument(TypedDict):
    """Your application.

    `state`: begun, waiting, let_in or not_now. `asked` is what the moderators want to know besides: answer it in the
    same way as `question`.
    """

    state: State
    question: str
    answer: str
    asked: str
    replied: str
    created_at: str
    since: str | None
    numbers: NumbersDocument


class ApplicantDocument(TypedDict):
    """An application for moderators. `invited_by` is the id of the member whose link they came by."""

    user: PublicUser
    state: State
    question: str
    answer: str
    asked: str
    replied: str
    invited_by: str | None
    decided_by: str | None
    created_at: str
    since: str | None
    version: int


class InviteViewDocument(TypedDict):
    """Worth of an invite link. `invited_by` is the first name of its author while it runs, null afterwards.

    `state`: running, revoked, expired or used_up.
    """

    state: str
    invited_by: str | None
    until: str


class InviteDocument(TypedDict):
    """An invite link. `start` is what follows `?start=` in the address of the bot, `url` the page of the same link.

    `used` counts who has completed a profile by it. `state`: running, revoked, expired or used_up.
    """

    _id: Id
    code: str
    start: str
    url: str
    uses: int
    used: int
    until: str
    state: str


class ApplicationBody(Body):
    """The answer to the community's question, or to what the moderators have asked since."""

    answer: Annotated[str, Field(max_length=4 * MAX_ANSWER)] = ""


class ApplicationsQuery(Query):
    """Applications in a state, those that wait by default; `after` is the id of the last user seen."""

    state: State = "waiting"
    after: Id | None = None
    limit: Limit | None = None


class DecideBody(Body):
    """A decision about an application. `text` goes with "ask": the applicant reads it as from the organisers. `version`
    is the one that you have seen, if it has to be that one."""

    decision: Literal["let_in", "not_now", "ask"]
    text: Annotated[str, Field(max_length=4 * MAX_ASKED)] = ""
    version: Annotated[int, Field(ge=0)] | None = None


class InviteBody(Body):
    """Bounds of a moderator's link; those of a member's are fixed."""

    uses: Annotated[int, Field(ge=1, le=10**6)] | None = None
    days: Annotated[int, Field(ge=1, le=10**6)] | None = None


class AcceptBody(Body):
    """The code of an invite link."""

    code: Annotated[str, Field(max_length=100)]


def application_document(application: Application, numbers: Numbers, question: str) -> ApplicationDocument:
    """Return the document for the applicant. `question` is the community's, where it has not been answered."""
    return {
        "state": application.state,
        "question": application.question or question,
        "answer": application.answer,
        "asked": application.asked,
        "replied": application.replied,
        "created_at": iso(application.created_at),
        "since": iso(application.since) if application.since else None,
        "numbers": {"people": numbers.people, "skills": numbers.skills},
    }


def applicant_document(user: User, application: Application, at: datetime) -> ApplicantDocument:
    return {
        "user": public_user(user, at),
        "state": application.state,
        "question": application.question,
        "answer": application.answer,
        "asked": application.asked,
        "replied": application.replied,
        "invited_by": user.joining.invited_by or None,
        "decided_by": application.decided_by or None,
        "created_at": iso(application.created_at),
        "since": iso(application.since) if application.since else None,
        "version": application.version,
    }


def invite_view_document(view: InviteView) -> InviteViewDocument:
    return {"state": view.state, "invited_by": view.invited_by or None, "until": iso(view.until)}


def invite_document(invite: Invite, start: str, url: str, at: datetime) -> InviteDocument:
    return {
        "_id": invite.id,
        "code": invite.code,
        "start": start,
        "url": url,
        "uses": invite.uses,
        "used": invite.used,
        "until": iso(invite.until),
        "state": invite.state(at),
    }
