"""Users: the skills they teach and want, and who may see them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from domain import ranking
from domain.errors import Invalid
from domain.geo import Coordinates
from domain.joining import Joining, united
from domain.languages import DEFAULT_LOCALE, LOCALES
from domain.records import Record
from domain.skills import LEVELS, MAX_SKILLS, KeyOf, canonical_key, clean_skills, trades_of
from domain.standing import ALLOWED, Standing, stricter
from domain.text import balanced, clean_line
from domain.week import clean_hours, format_slots, free_hours, slots_in, slots_touched, words_beside_slots

MAX_NAME_LENGTH = 64
MAX_FIRST_NAME = 24
MAX_LOCATION_LENGTH = 80
MAX_AVAILABILITY_LENGTH = 200

MEMBER, MODERATOR, ADMIN = "member", "moderator", "admin"
ROLES = (MEMBER, MODERATOR, ADMIN)
"""Roles, from the fewest rights to the most."""
MOST_COMPLETE = 6
"""Completeness of a full profile."""
ACTIVE, PAUSED, BANNED, DELETED = "active", "paused", "banned", "deleted"

_TIMEZONE = re.compile(r"[A-Za-z0-9_+/-]{1,64}")  # the syntax of an IANA name


@dataclass(frozen=True, slots=True)
class User:
    """A user of any channel. `id` is 24 hexadecimal characters; times are aware UTC.

    `answered` and `ignored` count the requests to this user that were answered and that expired; `far_declines` those
    declined as too far away, and `no_time_at` is when they last declined one for want of time. `rules_agreed` is the
    version of the community's rules that they have agreed to.

    The keys are in the order of the skills, one for each. Without keys (another program wrote the skills) the keys of
    the spellings count. Levels are by key, each one of LEVELS. `hours` are those given, see `domain.week`; `free` are
    those that count.
    """

    id: str
    name: str
    created_at: datetime
    email: str | None = None
    photo_url: str | None = None
    location: str = ""
    skills_offered: tuple[str, ...] = ()
    skills_wanted: tuple[str, ...] = ()
    offered_keys: tuple[str, ...] = ()
    wanted_keys: tuple[str, ...] = ()
    offered_levels: Mapping[str, str] = field(default_factory=dict, hash=False)
    wanted_levels: Mapping[str, str] = field(default_factory=dict, hash=False)
    availability: str = ""
    hours: tuple[int, ...] = ()
    is_public: bool = True
    telegram_id: int | None = None
    telegram_reachable: bool = True
    locale: str = DEFAULT_LOCALE
    timezone: str | None = None
    role: str = "member"
    status: str = ACTIVE
    notifications: bool = True
    onboarded: bool = True
    session_version: int = 0
    profile_version: int = 0
    coordinates: Coordinates | None = None
    active_at: datetime | None = None
    answered: int = 0
    ignored: int = 0
    record: Record = field(default_factory=Record, hash=False)
    far_declines: int = 0
    no_time_at: datetime | None = None
    standing: Standing = field(default_factory=Standing, hash=False)
    rules_agreed: int = 0
    joining: Joining = field(default_factory=Joining, hash=False)

    def __post_init__(self) -> None:
        for skills, name in ((self.skills_offered, "offered_keys"), (self.skills_wanted, "wanted_keys")):
            if len(getattr(self, name)) != len(skills):
                object.__setattr__(self, name, tuple(canonical_key(skill) for skill in skills))

    @property
    def is_active(self) -> bool:
        return self.status == ACTIVE

    @property
    def is_moderator(self) -> bool:
        """Return whether this user decides about others: moderators do, and admins, unless something was decided about
        them."""
        return self.role in (MODERATOR, ADMIN) and self.status in (ACTIVE, PAUSED) and self.standing.is_plain

    @property
    def is_listed(self) -> bool:
        """Return whether other users can find this one: there is at least one skill to find them by."""
        has_skills = bool(self.skills_offered or self.skills_wanted)
        return self.is_public and self.is_active and self.standing.is_shown and has_skills

    def standings(self, at: datetime) -> tuple[str, ...]:
        """Return all words for how this user stands at this time, the gravest first; see `domain.standing`."""
        return (self.status,) if self.status in (BANNED, DELETED) else self.standing.named(at)

    def refused_as(self, right: str, at: datetime) -> str | None:
        """Return the standing that takes this right away at this time; None if the user has it."""
        return next((name for name in self.standings(at) if right not in ALLOWED[name]), None)

    @property
    def visibility(self) -> str:
        """Return who can find this user: "private", "public", or "not_yet" for a public profile with too few skills."""
        if not self.is_public:
            return "private"
        return "public" if self.can_match else "not_yet"

    @property
    def can_match(self) -> bool:
        return bool(self.skills_offered and self.skills_wanted)

    @property
    def trades(self) -> tuple[str, ...]:
        return trades_of(self.offered_keys, self.wanted_keys)

    @property
    def reversed_trades(self) -> tuple[str, ...]:
        """Return the trades of users who would match this one."""
        return trades_of(self.wanted_keys, self.offered_keys)

    @property
    def slots(self) -> tuple[str, ...]:
        """Return the SLOTS that the availability names; free text names none."""
        return slots_in(self.availability)

    @property
    def free(self) -> tuple[int, ...]:
        """Return the hours of a week, on this user's clock, in which they are free; none when nothing names any."""
        return free_hours(self.hours, self.slots)

    @property
    def completeness(self) -> int:
        """Return how much of the profile is filled in, 0 to MOST_COMPLETE."""
        parts = (self.photo_url, self.location, self.availability, self.skills_offered, self.skills_wanted, self.name)
        return len(parts) - [not part for part in parts].count(True)

    @property
    def last_active(self) -> datetime:
        """Return the day on which this user last looked for matches, at first the day of registration."""
        return self.active_at or self.created_at

    @property
    def responsiveness(self) -> float:
        """Return the chance, 0 to 1, that this user answers a request while active."""
        return ranking.responsiveness(
            answered=self.answered, ignored=self.ignored, completeness=self.completeness / MOST_COMPLETE
        )

    @property
    def rank(self) -> int:
        """Return the position in the index by chance of an answer, see `domain.ranking`."""
        return ranking.rank(self.responsiveness, created_at=self.created_at, last_active=self.last_active)


