"""Alerts: the bodies that are read, the documents that are sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from api.schemas.users import PublicUser, public_user
from api.schemas.values import Body, Id, iso
from domain.alerts import Alert
from domain.skills import MAX_SKILL_LENGTH
from domain.users import User


class AlertDocument(TypedDict):
    """Waits for somebody to teach a skill. `found` are those who have begun to and still show themselves, the latest
    last; an alert that is not running has ended and can be renewed."""

    _id: Id
    skill: str
    is_running: bool
    created_at: str
    expires_at: str
    found: list[PublicUser]


def alert_document(alert: Alert, people: Mapping[str, User]) -> AlertDocument:
    """`people` are those who may be shown, by id."""
    return {
        "_id": alert.id,
        "skill": alert.skill,
        "is_running": alert.is_running,
        "created_at": iso(alert.created_at),
        "expires_at": iso(alert.expires_at),
        "found": [public_user(people[find.teacher_id]) for find in alert.finds if find.teacher_id in people],
    }


class AlertBody(Body):
    skill: Annotated[str, Field(min_length=1, max_length=4 * MAX_SKILL_LENGTH)]
