"""Swaps. A transition is one compare-and-set: version, state and actor stand in the filter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from domain.circles import vacancy
from domain.deliveries import Delivery
from domain.swaps import MAX_HISTORY, MAX_PAGE, Card, Circle, Event, Leg, Swap
from storage.mongodb.database import Database, object_id
from storage.mongodb.versioned_cache import VersionedCache
from storage.outbox import WAITING, delivery_doc, outbox_fields


def swap_from(doc: dict[str, Any]) -> Swap:
    return Swap(
        id=str(doc["_id"]),
        from_user_id=str(doc["from_user_id"]),
        to_user_id=str(doc["to_user_id"]),
        offered_skill=doc["offered_skill"],
        wanted_skill=doc["wanted_skill"],
        message=doc.get("message") or "",
        status=doc["status"],
        created_at=doc["created_at"],
        updated_at=doc.get("updated_at") or doc["created_at"],
        participants=tuple(str(person) for person in doc["participants"]),
        legs=tuple(
            Leg(str(leg["teacher"] or ""), str(leg["learner"] or ""), leg["skill"], leg.get("key", ""))
            for leg in doc["legs"]
        ),
        consents=dict(doc["consents"]),
        version=doc["version"],
        due_at=doc.get("due_at"),
        history=tuple(
            Event(line["at"], str(line["by"] or ""), line["event"], line["status"]) for line in doc.get("history", ())
        ),
        away=tuple(str(person) for person in doc.get("away", ())),
        cards=tuple(Card(str(card["user_id"]), card["chat_id"], card["message_id"]) for card in doc.get("cards", ())),
        circle=_circle_from(doc["circle"]) if "circle" in doc else None,
    )


def _circle_from(doc: dict[str, Any]) -> Circle:
    return Circle(
        terms=doc["terms"],
        gone=tuple(str(person) for person in doc["gone"]),
        asked=doc["asked"],
        is_repaired=doc["is_repaired"],
        slots=doc.get("slots", {}),
    )


def _event_doc(event: Event) -> dict[str, Any]:
    return {
        "at": event.at,
        "by": _id_or_none(event.by),
        "event": event.event,
        "status": event.status,
    }


def swap_doc(swap: Swap) -> dict[str, Any]:
    """Everything but the outbox and the cards, which have writers of their own."""
    doc: dict[str, Any] = {
        "_id": ObjectId(swap.id),
        "from_user_id": ObjectId(swap.from_user_id),
        "to_user_id": ObjectId(swap.to_user_id),
        "offered_skill": swap.offered_skill,
        "wanted_skill": swap.wanted_skill,
        "message": swap.message,
        "status": swap.status,
        "created_at": swap.created_at,
        "updated_at": swap.updated_at,
        "participants": [ObjectId(person) for person in swap.participants],
        "legs": [
            {"teacher": _id_or_none(leg.teacher), "learner": _id_or_none(leg.learner), "skill": leg.skill}
            | ({"key": leg.key} if leg.key else {})
            for leg in swap.legs
        ],
        "consents": swap.consents,
        "version": swap.version,
        "history": [_event_doc(event) for event in swap.history],
    }
    return (
        doc | _circle_fields(swap) | {name: value for name, value in passing_fields(swap).items() if value is not None}
    )


def _id_or_none(user_id: str) -> ObjectId | None:
    return ObjectId(user_id) if user_id else None


def _circle_fields(swap: Swap) -> dict[str, Any]:
    if swap.circle is None:
        return {}
    circle = {
        "terms": swap.circle.terms,
        "gone": [ObjectId(person) for person in swap.circle.gone],
        "asked": swap.circle.asked,
        "is_repaired": swap.circle.is_repaired,
        "slots": dict(swap.circle.slots),
        "people": [ObjectId(person) for person in (*swap.participants, *swap.circle.gone)],
    }
    return {"circle": circle}


PASSING = ("open_key", "due_at", "promises", "vacancy")
"""Fields that are there as long as they mean something: partial indexes stand on them."""


def passing_fields(swap: Swap) -> dict[str, Any]:
    """None for those that go. `promises` are "learner:key" and "person#slot" of a running circle, `vacancy` the
    "offered>wanted" of who could fill its empty place."""
    vacant = vacancy(swap)
    return {
        "open_key": swap.open_key,
        "due_at": swap.due_at,
        "promises": [*swap.promises, *swap.slots] or None,
        "vacancy": ">".join(vacant) if vacant else None,
    }


class NumberTaken(Exception):
    """Another request of the same person was faster."""


class AlreadyPromised(Exception):
    """Somebody of this circle learns the same in another running circle, or that one has taken their slot."""


class Swaps:
    def __init__(self, database: Database) -> None:
        self._swaps = database.collection("swaps")
        self.cache: VersionedCache[Swap] = VersionedCache(lambda swap: swap.version)

    async def insert(self, swap: Swap, told: Sequence[Delivery], *, number: int | None = None) -> bool:
        """The request and what must be told of it, in one write. False when the same swap is open already.

        `number` counts the requests of its asker; raises NumberTaken when another one of theirs has it.
        """
        doc = swap_doc(swap) | outbox_fields(told)
        if number is not None:
            doc["request_number"] = number
        try:
            await self._swaps.insert_one(doc)
        except DuplicateKeyError as error:
            if "request_number" in (error.details or {}).get("keyPattern", {}):
                raise NumberTaken from None
            return False
        return True

    async def last_request_number(self, user_id: str) -> int:
        """The number of this person's newest request; 0 before the first."""
        query = {"from_user_id": ObjectId(user_id), "request_number": {"$gt": 0}}
        doc = await self._swaps.find_one(query, {"request_number": 1}, sort=[("request_number", -1)])
        return int(doc["request_number"]) if doc else 0

    async def find(self, swap_id: str) -> Swap | None:
        oid = object_id(swap_id)
        # legs: what the take-over of an older database could not make sense of is no swap
        doc = await self._swaps.find_one({"_id": oid, "legs": {"$exists": True}}, {"outbox": 0}) if oid else None
        return swap_from(doc) if doc else None

    async def find_recent(self, swap_id: str) -> Swap | None:
        """As `find`, but perhaps from the versioned cache, then with cards that may be out of date."""
        known = self.cache.get(swap_id)
        if known is not None:
            return known
        swap = await self.find(swap_id)
        return self.cache.put(swap.id, swap) if swap else None  # an id may be written in capitals, too

    async def find_open(self, open_key: str) -> Swap | None:
        doc = await self._swaps.find_one({"open_key": open_key}, {"outbox": 0})
        return swap_from(doc) if doc else None

    async def replace(self, before: Swap, after: Swap, told: Sequence[Delivery]) -> bool:
        """Move `before` to `after`, with its deliveries, if nobody was faster.

        Of a circle the people may change as well; raises AlreadyPromised when it cannot close.
        """
        doc, passing = swap_doc(after), passing_fields(after)
        moving = ["status", "version", "updated_at", "consents", "legs"]
        if after.circle is not None:
            moving += ["participants", "to_user_id", "circle"]
        set_fields: dict[str, Any] = {name: doc[name] for name in moving}
        set_fields |= {name: value for name, value in passing.items() if value is not None}
        gone = {name: "" for name, value in passing.items() if value is None}
        push: dict[str, Any] = {"history": {"$each": [_event_doc(after.history[-1])], "$slice": -MAX_HISTORY}}
        if told:
            push["outbox"] = {"$each": [delivery_doc(delivery) for delivery in told]}
        actor = after.history[-1].by
        guard: dict[str, Any] = {"_id": ObjectId(before.id), "version": before.version, "status": before.status}
        if actor:
            guard["participants"] = ObjectId(actor)
        update: dict[str, Any] = {"$set": set_fields, "$push": push}
        if gone:
            update["$unset"] = gone
        if told:
            update["$min"] = {WAITING: min(delivery.due_at for delivery in told)}
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
        self.cache.put(after.id, after)
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
        """A person's swaps, newest first; `before` is the id of the last one already seen."""
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

    async def between(self, one: str, other: str) -> list[Swap]:
        """The newest swaps and circles that these two are in together."""
        query = {"participants": {"$all": [ObjectId(one), ObjectId(other)]}}
        cursor = self._swaps.find(query, {"outbox": 0}).sort([("_id", -1)]).limit(MAX_PAGE)
        return [swap_from(doc) for doc in await cursor.to_list(MAX_PAGE)]

    async def count_requests(self, user_id: str, *, since: datetime) -> int:
        """How many requests this person has made since then."""
        query = {"from_user_id": ObjectId(user_id), "created_at": {"$gte": since}}
        return int(await self._swaps.count_documents(query))

    async def due(self, at: datetime, *, limit: int = MAX_PAGE, circles: bool = False) -> list[Swap]:
        """Swaps of two, or circles, whose time has run out, longest overdue first."""
        query = {"due_at": {"$lte": at}, "circle": {"$exists": circles}}
        cursor = self._swaps.find(query, {"outbox": 0}).sort([("due_at", 1)]).limit(limit)
        return [swap_from(doc) async for doc in cursor]

    async def remember_card(self, swap_id: str, card: Card) -> None:
        """Keep where this person's newest card of the swap stands; it replaces their older one."""
        doc = {"user_id": ObjectId(card.user_id), "chat_id": card.chat_id, "message_id": card.message_id}
        kept = {"$filter": {"input": {"$ifNull": ["$cards", []]}, "cond": {"$ne": ["$$this.user_id", doc["user_id"]]}}}
        await self._swaps.update_one(
            {"_id": ObjectId(swap_id)}, [{"$set": {"cards": {"$concatArrays": [kept, [doc]]}}}]
        )

    async def mark_away(self, swap_id: str, user_id: str, told: Sequence[Delivery]) -> bool:
        """This person of the swap cannot be reached; the others are told. False when they have been already."""
        away = ObjectId(user_id)
        update: dict[str, Any] = {"$addToSet": {"away": away}}
        if told:
            update["$push"] = {"outbox": {"$each": [delivery_doc(delivery) for delivery in told]}}
            update["$min"] = {WAITING: min(delivery.due_at for delivery in told)}
        result = await self._swaps.update_one({"_id": ObjectId(swap_id), "away": {"$ne": away}}, update)
        return bool(result.modified_count)

    async def forget_away(self, user_id: str) -> None:
        """This person is back: should they be away again, that is news again."""
        person = ObjectId(user_id)
        await self._swaps.update_many({"participants": person, "away": person}, {"$pull": {"away": person}})

    async def forget_person(self, user_id: str) -> None:
        """Empty the notes of this person's requests, and no longer know where their cards stand."""
        person = ObjectId(user_id)
        await self._swaps.update_many({"from_user_id": person, "message": {"$ne": ""}}, {"$set": {"message": ""}})
        await self._swaps.update_many(
            {"participants": person, "cards.user_id": person}, {"$pull": {"cards": {"user_id": person}}}
        )