@dataclass(frozen=True, slots=True)
class ProfileChanges:
    """Changes of a profile; None leaves a field as it is, "" empties it.

    Levels are by skill, in any spelling; those given replace all earlier ones.
    """

    name: str | None = None
    location: str | None = None
    skills_offered: tuple[str, ...] | None = None
    skills_wanted: tuple[str, ...] | None = None
    offered_levels: Mapping[str, str] | None = None
    wanted_levels: Mapping[str, str] | None = None
    availability: str | None = None
    hours: tuple[int, ...] | None = None
    is_public: bool | None = None
    locale: str | None = None
    timezone: str | None = None
    notifications: bool | None = None
    onboarded: bool | None = None
    photo_url: str | None = None
    coordinates: Coordinates | str | None = None

    def given(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value for name, value in values.items() if value is not None}


def apply_changes(user: User, changes: ProfileChanges, key_of: KeyOf = canonical_key) -> User:
    """Return the next version of the user, with the changes, each field cleaned and bounded.

    Raises Invalid naming the field.

    A field given as it is stored is no change, and is not judged again.
    """
    user = with_keys(user, key_of)
    given = {name: value for name, value in changes.given().items() if not _is_stored(user, name, value)}
    if "name" in given:
        given["name"] = clean_line(given["name"], "name", max_length=MAX_NAME_LENGTH)
    if "location" in given:
        given["location"] = clean_line(given["location"], "location", max_length=MAX_LOCATION_LENGTH, required=False)
    if "hours" in given:  # the slots say in words what the hours are; what was typed beside them stays
        given["hours"] = clean_hours(given["hours"], "hours")
        words = words_beside_slots(given.get("availability", user.availability))
        given["availability"] = ", ".join(filter(None, (format_slots(slots_touched(given["hours"])), words)))
    if "availability" in given:
        given["availability"] = clean_line(
            given["availability"], "availability", max_length=MAX_AVAILABILITY_LENGTH, required=False
        )
    for skills, keys, levels in _SKILL_FIELDS:
        if skills in given:
            given[skills] = clean_skills(given[skills], skills, key_of, known=getattr(user, skills))
            given[keys] = tuple(key_of(skill) for skill in given[skills])
        given[levels] = _levels_of(given.get(levels), user, given.get(keys), (keys, levels), key_of)
    if given.get("locale", DEFAULT_LOCALE) not in LOCALES:
        raise Invalid("locale.unknown", field="locale")
    if "timezone" in given:
        given["timezone"] = given["timezone"] or None
        if given["timezone"] is not None and not _TIMEZONE.fullmatch(given["timezone"]):
            raise Invalid("text.not_allowed", field="timezone")
    if "photo_url" in given:
        given["photo_url"] = given["photo_url"] or None
    if "coordinates" in given:
        given["coordinates"] = given["coordinates"] or None
    return replace(user, **given, profile_version=user.profile_version + 1)


def _is_stored(user: User, name: str, value: Any) -> bool:
    stored = user.free if name == "hours" else getattr(user, name)
    return bool(value == stored or (value == "" and stored is None))


_SKILL_FIELDS = (
    ("skills_offered", "offered_keys", "offered_levels"),
    ("skills_wanted", "wanted_keys", "wanted_levels"),
)


