"""Messages: `seq` grows without gaps within a swap, because n+1 is only written where n has been read."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from domain.attachments import Attachment
from domain.deliveries import Delivery
from domain.errors import Unavailable
from domain.messages import MAX_PAGE, MAX_SEQ, WEB, Copy, Message
from domain.reads import MAX_UNREAD
from storage.departures import removals
from storage.message_batches import MessageBatches
from storage.mongodb.database import Database, object_id
from storage.mongodb.documents import ID, OWN_ID, Field, Mapper, id_or_null, ids, ids_of, nested, nested_list
from storage.outbox import WAITING, outbox_fields
from storage.page_reads import Page, PageReads

Stored = dict[str, Any]
"""A message as it is stored."""

MAX_TRIES = 30
MAX_KNOWN_TOPS = 10_000
SWAPS_TOGETHER = 20
"""Swaps that one command looks into."""

RETRY_JITTER = 0.01
WITHOUT_OUTBOX = {"outbox": 0, WAITING: 0, "copies": 0}


def _deleted_at_in(doc: dict[str, Any]) -> datetime | None:
    """Return the time of a deletion; a message erased with its sender counts as deleted when it was sent."""
    return doc.get("deleted_at") or (doc["created_at"] if doc.get("is_erased") else None)


def _size(value: list[int] | None) -> tuple[int, int] | None:
    return (value[0], value[1]) if value else None


COPY = Mapper(Copy, {"user_id": ID, "is_outdated": Field(left_out=False)})
ATTACHMENT = Mapper(Attachment)
MESSAGE = Mapper(
    Message,
    {
        "id": OWN_ID,
        "swap_id": ID,
        "from_user_id": id_or_null("from_user_id"),
        "to_user_id": id_or_null("to_user_id"),
        "message": Field(read_doc=lambda doc: doc.get("message") or ""),
        "client_id": Field(read_doc=lambda doc: doc.get("client_id", "")),
        "via": Field(read_doc=lambda doc: doc.get("via", WEB)),
        "photo_url": Field(left_out=None),
        "copies": nested_list(COPY, left_out=()),
        "also_to": Field(write=ids, read=ids_of, left_out=()),
        "reply_to": Field(left_out=None),
        "edited_at": Field(left_out=None),
        "deleted_at": Field(read_doc=_deleted_at_in, left_out=None),
        "changed": Field(left_out=0),
        "attachment": nested(ATTACHMENT, left_out=None),
        "photo_size": Field(write=list, read=_size, left_out=None),
        "is_screened": Field(left_out=False),
    },
)


def message_from(doc: dict[str, Any]) -> Message:
    """Return the message of a document, written by this service or migrated."""
    return MESSAGE.value(doc)


@dataclass(frozen=True, slots=True)
class Newest:
    """Newest message of a swap, without its words."""

    seq: int
    from_user_id: str
    sent_at: datetime
    is_deleted: bool


def _newest_from(doc: dict[str, Any]) -> Newest:
    return Newest(int(doc["seq"]), str(doc.get("from_user_id")), doc["created_at"], _deleted_at_in(doc) is not None)


class _Top:
    """Highest seq of one swap that this process has seen, and the lock for its increment."""

    __slots__ = ("lock", "seq")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.seq: int | None = None


class Messages:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._messages = database.collection("messages")
        without_zones = self._messages.codec_options.with_options(tz_aware=False)
        self._pages = PageReads(self._messages.with_options(codec_options=without_zones), tuple(WITHOUT_OUTBOX))
        self._batches = MessageBatches(self._messages)
        self._tops: OrderedDict[str, _Top] = OrderedDict()

    async def append(
        self,
        message: Message,
        deliveries: Sequence[Delivery],
        *,
        check: tuple[int, Callable[[Sequence[Message]], None]] | None = None,
    ) -> Message:
        """Insert the message under the next seq, with its deliveries; a repeated client id returns the first
        message.

        `check` is a number and a function that gets so many of the messages before and may raise. No other message can
        come in between: the seq is the one after the last that it has seen.
        """
        top = self._top(message.swap_id)
        async with top.lock:
            for tries in range(MAX_TRIES):
                if check is not None:
                    count, require = check
                    last = await self.list_last(message.swap_id, limit=count)
                    require(last)
                    top.seq = last[-1].seq if last else 0
                elif top.seq is None:
                    top.seq = await self.highest(message.swap_id)
                numbered = replace(message, seq=top.seq + 1)
                try:
                    await self._batches.insert(MESSAGE.document(numbered) | outbox_fields(deliveries))
                except DuplicateKeyError as error:
                    top.seq = None
                    if "client_id" in (error.details or {}).get("keyPattern", {}):
                        return await self._first(message)
                    # the other writer's message may not be visible to a majority read yet: back off, longer each time
                    await asyncio.sleep(random.random() * RETRY_JITTER * min(2**tries, 16))
                except BaseException:
                    top.seq = None  # unknown whether it was written: read again next time
                    raise
                else:
                    top.seq = numbered.seq
                    return numbered
        raise Unavailable("chat.busy", retry_after=1)

    async def _first(self, message: Message) -> Message:
        first = await self.find_sent(message.from_user_id, message.client_id)
        if first is None:  # erased meanwhile: neither a repeat nor writable
            raise Unavailable("chat.busy", retry_after=1)
        return first

    async def find_sent(self, user_id: str, client_id: str) -> Message | None:
        """Return the message that a user has sent with this client id."""
        doc = await self._messages.find_one({"from_user_id": ObjectId(user_id), "client_id": client_id})
        return message_from(doc) if doc else None

    async def highest(self, swap_id: str) -> int:
        """Return the seq of the swap's newest message; 0 before the first."""
        doc = await self._messages.find_one(_numbered(swap_id), {"seq": 1}, sort=[("seq", -1)])
        return int(doc["seq"]) if doc else 0

    def _top(self, swap_id: str) -> _Top:
        top = self._tops.get(swap_id)
        if top is None:
            top = self._tops[swap_id] = _Top()
            if len(self._tops) > MAX_KNOWN_TOPS:
                oldest = next(iter(self._tops))
                if not self._tops[oldest].lock.locked():
                    del self._tops[oldest]
        self._tops.move_to_end(swap_id)
        return top

    async def find(self, message_id: str) -> Message | None:
        oid = object_id(message_id)
        doc = await self._messages.find_one({"_id": oid}) if oid else None
        return message_from(doc) if doc else None

    async def find_by_copy(self, chat_id: int, message_id: int) -> Message | None:
        """Return the message whose copy has this id in a Telegram chat."""
        doc = await self._messages.find_one({"copies": {"$elemMatch": {"chat_id": chat_id, "message_id": message_id}}})
        return message_from(doc) if doc else None

    async def find_at(self, swap_id: str, seq: int) -> Message | None:
        """Return the message with this seq."""
        doc = await self._messages.find_one({"swap_id": ObjectId(swap_id), "seq": min(seq, MAX_SEQ)}, {"outbox": 0})
        return message_from(doc) if doc else None

    async def list_after(self, swap_id: str, *, after: int = 0, limit: int = MAX_PAGE) -> list[Message]:
        """Return the messages with a seq above `after`, ascending."""
        return [message_from(doc) for doc in await _read_page(self._messages, _numbered(swap_id, after), 1, limit)]

    async def page_after(self, swap_id: str, *, after: int = 0, limit: int = MAX_PAGE) -> list[Stored]:
        """Like `list_after`, as they are stored; see `page_last`."""
        return await self._pages.read(Page(ObjectId(swap_id), _bounded(after), None, _page(limit), is_newest=False))

    async def list_for(self, swap_id: str, reader_id: str, *, after: int, limit: int) -> list[Message]:
        """Return messages of other users than the reader with a seq above `after`, without deleted ones, ascending."""
        query = _numbered(swap_id, after) | {"from_user_id": {"$ne": ObjectId(reader_id)}, "deleted_at": None}
        cursor = self._messages.find(query, WITHOUT_OUTBOX).sort([("seq", 1)]).limit(limit)
        return [message_from(doc) for doc in await cursor.to_list(limit)]

    async def list_last(self, swap_id: str, *, before: int | None = None, limit: int = MAX_PAGE) -> list[Message]:
        """Return the newest messages, or the newest with a seq below `before`, ascending."""
        query = _numbered(swap_id)
        if before is not None:
            query["seq"]["$lt"] = before
        return [message_from(doc) for doc in reversed(await _read_page(self._messages, query, -1, limit))]

    async def page_last(self, swap_id: str, *, before: int | None = None, limit: int = MAX_PAGE) -> list[Stored]:
        """Like `list_last`, as they are stored; times are UTC and name no zone. Reading them takes half as long."""
        page = await self._pages.read(Page(ObjectId(swap_id), 0, before, _page(limit), is_newest=True))
        page.reverse()
        return page

    async def last_sent_at(self, swap_ids: Sequence[str]) -> dict[str, datetime]:
        """Return when the newest message of each of these swaps was sent; those without a message are left out."""
        return {swap_id: newest.sent_at for swap_id, newest in (await self.newest_of(swap_ids)).items()}

    async def newest_of(self, swap_ids: Sequence[str]) -> dict[str, Newest]:
        """Return the newest message of each of these swaps; those without a message are left out."""
        newest: list[dict[str, Any]] = [{"$match": {"seq": {"$gt": 0}}}, {"$sort": {"seq": -1}}, {"$limit": 1}]
        fields = {"seq": 1, "from_user_id": 1, "created_at": 1, "deleted_at": 1, "is_erased": 1}
        look_up = {
            **{"from": "messages", "localField": "_id", "foreignField": "swap_id", "as": "newest"},
            "pipeline": [*newest, {"$project": fields}],  # of each swap one entry of the index is read
        }
        stages: list[dict[str, Any]] = [
            {"$match": {"_id": {"$in": ids(swap_ids)}}},
            {"$project": {"_id": 1}},
            {"$lookup": look_up},
        ]
        found = await self._database.aggregate("swaps", stages)
        return {str(doc["_id"]): _newest_from(doc["newest"][0]) for doc in found if doc["newest"]}

    async def last_and_unread(self, reader_id: str, marks: Mapping[str, int]) -> dict[str, tuple[Message | None, int]]:
        """Return for each swap with the reader's mark in it the newest message, and the number of others' messages
        above the mark, to MAX_UNREAD."""
        last: dict[str, Message] = {}
        unread: Counter[str] = Counter()
        each = [_last_and_unread(swap_id, reader_id, read) for swap_id, read in marks.items()]
        for start in range(0, len(each), SWAPS_TOGETHER):
            first, *others = [stages for both in each[start : start + SWAPS_TOGETHER] for stages in both]
            together = [*first, *({"$unionWith": {"coll": "messages", "pipeline": stages}} for stages in others)]
            for doc in await self._database.aggregate("messages", together):
                if "seq" in doc:
                    last[str(doc["swap_id"])] = message_from(doc)
                else:
                    unread[str(doc["swap_id"])] += 1
        return {swap_id: (last.get(swap_id), unread[swap_id]) for swap_id in marks}

    async def last_shown(self, swap_id: str, user_id: str, *, before: int) -> int:
        """Return the seq of the newest message below `before` that was delivered to this user's Telegram chat.

        0 when none of the last ones was. The user's own messages do not count: earlier ones of others may still be
        undelivered.
        """
        query = {
            "swap_id": ObjectId(swap_id),
            "seq": {"$gt": max(0, before - MAX_PAGE), "$lt": before},
            "from_user_id": {"$ne": ObjectId(user_id)},
            "copies.user_id": ObjectId(user_id),
        }
        doc = await self._messages.find_one(query, {"seq": 1}, sort=[("seq", -1)])
        return int(doc["seq"]) if doc else 0

    async def remember_copy(self, message_id: str, copy: Copy) -> None:
        await self._messages.update_one({"_id": ObjectId(message_id)}, {"$addToSet": {"copies": COPY.document(copy)}})

    async def forget_copy(self, message_id: str, copy: Copy) -> None:
        """Remove the reference to a copy that is no longer in the chat."""
        await self._messages.update_one({"_id": ObjectId(message_id)}, {"$pull": {"copies": _place_of(copy)}})

    async def mark_outdated(self, message_id: str, copy: Copy) -> None:
        """Record that a copy shows former words and stays in the chat."""
        query = {"_id": ObjectId(message_id), "copies": {"$elemMatch": _place_of(copy)}}
        await self._messages.update_one(query, {"$set": {"copies.$.is_outdated": True}})

    async def blank_all_from(self, user_id: str, *, at: datetime) -> int:
        """Clear the content of a user's messages, with deliveries that remove the copies from the others' Telegram
        chats; numbers and times stay, so the conversation stays in order."""
        erased = {
            "message": "",
            "is_erased": True,
            "photo_url": "$$REMOVE",
            "photo_size": "$$REMOVE",
            "attachment": "$$REMOVE",
        }
        result = await self._messages.update_many(
            # with the client id so that the index applies: all have one
            {"from_user_id": ObjectId(user_id), "client_id": {"$gt": ""}},
            [{"$set": erased}, *removals(ObjectId(user_id), at)],
        )
        return int(result.modified_count)

    async def forget_copies(self, user_id: str, chat_id: int) -> None:
        """Remove the references to copies in this user's Telegram chat."""
        await self._messages.update_many(
            {"copies.chat_id": chat_id}, {"$pull": {"copies": {"user_id": ObjectId(user_id)}}}
        )


