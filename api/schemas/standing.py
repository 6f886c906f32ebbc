"""Schemas of decisions about people, and of the audit."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from api.schemas.values import Body, Id, Limit, Query, iso
from domain.exits import MAX_SUSPENSION, USUAL_SUSPENSION
from domain.users import ROLES, User
from handlers.audit import AuditEntry
from handlers.person_decisions import ACTIONS
from handlers.standing import MAX_REASON

MAX_DAYS = MAX_SUSPENSION.days


class AuditQuery(Query):
    """Decisions `about` or `by` somebody, or in a `case`; all without one. `before` is the `_id` of the last one
    seen."""

    about: Id | None = None
    by: Annotated[str, Field(max_length=40)] | None = None
    case: Annotated[str, Field(max_length=40)] | None = None
    before: Id | None = None
    limit: Limit | None = None


class AuditDocument(TypedDict):
    """One decision. `by` is the id of who decided, "command line", or null for the service; `before` and `after` are
    what it changed."""

    _id: Id
    at: str
    by: str | None
    action: str
    about: str | None
    reason: str
    case: str | None
    before: dict[str, Any]
    after: dict[str, Any]


class PersonActionBody(Body):
    """A decision about a person. `reason` is one of the presets or your own words; `days` is for a suspension."""

    action: Literal[ACTIONS]  # type: ignore[valid-type]
    reason: Annotated[str, Field(max_length=MAX_REASON)] = ""
    days: Annotated[int, Field(ge=1, le=MAX_DAYS)] = USUAL_SUSPENSION.days


class RoleBody(Body):
    """A role to give: `member` takes one back."""

    role: Literal[ROLES]  # type: ignore[valid-type] # one of the domain's


class StaffDocument(TypedDict):
    """Somebody of the team."""

    _id: Id
    name: str
    role: str


class StandingDocument(TypedDict):
    """Standing of a person. `decision` is the `_id` of the entry in the audit, null when nothing has changed by it."""

    _id: Id
    status: str
    membership: str
    is_hidden: bool
    is_warned: bool
    suspended_until: str | None
    decision: str | None


def audit_document(entry: AuditEntry) -> AuditDocument:
    return {
        "_id": entry.id,
        "at": iso(entry.at),
        "by": entry.by or None,
        "action": entry.action,
        "about": entry.about or None,
        "reason": entry.reason,
        "case": entry.case_id or None,
        "before": _plain(entry.before),
        "after": _plain(entry.after),
    }


def staff_document(person: User) -> StaffDocument:
    return {"_id": person.id, "name": person.name, "role": person.role}


def standing_document(person: User, decision: str) -> StandingDocument:
    standing = person.standing
    return {
        "_id": person.id,
        "status": person.status,
        "membership": standing.membership,
        "is_hidden": standing.hidden_at is not None,
        "is_warned": standing.warned_at is not None,
        "suspended_until": iso(standing.suspended_until) if standing.suspended_until is not None else None,
        "decision": decision or None,
    }


def _plain(value: Any) -> Any:
    if hasattr(value, "items"):
        return {name: _plain(part) for name, part in value.items()}
    return iso(value) if hasattr(value, "isoformat") else value
