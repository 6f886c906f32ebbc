"""The documents that go out: `TypedDict`s that describe themselves to the OpenAPI document.

They are built by plain functions, since they are on every request's path, and written by orjson.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired

from typing_extensions import TypedDict

from api.circle_documents import CircleDocument, circle_document
from api.values import Id, iso
from domain.alerts import Alert
from domain.circle_views import CircleView
from domain.geo import Coordinates
from domain.messages import WEB, Message
from domain.swaps import Swap
from domain.users import User


class CoordinatesDocument(TypedDict):
    """Where somebody is, to a tenth of a degree; others see a rounded distance only."""

    latitude: float
    longitude: float


class OwnUser(TypedDict):
    """One's own profile."""

    _id: Id
    name: str
    email: str | None
    photo_url: str | None
    location: str
    skills_offered: list[str]
    skills_wanted: list[str]
    offered_levels: dict[str, str]
    wanted_levels: dict[str, str]
    availability: str
    coordinates: CoordinatesDocument | None
    is_public: bool
    locale: str
    timezone: str | None
    role: str
    status: str
    notifications: bool
    telegram_linked: bool
    created_at: str


class PublicUser(TypedDict):
    """What others may see of a person: never an address, a Telegram id or a setting."""

    _id: Id
    name: str
    photo_url: str | None
    location: str
    skills_offered: list[str]
    skills_wanted: list[str]
    offered_levels: dict[str, str]
    wanted_levels: dict[str, str]
    availability: str


class AlertDocument(TypedDict):
    """Waits for somebody to teach a skill. `found` are those who have begun to and still show themselves, the latest
    last; an alert that is not running has ended and can be renewed."""

    _id: Id
    skill: str
    is_running: bool
    created_at: str
    expires_at: str
    found: list[PublicUser]


class LegDocument(TypedDict):
    """Who teaches whom what."""

    teacher: Id
    learner: Id
    skill: str


class EventDocument(TypedDict):
    """One line of a swap's history; `by` is null when time did it."""

    at: str
    by: Id | None
    event: str
    status: str


class SwapDocument(TypedDict):
    """A swap; `can` is what you may do now, `consents` the version at which each person agreed.

    `away` are those of the others whom Telegram does not let us reach; that is known once somebody waits for them.
    """

    _id: Id
    from_user_id: Id
    to_user_id: Id
    offered_skill: str
    wanted_skill: str
    message: str
    status: str
    created_at: str
    updated_at: str
    participants: list[Id]
    legs: list[LegDocument]
    consents: dict[str, int]
    version: int
    due_at: str | None
    history: list[EventDocument]
    can: list[str]
    away: list[Id]


class MessageDocument(TypedDict):
    """A message; `seq` counts 1, 2, 3 … within the swap, without gaps.

    `changed` is 0, or the number of its last edit or deletion among those of the swap. A message with a `deleted_at`
    is empty and keeps its place. `reply_to` is the `seq` of an earlier message.
    """

    _id: Id
    swap_id: Id
    seq: int
    from_user_id: Id
    to_user_id: Id
    message: str
    photo_url: str | None
    client_id: str
    via: str
    created_at: str
    reply_to: int | None
    edited_at: str | None
    deleted_at: str | None
    changed: int


class Upload(TypedDict):
    """Where the photo can be fetched."""

    secure_url: str


class Health(TypedDict):
    ok: bool
    parts: NotRequired[dict[str, bool]]


class FieldError(TypedDict):
    field: str
    message: str


