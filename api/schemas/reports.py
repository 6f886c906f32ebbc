"""Schemas of reports, and of the cases that moderators decide."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from api.schemas.screening import CaseWordsDocument, case_words_document
from api.schemas.values import Body, Id, Limit, Query, iso
from domain.cases import DONE, MAX_REASON_LENGTH, OPEN, STATES, TAKEN, Case
from domain.reports import MAX_TEXT_LENGTH, PROFILE, REASONS, SUBJECTS, Report
from handlers.cases import ACTIONS, CaseFile


class ReportBody(Body):
    """`subject` is `profile`, `swap` (a request, swap or circle with its conversation) or `review`; `subject_id` is its
    id, and may be left out for a profile. With `attach_messages` the last twenty messages of the conversation go along.
    With `block`, as by default, the user is blocked, too.

    In a circle that is not closed nobody is known by id: there `seat` takes the place of `about`, `you_learn` for who
    teaches you, `you_teach` for who learns from you."""

    about: Id | None = None
    seat: Literal["you_learn", "you_teach"] | None = None
    reason: Literal[REASONS]  # type: ignore[valid-type] # one of the domain's
    subject: Literal[SUBJECTS] = PROFILE  # type: ignore[valid-type]
    subject_id: Id | None = None
    text: Annotated[str, Field(max_length=MAX_TEXT_LENGTH)] = ""
    attach_messages: bool = False
    block: bool = True


class ReportDocument(TypedDict):
    """A report that you have made. What comes of it is not said, only that it was dealt with."""

    _id: Id
    about: Id | None
    reason: str
    subject: str
    subject_id: Id
    created_at: str


def report_document(report: Report, *, is_known: bool = True) -> ReportDocument:
    """Return the document of a report for its reporter, who may not know whom they have reported by id."""
    return {
        "_id": report.id,
        "about": report.about if is_known else None,
        "reason": report.reason,
        "subject": report.subject,
        "subject_id": report.subject_id,
        "created_at": iso(report.created_at),
    }


class CasesQuery(Query):
    """`state` is `open`, `taken` or `done`; without it, open and taken ones. `before` is the `_id` of the last one
    seen."""

    state: Literal[STATES] | None = None  # type: ignore[valid-type]
    before: Id | None = None
    limit: Limit | None = None

    @property
    def states(self) -> tuple[str, ...]:
        return (self.state,) if self.state else (OPEN, TAKEN)


class CaseActionBody(Body):
    """`reason` is one of the presets or your own words; `version` is the one that you have seen."""

    action: Literal[ACTIONS]  # type: ignore[valid-type]
    reason: Annotated[str, Field(max_length=MAX_REASON_LENGTH)] = ""
    version: Annotated[int, Field(ge=1)] | None = None


class CaseEventDocument(TypedDict):
    """Event of a case; `by` is null for the service."""

    at: str
    by: Id | None
    action: str
    reason: str


class CaseDocument(TypedDict):
    """A case about a person. `can` lists the actions that you may take now."""

    _id: Id
    about: Id
    state: str
    kinds: list[str]
    reasons: list[str]
    reports: int
    taken_by: Id | None
    decision: str | None
    opened_at: str
    updated_at: str
    version: int
    can: list[str]
    history: list[CaseEventDocument]


class EvidenceMessage(TypedDict):
    """A message that was attached to a report, as it was then."""

    from_user_id: Id
    message: str
    photo_url: str | None
    created_at: str


class EvidenceProfile(TypedDict):
    """A profile as it was when it was reported."""

    name: str
    photo_url: str | None
    location: str
    skills_offered: list[str]
    skills_wanted: list[str]
    availability: str


class EvidenceReview(TypedDict):
    """A rating as it was when it was reported."""

    stars: int
    text: str
    about: Id
    created_at: str


class CaseReportDocument(TypedDict):
    """A report with its evidence, for moderators."""

    _id: Id
    by: Id
    reason: str
    subject: str
    subject_id: Id
    text: str
    created_at: str
    profile: EvidenceProfile
    note: str
    review: EvidenceReview | None
    messages: list[EvidenceMessage]


class CaseFileDocument(CaseDocument):
    """A case with the reports in it, and earlier cases about the same person. `name` is null for somebody who has
    left. `words` are those that a newcomer has written and that wait, or were decided about: `let_through` and `refuse`
    are for all of them that wait. `notes` are the nearly equal ones that went to many people."""

    name: str | None
    files: list[CaseReportDocument]
    earlier: list[CaseDocument]
    words: list[CaseWordsDocument]
    notes: list[str]


def case_document(case: Case, viewer_id: str, at: datetime) -> CaseDocument:
    """Return the document of a case for a moderator."""
    return {
        "_id": case.id,
        "about": case.about,
        "state": case.state,
        "kinds": list(case.kinds),
        "reasons": list(case.reasons),
        "reports": case.reports,
        "taken_by": case.taken_by or None,
        "decision": case.decision or None if case.state == DONE else None,
        "opened_at": iso(case.opened_at),
        "updated_at": iso(case.updated_at),
        "version": case.version,
        "can": [action for action in case.can(viewer_id, at) if action in ACTIONS],
        "history": [
            {"at": iso(event.at), "by": event.by or None, "action": event.action, "reason": event.reason}
            for event in case.history
        ],
    }


def case_file_document(file: CaseFile, viewer_id: str, at: datetime) -> CaseFileDocument:
    """Return the document of a case with all that belongs to it."""
    return {
        **case_document(file.case, viewer_id, at),
        "name": file.person.name if file.person is not None and file.person.name else None,
        "files": [_case_report(report) for report in file.reports],
        "earlier": [case_document(case, viewer_id, at) for case in file.earlier],
        "words": [case_words_document(words) for words in file.words],
        "notes": list(file.notes),
    }


def _case_report(report: Report) -> CaseReportDocument:
    evidence = report.evidence
    profile: Any = dict(evidence.profile)
    review: Any = {**evidence.review, "created_at": iso(evidence.review["created_at"])} if evidence.review else None
    messages: Any = [{**message, "created_at": iso(message["created_at"])} for message in evidence.messages]
    return {
        "_id": report.id,
        "by": report.by,
        "reason": report.reason,
        "subject": report.subject,
        "subject_id": report.subject_id,
        "text": report.text,
        "created_at": iso(report.created_at),
        "profile": profile,
        "note": evidence.note,
        "review": review,
        "messages": messages,
    }
