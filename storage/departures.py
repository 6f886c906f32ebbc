"""Removal of a deleted account from the chats of others: deliveries that remove a message, or show it anew.

The deliveries are written by update pipelines, as one user may be named in very many documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId

from domain.deliveries import QUEUED, TELEGRAM, Delivery
from domain.events import MESSAGE_DELETED, MESSAGE_HEADER_CHANGED, PERSON_LEFT
from domain.swaps import PENDING, Card
from storage.mongodb.database import Database, object_id
from storage.outbox import REQUEUED, WAITING, delivery_doc
from storage.swaps import CARD, MAX_LINES

Stage = dict[str, Any]


class Departures:
    def __init__(self, database: Database) -> None:
        self._swaps = database.collection("swaps")
        self._messages = database.collection("messages")

    async def announce(self, user_id: str, *, due_at: datetime) -> None:
        """Have the chats of everybody else in this user's swaps and circles, past ones included, brought up to date.

        It replaces an earlier announcement that is still open: a delivery reads the names when it is sent.
        """
        person = ObjectId(user_id)
        asked = {"to_user_id": person, "status": PENDING}  # perhaps screened, and then its asker is alone in it
        named = {"$or": [{"participants": person}, {"circle.people": person}, asked]}
        fields = ("$participants", "$cards.user_id", "$lines.user_id")
        people: list[Stage] = [{"$ifNull": [field, []]} for field in fields]
        others = {"$setDifference": [{"$setUnion": people}, [person, None]]}
        is_open = {"$and": [_is_event(PERSON_LEFT), {"$eq": ["$$line.state", QUEUED]}, _has_no("lease")]}
        kept = _lines_where({"$not": [is_open]})
        await self._swaps.update_many(named, _with_deliveries(kept, others, PERSON_LEFT, due_at))

    async def remember_line(self, swap_ids: Sequence[str], line: Card) -> None:
        """Store the reference to a message in this user's chat that names others of these swaps."""
        await self._remember_where({"_id": {"$in": [ObjectId(swap_id) for swap_id in swap_ids]}}, line)

    async def remember_line_about(self, person_id: str, line: Card) -> None:
        """Store the reference to a message in this user's chat that names somebody, with all swaps of the two."""
        await self._remember_where({"participants": {"$all": [ObjectId(line.user_id), object_id(person_id)]}}, line)

    async def _remember_where(self, query: dict[str, Any], line: Card) -> None:
        doc = CARD.document(line)
        push = {"$push": {"lines": {"$each": [doc], "$slice": -MAX_LINES}}}
        await self._swaps.update_many({**query, "lines": {"$ne": doc}}, push)

    async def lines_of(self, swap_id: str, user_id: str) -> list[Card]:
        """Return the remembered messages in this user's chat that name others of the swap."""
        doc = await self._swaps.find_one({"_id": ObjectId(swap_id)}, {"lines": 1}) or {}
        lines = [CARD.value(line) for line in doc.get("lines", ())]
        return [line for line in lines if line.user_id == user_id]

    async def drop_line(self, swap_id: str, line: Card) -> None:
        await self._swaps.update_one({"_id": ObjectId(swap_id)}, {"$pull": {"lines": CARD.document(line)}})

    async def renew_headers(self, swap_id: str, reader_id: str, *, at: datetime) -> None:
        """Have the headers above a swap's messages in this user's chat written anew."""
        reader = ObjectId(reader_id)
        shown = {
            "swap_id": ObjectId(swap_id),
            "seq": {"$gt": 0},
            "from_user_id": {"$ne": reader},
            "copies.user_id": reader,
            "deleted_at": None,
            "is_erased": {"$exists": False},
        }
        is_waiting = {"$and": [_is_event(MESSAGE_HEADER_CHANGED), {"$eq": ["$$line.to", reader]}, _has_no("lease")]}
        kept = _lines_where({"$not": [is_waiting]})
        await self._messages.update_many(shown, _with_deliveries(kept, [reader], MESSAGE_HEADER_CHANGED, at))


def removals(author: ObjectId, at: datetime) -> list[Stage]:
    """Return the stages that replace the deliveries of a message by those that remove its copies.

    Also from a chat that it is being sent to right now. Those of an earlier run stay.
    """
    kept = _lines_where({"$and": [_is_event(MESSAGE_DELETED), {"$ne": ["$$line.to", author]}]})
    being_sent = _lines_where({"$not": [_has_no("lease")]})
    readers = [{"$ifNull": ["$copies.user_id", []]}, _recipients(being_sent)]
    others = {"$setDifference": [{"$setUnion": readers}, {"$setUnion": [_recipients(kept), [author]]}]}
    return _with_deliveries(kept, others, MESSAGE_DELETED, at)


def _with_deliveries(kept: Stage, people: Any, event: str, due_at: datetime) -> list[Stage]:
    """Return the stages that leave these deliveries and add one of the event for each of these people, by id."""
    millis = int(due_at.timestamp() * 1000)
    name = {"$concat": [f"{event}:", {"$toString": "$$person"}, f":{millis}"]}
    sample = delivery_doc(Delivery(id="", to=str(ObjectId()), channel=TELEGRAM, event=event, due_at=due_at))
    line = {"$mergeObjects": [{"$literal": sample}, {"id": name, "to": "$$person"}]}
    added = {"$map": {"input": people, "as": "person", "in": line}}
    is_added = {"$gt": [{"$size": [people]}, 0]}
    return [
        {
            "$set": {
                "outbox": {"$concatArrays": [kept, added]},
                REQUEUED: {"$cond": [is_added, due_at, f"${REQUEUED}"]},
            }
        },
        {"$set": {WAITING: {"$ifNull": [{"$min": "$outbox.due_at"}, "$$REMOVE"]}}},
    ]


def _lines_where(condition: Stage) -> Stage:
    return {"$filter": {"input": {"$ifNull": ["$outbox", []]}, "as": "line", "cond": condition}}


def _recipients(lines: Stage) -> Stage:
    return {"$map": {"input": lines, "as": "line", "in": "$$line.to"}}


def _is_event(event: str) -> Stage:
    return {"$eq": ["$$line.event", event]}


def _has_no(field: str) -> Stage:
    return {"$eq": [{"$type": f"$$line.{field}"}, "missing"]}
