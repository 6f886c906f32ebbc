"""Swaps. A transition is one compare-and-set: version, state and actor are in the filter."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from domain.circles import vacancy
from domain.deliveries import Delivery
from domain.sessions import NO_PLAN, Answer, Plan, Session
from domain.swaps import (
    COMPLETED,
    DISPUTED,
    MAX_HISTORY,
    MAX_PAGE,
    OPEN,
    PENDING,
    PROPOSED,
    REJECTED,
    Card,
    Circle,
    Event,
    Leg,
    Offer,
    Swap,
)
from domain.talks import TALKS_ON
from domain.timeline import next_step
from storage.mongodb.database import Database, object_id
from storage.mongodb.documents import ID, IDS, OWN_ID, Field, Mapper, difference, id_or_null, ids, nested, nested_list
from storage.mongodb.versioned_cache import VersionedCache
from storage.outbox import WAITING, delivery_doc, outbox_fields
from storage.swap_lists import KEPT_OF_ONE, Query, SwapLists

LEG_FIELDS = {"teacher": id_or_null("teacher"), "learner": id_or_null("learner"), "key": Field(left_out="")}
LEG = Mapper(Leg, LEG_FIELDS, alike=("skill", "key"))
EVENT = Mapper(Event, {"by": id_or_null("by")}, alike=("event", "status"))
OFFER = Mapper(Offer, {"by": ID})
CARD = Mapper(Card, {"user_id": ID})
CIRCLE = Mapper(Circle, {"gone": IDS})
A_PERSON = replace(ID, left_out="")
ANSWER = Mapper(Answer, {"by": ID})
SESSION = Mapper(
    Session,
    {
        "offered_by": ID,
        "called_off_by": A_PERSON,
        "noted_by": A_PERSON,
        "denied_by": A_PERSON,
        "answers": nested_list(ANSWER),
        "confirmed": IDS,
    },
    is_sparse=True,
)
PLAN = Mapper(
    Plan,
    {
        "arranged_by": A_PERSON,
        "done": IDS,
        "sessions": nested_list(SESSION),
    },
    is_sparse=True,
)
SWAP = Mapper(
    Swap,
    {
        "id": OWN_ID,
        "from_user_id": ID,
        "to_user_id": ID,
        "message": Field(read_doc=lambda doc: doc.get("message") or ""),
        "updated_at": Field(read_doc=lambda doc: doc.get("updated_at") or doc["created_at"]),
        "participants": IDS,
        "legs": nested_list(LEG),
        "history": nested_list(EVENT),
        "cards": nested_list(CARD),
        "away": IDS,
        "rated": IDS,
        "circle": nested(CIRCLE, left_out=None),
        "turn": A_PERSON,
        "offers": nested_list(OFFER, left_out=()),
        "decline_reason": Field(left_out=""),
        "is_parted": Field(left_out=False),
        "screened_at": Field(left_out=None),
        "plan": nested(PLAN, left_out=NO_PLAN),
    },
    apart=("due_at", "cards", "away", "told", "nudges", "rated"),
    alike=("offered_skill", "wanted_skill", "status", "consents"),
)
"""Fields apart: `due_at` is one of `passing_fields`; cards, absences, reminders and ratings have their own writers."""


def swap_from(doc: dict[str, Any]) -> Swap:
    """Return the swap of a document."""
    return SWAP.value(doc)


def swap_doc(swap: Swap) -> dict[str, Any]:
    """Return the document of a swap, without outbox, cards and absences."""
    doc = _lasting_fields(swap)
    for name, value in passing_fields(swap).items():
        if value is not None:
            doc[name] = value
    return doc


def _lasting_fields(swap: Swap) -> dict[str, Any]:
    """Return the fields of the swap itself. `circle.people` holds all members of a circle, former ones included."""
    doc = SWAP.document(swap)
    if swap.circle is not None:
        doc["circle"]["people"] = ids((*swap.participants, *swap.circle.gone))
    return doc


PASSING = ("open_key", "due_at", "promises", "vacancy", "wake_at")
"""Fields that exist only while they apply: partial indexes are built on them."""


def passing_fields(swap: Swap) -> dict[str, Any]:
    """Return these fields, None for those to unset.

    `promises` are "learner:key" and "person#slot" of a running circle, `vacancy` the "offered>wanted" of users who
    could fill its empty place, `wake_at` the time of the next step of `domain.timeline`.
    """
    vacant = vacancy(swap)
    step = next_step(swap)
    return {
        "open_key": swap.open_key,
        "due_at": swap.due_at,
        "promises": [*swap.promises, *swap.slots] or None,
        "vacancy": ">".join(vacant) if vacant else None,
        "wake_at": step.at if step is not None else None,
    }


MAX_LINES = 100
"""Messages about one swap, besides the cards, that are remembered: the newest ones."""


DISPUTED_AT = "plan.disputed_at"


def _disputed(without: str, since: datetime) -> dict[str, Any]:
    return {"status": DISPUTED, "participants": {"$ne": ObjectId(without)}, DISPUTED_AT: {"$gt": since}}


class NumberTaken(Exception):
    """Another request of the same user has this number."""


class AlreadyPromised(Exception):
    """A member of this circle learns the same skill in another running circle, or has their slot taken by one."""


class Swaps:
    def __init__(self, database: Database) -> None:
        self._swaps = database.collection("swaps")
        self.cache: VersionedCache[Swap] = VersionedCache(lambda swap: swap.version)
        self.lists = SwapLists(self.cache.put)

    async def insert(self, swap: Swap, deliveries: Sequence[Delivery], *, number: int | None = None) -> bool:
        """Insert a request with its deliveries, in one write. False when the same swap is open already.

        `number` counts the requests of its asker; raises NumberTaken when another one of theirs has it.
        """
        doc = swap_doc(swap) | outbox_fields(deliveries)
        if number is not None:
            doc["request_number"] = number
        try:
            await self._swaps.insert_one(doc)
        except DuplicateKeyError as error:
            if "request_number" in (error.details or {}).get("keyPattern", {}):
                raise NumberTaken from None
            return False
        self.lists.put(swap)
        return True

    async def last_request_number(self, user_id: str) -> int:
        """Return the number of this user's newest request; 0 before the first."""
        query = {"from_user_id": ObjectId(user_id), "request_number": {"$gt": 0}}
        doc = await self._swaps.find_one(query, {"request_number": 1}, sort=[("request_number", -1)])
        return int(doc["request_number"]) if doc else 0

    async def find(self, swap_id: str) -> Swap | None:
        oid = object_id(swap_id)
        # legs: migrated documents that could not be read as swaps have none
        doc = await self._swaps.find_one({"_id": oid, "legs": {"$exists": True}}, {"outbox": 0}) if oid else None
        return swap_from(doc) if doc else None

    async def find_recent(self, swap_id: str) -> Swap | None:
        """Like `find`, but perhaps from the versioned cache, then with cards that may be out of date."""
        known = self.cache.get(swap_id)
        if known is not None:
            return known
        swap = await self.find(swap_id)
        return self.cache.put(swap.id, swap) if swap else None  # ids are accepted in upper case, too

    async def find_open(self, open_key: str) -> Swap | None:
        doc = await self._swaps.find_one({"open_key": open_key}, {"outbox": 0})
        return swap_from(doc) if doc else None

    async def replace(self, before: Swap, after: Swap, deliveries: Sequence[Delivery]) -> bool:
        """Write the difference of `before` and `after` with its deliveries, by compare-and-set. False after a conflict.

        Raises AlreadyPromised when a circle cannot close.
        """
        new = _lasting_fields(after)
        update = difference(_lasting_fields(before), new, without=("history", "legs"))
        # Written each time, together: indexes are built on them, and a backfill may have changed both since `before`.
        for name, value in (passing_fields(after) | {"legs": new["legs"]}).items():
            update.setdefault("$unset" if value is None else "$set", {})[name] = "" if value is None else value
        push: dict[str, Any] = {"history": {"$each": [EVENT.document(after.history[-1])], "$slice": -MAX_HISTORY}}
        if deliveries:
            push["outbox"] = {"$each": [delivery_doc(delivery) for delivery in deliveries]}
            update["$min"] = {WAITING: min(delivery.due_at for delivery in deliveries)}
        update["$push"] = push
        actor = after.history[-1].by
        guard: dict[str, Any] = {"_id": ObjectId(before.id), "version": before.version, "status": before.status}
        if actor in before.participants:  # else a moderator, or nobody
            guard["participants"] = ObjectId(actor)
        try:
            found = await self._swaps.find_one_and_update(
                guard, update, projection={"_id": 1}, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError as error:
            if "promises" in (error.details or {}).get("keyPattern", {}):
                raise AlreadyPromised from None
            return False  # the same circle is open already
        if found is None:
            return False
        self.lists.put(self.cache.put(after.id, after))
        return True

    async def list_of(
        self,
        user_id: str,
        *,
        statuses: Sequence[str] | None = None,
        before: str | None = None,
        limit: int = MAX_PAGE,
        with_circles: bool = False,
    ) -> list[Swap]:
        """Return a user's swaps, newest first; `before` is the last id of the previous page."""
        query: dict[str, Any] = {"participants": ObjectId(user_id)}
        if not with_circles:
            query["circle"] = {"$exists": False}
        if statuses is not None:
            query["status"] = {"$in": list(statuses)}
        if before is not None and (oid := object_id(before)):
            query["_id"] = {"$lt": oid}
        count = max(1, min(limit, MAX_PAGE + 1))  # one more shows that there is a next page
        cursor = self._swaps.find(query, {"outbox": 0}).sort([("_id", -1)]).limit(count)
        return [swap_from(doc) for doc in await cursor.to_list(count)]

    async def list_recent(
        self, user_id: str, *, statuses: Sequence[str] | None, before: str | None, limit: int, with_circles: bool
    ) -> Sequence[Swap]:
        """Like `list_of`, but perhaps from memory: a tuple, the same object until something in it changes. The cards in
        it may be out of date."""
        last = str(oid) if before is not None and (oid := object_id(before)) else None
        query = Query(tuple(statuses) if statuses is not None else None, last, max(1, limit), with_circles)
        page = await self.lists.page(
            user_id, query, lambda: self.list_of(user_id, limit=KEPT_OF_ONE, with_circles=True)
        )
        return page if page is not None else await self.list_of(user_id, **query._asdict())

    async def completed_since(self, user_id: str, since: datetime, *, limit: int) -> list[Swap]:
        """Return a user's swaps and circles that were completed after a time, newest first."""
        query = {"participants": ObjectId(user_id), "status": COMPLETED, "plan.completed_at": {"$gt": since}}
        cursor = self._swaps.find(query, {"outbox": 0}).sort([("_id", -1)]).limit(limit)
        return [swap_from(doc) for doc in await cursor.to_list(limit)]

    async def list_disputed(self, *, without: str, since: datetime, after: str | None = None, limit: int) -> list[Swap]:
        """Return the swaps that this user is not in and that came into dispute after a time, oldest dispute first, from
        the one with the id `after` on."""
        query = _disputed(without, since)
        if after is not None and (oid := object_id(after)):
            last = await self._swaps.find_one({"_id": oid, DISPUTED_AT: {"$exists": True}}, {DISPUTED_AT: 1})
            if last is not None:
                at = last["plan"]["disputed_at"]
                query["$or"] = [{DISPUTED_AT: {"$gt": at}}, {DISPUTED_AT: at, "_id": {"$gt": oid}}]
        order = [("status", 1), (DISPUTED_AT, 1), ("_id", 1)]
        cursor = self._swaps.find(query, {"outbox": 0}).sort(order).limit(limit)
        return [swap_from(doc) for doc in await cursor.to_list(limit)]

    async def count_disputed(self, *, without: str, since: datetime) -> int:
        """Return how many swaps `list_disputed` has in all."""
        return int(await self._swaps.count_documents(_disputed(without, since)))

    async def list_between(self, one: str, other: str) -> list[Swap]:
        """Return the newest swaps and circles that both users are in."""
        query = {"participants": {"$all": [ObjectId(one), ObjectId(other)]}}
        cursor = self._swaps.find(query, {"outbox": 0}).sort([("_id", -1)]).limit(MAX_PAGE)
        return [swap_from(doc) for doc in await cursor.to_list(MAX_PAGE)]

    async def last_declined(self, one: str, other: str, *, since: datetime) -> Swap | None:
        """Return the request between these two that was declined last, at or after `since`."""
        people = {"$all": [object_id(one), object_id(other)]}
        query = {"participants": people, "status": REJECTED, "updated_at": {"$gte": since}, "circle": None}
        docs = await self._swaps.find(query).limit(MAX_PAGE).to_list(MAX_PAGE)  # few: no index has this order
        return max(map(swap_from, docs), key=lambda swap: swap.updated_at, default=None)

    async def due(self, at: datetime, *, limit: int = MAX_PAGE, circles: bool = False) -> list[Swap]:
        """Return swaps of two, or circles, whose time has run out, longest overdue first."""
        # the status: one that another program has changed alone would be read again and again before the others
        status = PROPOSED if circles else PENDING
        query = {"due_at": {"$lte": at}, "circle": {"$exists": circles}, "status": status}
        cursor = self._swaps.find(query, {"outbox": 0}).sort([("due_at", 1)]).limit(limit)
        return [swap_from(doc) async for doc in cursor]

    async def with_sessions(self, user_id: str, *, since: datetime, until: datetime) -> list[Swap]:
        """Return a user's swaps with a session that starts, or is offered to start, between two times."""
        between = {"$gte": since, "$lt": until}
        query: dict[str, Any] = {
            "participants": ObjectId(user_id),
            "plan.sessions": {"$elemMatch": {"$or": [{"starts_at": between}, {"slots": {"$elemMatch": between}}]}},
        }
        cursor = self._swaps.find(query, {"outbox": 0}).sort([("_id", -1)]).limit(MAX_PAGE)
        return [swap_from(doc) for doc in await cursor.to_list(MAX_PAGE)]

    async def list_incomplete(self) -> AsyncIterator[str]:
        """Yield the ids of swaps whose status does not fit the fields that exist only in certain ones: another program
        has written the status alone."""
        for query in (
            {"due_at": {"$exists": True}, "status": {"$nin": [PENDING, PROPOSED]}},
            {"open_key": {"$exists": True}, "status": {"$nin": list(OPEN)}},
        ):
            async for doc in self._swaps.find(query, {"_id": 1}):
                yield str(doc["_id"])

    async def remember_card(self, swap_id: str, card: Card) -> None:
        """Store the reference to this user's newest card of the swap. The older one becomes a line about it."""
        doc = CARD.document(card)
        cards = {"$ifNull": ["$cards", []]}
        is_theirs = {"$eq": ["$$this.user_id", doc["user_id"]]}
        is_older = {"$and": [is_theirs, {"$ne": ["$$this.message_id", doc["message_id"]]}]}
        lines = {"$concatArrays": [{"$ifNull": ["$lines", []]}, {"$filter": {"input": cards, "cond": is_older}}]}
        others = {"$filter": {"input": cards, "cond": {"$not": [is_theirs]}}}
        change = {"cards": {"$concatArrays": [others, [doc]]}, "lines": {"$slice": [lines, -MAX_LINES]}}
        await self._swaps.update_one({"_id": ObjectId(swap_id)}, [{"$set": change}])

    async def mark_away(self, swap_id: str, user_id: str, deliveries: Sequence[Delivery]) -> bool:
        """Mark this user of the swap as unreachable, with deliveries to the others. False when marked already."""
        away = ObjectId(user_id)
        update: dict[str, Any] = {"$addToSet": {"away": away}}
        if deliveries:
            update["$push"] = {"outbox": {"$each": [delivery_doc(delivery) for delivery in deliveries]}}
            update["$min"] = {WAITING: min(delivery.due_at for delivery in deliveries)}
        result = await self._swaps.update_one({"_id": ObjectId(swap_id), "away": {"$ne": away}}, update)
        return bool(result.modified_count)

    async def forget_away(self, user_id: str) -> None:
        """Unmark this user everywhere: a later absence is reported again."""
        person = ObjectId(user_id)
        await self._swaps.update_many({"participants": person, "away": person}, {"$pull": {"away": person}})

    async def part(self, user_id: str, other_id: str | None = None) -> None:
        """Mark ended swaps of this user, all or those with one other, as parted: nothing can be written in them."""
        people = [ObjectId(person) for person in (user_id, other_id) if person is not None]
        query = {"participants": {"$all": people}, "status": {"$in": list(TALKS_ON)}, "is_parted": None, "circle": None}
        await self._swaps.update_many(query, {"$set": {"is_parted": True}})
        if other_id is None:
            self.lists.bar_all()
        else:
            self.lists.bar(user_id, other_id)

    async def forget_person(self, user_id: str) -> None:
        """Clear the notes of this user's requests and counter-offers, their statements, where their sessions were, and
        the references to messages in their chat."""
        person = ObjectId(user_id)
        # `turn` tells whose note it is: see Swap.author
        for mine in ({"from_user_id": person, "turn": None}, {"to_user_id": person, "turn": {"$ne": None}}):
            query = {"participants": person, "message": {"$ne": ""}, **mine}
            await self._swaps.update_many(query, {"$set": {"message": ""}})
        await self._swaps.update_many(
            {"participants": person, "offers.by": person},
            {"$set": {"offers.$[one].message": ""}},
            array_filters=[{"one.by": person}],
        )
        said = f"plan.statements.{user_id}"
        await self._swaps.update_many({"participants": person, said: {"$exists": True}}, {"$unset": {said: ""}})
        # of all sessions, whoever has named the place: it may be where this user lives, and none is still to come
        somewhere = {"$elemMatch": {"$or": [{"place": {"$gt": ""}}, {"link": {"$gt": ""}}]}}
        nowhere = {"plan.sessions.$[].place": "", "plan.sessions.$[].link": ""}
        await self._swaps.update_many({"participants": person, "plan.sessions": somewhere}, {"$set": nowhere})
        theirs = {"user_id": person}
        for whose in ({"participants": person}, {"circle.people": person}):
            await self._swaps.update_many(
                {**whose, "$or": [{"cards.user_id": person}, {"lines.user_id": person}]},
                {"$pull": {"cards": theirs, "lines": theirs}},
            )
        self.lists.bar_all()
