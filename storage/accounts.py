"""Linked accounts at sign-in providers (Google, GitHub, …): one document for each.

A document points at the user's id. It is written before the user, so that two concurrent first sign-ins cannot create
two users for one account; a document whose user was never created, or has been erased, may be claimed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from domain.users import DELETED, User
from storage.mongodb.database import Database, Session, new_id, object_id
from storage.mongodb.documents import ID, OWN_ID, Field, Mapper
from storage.users import Users, time_in, user_from

MAX_ACCOUNTS = 50
"""Upper bound of a list: accounts of one user."""


@dataclass(frozen=True, slots=True)
class Account:
    """Account at a provider. `subject` is the user's id there; `id` is 24 hex characters."""

    id: str
    user_id: str
    provider: str
    subject: str
    created_at: datetime


ACCOUNT = Mapper(
    Account, {"id": OWN_ID, "user_id": ID, "created_at": Field(read_doc=lambda doc: time_in(doc, "created_at"))}
)


def account_from(doc: dict[str, Any]) -> Account:
    return ACCOUNT.value(doc)


class Accounts:
    def __init__(self, database: Database, users: Users) -> None:
        self._database = database
        self._accounts = database.collection("accounts")
        self._users = database.collection("users")
        self._user_cache = users.cache

    async def find(self, provider: str, subject: str) -> Account | None:
        doc = await self._accounts.find_one({"provider": provider, "subject": subject})
        return account_from(doc) if doc else None

    async def insert(self, user_id: str, provider: str, subject: str, *, at: datetime) -> bool:
        """Insert a linked account. False when this account is linked already."""
        account = Account(new_id(), user_id, provider, subject, at)
        try:
            await self._accounts.insert_one(ACCOUNT.document(account))
        except DuplicateKeyError:
            return False
        return True

    async def move(self, account: Account, to: str) -> bool:
        """Reassign the account to another user, if its owner has not changed since it was read."""
        result = await self._accounts.update_one(
            {"_id": ObjectId(account.id), "user_id": ObjectId(account.user_id)}, {"$set": {"user_id": ObjectId(to)}}
        )
        return bool(result.matched_count)

    async def list_of(self, user_id: str) -> Sequence[Account]:
        """Return a user's accounts, oldest first."""
        cursor = self._accounts.find({"user_id": ObjectId(user_id)}).sort([("_id", 1)])
        return [account_from(doc) for doc in await cursor.limit(MAX_ACCOUNTS).to_list(MAX_ACCOUNTS)]

    async def unlink(self, person: User, *, account_id: str | None, field: str | None) -> User | None:
        """Delete an account, or unset a field of the user. None when the user has changed since it was read.

        Every unlinking raises the version of the profile, so that of two concurrent ones only one succeeds and the last
        sign-in method is never removed by accident.
        """
        versions = [0, None] if person.profile_version == 0 else [person.profile_version]
        query = {"_id": ObjectId(person.id), "profile_version": {"$in": versions}, "status": {"$ne": DELETED}}
        change: dict[str, Any] = {"$inc": {"profile_version": 1}}
        if field is not None:
            change["$unset"] = {field: ""}

        async def work(session: Session) -> User | None:
            doc = await self._users.find_one_and_update(
                query, change, return_document=ReturnDocument.AFTER, session=session
            )
            if doc is None:
                return None
            if account_id is not None:
                row = {"_id": object_id(account_id), "user_id": ObjectId(person.id)}
                await self._accounts.delete_one(row, session=session)
            return user_from(doc)

        after = await self._database.transaction(work)
        return self._user_cache.put(after.id, after) if after else None

    async def erase(self, user_id: str) -> None:
        await self._accounts.delete_many({"user_id": ObjectId(user_id)})
