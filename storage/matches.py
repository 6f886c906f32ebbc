"""The decks: who could come, in which order the day has put them, and who has been shown how often.

The candidates come from one index, best rank first; who has many requests open is left out. The order of a day is kept
so that pages follow each other without repeats and holes: whoever appears meanwhile comes after the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from bson import ObjectId
from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

from skillswap.domain.decks import KINDS, MAX_OPEN_REQUESTS, TEACHERS
from skillswap.domain.swaps import PENDING
from skillswap.domain.users import User
from storage.mongo import Database
from storage.users import BEST_FIRST, user_from

TRADES_AT_ONCE = 100
"""The server merges so many ranges of an index in order (its limit is 200) and sorts in memory beyond."""

KEPT_FOR = timedelta(days=2)
MAX_SAMPLED = 500
"""People whose lists are looked at for what would help an empty deck."""
MAX_COUNTED = 1000


class Matches:
    def __init__(self, database: Database) -> None:
        self._users = database.collection("users")
        self._swaps = database.collection("swaps")
        self._decks = database.collection("decks")
        self._exposure = database.collection("exposure")
        self._database = database

    async def best(self, viewer: User, kind: str, *, limit: int, skip: int = 0) -> list[User]:
        """Listed people of this kind of deck, best rank first, each once: `limit` of them, after the first `skip`."""
        if kind == TEACHERS:
            query = {"offered_keys": {"$in": list(viewer.wanted_keys)}}
            query["wanted_keys"] = {"$nin": list(viewer.offered_keys)}
            return [user_from(doc) for doc in await self._find(query, limit, skip)]
        trades = viewer.reversed_trades
        starts = range(0, len(trades), TRADES_AT_ONCE)
        queries = [{"trades": {"$in": list(trades[start : start + TRADES_AT_ONCE])}} for start in starts]
        if len(queries) == 1:
            return [user_from(doc) for doc in await self._find(queries[0], limit, skip)]
        lists = await asyncio.gather(*(self._find(query, skip + limit) for query in queries))
        once = {doc["_id"]: doc for docs in lists for doc in docs}
        docs = sorted(once.values(), key=lambda doc: (doc["rank"], doc["_id"]), reverse=True)
        return [user_from(doc) for doc in docs[skip : skip + limit]]

    async def _find(self, query: dict[str, Any], limit: int, skip: int = 0) -> list[dict[str, Any]]:
        """In one batch, and without what only the index needs: a third of a document."""
        cursor = self._users.find(query | {"is_listed": True}, {"trades": 0}).sort(BEST_FIRST)
        return cast("list[dict[str, Any]]", await cursor.skip(skip).limit(limit).batch_size(limit).to_list(limit))

    async def busy(self, user_ids: Iterable[str]) -> set[str]:
        """Those of them who have as many unanswered requests as anybody should have."""
        pipeline: list[dict[str, Any]] = [
            {"$match": {"to_user_id": {"$in": [ObjectId(user_id) for user_id in user_ids]}, "status": PENDING}},
            {"$group": {"_id": "$to_user_id", "open": {"$sum": 1}}},
            {"$match": {"open": {"$gte": MAX_OPEN_REQUESTS}}},
        ]
        return {str(row["_id"]) for row in await self._database.aggregate("swaps", pipeline)}

    async def find_order(self, viewer_id: str, kind: str, *, day: str, mark: str) -> list[str]:
        """Ids in the order in which they have come so far today; none yet when the skills were others."""
        doc = await self._decks.find_one({"_id": f"{viewer_id}:{kind}"})
        return doc["ids"] if doc is not None and (doc["day"], doc["mark"]) == (day, mark) else []

    async def extend_order(
        self, viewer_id: str, kind: str, *, day: str, mark: str, known: Sequence[str], more: Sequence[str], at: datetime
    ) -> bool:
        """Put `more` behind `known`. False when another request has done so meanwhile: read again."""
        this, name = {"day": day, "mark": mark}, f"{viewer_id}:{kind}"
        fresh = {**this, "ids": list(more), "size": len(more), "expires_at": at + KEPT_FOR}
        try:
            if not known:
                query: dict[str, Any] = {"_id": name, "$or": [{"day": {"$ne": day}}, {"mark": {"$ne": mark}}]}
                await self._decks.replace_one(query, fresh, upsert=True)
                return True
            change = {"$push": {"ids": {"$each": list(more)}}, "$inc": {"size": len(more)}}
            found = await self._decks.find_one_and_update(
                {"_id": name, **this, "size": len(known)},
                change,
                projection={"_id": 1},
                return_document=ReturnDocument.AFTER,
            )
        except DuplicateKeyError:
            return False
        return found is not None

    async def shown(self, user_ids: Iterable[str], *, day: str) -> dict[str, int]:
        """How often each of them has stood among first cards today; who has not is left out."""
        names = [f"{day}:{user_id}" for user_id in user_ids]
        return {doc["_id"].partition(":")[2]: doc["n"] async for doc in self._exposure.find({"_id": {"$in": names}})}

    async def note_shown(self, user_ids: Iterable[str], *, day: str, at: datetime) -> None:
        change = {"$inc": {"n": 1}, "$setOnInsert": {"expires_at": at + KEPT_FOR}}
        counts = [UpdateOne({"_id": f"{day}:{user_id}"}, change, upsert=True) for user_id in user_ids]
        if counts:
            await self._exposure.bulk_write(counts, ordered=False)

    async def count_teaching(self, key: str, *, besides: str) -> int:
        return await self._count("offered_keys", key, besides)

    async def count_wanting(self, key: str, *, besides: str) -> int:
        return await self._count("wanted_keys", key, besides)

    async def _count(self, field: str, key: str, besides: str) -> int:
        query = {field: key, "is_listed": True, "_id": {"$ne": ObjectId(besides)}}
        return int(await self._users.count_documents(query, limit=MAX_COUNTED))

    async def keys_of_learners(self, viewer: User) -> AsyncIterator[list[str]]:
        """What they teach, of some of the people who want what the viewer teaches."""
        async for keys in self._keys("offered_keys", "wanted_keys", viewer.offered_keys, viewer.id):
            yield keys

    async def keys_of_teachers(self, viewer: User) -> AsyncIterator[list[str]]:
        """What they want, of some of the people who teach what the viewer wants."""
        async for keys in self._keys("wanted_keys", "offered_keys", viewer.wanted_keys, viewer.id):
            yield keys

    async def _keys(self, read: str, by: str, keys: Sequence[str], besides: str) -> AsyncIterator[list[str]]:
        query = {by: {"$in": list(keys)}, "is_listed": True, "_id": {"$ne": ObjectId(besides)}}
        cursor = self._users.find(query, {read: 1, "_id": 0}).limit(MAX_SAMPLED).batch_size(MAX_SAMPLED)
        async for doc in cursor:
            yield doc[read]

    async def erase(self, user_id: str) -> None:
        await self._decks.delete_many({"_id": {"$in": [f"{user_id}:{kind}" for kind in KINDS]}})