def _last_and_unread(swap_id: str, reader_id: str, read: int) -> tuple[list[Stored], list[Stored]]:
    """Return the stages that find a swap's newest message, and an id for each that its reader has not read."""
    newest_first: Stored = {"$sort": {"seq": -1}}
    by_others = {"from_user_id": {"$ne": ObjectId(reader_id)}, "deleted_at": {"$exists": False}}
    return (
        [{"$match": _numbered(swap_id)}, newest_first, {"$limit": 1}, {"$project": WITHOUT_OUTBOX}],
        [
            {"$match": _numbered(swap_id, read)},
            newest_first,
            {"$limit": MAX_UNREAD},
            {"$match": by_others},
            {"$project": {"_id": 0, "swap_id": 1}},
        ],
    )


def _place_of(copy: Copy) -> dict[str, Any]:
    return {"chat_id": copy.chat_id, "message_id": copy.message_id}


def _numbered(swap_id: str, after: int = 0) -> dict[str, Any]:
    return {"swap_id": ObjectId(swap_id), "seq": {"$gt": _bounded(after)}}


def _bounded(seq: int) -> int:
    return max(0, min(seq, MAX_SEQ))


async def _read_page(collection: Any, query: Stored, direction: int, limit: int) -> list[Stored]:
    """Return a page in one command: without the size of the batch, 101 documents would come first."""
    page = _page(limit)
    cursor = collection.find(query, WITHOUT_OUTBOX, sort=[("seq", direction)], limit=page, batch_size=page)
    return cast("list[Stored]", await cursor.to_list(page))


def _page(limit: int) -> int:
    return max(1, min(limit, MAX_PAGE))  # 0 would mean no limit
