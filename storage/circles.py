"""Queries of the search for circles: neighbours of a user, and circles that are under way.

Neighbours come as ids and keys only, best rank first, from the indexes of the deck. A closed circle is a swap of three;
`storage.swaps` writes it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId

from domain.circle_candidates import Neighbour
from domain.sessions import CALLED_OFF
from domain.swaps import ACCEPTED, OPEN, PROPOSED, SLOT, Swap, slot_of
from storage.listed_users import listed_besides
from storage.mongodb.database import Database, object_id
from storage.swaps import swap_from
from storage.users import BEST_FIRST

MAX_NEIGHBOURS = 50
"""Upper bound of learners, and of teachers, of one search."""

MAX_CIRCLES = 50
MAX_PLACES_FOR_ONE = 3
"""Empty places that one changed profile is matched with."""

TRADES_AT_ONCE = 100
"""Upper bound of index ranges: the server merges so many in order and sorts in memory beyond."""

_KEYS = {"offered_keys": 1, "wanted_keys": 1}


class Circles:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._users = database.collection("users")
        self._swaps = database.collection("swaps")

    # ---- neighbours -------------------------------------------------------------------------------------------------

    async def learners(self, keys: Sequence[str], *, besides: Sequence[str]) -> list[Neighbour]:
        """Return listed users who want one of these skills."""
        return await self._neighbours({"wanted_keys": {"$in": list(keys)}}, besides)

    async def teachers(self, keys: Sequence[str], *, besides: Sequence[str]) -> list[Neighbour]:
        """Return listed users who teach one of these skills."""
        return await self._neighbours({"offered_keys": {"$in": list(keys)}}, besides) if keys else []

    async def traders(self, trades: Iterable[tuple[str, str]], *, besides: Sequence[str]) -> list[Neighbour]:
        """Return listed users who teach the first and want the second skill of one of the first hundred pairs."""
        named = list(dict.fromkeys(f"{give}>{get}" for give, get in trades))[:TRADES_AT_ONCE]
        return await self._neighbours({"trades": {"$in": named}}, besides) if named else []

    async def partnered_keys(
        self, wanted: Sequence[str], offered: Sequence[str], *, besides: Sequence[str]
    ) -> set[str]:
        """Return those of the wanted keys that some listed user teaches who wants one of the offered ones."""
        others = listed_besides(besides)
        trades = ([f"{key}>{mine}" for mine in offered if mine != key] for key in wanted)
        found = await asyncio.gather(
            *(self._users.find_one({"trades": {"$in": pairs}, **others}, {"_id": 1}) for pairs in trades)
        )
        return {key for key, partner in zip(wanted, found, strict=True) if partner is not None}

    async def _neighbours(self, query: dict[str, Any], besides: Sequence[str]) -> list[Neighbour]:
        limit = MAX_NEIGHBOURS + len(besides)
        cursor = self._users.find({**query, "is_listed": True}, _KEYS).sort(BEST_FIRST).limit(limit)
        found = [
            Neighbour(str(doc["_id"]), tuple(doc["offered_keys"]), tuple(doc["wanted_keys"]))
            for doc in await cursor.to_list(limit)
        ]
        return [person for person in found if person.id not in besides][:MAX_NEIGHBOURS]

    # ---- existing circles -------------------------------------------------------------------------------------------

    async def list_of(self, user_id: str) -> list[Swap]:
        """Return a user's circles, declined ones included, newest first."""
        query = {"circle.people": ObjectId(user_id)}
        cursor = self._swaps.find(query, {"outbox": 0}).sort([("_id", -1)]).limit(MAX_CIRCLES)
        return [swap_from(doc) for doc in await cursor.to_list(MAX_CIRCLES)]

    async def list_open(self, user_id: str) -> list[Swap]:
        """Return a user's circles that are not over: some of them, when there are very many."""
        query = {"participants": ObjectId(user_id), "status": {"$in": list(OPEN)}, "circle": {"$exists": True}}
        cursor = self._swaps.find(query, {"outbox": 0}).limit(MAX_CIRCLES)
        return [swap_from(doc) for doc in await cursor.to_list(MAX_CIRCLES)]

    async def waiting(self, people: Sequence[str]) -> list[Swap]:
        """Return the circles of any of these users that are not closed yet."""
        query = {"participants": {"$in": [ObjectId(person) for person in people]}, "status": PROPOSED}
        limit = MAX_CIRCLES * max(1, len(people))
        return [swap_from(doc) for doc in await self._swaps.find(query, {"outbox": 0}).limit(limit).to_list(limit)]

    async def places_waited_for(self, people: Sequence[str]) -> list[tuple[str, str]]:
        """Return the distinct (learner, key) pairs of these users' circles that are not closed yet."""
        query = {"participants": {"$in": [ObjectId(person) for person in people]}, "status": PROPOSED}
        cursor = self._swaps.find(query, {"legs.learner": 1, "legs.key": 1}).limit(MAX_CIRCLES * max(1, len(people)))
        return [(str(leg["learner"] or ""), leg.get("key", "")) async for doc in cursor for leg in doc["legs"]]

    async def with_place(self, *, at: datetime) -> list[Swap]:
        """Return circles with an empty place, least recently returned first, and record `at` as their time."""
        cursor = self._swaps.find({"vacancy": {"$gt": ""}}, {"outbox": 0}).sort([("place_looked_at", 1)])
        docs = await cursor.limit(MAX_CIRCLES).to_list(MAX_CIRCLES)
        here = {"_id": {"$in": [doc["_id"] for doc in docs]}}
        await self._swaps.update_many(here, {"$set": {"place_looked_at": at}})
        return [swap_from(doc) for doc in docs]

    async def with_place_for(self, trades: Sequence[str]) -> list[Swap]:
        """Return some of the circles with an empty place for one of these trades."""
        query = {"vacancy": {"$in": list(trades)}}
        docs = await self._swaps.find(query, {"outbox": 0}).limit(MAX_PLACES_FOR_ONE).to_list(MAX_PLACES_FOR_ONE)
        return [swap_from(doc) for doc in docs]

    async def held_promises(self, promises: Sequence[str], *, besides: str | None = None) -> set[str]:
        """Return those of the promises ("learner:key") that a running circle other than `besides` holds."""
        query = {"promises": {"$in": list(promises)}, "_id": {"$ne": object_id(besides or "")}}
        kept: set[str] = set()
        async for doc in self._swaps.find(query, {"promises": 1}):
            kept.update(doc["promises"])
        return kept.intersection(promises)

    async def slots_taken(self, people: Sequence[str]) -> dict[str, set[int]]:
        """Return the slots for running circles that each of these users has taken, those of quiet circles included."""
        taken: dict[str, set[int]] = {person: set() for person in people}
        theirs = [re.compile(f"^{slot_of(person)}") for person in taken]  # ranges of the index
        async for doc in self._swaps.find({"promises": {"$in": theirs}}, {"promises": 1}):
            for person, _, number in (name.partition(SLOT) for name in doc["promises"]):
                if person in taken and number.isdecimal():
                    taken[person].add(int(number))
        return taken

    async def count_running(self, user_id: str, *, since: datetime, limit: int) -> int:
        """Return how many running swaps of this user have had a message, a change or a session since then, or have one
        to come; at most `limit`."""
        newest: list[dict[str, Any]] = [{"$match": {"seq": {"$gt": 0}}}, {"$sort": {"seq": -1}}, {"$limit": 1}]
        look_up = {
            **{"from": "messages", "localField": "_id", "foreignField": "swap_id", "as": "newest"},
            "pipeline": [*newest, {"$project": {"created_at": 1}}],  # of each swap one entry of the index is read
        }
        met = {"$elemMatch": {"starts_at": {"$gte": since}, "status": {"$ne": CALLED_OFF}}}
        lately = [{"updated_at": {"$gte": since}}, {"plan.sessions": met}, {"newest.created_at": {"$gte": since}}]
        stages: list[dict[str, Any]] = [
            {"$match": {"participants": ObjectId(user_id), "status": ACCEPTED}},
            {"$project": {"updated_at": 1, "plan.sessions.starts_at": 1, "plan.sessions.status": 1}},
            {"$lookup": look_up},
            {"$match": {"$or": lately}},
            {"$limit": limit},
            {"$project": {"_id": 1}},
        ]
        return len(await self._database.aggregate("swaps", stages))
