"""Users. Field names are the front-end contract's; unknown fields of a document stay as they are."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.collation import Collation
from pymongo.errors import DuplicateKeyError

from domain.geo import Coordinates
from domain.joining import Joining
from domain.languages import DEFAULT_LOCALE, LOCALES
from domain.mail_addresses import written_forms
from domain.records import Record
from domain.skills import LEVELS, MAX_SKILL_LENGTH, MAX_SKILLS
from domain.standing import Standing
from domain.text import balanced
from domain.users import ACTIVE, DELETED, MAX_AVAILABILITY_LENGTH, MAX_LOCATION_LENGTH, MAX_NAME_LENGTH, MEMBER, User
from domain.vocabulary import Vocabulary
from storage.derived_fields import begun_keys, derived_fields, known_of, may_close_circles
from storage.mongodb.database import UNJOURNALED, Database, object_id
from storage.mongodb.documents import OWN_ID, Field, Mapper, shared
from storage.mongodb.versioned_cache import VersionedCache
from storage.skills import Skills
from storage.weeks import hours_in

BEST_FIRST = [("rank", -1), ("_id", -1)]
TEXTS = frozenset((str,))
ANY_CAPITALS = Collation("en_US", strength=2)
"""Order in which mail addresses are compared: a model stores them as they were typed, `Ana@Example.org`."""
EPOCH = datetime.fromtimestamp(0, UTC)
MAX_OWN_WRITES = 10_000
"""Profiles of this process that wait for the change stream: with more it reads them all, as it reads others' writes."""
MAX_COUNT = 2**31 - 1
"""Upper bound of a request counter."""
MAX_READ_SKILLS, MAX_READ_LENGTH = 5 * MAX_SKILLS, 5 * MAX_SKILL_LENGTH
"""Skills of one list that are read, and characters of a skill: more than users can have, for what other programs have
written."""


def user_from(doc: dict[str, Any]) -> User:
    """Return the user of a document, written by this service or by another program."""
    return USER.value(doc)


def text_in(doc: dict[str, Any], name: str, at_most: int | None = None) -> str:
    """Return the text of a field, up to `at_most` characters in one line; "" where another program wrote another
    type."""
    value = doc.get(name)
    if not isinstance(value, str):
        return ""
    if at_most is None or (len(value) <= at_most and value.isprintable()):  # the usual case
        return value
    return " ".join(value[: 4 * at_most].split())[:at_most].rstrip()


def time_in(doc: dict[str, Any], name: str) -> datetime:
    """Return the time of a field, or else the creation time of the document."""
    value = doc.get(name)
    if isinstance(value, datetime):
        return value
    return doc["_id"].generation_time if isinstance(doc["_id"], ObjectId) else EPOCH


def _count_in(doc: dict[str, Any], name: str) -> int:
    """Return the number of a field, of any numeric type of BSON; 0 for what is no count."""
    value = doc.get(name)
    return int(min(value, MAX_COUNT)) if isinstance(value, int | float) and value >= 0 else 0


def _skills_in(doc: dict[str, Any], name: str) -> tuple[str, ...]:
    """Return the texts of a list, within bounds."""
    value = doc.get(name)
    if not isinstance(value, list):
        return ()
    if (
        len(value) <= MAX_READ_SKILLS
        and TEXTS.issuperset(map(type, value))
        and "" not in value
        and max(map(len, value), default=0) <= MAX_READ_LENGTH
    ):  # the usual case, kept fast: there are four lists for each of many users
        return tuple(map(shared, value))
    texts = (skill[:MAX_READ_LENGTH] for skill in islice(value, MAX_READ_SKILLS) if isinstance(skill, str))
    return tuple(filter(None, texts))


def _coordinates_in(doc: dict[str, Any]) -> Coordinates | None:
    """Return the coordinates. None, too, for another program's format under this name, such as GeoJSON."""
    place = doc.get("coordinates")
    if not isinstance(place, dict):
        return None
    latitude, longitude = place.get("latitude"), place.get("longitude")
    if not (isinstance(latitude, int | float) and isinstance(longitude, int | float)):
        return None
    return Coordinates(latitude, longitude) if math.isfinite(latitude) and math.isfinite(longitude) else None


