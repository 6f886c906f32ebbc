"""Cards for moderators, and where their copies are in Telegram.

`due_at` is set while a card's copies are not up to date. A worker claims a due card by moving `due_at` on by a lease; a
change meanwhile sets it anew, with the next version, so that the card is written once more.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument

from domain.staff_cards import LEASE, MAX_COPIES, MAX_PROMPTS, CardCopy, Prompt, StaffCard, card_id
from storage.mongodb.database import Database
from storage.mongodb.documents import Field, Mapper, nested_list

COPY = Mapper(CardCopy)
PROMPT = Mapper(Prompt)
CARD = Mapper(StaffCard, {"id": Field("_id"), "copies": nested_list(COPY), "prompts": nested_list(PROMPT)})


class StaffCards:
    def __init__(self, database: Database) -> None:
        self._cards = database.collection("staff_cards")

    async def show(self, kind: str, subject: str, *, due_at: datetime, at: datetime) -> None:
        """Have a card written, or written anew: it is made if there is none. A card that is due earlier stays so."""
        made = {"kind": kind, "subject": subject, "is_closed": False, "copies": [], "prompts": [], "names": []}
        await self._cards.update_one(
            {"_id": card_id(kind, subject)},
            {
                "$setOnInsert": made,
                "$inc": {"version": 1},
                "$set": {"due_at": due_at, "attempts": 0, "changed_at": at},
            },
            upsert=True,
        )

    async def make(self, kind: str, subject: str, *, at: datetime) -> None:
        """Have a card written unless there is one already."""
        made = StaffCard(card_id(kind, subject), kind, subject, due_at=at)
        doc = CARD.document(made) | {"changed_at": at}
        await self._cards.update_one({"_id": doc.pop("_id")}, {"$setOnInsert": doc}, upsert=True)

    async def show_open(self, *, due_at: datetime, at: datetime) -> None:
        """Have all open cards written anew: they are to stand elsewhere."""
        change = {"$inc": {"version": 1}, "$set": {"due_at": due_at, "attempts": 0, "changed_at": at}}
        await self._cards.update_many({"is_closed": False}, change)

    async def claim(self, *, now: datetime) -> StaffCard | None:
        """Return a due card, the one that has waited longest, and keep it for the time of a lease."""
        doc = await self._cards.find_one_and_update(
            {"due_at": {"$lte": now}},
            {"$set": {"due_at": now + LEASE, "is_claimed": True}, "$inc": {"attempts": 1}},
            sort=[("due_at", 1)],
            return_document=ReturnDocument.AFTER,
        )
        return _card(doc)

    async def release(self, *, now: datetime) -> int:
        """Have claimed cards due at once: whoever claimed them is gone."""
        change = {"$set": {"due_at": now, "is_claimed": False}}
        result = await self._cards.update_many({"due_at": {"$gt": now}, "is_claimed": True}, change)
        return int(result.modified_count)

    async def show_naming(self, user_id: str, *, at: datetime) -> None:
        """Have all cards written anew that name this user."""
        change = {"$inc": {"version": 1}, "$set": {"due_at": at, "attempts": 0, "changed_at": at}}
        await self._cards.update_many({"names": user_id}, change)

    async def finish(
        self, card: StaffCard, *, is_open: bool, names: Collection[str], until: datetime | None = None
    ) -> bool:
        """Note that all copies show this version, `until` some time if that is given. False when the card has changed
        meanwhile: it is due again."""
        fields = {"names": sorted(names), "is_closed": not is_open, "attempts": 0, "is_claimed": False}
        change: dict[str, Any] = {"$set": fields, "$unset": {"due_at": ""}}
        if until is not None:
            change = {"$set": fields | {"due_at": until}}
        result = await self._cards.update_one({"_id": card.id, "version": card.version}, change)
        return bool(result.matched_count)

    async def retry(self, card: StaffCard, *, due_at: datetime, is_attempt: bool) -> None:
        """Have a claimed card tried again; a change meanwhile is written at its own time."""
        change: dict[str, Any] = {"$set": {"due_at": due_at, "is_claimed": False}}
        if not is_attempt:
            change["$inc"] = {"attempts": -1}
        await self._cards.update_one({"_id": card.id, "version": card.version}, change)

    async def next_due(self) -> datetime | None:
        doc = await self._cards.find_one({"due_at": {"$exists": True}}, {"due_at": 1}, sort=[("due_at", 1)])
        return doc["due_at"] if doc else None

    async def find(self, kind: str, subject: str) -> StaffCard | None:
        return _card(await self._cards.find_one({"_id": card_id(kind, subject)}))

    async def find_open(self, kind: str) -> StaffCard | None:
        """Return the open card of a kind that has one at a time."""
        return _card(await self._cards.find_one({"kind": kind, "is_closed": False}))

    async def find_at(self, chat_id: int, message_id: int) -> StaffCard | None:
        """Return the card that this message shows, or asks something about."""
        place = {"$elemMatch": {"chat_id": chat_id, "message_id": message_id}}
        return _card(await self._cards.find_one({"copies": place})) or _card(
            await self._cards.find_one({"prompts": place})
        )

    async def put_copy(self, card_id: str, copy: CardCopy) -> None:
        """Note that this message shows the card now, in place of another one in the same chat."""
        others: dict[str, Any] = {"$filter": {"input": "$copies", "cond": {"$ne": ["$$this.chat_id", copy.chat_id]}}}
        copies = {"$slice": [{"$concatArrays": [others, [COPY.document(copy)]]}, -MAX_COPIES]}
        await self._cards.update_one({"_id": card_id}, [{"$set": {"copies": copies}}])

    async def drop_copy(self, card_id: str, chat_id: int) -> None:
        await self._cards.update_one({"_id": card_id}, {"$pull": {"copies": {"chat_id": chat_id}}})

    async def add_prompt(self, card_id: str, prompt: Prompt) -> None:
        push = {"prompts": {"$each": [PROMPT.document(prompt)], "$slice": -MAX_PROMPTS}}
        await self._cards.update_one({"_id": card_id}, {"$push": push})

    async def take_prompt(self, card_id: str, prompt: Prompt) -> bool:
        """Remove a question; False when it was answered before."""
        place = {"chat_id": prompt.chat_id, "message_id": prompt.message_id}
        result = await self._cards.update_one(
            {"_id": card_id, "prompts": {"$elemMatch": place}}, {"$pull": {"prompts": place}}
        )
        return bool(result.modified_count)

    async def forget_chat(self, chat_id: int) -> None:
        """Forget the copies in a group that has become a supergroup: its messages have no ids there."""
        old = {"chat_id": chat_id}
        await self._cards.update_many({"copies": {"$elemMatch": old}}, {"$pull": {"copies": old}})
        await self._cards.update_many({"prompts": {"$elemMatch": old}}, {"$pull": {"prompts": old}})

    async def forget_user(self, user_id: str) -> None:
        """Forget the copies in the private chat of somebody who is gone, and what was asked of them."""
        await self._cards.update_many({"copies.user_id": user_id}, {"$pull": {"copies": {"user_id": user_id}}})
        await self._cards.update_many({"prompts.by": user_id}, {"$pull": {"prompts": {"by": user_id}}})


def _card(doc: dict[str, Any] | None) -> StaffCard | None:
    return CARD.value(doc) if doc is not None else None