def _levels_of(
    given: Mapping[str, str] | None, user: User, new_keys: tuple[str, ...] | None, names: tuple[str, str], key_of: KeyOf
) -> dict[str, str]:
    """Return the levels after a change: those given, which must belong to listed skills, or the earlier ones of skills
    that are still listed. A level that is given as it was goes with a skill that is taken off the list."""
    keys: tuple[str, ...] = getattr(user, names[0]) if new_keys is None else new_keys
    earlier: Mapping[str, str] = getattr(user, names[1])
    if given is None:
        return {key: level for key, level in earlier.items() if key in keys}
    said = {key_of(skill): level for skill, level in given.items()}
    levels = {key: level for key, level in said.items() if key in keys or earlier.get(key) != level}
    if not set(levels) <= set(keys):
        raise Invalid("skills.level_of_unlisted", field=names[1])
    if not set(levels.values()) <= set(LEVELS):
        raise Invalid("skills.level_unknown", field=names[1])
    return levels


def with_keys(user: User, key_of: KeyOf) -> User:
    """Return the user with the present keys of their skills; levels follow."""
    fields: dict[str, Any] = {}
    for skills, keys, levels in _SKILL_FIELDS:
        fields[keys] = tuple(key_of(skill) for skill in getattr(user, skills))
        said: Mapping[str, str] = getattr(user, levels)
        moved = zip(getattr(user, keys), fields[keys], strict=True)
        fields[levels] = {new: said[old] for old, new in moved if old in said} if said else {}
    is_same = all(getattr(user, name) == value for name, value in fields.items())
    return user if is_same else replace(user, **fields)


def with_name(user: User, key: str, name: str) -> User:
    """Return the user with the skill of this key renamed, once per list."""
    fields: dict[str, Any] = {}
    for skills, keys, _ in _SKILL_FIELDS:
        if key in getattr(user, keys):
            pairs = zip(getattr(user, keys), getattr(user, skills), strict=True)
            named = {each: name if each == key else skill for each, skill in pairs}
            fields |= {keys: tuple(named), skills: tuple(named.values())}
    return replace(user, **fields) if fields else user


KEPT = frozenset(
    (
        "id",
        "created_at",
        "is_public",
        "locale",
        "status",
        "notifications",
        "session_version",
        "profile_version",
        "active_at",
        "record",  # counted anew after the merge
        "no_time_at",
    )
)
FILLED = frozenset(
    ("name", "email", "photo_url", "location", "availability", "telegram_id", "timezone", "coordinates", "onboarded")
)
ADDED = frozenset(("answered", "ignored", "far_declines"))
UNITED = frozenset(
    ("skills_offered", "skills_wanted", "offered_keys", "wanted_keys", "offered_levels", "wanted_levels")
)
CHOSEN = frozenset(("hours", "telegram_reachable", "role", "standing", "rules_agreed", "joining"))
"""The rule by which `joined` treats each field of a user: the survivor's is kept; an empty one is filled from the other
profile; both are added; both are united; or one of the two is chosen. A field belongs to exactly one of these sets."""


def joined(survivor: User, other: User) -> User:
    """Return two profiles of one person as one: the survivor's fields count, empty ones are filled from the other."""
    offered, wanted = (
        _of_both(survivor.offered_keys, survivor.skills_offered, other.offered_keys, other.skills_offered),
        _of_both(survivor.wanted_keys, survivor.skills_wanted, other.wanted_keys, other.skills_wanted),
    )
    filled: dict[str, Any] = {name: getattr(survivor, name) or getattr(other, name) for name in FILLED}
    added: dict[str, Any] = {name: getattr(survivor, name) + getattr(other, name) for name in ADDED}
    return replace(
        survivor,
        **filled,
        **added,
        skills_offered=tuple(offered.values()),
        skills_wanted=tuple(wanted.values()),
        offered_keys=tuple(offered),
        wanted_keys=tuple(wanted),
        offered_levels={**other.offered_levels, **survivor.offered_levels},
        wanted_levels={**other.wanted_levels, **survivor.wanted_levels},
        hours=(survivor if survivor.availability or survivor.hours else other).hours,
        telegram_reachable=(survivor if survivor.telegram_id else other).telegram_reachable,
        role=max(survivor.role, other.role, key=_rank_of_role),
        standing=stricter(survivor.standing, other.standing),
        joining=united(survivor.joining, other.joining),
        rules_agreed=max(survivor.rules_agreed, other.rules_agreed),
    )


def _of_both(
    keys: tuple[str, ...], skills: tuple[str, ...], other_keys: tuple[str, ...], other_skills: tuple[str, ...]
) -> dict[str, str]:
    """Return skills by key, each once, the survivor's spelling first."""
    both: dict[str, str] = {}
    for key, skill in zip((*keys, *other_keys), (*skills, *other_skills), strict=True):
        if len(both) < MAX_SKILLS:
            both.setdefault(key, skill)
    return both


def _rank_of_role(role: str) -> int:
    return ROLES.index(role) if role in ROLES else 0


def first_name(user: User | None) -> str:
    """Return the first word of the name, at most MAX_FIRST_NAME characters of it; "" for no user."""
    return balanced((user.name.split() or [""])[0][:MAX_FIRST_NAME]) if user is not None else ""
