"""Accounts elsewhere (Google, GitHub, …) that open the door to a person here: one row for each.

A row points at a person's id. It is written before the person, so that two first sign-ins at once cannot make two
people of one account; a row whose person never came to be, or has been erased, is free.
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
"""Of one person; nobody has as many, and a list of them has an end."""


@dataclass(frozen=True, slots=True)
class Account:
    """`subject` is the person's id at the provider; `id` is 24 hex characters."""

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
        self._recent = users.cache

    async def find(self, provider: str, subject: str) -> Account | None:
        doc = await self._accounts.find_one({"provider": provider, "subject": subject})
        return account_from(doc) if doc else None

    async def insert(self, user_id: str, provider: str, subject: str, *, at: datetime) -> bool:
        """False when somebody's row of this account is there already."""
        account = Account(new_id(), user_id, provider, subject, at)
        try:
            await self._accounts.insert_one(ACCOUNT.document(account))
        except DuplicateKeyError:
            return False
        return True

    async def move(self, account: Account, to: str) -> bool:
        """Give the row to another person, if it is still whose it was."""
        result = await self._accounts.update_one(
            {"_id": ObjectId(account.id), "user_id": ObjectId(account.user_id)}, {"$set": {"user_id": ObjectId(to)}}
        )
        return bool(result.matched_count)

    async def list_of(self, user_id: str) -> Sequence[Account]:
        """A person's rows, oldest first."""
        cursor = self._accounts.find({"user_id": ObjectId(user_id)}).sort([("_id", 1)])
        return [account_from(doc) for doc in await cursor.limit(MAX_ACCOUNTS).to_list(MAX_ACCOUNTS)]

    async def unlink(self, person: User, *, account_id: str | None, field: str | None) -> User | None:
        """Take away a row, or a field of the person; None when they have changed since they were read.

        Every unlinking raises the version of the profile: of two at once only one goes through, so that the last way
        in cannot go by accident.
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
        return self._recent.put(after.id, after) if after else None

    async def erase(self, user_id: str) -> None:
        await self._accounts.delete_many({"user_id": ObjectId(user_id)})