def _levels_in(doc: dict[str, Any], name: str) -> dict[str, str]:
    """Return a list of {key, level} as a mapping: a key may contain dots, so it cannot be a field name."""
    rows = doc.get(name)
    if not isinstance(rows, list):
        return {}
    read = ((row.get("key"), row.get("level")) for row in rows if isinstance(row, dict))
    return {key: level for key, level in read if isinstance(key, str) and level in LEVELS}


def known_fields(doc: dict[str, Any]) -> dict[str, Any]:
    """Return the stored derived fields by which others find the user at present, whatever else the profile says."""
    keys = {name: list(_skills_in(doc, name)) for name in ("offered_keys", "wanted_keys")}
    return {**keys, "is_listed": doc.get("is_listed") is True}


def spellings_of(user: User) -> dict[str, str]:
    """Return the user's spelling of each key."""
    keys, skills = (*user.wanted_keys, *user.offered_keys), (*user.skills_wanted, *user.skills_offered)
    return dict(zip(keys, skills, strict=True))


def _text(name: str, at_most: int | None = None) -> Field:
    return Field(read_doc=lambda doc: balanced(text_in(doc, name, at_most)))


def _text_or_none(name: str) -> Field:
    return Field(read_doc=lambda doc: text_in(doc, name) or None)


def _flag(name: str) -> Field:
    return Field(read_doc=lambda doc: doc.get(name, True) is not False)


def _skills(name: str) -> Field:
    return Field(read_doc=lambda doc: _skills_in(doc, name))


def _levels(name: str) -> Field:
    return Field(
        write=lambda levels: [{"key": key, "level": level} for key, level in sorted(levels.items())],
        read_doc=lambda doc: _levels_in(doc, name),
    )


def _locale_in(doc: dict[str, Any]) -> str:
    locale = doc.get("locale")
    return locale if locale in LOCALES else DEFAULT_LOCALE


def _active_at_in(doc: dict[str, Any]) -> datetime | None:
    value = doc.get("active_at")
    return value if isinstance(value, datetime) else None


def _part(name: str, mapper: Mapper[Any], absent: Any) -> Field:
    def read(doc: dict[str, Any]) -> Any:
        value = doc.get(name)
        return mapper.value(value) if isinstance(value, dict) else absent

    return Field(write=mapper.document, read_doc=read)


COORDINATES = Mapper(Coordinates)
RECORD, STANDING, JOINING = Mapper(Record), Mapper(Standing), Mapper(Joining)

OWN_WRITERS = (
    "id", "created_at", "email", "telegram_id", "telegram_reachable", "role", "status", "session_version",
    "profile_version", "active_at", "answered", "ignored", "offered_keys", "wanted_keys", "record", "far_declines",
    "no_time_at", "standing", "rules_agreed", "joining",
)  # fmt: skip
"""Fields of a user that a change of the profile does not write. Every other one belongs to the profile."""

USER = Mapper(
    User,
    {
        "id": OWN_ID,
        "name": _text("name", MAX_NAME_LENGTH),
        "created_at": Field(read_doc=lambda doc: time_in(doc, "created_at")),
        "email": _text_or_none("email"),
        "photo_url": _text_or_none("photo_url"),
        "location": _text("location", MAX_LOCATION_LENGTH),
        "skills_offered": _skills("skills_offered"),
        "skills_wanted": _skills("skills_wanted"),
        "offered_keys": _skills("offered_keys"),
        "wanted_keys": _skills("wanted_keys"),
        "offered_levels": _levels("offered_levels"),
        "wanted_levels": _levels("wanted_levels"),
        "availability": _text("availability", MAX_AVAILABILITY_LENGTH),
        "hours": Field(read_doc=hours_in),
        "is_public": _flag("is_public"),
        "telegram_reachable": _flag("telegram_reachable"),
        "locale": Field(read_doc=_locale_in),
        "timezone": _text_or_none("timezone"),
        "role": Field(read_doc=lambda doc: text_in(doc, "role") or MEMBER),
        "status": Field(read_doc=lambda doc: text_in(doc, "status") or ACTIVE),
        "notifications": _flag("notifications"),
        "onboarded": _flag("onboarded"),
        "session_version": Field(read_doc=lambda doc: _count_in(doc, "session_version")),
        "profile_version": Field(read_doc=lambda doc: _count_in(doc, "profile_version")),
        "coordinates": Field(
            write=lambda place: COORDINATES.document(place) if place else None, read_doc=_coordinates_in
        ),
        "active_at": Field(read_doc=_active_at_in),
        "answered": Field(read_doc=lambda doc: _count_in(doc, "answered")),
        "ignored": Field(read_doc=lambda doc: _count_in(doc, "ignored")),
        "rules_agreed": Field(read_doc=lambda doc: _count_in(doc, "rules_agreed")),
        "record": _part("record", RECORD, Record()),
        "joining": _part("joining", JOINING, Joining()),
        "standing": _part("standing", STANDING, Standing()),
    },
    apart=OWN_WRITERS,
)


