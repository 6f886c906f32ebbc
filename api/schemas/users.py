"""Schemas of profiles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from api.schemas.values import NOT_GIVEN, Body, ContractBody, Id, Limit, Query, ReadOnlyText, iso
from domain.geo import Coordinates, coarse
from domain.languages import LOCALES
from domain.names import MAX_QUERY
from domain.records import REPLIES
from domain.skills import MAX_SKILL_LENGTH, MAX_SKILLS
from domain.users import MAX_AVAILABILITY_LENGTH, MAX_LOCATION_LENGTH, MAX_NAME_LENGTH, ProfileChanges, User
from domain.week import DAYS, HOURS, by_day, from_days


class CoordinatesDocument(TypedDict):
    """Your position, to a tenth of a degree. Others see a rounded distance only."""

    latitude: float
    longitude: float


class OwnUser(TypedDict):
    """Your own profile.

    `hours` are the hours in which you are free, on your own clock: seven lists, Monday first, of hours from 0 to 23.
    They follow `availability`: a slot named there counts as a whole until you give hours of it. Others do not see them.
    `rules_agreed` is the version of the community's rules that you have agreed to. `membership` is "member", or
    "applicant" until you are let in. `warned_at`, `suspended_until` and `standing_reason` say what the moderators have
    decided: a warning has to be acknowledged before anything else.
    """

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
    hours: list[list[int]]
    coordinates: CoordinatesDocument | None
    is_public: bool
    locale: str
    timezone: str | None
    role: str
    status: str
    notifications: bool
    telegram_linked: bool
    rules_agreed: int
    membership: str
    warned_at: str | None
    suspended_until: str | None
    standing_reason: str | None
    created_at: str


class RatingMean(TypedDict):
    """The mean of the stars, to a tenth, of `n` ratings; shown from three people on."""

    mean: float
    n: int


class FactsDocument(TypedDict):
    """Facts counted about a user.

    `member_since` is a month, `replies` how soon they usually answer a request, `no_shows` how often they did not come,
    as several people say.
    """

    member_since: str
    swaps_held: int
    replies: Literal[REPLIES] | None  # type: ignore[valid-type] # one of the domain's
    no_shows: int
    rating: RatingMean | None


class PublicUser(TypedDict):
    """The public part of a profile: no mail address, Telegram id or settings."""

    _id: Id
    name: str
    photo_url: str | None
    location: str
    skills_offered: list[str]
    skills_wanted: list[str]
    offered_levels: dict[str, str]
    wanted_levels: dict[str, str]
    availability: str
    facts: FactsDocument


def _levels(skills: tuple[str, ...], keys: tuple[str, ...], levels: Mapping[str, str]) -> dict[str, str]:
    """Return the levels by skill, as the skill is spelled in the profile."""
    if not levels:
        return {}
    return {skill: levels[key] for skill, key in zip(skills, keys, strict=True) if key in levels}


def own_user(user: User) -> OwnUser:
    """Return the profile for its owner."""
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
        "hours": by_day(user.free),
        "coordinates": coordinates_document(user.coordinates),
        "is_public": user.is_public,
        "locale": user.locale,
        "timezone": user.timezone,
        "role": user.role,
        "status": user.status,
        "notifications": user.notifications,
        "telegram_linked": user.telegram_id is not None,
        "rules_agreed": user.rules_agreed,
        "membership": user.standing.membership,
        "warned_at": iso(user.standing.warned_at) if user.standing.warned_at is not None else None,
        "suspended_until": iso(user.standing.suspended_until) if user.standing.suspended_until is not None else None,
        "standing_reason": user.standing.reason or None,
        "created_at": iso(user.created_at),
    }


def public_user(user: User, at: datetime) -> PublicUser:
    """Return the profile for other users."""
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
        "facts": facts_document(user, at),
    }


def facts_document(user: User, at: datetime) -> FactsDocument:
    record = user.record
    mean = record.mean
    return {
        "member_since": f"{user.created_at:%Y-%m}",
        "swaps_held": record.swaps_held,
        "replies": record.replies or None,
        "no_shows": record.no_shows_at(at),
        "rating": {"mean": mean, "n": record.ratings} if mean is not None else None,
    }


def coordinates_document(coordinates: Coordinates | None) -> CoordinatesDocument | None:
    return {"latitude": coordinates.latitude, "longitude": coordinates.longitude} if coordinates is not None else None


Locale = Literal[LOCALES]  # type: ignore[valid-type] # one of the registry

SkillList = Annotated[list[Annotated[str, Field(max_length=4 * MAX_SKILL_LENGTH)]], Field(max_length=5 * MAX_SKILLS)]


Level = Literal["beginner", "intermediate", "advanced", "expert"]


Levels = Annotated[
    dict[Annotated[str, Field(max_length=4 * MAX_SKILL_LENGTH)], Level], Field(max_length=5 * MAX_SKILLS)
]
"""Levels by skill, in any spelling. They replace all earlier ones."""


Hours = Annotated[
    list[Annotated[list[Annotated[int, Field(ge=0, lt=HOURS)]], Field(max_length=HOURS)]],
    Field(min_length=DAYS, max_length=DAYS),
]
"""Hours of each day of a week, Monday first, on your own clock."""


class CoordinatesBody(Body):
    """Degrees, north and east positive; stored to a tenth of a degree."""

    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class ProfileBody(ContractBody):
    """Changes to your profile.

    Fields that are left out stay as they are. Null empties an optional text, as "" does. With `hours` the slots in
    `availability` become those of which an hour is free; what is typed beside them stays. The whole profile may be sent
    back: `_id`, `email` and `role` cannot be changed and have to be yours, further fields are ignored.
    """

    document = OwnUser
    read_only = ("_id", "email", "role")

    name: Annotated[str, Field(max_length=4 * MAX_NAME_LENGTH)] = NOT_GIVEN
    location: Annotated[str, Field(max_length=4 * MAX_LOCATION_LENGTH)] | None = NOT_GIVEN
    skills_offered: SkillList = NOT_GIVEN
    skills_wanted: SkillList = NOT_GIVEN
    offered_levels: Levels = NOT_GIVEN
    wanted_levels: Levels = NOT_GIVEN
    availability: Annotated[str, Field(max_length=4 * MAX_AVAILABILITY_LENGTH)] | None = NOT_GIVEN
    hours: Hours | None = NOT_GIVEN
    is_public: bool = NOT_GIVEN
    locale: Locale = NOT_GIVEN
    timezone: Annotated[str, Field(pattern="^[A-Za-z0-9_+/-]{0,64}$")] | None = NOT_GIVEN
    notifications: bool = NOT_GIVEN
    photo_url: Annotated[str, Field(max_length=2048)] | None = NOT_GIVEN
    coordinates: CoordinatesBody | None = NOT_GIVEN
    id_: ReadOnlyText = Field(default=None, alias="_id")
    email: ReadOnlyText = None
    role: ReadOnlyText = None

    def changes(self) -> ProfileChanges:
        """Return the fields that were given and can be changed."""
        given = self.model_fields_set - {"id_", "email", "role"}
        values: dict[str, Any] = {name: getattr(self, name) for name in given}
        for name in ("skills_offered", "skills_wanted"):
            if name in values:
                values[name] = tuple(values[name])
        if self.coordinates is not None and "coordinates" in values:
            values["coordinates"] = coarse(self.coordinates.latitude, self.coordinates.longitude)
        if "hours" in values:
            values["hours"] = from_days(values["hours"] or ())
        without_nulls: dict[str, Any] = {name: "" if value is None else value for name, value in values.items()}
        return ProfileChanges(**without_nulls)


class PeopleQuery(Query):
    """The skill to search for, in any spelling, or the beginning of a name, or of one of its words;
    and the page.
    """

    skill: Annotated[str, Field(min_length=1, max_length=4 * MAX_SKILL_LENGTH)] | None = None
    name: Annotated[str, Field(min_length=1, max_length=4 * MAX_QUERY)] | None = None
    limit: Limit | None = None
    cursor: Annotated[str, Field(max_length=100)] | None = None
