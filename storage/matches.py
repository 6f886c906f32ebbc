"""The decks: who could come, in which order the day has put them, and who has been shown how often.

The candidates come from one index, best rank first; who has many requests open is left out. The order of a day is kept
so that pages follow each other without repeats and holes: whoever appears meanwhile comes after the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

from skillswap.domain.decks import KINDS, MAX_OPEN_REQUESTS, TEACHERS
from skillswap.domain.swaps import ACCEPTED, PENDING
from skillswap.domain.users import User
from storage.mongo import Database
from storage.users import BEST_FIRST, user_from

TRADES_AT_ONCE = 100
"""The server merges so many ranges of an index in order (its limit is 200) and sorts in memory beyond."""

Index = list[tuple[str, int]]
DECK: Index = [("trades", 1), *BEST_FIRST]
TEACH: Index = [("offered_keys", 1), *BEST_FIRST]

KEPT_FOR = timedelta(days=2)
MAX_SAMPLED = 500
"""People whose lists are looked at for what would help an empty deck."""
MAX_COUNTED = 1000
MAX_DECIDED = 5000


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand with a viewer's deck.

    `order`: ids as they have come so far today, none yet when the skills were others; `decided`: what each decision
    rests on, None where it was not noted, of very many the latest; `barred`: with whom a swap is open, and everybody
    behind a block, whoever made it.
    """

    order: list[str] = field(default_factory=list)
    decided: dict[str, str | None] = field(default_factory=dict)
    barred: set[str] = field(default_factory=set)