@dataclass(frozen=True, slots=True)
class OwnWrite:
    """The version that a profile was written as, and the vocabulary by which its keys were made."""

    version: int
    vocabulary: Vocabulary


class Users:
    def __init__(self, database: Database, skills: Skills) -> None:
        self._users = database.collection("users")
        self._visits = self._users.with_options(**UNJOURNALED)
        self.skills = skills
        self.cache: VersionedCache[User] = VersionedCache(lambda user: user.profile_version)
        self.own_writes: dict[str, OwnWrite] = {}
        """Profiles that this process has written upon what is cached, by id, until the change stream reports them."""

    async def find(self, user_id: str) -> User | None:
        oid = object_id(user_id)
        doc = await self._users.find_one({"_id": oid}) if oid else None
        return user_from(doc) if doc else None

    async def find_recent(self, user_id: str) -> User | None:
        """Like `find`, but perhaps from the versioned cache: to identify a caller, not to decide a write."""
        known = self.cache.get(user_id)
        if known is not None:
            return known
        user = await self.find(user_id)
        return self.cache.put(user.id, user) if user else None  # ids are accepted in upper case, too

    async def find_many(self, user_ids: Iterable[str]) -> dict[str, User]:
        """Return users by id, without missing ones."""
        oids = [oid for oid in map(object_id, user_ids) if oid]
        return {str(doc["_id"]): user_from(doc) async for doc in self._users.find({"_id": {"$in": oids}})}

    async def find_by_telegram(self, telegram_id: int) -> User | None:
        doc = await self._users.find_one({"telegram_id": telegram_id})
        return user_from(doc) if doc else None

    async def find_by_email(self, email: str) -> User | None:
        """Return the user of a kept address, in whatever capitals it is stored and however its domain is written."""
        doc = await self._users.find_one({"email": {"$in": written_forms(email)}}, collation=ANY_CAPITALS)
        return user_from(doc) if doc else None

    async def insert(self, user: User) -> bool:
        """Insert a user. False when this Telegram id or mail address is taken."""
        doc = USER.whole_document(user) | derived_fields(user) | {"role": user.role, "status": user.status}
        await self.skills.note(spellings_of(user))
        try:
            await self._users.insert_one(doc)
        except DuplicateKeyError:
            return False
        return True

    async def replace_profile(self, before: User, after: User) -> bool:
        """Write the next version of a profile, if it is still `before`. False when it has changed."""
        known, derived = known_of(before), derived_fields(after)
        begun = begun_keys(known, derived)
        change = USER.difference(before, after)
        is_to_look = may_close_circles(known, derived) or (derived["is_listed"] and before.free != after.free)
        vocabulary = self.skills.vocabulary
        await self.skills.note(spellings_of(after))
        query = {
            "_id": ObjectId(before.id),
            "status": {"$ne": DELETED},
            "profile_version": {"$in": [0, None]} if before.profile_version == 0 else before.profile_version,
        }
        update = {
            **change,
            "$set": change.get("$set", {}) | derived,
            "$inc": {"profile_version": 1},
            **({"$addToSet": {"begun_keys": {"$each": begun}}} if begun else {}),
            **({"$currentDate": {"circle_look_at": True}} if is_to_look else {}),
        }
        if not (await self._users.update_one(query, update)).modified_count:
            return False
        if self.cache.follow_up(before.id, before, after):
            if len(self.own_writes) >= MAX_OWN_WRITES:
                self.own_writes.clear()
            self.own_writes[before.id] = OwnWrite(after.profile_version, vocabulary)
        return True

    async def attach(self, user_id: str, field: str, value: Any) -> User | None:
        """Set a Telegram id or a mail address, unless the user has one. None then, or when another user has it."""
        change = {"$set": {field: value}, "$inc": {"profile_version": 1}}
        query = {"_id": ObjectId(user_id), field: {"$in": [None, ""]}, "status": {"$ne": DELETED}}
        try:
            doc = await self._users.find_one_and_update(query, change, return_document=ReturnDocument.AFTER)
        except DuplicateKeyError:
            return None
        return self.cache.put(user_id, user_from(doc)) if doc else None

    async def end_sessions(self, user_id: str) -> User | None:
        """Invalidate all tokens that were issued before."""
        change = {"$inc": {"session_version": 1, "profile_version": 1}}
        query = {"_id": ObjectId(user_id), "status": {"$ne": DELETED}}
        doc = await self._users.find_one_and_update(query, change, return_document=ReturnDocument.AFTER)
        return self.cache.put(user_id, user_from(doc)) if doc else None

    async def set_role(self, user_id: str, role: str) -> User | None:
        change = {"$set": {"role": role}, "$inc": {"profile_version": 1}}
        query = {"_id": ObjectId(user_id), "status": {"$ne": DELETED}}
        doc = await self._users.find_one_and_update(query, change, return_document=ReturnDocument.AFTER)
        return self.cache.put(user_id, user_from(doc)) if doc else None

    async def list_by_roles(self, roles: Sequence[str]) -> list[User]:
        """Return all users in these roles, by id. One query a role: each has a small index of its own."""
        found = [user_from(doc) for role in roles async for doc in self._users.find({"role": role})]
        return sorted(found, key=lambda user: user.id)

    async def set_reachable(self, telegram_id: int, *, is_reachable: bool) -> str | None:
        """Set the flag; returns the user's id if it has changed."""
        doc = await self._users.find_one_and_update(
            {"telegram_id": telegram_id, "telegram_reachable": {"$ne": is_reachable}},
            {"$set": {"telegram_reachable": is_reachable}},
            projection={"_id": 1},
        )
        return str(doc["_id"]) if doc else None

    async def note_active(self, user: User, *, at: datetime) -> None:
        """Record that the user was active today: the index ranks users by that, and by how complete a profile is."""
        after = replace(user, active_at=at)
        query = {"_id": ObjectId(user.id), "status": {"$ne": DELETED}}
        await self._visits.update_one(query, {"$set": {"active_at": at, "rank": after.rank}})
        self.cache.follow_up(user.id, user, after)

    async def erase(self, user_id: str, *, at: datetime) -> bool:
        """Replace the user by a tombstone: no name, address, skill or photo; the id stays so that old swaps can be
        read."""
        tombstone: dict[str, Any] = {
            "_id": "$_id",
            "created_at": "$created_at",
            "status": DELETED,
            "deleted_at": at,
            "is_public": False,
            "is_listed": False,
        }
        for name in ("session_version", "profile_version"):  # invalidates everything that was read before
            tombstone[name] = {"$add": [{"$ifNull": [f"${name}", 0]}, 1]}
        doc = await self._users.find_one_and_update(
            {"_id": ObjectId(user_id), "status": {"$ne": DELETED}},
            [{"$replaceWith": tombstone}],
            return_document=ReturnDocument.AFTER,
        )
        if doc is None:
            return False
        self.cache.put(user_id, user_from(doc))
        return True

    async def teachers(
        self, key: str, *, besides: Collection[str], limit: int, after: tuple[int, str] | None = None
    ) -> list[User]:
        """Return listed teachers of a skill, best rank first; `after` is the last (rank, id) of the previous page."""
        query: dict[str, Any] = {"offered_keys": key, "is_listed": True}
        parts = [query]
        if after is not None:  # two ranges of the index, one after the other: an $or would filter instead of seek
            rank, last = after[0], ObjectId(after[1])
            parts = [{**query, "rank": rank, "_id": {"$lt": last}}, {**query, "rank": {"$lt": rank}}]
        found: list[User] = []
        for part in parts:
            cursor = self._users.find(part).sort(BEST_FIRST).limit(limit + len(besides) - len(found))
            people = [user_from(doc) async for doc in cursor if str(doc["_id"]) not in besides]
            found += [user for user in people if user.is_listed]  # another program may change a status alone
            if len(found) >= limit:
                break
        return found[:limit]
