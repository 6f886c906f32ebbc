"""People. Field names are the front-end contract's; what is not ours in a document stays as it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from skillswap.domain.skills import skill_keys
from skillswap.domain.users import ACTIVE, DELETED, LOCALES, User
from storage.mongo import Database, object_id

MAX_CANDIDATES = 200
"""The most people one deck or search looks at."""


def user_from(doc: dict[str, Any]) -> User:
    """A document, ours or one that an older front end wrote, as a person."""
    locale = doc.get("locale")
    return User(
        id=str(doc["_id"]),
        name=doc.get("name") or "",
        created_at=doc.get("created_at") or doc["_id"].generation_time,
        email=doc.get("email") or None,
        photo_url=doc.get("photo_url") or None,
        location=doc.get("location") or "",
        skills_offered=tuple(doc.get("skills_offered") or ()),
        skills_wanted=tuple(doc.get("skills_wanted") or ()),
        availability=doc.get("availability") or "",
        is_public=doc.get("is_public", True) is not False,
        telegram_id=doc.get("telegram_id"),
        telegram_reachable=doc.get("telegram_reachable", True),
        locale=locale if locale in LOCALES else "en",
        timezone=doc.get("timezone"),
        role=doc.get("role", "member"),
        status=doc.get("status", ACTIVE),
        notifications=doc.get("notifications", True),
        onboarded=doc.get("onboarded", True),
        session_version=doc.get("session_version", 0),
        profile_version=doc.get("profile_version", 0),
    )


def derived_fields(user: User) -> dict[str, Any]:
    """What matching looks people up by; written with every change of the profile."""
    return {
        "offered_keys": list(skill_keys(user.skills_offered)),
        "wanted_keys": list(skill_keys(user.skills_wanted)),
        "trades": list(user.trades),
        "is_listed": user.is_listed and user.can_match,
        "rank": user.completeness,
    }


_PROFILE = (
    "name", "photo_url", "location", "availability", "is_public", "locale", "timezone", "notifications", "onboarded",
)  # fmt: skip


def _fields(user: User) -> dict[str, Any]:
    fields: dict[str, Any] = {name: getattr(user, name) for name in _PROFILE}
    fields["skills_offered"] = list(user.skills_offered)
    fields["skills_wanted"] = list(user.skills_wanted)
    return fields


class Users:
    def __init__(self, database: Database) -> None:
        self._users = database.collection("users")

    async def find(self, user_id: str) -> User | None:
        oid = object_id(user_id)
        doc = await self._users.find_one({"_id": oid}) if oid else None
        return user_from(doc) if doc else None

    async def find_many(self, user_ids: Iterable[str]) -> dict[str, User]:
        """By id; the absent are left out."""
        oids = [oid for oid in map(object_id, user_ids) if oid]
        return {str(doc["_id"]): user_from(doc) async for doc in self._users.find({"_id": {"$in": oids}})}

    async def find_by_telegram(self, telegram_id: int) -> User | None:
        doc = await self._users.find_one({"telegram_id": telegram_id})
        return user_from(doc) if doc else None

    async def find_by_email(self, email: str) -> User | None:
        doc = await self._users.find_one({"email": email}) if email else None
        return user_from(doc) if doc else None

    async def insert(self, user: User) -> bool:
        """False when somebody with this Telegram id or mail address is there already."""
        doc = {
            "_id": ObjectId(user.id),
            **_fields(user),
            **derived_fields(user),
            "role": user.role,
            "status": user.status,
            "created_at": user.created_at,
        }
        if user.telegram_id is not None:
            doc["telegram_id"] = user.telegram_id
        if user.email is not None:
            doc["email"] = user.email
        try:
            await self._users.insert_one(doc)
        except DuplicateKeyError:
            return False
        return True

    async def replace_profile(self, before: User, after: User) -> bool:
        """Write what has changed, if the profile is still as `before` was read. False when it has moved on."""
        old, new = _fields(before), _fields(after)
        result = await self._users.update_one(
            {
                "_id": ObjectId(before.id),
                "status": {"$ne": DELETED},
                "profile_version": {"$in": [0, None]} if before.profile_version == 0 else before.profile_version,
            },
            {
                "$set": {name: value for name, value in new.items() if value != old[name]} | derived_fields(after),
                "$inc": {"profile_version": 1},
            },
        )
        return bool(result.modified_count)

    async def set_reachable(self, telegram_id: int, *, is_reachable: bool) -> None:
        await self._users.update_one(
            {"telegram_id": telegram_id, "telegram_reachable": {"$ne": is_reachable}},
            {"$set": {"telegram_reachable": is_reachable}},
        )

    async def erase(self, user_id: str, *, at: datetime) -> bool:
        """Leave a tombstone: no name, address, skill or photo; the id stays so that old swaps still read."""
        kept = {"_id", "created_at"}
        doc = await self._users.find_one({"_id": ObjectId(user_id)})
        if doc is None or doc.get("status") == DELETED:
            return False
        gone = {name: "" for name in doc if name not in kept}
        for name in ("status", "deleted_at", "is_public", "is_listed", "session_version"):
            gone.pop(name, None)
        update: dict[str, Any] = {
            "$set": {"status": DELETED, "deleted_at": at, "is_public": False, "is_listed": False},
            "$inc": {"session_version": 1},
        }
        if gone:
            update["$unset"] = gone
        result = await self._users.update_one({"_id": doc["_id"], "status": {"$ne": DELETED}}, update)
        return bool(result.modified_count)

    async def partners(self, viewer: User, *, limit: int = MAX_CANDIDATES) -> AsyncIterator[User]:
        """Listed people with whom a direct swap is possible, best rank first."""
        reversed_trades = list(viewer.reversed_trades)
        if not reversed_trades:
            return
        query = {"trades": {"$in": reversed_trades}, "is_listed": True, "_id": {"$ne": ObjectId(viewer.id)}}
        async for doc in self._users.find(query).sort([("rank", -1), ("_id", -1)]).limit(limit):
            yield user_from(doc)

    async def teachers(self, keys: Sequence[str], *, besides: str, limit: int) -> list[User]:
        """Listed people who teach any of the skills, best rank first."""
        query = {"offered_keys": {"$in": list(keys)}, "is_listed": True, "_id": {"$ne": ObjectId(besides)}}
        cursor = self._users.find(query).sort([("rank", -1), ("_id", -1)]).limit(limit)
        return [user_from(doc) async for doc in cursor]

    async def count_teaching(self, keys: Sequence[str], *, besides: str, limit: int = 1000) -> int:
        query = {"offered_keys": {"$in": list(keys)}, "is_listed": True, "_id": {"$ne": ObjectId(besides)}}
        return int(await self._users.count_documents(query, limit=limit))

    async def count_wanting(self, keys: Sequence[str], *, besides: str, limit: int = 1000) -> int:
        query = {"wanted_keys": {"$in": list(keys)}, "is_listed": True, "_id": {"$ne": ObjectId(besides)}}
        return int(await self._users.count_documents(query, limit=limit))
