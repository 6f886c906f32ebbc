"""Decks: the candidates, the order of the day, and the number of times that each was shown.

The candidates come from one index, best rank first; users with many open requests are left out. The order of a day is
stored so that pages follow each other without repeats or gaps: users who appear meanwhile are appended.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

from domain.decks import KINDS, MAX_COUNTED, MAX_OPEN_REQUESTS, TEACHERS
from domain.swaps import ACCEPTED, PENDING
from domain.users import User
from storage.listed_users import listed_besides
from storage.mongodb.database import UNJOURNALED, Database
from storage.users import BEST_FIRST, user_from

TRADES_AT_ONCE = 100
"""Upper bound of index ranges: the server merges so many in order (its limit is 200) and sorts in memory beyond."""

DECK, TEACH = "deck", "teach"
"""Index names, given as hints: otherwise the query planner would try others now and then."""

KEPT_FOR = timedelta(days=2)
MAX_SAMPLED = 500
"""Users sampled for suggestions when a deck is empty."""
MAX_DECIDED = 5000


Pipeline = Sequence[dict[str, Any]]
BUSY: Pipeline = [
    {"$match": {"status": PENDING}},
    {"$group": {"_id": "$to_user_id", "open": {"$sum": 1}}},
    {"$match": {"open": {"$gte": MAX_OPEN_REQUESTS}}},
]


@dataclass(frozen=True, slots=True)
class Found:
    """Candidates, best rank first, at most as many as requested.

    `busy`: those with the maximum of unanswered requests; `shown`: how often each was among the first cards that day,
    without zeros.
    """

    people: list[User]
    busy: set[str]
    shown: dict[str, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """State of a viewer's deck.

    `order`: ids in today's order so far, empty when the skills have changed; `decided`: the basis of each decision,
    None where none was recorded, the latest ones of very many; `barred`: users with an open swap with the viewer, or a
    block in either direction.
    """

    order: list[str] = field(default_factory=list)
    decided: dict[str, str | None] = field(default_factory=dict)
    barred: set[str] = field(default_factory=set)


class Matches:
    def __init__(self, database: Database) -> None:
        self._users = database.collection("users")
        self._swaps = database.collection("swaps")
        # A lost order is drawn anew; a reader who presses on has to find it before other servers and the disk have it.
        # So `standing` reads what this server has, of decisions, swaps and blocks as well.
        self._decks = database.collection("decks").with_options(**UNJOURNALED)
        self._exposure = database.collection("exposure").with_options(**UNJOURNALED)
        self._database = database

    async def opening(
        self, viewer: User, kind: str, *, day: str, since: datetime, limit: int
    ) -> tuple[Standing, Found]:
        """Return the first `candidates` and the state without the order, in one request.

        A request for each costs as much again as the search.
        """
        decided = _unions(_decided(viewer.id, since=since))
        rows = await self._search(viewer, kind, day=day, besides=(), limit=limit, unions=decided)
        return _standing_in(rows, viewer.id), _found_in(rows, limit)

    async def standing(self, viewer_id: str, kind: str, *, day: str, mark: str, since: datetime) -> Standing:
        """Return everything that is known before the candidates are read."""
        order: Pipeline = [
            {"$match": {"_id": f"{viewer_id}:{kind}", "day": day, "mark": mark}},
            {"$project": {"_id": 0, "ids": 1}},
        ]
        decided = _unions(_decided(viewer_id, since=since))
        cursor = await self._decks.aggregate([*order, *decided])
        return _standing_in(await cursor.to_list(None), viewer_id)

    async def candidates(self, viewer: User, kind: str, *, day: str, besides: Iterable[str], limit: int) -> Found:
        """Return listed users for this kind of deck, best rank first, each once, without `besides`."""
        return _found_in(await self._search(viewer, kind, day=day, besides=besides, limit=limit), limit)

    async def _search(
        self, viewer: User, kind: str, *, day: str, besides: Iterable[str], limit: int, unions: Pipeline = ()
    ) -> list[dict[str, Any]]:
        """Run the search: `_found_in` reads what it returns, with the results of the unions."""
        index, wanted = TEACH, {"offered_keys": {"$in": list(viewer.wanted_keys)}}
        queries: list[dict[str, Any]] = [wanted | {"wanted_keys": {"$nin": list(viewer.offered_keys)}}]
        if kind != TEACHERS:
            index, trades = DECK, viewer.reversed_trades
            starts = range(0, max(1, len(trades)), TRADES_AT_ONCE)
            queries = [{"trades": {"$in": list(trades[start : start + TRADES_AT_ONCE])}} for start in starts]
        others = listed_besides({viewer.id, *besides})
        pipelines = [_best(query | others, limit, day) for query in queries]
        pipelines[0] += unions
        asked = (self._database.aggregate("users", pipeline, hint=index) for pipeline in pipelines)
        return [row for rows in await asyncio.gather(*asked) for row in rows]

    async def people(self, user_ids: Collection[str], *, day: str) -> Found:
        """Return those of these users that exist, without any other condition."""
        query = {"_id": {"$in": [ObjectId(user_id) for user_id in user_ids]}}
        pipeline = [{"$match": query}, *_with_demand(day)]
        return _found_in(await self._database.aggregate("users", pipeline), len(user_ids))

    async def extend_order(
        self, viewer_id: str, kind: str, *, day: str, mark: str, known: Sequence[str], more: Sequence[str], at: datetime
    ) -> bool:
        """Append `more` to the order `known`. False when another request has changed it meanwhile: read it again."""
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

    async def note_shown(self, shown: Mapping[tuple[str, str], int]) -> None:
        """Add to how often each was shown, by day and user; not for nobody."""
        counts = []
        for (day, user_id), count in shown.items():
            kept = {"expires_at": datetime.fromisoformat(day).replace(tzinfo=UTC) + KEPT_FOR}
            change = {"$inc": {"n": count}, "$setOnInsert": kept}
            counts.append(UpdateOne({"_id": f"{day}:{user_id}"}, change, upsert=True))
        await self._exposure.bulk_write(counts, ordered=False)

    async def count(self, field: str, key: str, *, besides: Collection[str]) -> int:
        """Count listed users with this key in `offered_keys` or `wanted_keys` (`field`), up to MAX_COUNTED."""
        query = {field: key, **listed_besides(besides)}
        return int(await self._users.count_documents(query, limit=MAX_COUNTED))

    async def some_ids(self, field: str, key: str, *, besides: Collection[str], limit: int) -> list[str]:
        """Return the ids of some listed users with this key."""
        cursor = self._users.find({field: key, **listed_besides(besides)}, {"_id": 1}).limit(limit)
        return [str(doc["_id"]) async for doc in cursor]

    async def busy_among(self, user_ids: Collection[str]) -> set[str]:
        """Return those of these users who have the maximum of unanswered requests."""
        ids = [ObjectId(user_id) for user_id in user_ids]
        pipeline = [{"$match": {"to_user_id": {"$in": ids}, "status": PENDING}}, *BUSY[1:]]
        return {str(row["_id"]) for row in await self._database.aggregate("swaps", pipeline)} if ids else set()

    async def open_with(self, viewer_id: str) -> dict[str, str]:
        """Return what is open between the viewer and others, by user id: a name of RELATIONS."""
        query = {"participants": ObjectId(viewer_id), "status": {"$in": [PENDING, ACCEPTED]}}
        found: dict[str, str] = {}
        async for doc in self._swaps.find(query, {"participants": 1, "status": 1, "from_user_id": 1, "turn": 1}):
            # `turn` names the asker when the asker has to answer: see Swap.author
            is_waiting = (str(doc.get("from_user_id")) == viewer_id) != bool(doc.get("turn"))
            relation = "partners" if doc["status"] == ACCEPTED else "asked" if is_waiting else "asking"
            for person in map(str, doc["participants"]):
                if person != viewer_id and found.get(person) != "partners":
                    found[person] = relation
        return found

    async def keys_of_learners(self, viewer: User, *, besides: Collection[str]) -> AsyncIterator[list[str]]:
        """Yield the keys taught by some of the users who want a skill that the viewer teaches."""
        async for keys in self._keys("offered_keys", "wanted_keys", viewer.offered_keys, besides):
            yield keys

    async def keys_of_teachers(self, viewer: User, *, besides: Collection[str]) -> AsyncIterator[list[str]]:
        """Yield the keys wanted by some of the users who teach a skill that the viewer wants."""
        async for keys in self._keys("wanted_keys", "offered_keys", viewer.wanted_keys, besides):
            yield keys

    async def _keys(
        self, read: str, by: str, keys: Sequence[str], besides: Collection[str]
    ) -> AsyncIterator[list[str]]:
        query = {by: {"$in": list(keys)}, **listed_besides(besides)}
        cursor = self._users.find(query, {read: 1, "_id": 0}).limit(MAX_SAMPLED).batch_size(MAX_SAMPLED)
        async for doc in cursor:
            yield doc[read]

    async def erase(self, user_id: str) -> None:
        await self._decks.delete_many({"_id": {"$in": [f"{user_id}:{kind}" for kind in KINDS]}})


def _best(query: dict[str, Any], limit: int, day: str) -> list[dict[str, Any]]:
    return [{"$match": query}, {"$sort": dict(BEST_FIRST)}, {"$limit": limit}, *_with_demand(day)]


def _with_demand(day: str) -> list[dict[str, Any]]:
    """Return the stages that join users with their open requests and views into one document, for `_found_in`."""
    name = {"$concat": [f"{day}:", {"$toString": "$_id"}]}
    every = {"people": {"$push": "$$ROOT"}, "ids": {"$push": "$_id"}, "names": {"$push": name}}
    busy = {"from": "swaps", "localField": "ids", "foreignField": "to_user_id", "pipeline": BUSY, "as": "busy"}
    shown = {"from": "exposure", "localField": "names", "foreignField": "_id", "as": "shown"}
    return [
        {"$project": {"trades": 0}},
        {"$group": {"_id": None} | every},
        {"$lookup": busy},
        {"$lookup": shown},
        {"$project": {"people": 1, "busy": "$busy._id", "shown": 1}},
    ]


def _found_in(rows: Iterable[dict[str, Any]], limit: int) -> Found:
    people: dict[ObjectId, dict[str, Any]] = {}
    busy: set[str] = set()
    shown: dict[str, int] = {}
    for row in rows:
        if "people" in row:
            people |= {doc["_id"]: doc for doc in row["people"]}
            busy.update(map(str, row["busy"]))
            shown.update({count["_id"].partition(":")[2]: count["n"] for count in row["shown"]})
    best = sorted(people.values(), key=lambda doc: (_rank_in(doc), doc["_id"]), reverse=True)
    return Found([user_from(doc) for doc in best[:limit]], busy, shown)


def _rank_in(doc: dict[str, Any]) -> float:
    rank = doc.get("rank")
    return rank if isinstance(rank, int | float) else 0  # written by another program


def _decided(viewer_id: str, *, since: datetime) -> dict[str, Pipeline]:
    """Return by collection the pipelines whose results `_standing_in` reads, except the order."""
    me = ObjectId(viewer_id)
    return {
        "seen": [
            {"$match": {"viewer_id": me, "at": {"$gte": since}}},
            {"$sort": {"at": -1}},
            {"$limit": MAX_DECIDED},
            {"$project": {"_id": 0, "subject_id": 1, "mark": 1}},
        ],
        "swaps": [
            {"$match": {"participants": me, "status": {"$in": [PENDING, ACCEPTED]}}},
            {"$project": {"_id": 0, "barred": "$participants"}},
        ],
        "blocks": [
            {"$match": {"$or": [{"by": me}, {"whom": me}]}},
            {"$project": {"_id": 0, "barred": ["$by", "$whom"]}},
        ],
    }


def _unions(pipelines: Mapping[str, Pipeline]) -> Pipeline:
    return [{"$unionWith": {"coll": name, "pipeline": pipeline}} for name, pipeline in pipelines.items()]


def _standing_in(rows: Iterable[dict[str, Any]], viewer_id: str) -> Standing:
    found = Standing()
    for row in rows:
        if "subject_id" in row:
            found.decided[str(row["subject_id"])] = row.get("mark")
        found.order.extend(row.get("ids", ()))
        found.barred.update(map(str, row.get("barred", ())))
    found.barred.discard(viewer_id)
    return found
