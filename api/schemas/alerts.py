"""Schemas of alerts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from api.schemas.users import PublicUser, public_user
from api.schemas.values import Body, Id, iso
from domain.alerts import Alert
from domain.skills import MAX_SKILL_LENGTH
from domain.users import User


class AlertDocument(TypedDict):
    """An alert for a skill.

    `found` are users who have started to teach it and are visible to you, latest last. An alert
    that is not running has expired and can be renewed.
    """

    _id: Id
    skill: str
    is_running: bool
    created_at: str
    expires_at: str
    found: list[PublicUser]


def alert_document(alert: Alert, people: Mapping[str, User], at: datetime) -> AlertDocument:
    """Return the document of an alert. `people` are the users who may be shown, by id."""
    return {
        "_id": alert.id,
        "skill": alert.skill,
        "is_running": alert.is_running,
        "created_at": iso(alert.created_at),
        "expires_at": iso(alert.expires_at),
        "found": [public_user(people[find.teacher_id], at) for find in alert.finds if find.teacher_id in people],
    }


class AlertBody(Body):
    """The skill to be alerted about."""

    skill: Annotated[str, Field(min_length=1, max_length=4 * MAX_SKILL_LENGTH)]
