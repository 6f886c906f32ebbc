"""Ratings. Whether one is shown is computed in each query: by the end of its window, and by how many are written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from domain.reviews import ENOUGH_SWAPS, NEW_ACCOUNT, SAME_PAIR_COUNTED, SAME_PAIR_WITHIN, Review
from domain.users import BANNED
from storage.mongodb.database import Database, Session, object_id
from storage.mongodb.documents import ID, OWN_ID, Field, Mapper
from storage.swap_lists import SwapLists

REVIEW = Mapper(
    Review,
    {
        "id": OWN_ID,
        "swap_id": ID,
        "author": ID,
        "about": ID,
        "text": Field(left_out=""),
        "note": Field(left_out=""),
        "reply": Field(left_out=""),
    },
)

REVEALED = "revealed_at"
"""Field of a swap: when its ratings were shown, written once."""

RATED = "rated_at"
"""Field of a swap: when somebody has rated in it last; the change stream reports that."""

MAX_SHOWN = 100
MAX_COUNTED = 1000
"""Ratings of one person that are counted, newest first."""


class Reviews:
    def __init__(self, database: Database, lists: SwapLists | None = None) -> None:
        """Open the ratings. `lists` are the lists of swaps in memory, in which a rating shows."""
        self._database = database
        self._lists = lists
        self._reviews = database.collection("reviews")

    async def insert(self, review: Review) -> bool:
        """Insert a rating, and record in its swap that its author has written: what comes next in it is told without a
        query. False when they have rated this person in this swap already.

        One transaction: the last rating of a swap makes the sweep look at it at once, so that whoever is killed before
        telling of the ratings leaves that to the sweep.
        """
        written = {"$setUnion": [{"$ifNull": ["$rated", []]}, [ObjectId(review.author)]]}
        is_last = {"$gte": [{"$size": "$rated"}, review.expected]}
        noted = [
            {"$set": {"rated": written, RATED: review.created_at}},
            {"$set": {"wake_at": {"$cond": [is_last, review.created_at, "$wake_at"]}}},
        ]

        async def work(session: Session) -> None:
            await self._reviews.insert_one(REVIEW.document(review), session=session)
            swaps = self._database.collection("swaps")
            await swaps.update_one({"_id": ObjectId(review.swap_id)}, noted, session=session)

        try:
            await self._database.transaction(work)
        except DuplicateKeyError:
            return False
        if self._lists is not None:
            self._lists.bar(review.author)
        return True

    async def replace(self, before: Review, after: Review) -> bool:
        """Write other words of a rating, unless it has changed or another one has been written since."""
        query = {"_id": ObjectId(before.id), "stars": before.stars, "reply": before.reply or None}
        result = await self._reviews.replace_one(query, REVIEW.document(after))
        return bool(result.matched_count)

    async def find(self, review_id: str) -> Review | None:
        oid = object_id(review_id)
        doc = await self._reviews.find_one({"_id": oid}) if oid else None
        return REVIEW.value(doc) if doc else None

    async def list_of_swap(self, swap_id: str) -> list[Review]:
        """Return all ratings of a swap, hidden ones and decisions not to rate included."""
        return [REVIEW.value(doc) async for doc in self._reviews.find({"swap_id": object_id(swap_id)})]

    async def list_written(self, author: str, swap_ids: Sequence[str]) -> list[Review]:
        """Return this author's ratings in these swaps."""
        ids = [ObjectId(swap_id) for swap_id in swap_ids]
        return [
            REVIEW.value(doc) async for doc in self._reviews.find({"swap_id": {"$in": ids}, "author": ObjectId(author)})
        ]

    async def list_shown(
        self, about: str, *, at: datetime, before: str | None = None, limit: int = MAX_SHOWN
    ) -> list[Review]:
        """Return the shown ratings of a person, newest first, without those of banned authors."""
        query: dict[str, Any] = {"about": object_id(about), "stars": {"$gt": 0}}
        if before is not None and (oid := object_id(before)):
            query["_id"] = {"$lt": oid}
        return [REVIEW.value(doc) for doc in await self._shown(query, at, limit)]

    async def count_stars(self, about: str, *, at: datetime) -> tuple[int, int, int]:
        """Return (sum of the stars, number, authors) of the ratings of a person that count.

        Those of one author within SAME_PAIR_WITHIN count SAME_PAIR_COUNTED times, the newest; those of a new account
        from its ENOUGH_SWAPS-th completed swap on.
        """
        query = {"about": object_id(about), "stars": {"$gt": 0}}
        counted: dict[ObjectId, list[tuple[datetime, int]]] = {}
        for doc in await self._shown(query, at, MAX_COUNTED):
            author = doc["authors"][0] if doc["authors"] else {}
            held = (author.get("record") or {}).get("swaps_held", 0)
            registered = author.get("created_at") or doc["created_at"] - NEW_ACCOUNT
            if doc["created_at"] - registered < NEW_ACCOUNT and held < ENOUGH_SWAPS:
                continue
            kept = counted.setdefault(doc["author"], [])
            near = [when for when, _ in kept if when - doc["created_at"] < SAME_PAIR_WITHIN]
            if len(near) < SAME_PAIR_COUNTED:
                kept.append((doc["created_at"], doc["stars"]))
        stars = [given for kept in counted.values() for _, given in kept]
        return sum(stars), len(stars), len(counted)

    async def list_notes(self, *, limit: int = MAX_SHOWN) -> list[Review]:
        """Return the ratings with a line for the moderators, newest first."""
        cursor = self._reviews.find({"note": {"$gt": ""}}).sort([("created_at", -1)]).limit(limit)
        return [REVIEW.value(doc) async for doc in cursor]

    async def _shown(self, query: dict[str, Any], at: datetime, limit: int) -> list[dict[str, Any]]:
        """Return the documents that are shown, each with `authors`: what is known of its author's account."""
        pipeline: list[dict[str, Any]] = [
            {"$match": query},
            {"$sort": {"_id": -1}},
            {
                "$lookup": {
                    "from": "reviews",
                    "let": {"swap": "$swap_id"},
                    "pipeline": [
                        {"$match": {"$expr": {"$eq": ["$swap_id", "$$swap"]}}},
                        {"$project": {"_id": 1}},
                    ],
                    "as": "written",
                }
            },
            {
                "$match": {
                    "$expr": {"$or": [{"$lte": ["$window_ends", at]}, {"$gte": [{"$size": "$written"}, "$expected"]}]}
                }
            },
            {
                "$lookup": {
                    "from": "users",
                    "localField": "author",
                    "foreignField": "_id",
                    "pipeline": [{"$project": {"status": 1, "created_at": 1, "record.swaps_held": 1}}],
                    "as": "authors",
                }
            },
            {"$match": {"authors.status": {"$ne": BANNED}}},
            {"$limit": limit},
        ]
        return await self._database.aggregate("reviews", pipeline)

    async def rated_by(self, author: str) -> list[str]:
        """Return whom this author has rated."""
        return [str(about) for about in await self._reviews.distinct("about", {"author": ObjectId(author)})]

    async def erase(self, user_id: str) -> None:
        """Erase what ratings of a deleted user say; those that they have written stay, without a name.

        An empty rating is left: a swap shows its ratings when all are written.
        """
        nothing = {"$set": {"stars": 0, "praise": []}, "$unset": {"text": "", "note": "", "reply": ""}}
        await self._reviews.update_many({"about": ObjectId(user_id)}, nothing)
        await self._reviews.update_many({"author": ObjectId(user_id)}, {"$unset": {"note": ""}})

    async def move(self, loser: ObjectId, survivor: ObjectId, session: Session) -> None:
        """Give the ratings of one account to another: nobody rates themselves, nor anybody twice in one swap."""
        query = {"$or": [{"author": loser}, {"about": loser}]}
        for doc in await self._reviews.find(query, session=session).to_list(None):
            pair = {name: survivor if doc[name] == loser else doc[name] for name in ("author", "about")}
            await self._reviews.delete_one({"_id": doc["_id"]}, session=session)
            twin = await self._reviews.find_one({"swap_id": doc["swap_id"], **pair}, session=session)
            if pair["author"] != pair["about"] and twin is None:
                await self._reviews.insert_one(doc | pair, session=session)