class Matches:
    def __init__(self, database: Database) -> None:
        self._users = database.collection("users")
        self._swaps = database.collection("swaps")
        self._decks = database.collection("decks")
        self._exposure = database.collection("exposure")
        self._database = database

    async def candidates(self, viewer: User, kind: str, *, besides: Iterable[str], limit: int) -> list[User]:
        """Listed people of this kind of deck, best rank first, each once, without those who are passed over."""
        index = TEACH
        queries: list[dict[str, Any]] = [{"offered_keys": {"$in": list(viewer.wanted_keys)}}]
        if kind != TEACHERS:
            index, trades = DECK, viewer.reversed_trades
            starts = range(0, len(trades), TRADES_AT_ONCE)
            queries = [{"trades": {"$in": list(trades[start : start + TRADES_AT_ONCE])}} for start in starts]
        else:
            queries[0]["wanted_keys"] = {"$nin": list(viewer.offered_keys)}
        others = {"is_listed": True, "_id": {"$nin": [ObjectId(person) for person in {viewer.id, *besides}]}}
        lists = await asyncio.gather(*(self._best(query | others, index, limit) for query in queries))
        docs = {doc["_id"]: doc for docs in lists for doc in docs}
        best = sorted(docs.values(), key=lambda doc: (doc["rank"], doc["_id"]), reverse=True)
        return [user_from(doc) for doc in best[:limit]]

    async def _best(self, query: dict[str, Any], index: Index, limit: int) -> list[dict[str, Any]]:
        """In one batch: asking for another, and reading one by one, takes longer than the server needs for all.

        The index is named, or else the server would try others out every now and then.
        """
        cursor = self._users.find(query, {"trades": 0}).sort(BEST_FIRST).limit(limit).batch_size(limit).hint(index)
        docs: list[dict[str, Any]] = await cursor.to_list(limit)
        return docs

    async def busy(self, user_ids: Iterable[str]) -> set[str]:
        """Those of them who have as many unanswered requests as anybody should have."""
        return {str(row["_id"]) for row in await self._database.aggregate("swaps", _busy_among(user_ids))}

    async def demand(self, user_ids: Sequence[str], *, day: str) -> tuple[set[str], dict[str, int]]:
        """As `busy`, and how often each of them has stood among first cards today; who has not is left out."""
        names = [f"{day}:{user_id}" for user_id in user_ids]
        union = {"coll": "exposure", "pipeline": [{"$match": {"_id": {"$in": names}}}]}
        busy, shown = set(), {}
        for row in await self._database.aggregate("swaps", [*_busy_among(user_ids), {"$unionWith": union}]):
            if isinstance(row["_id"], ObjectId):
                busy.add(str(row["_id"]))
            else:
                shown[row["_id"].partition(":")[2]] = row["n"]
        return busy, shown

    async def standing(self, viewer_id: str, kind: str, *, day: str, mark: str, since: datetime) -> Standing:
        """All that is known before a candidate is looked at, in one request: four would take three times as long."""
        me = ObjectId(viewer_id)
        order: list[dict[str, Any]] = [
            {"$match": {"_id": f"{viewer_id}:{kind}", "day": day, "mark": mark}},
            {"$project": {"_id": 0, "ids": 1}},
        ]
        decided = [
            {"$match": {"viewer_id": me, "at": {"$gte": since}}},
            {"$sort": {"at": -1}},
            {"$limit": MAX_DECIDED},
            {"$project": {"_id": 0, "subject_id": 1, "mark": 1}},
        ]
        partners = [
            {"$match": {"participants": me, "status": {"$in": [PENDING, ACCEPTED]}}},
            {"$project": {"_id": 0, "barred": "$participants"}},
        ]
        blocked = [
            {"$match": {"$or": [{"by": me}, {"whom": me}]}},
            {"$project": {"_id": 0, "barred": ["$by", "$whom"]}},
        ]
        others = {"seen": decided, "swaps": partners, "blocks": blocked}
        unions = [{"$unionWith": {"coll": name, "pipeline": pipeline}} for name, pipeline in others.items()]
        found = Standing()
        for row in await self._database.aggregate("decks", [*order, *unions]):
            if "subject_id" in row:
                found.decided[str(row["subject_id"])] = row.get("mark")
            found.order.extend(row.get("ids", ()))
            found.barred.update(str(person) for person in row.get("barred", ()) if person != me)
        return found

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

    async def note_shown(self, user_ids: Iterable[str], *, day: str, at: datetime) -> None:
        change = {"$inc": {"n": 1}, "$setOnInsert": {"expires_at": at + KEPT_FOR}}
        counts = [UpdateOne({"_id": f"{day}:{user_id}"}, change, upsert=True) for user_id in user_ids]
        if counts:
            await self._exposure.bulk_write(counts, ordered=False)

    async def count_teaching(self, key: str, *, besides: Collection[str]) -> int:
        return await self._count("offered_keys", key, besides)

    async def count_wanting(self, key: str, *, besides: Collection[str]) -> int:
        return await self._count("wanted_keys", key, besides)

    async def _count(self, field: str, key: str, besides: Collection[str]) -> int:
        query = {field: key, **_listed(besides)}
        return int(await self._users.count_documents(query, limit=MAX_COUNTED))

    async def keys_of_learners(self, viewer: User, *, besides: Collection[str]) -> AsyncIterator[list[str]]:
        """What they teach, of some of the people who want what the viewer teaches."""
        async for keys in self._keys("offered_keys", "wanted_keys", viewer.offered_keys, besides):
            yield keys

    async def keys_of_teachers(self, viewer: User, *, besides: Collection[str]) -> AsyncIterator[list[str]]:
        """What they want, of some of the people who teach what the viewer wants."""
        async for keys in self._keys("wanted_keys", "offered_keys", viewer.wanted_keys, besides):
            yield keys

    async def _keys(
        self, read: str, by: str, keys: Sequence[str], besides: Collection[str]
    ) -> AsyncIterator[list[str]]:
        query = {by: {"$in": list(keys)}, **_listed(besides)}
        cursor = self._users.find(query, {read: 1, "_id": 0}).limit(MAX_SAMPLED).batch_size(MAX_SAMPLED)
        async for doc in cursor:
            yield doc[read]

    async def erase(self, user_id: str) -> None:
        await self._decks.delete_many({"_id": {"$in": [f"{user_id}:{kind}" for kind in KINDS]}})


def _listed(besides: Collection[str]) -> dict[str, Any]:
    return {"is_listed": True, "_id": {"$nin": [ObjectId(person) for person in besides]}}


def _busy_among(user_ids: Iterable[str]) -> list[dict[str, Any]]:
    return [
        {"$match": {"to_user_id": {"$in": [ObjectId(user_id) for user_id in user_ids]}, "status": PENDING}},
        {"$group": {"_id": "$to_user_id", "open": {"$sum": 1}}},
        {"$match": {"open": {"$gte": MAX_OPEN_REQUESTS}}},
    ]