class ProblemDocument(TypedDict):
    """RFC 9457 problem details; `current` comes with a conflict and is the document as it stands now."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    errors: NotRequired[list[FieldError]]
    current: NotRequired[SwapDocument | CircleDocument]


def _levels(skills: tuple[str, ...], keys: tuple[str, ...], levels: Mapping[str, str]) -> dict[str, str]:
    """By skill as it is written in the list beside it."""
    if not levels:
        return {}
    return {skill: levels[key] for skill, key in zip(skills, keys, strict=True) if key in levels}


def own_user(user: User) -> OwnUser:
    return {
        "_id": user.id,
        "name": user.name,
        "email": user.email,
        "photo_url": user.photo_url,
        "location": user.location,
        "skills_offered": list(user.skills_offered),
        "skills_wanted": list(user.skills_wanted),
        "offered_levels": _levels(user.skills_offered, user.offered_keys, user.offered_levels),
        "wanted_levels": _levels(user.skills_wanted, user.wanted_keys, user.wanted_levels),
        "availability": user.availability,
        "coordinates": coordinates_document(user.coordinates),
        "is_public": user.is_public,
        "locale": user.locale,
        "timezone": user.timezone,
        "role": user.role,
        "status": user.status,
        "notifications": user.notifications,
        "telegram_linked": user.telegram_id is not None,
        "created_at": iso(user.created_at),
    }


def public_user(user: User) -> PublicUser:
    return {
        "_id": user.id,
        "name": user.name,
        "photo_url": user.photo_url,
        "location": user.location,
        "skills_offered": list(user.skills_offered),
        "skills_wanted": list(user.skills_wanted),
        "offered_levels": _levels(user.skills_offered, user.offered_keys, user.offered_levels),
        "wanted_levels": _levels(user.skills_wanted, user.wanted_keys, user.wanted_levels),
        "availability": user.availability,
    }


def coordinates_document(place: Coordinates | None) -> CoordinatesDocument | None:
    return {"latitude": place.latitude, "longitude": place.longitude} if place is not None else None


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


def swap_document(swap: Swap, viewer_id: str) -> SwapDocument:
    """Who has declined a circle stays unknown to whoever took the place."""

    def known(person: str) -> bool:
        return swap.circle is None or person in swap.participants

    return {
        "_id": swap.id,
        "from_user_id": swap.from_user_id if known(swap.from_user_id) else swap.participants[0],
        "to_user_id": swap.to_user_id if known(swap.to_user_id) else swap.participants[1],
        "offered_skill": swap.offered_skill,
        "wanted_skill": swap.wanted_skill,
        "message": swap.message,
        "status": swap.status,
        "created_at": iso(swap.created_at),
        "updated_at": iso(swap.updated_at),
        "participants": list(swap.participants),
        "legs": [{"teacher": leg.teacher, "learner": leg.learner, "skill": leg.skill} for leg in swap.legs],
        "consents": swap.consents,
        "version": swap.version,
        "due_at": iso(swap.due_at) if swap.due_at is not None else None,
        "history": [
            {
                "at": iso(event.at),
                "by": event.by if event.by and known(event.by) else None,
                "event": event.event,
                "status": event.status,
            }
            for event in swap.history
        ],
        "can": list(swap.can(viewer_id)),
        "away": [person for person in swap.away if person in swap.others(viewer_id)],
    }


def _client_id(message: Message) -> str:
    """The bot's own say in which chat somebody writes, which is nobody else's business."""
    return message.client_id if message.via == WEB else f"{message.via}:{message.id}"


def message_document(message: Message) -> MessageDocument:
    return {
        "_id": message.id,
        "swap_id": message.swap_id,
        "seq": message.seq,
        "from_user_id": message.from_user_id,
        "to_user_id": message.to_user_id,
        "message": message.message,
        "photo_url": message.photo_url,
        "client_id": _client_id(message),
        "via": message.via,
        "created_at": iso(message.created_at),
        "reply_to": message.reply_to,
        "edited_at": iso(message.edited_at) if message.edited_at is not None else None,
        "deleted_at": iso(message.deleted_at) if message.deleted_at is not None else None,
        "changed": message.changed,
    }


def current_document(current: Any, viewer_id: str) -> SwapDocument | CircleDocument | None:
    """What a conflict says about how things stand: a swap, or a circle."""
    if isinstance(current, CircleView):
        return circle_document(current)
    return swap_document(current, viewer_id) if isinstance(current, Swap) else None
