"""Changes since a client's cursors: messages, edits and swaps, each read once for all requested conversations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from bson import ObjectId

from domain.messages import MAX_PAGE, MAX_SEQ, Message
from domain.swaps import Swap
from storage.messages import message_from
from storage.mongodb.database import Database
from storage.swaps import swap_from

Number = Literal["seq", "changed"]


@dataclass(slots=True)
class Since:
    """Changes of one conversation beyond a number. `is_ahead`: the number is higher than any that was assigned here."""

    messages: list[Message] = field(default_factory=list)
    has_more: bool = False
    is_ahead: bool = False


class Sync:
    def __init__(self, database: Database) -> None:
        self._messages = database.collection("messages")
        self._swaps = database.collection("swaps")

    async def list_since(self, number: Number, cursors: Mapping[str, int]) -> dict[str, Since]:
        """Return by swap the messages whose `number` is above its cursor, ascending; about 200 in all."""
        if not cursors:
            return {}
        asked = [
            {"swap_id": ObjectId(swap_id), number: {"$gte": min(max(1, after), MAX_SEQ)}}
            for swap_id, after in cursors.items()
        ]
        limit = MAX_PAGE + len(cursors)
        query = asked[0] if len(asked) == 1 else {"$or": asked}
        cursor = self._messages.find(query, {"outbox": 0, "copies": 0}).sort([("swap_id", 1), (number, 1)])
        found = [message_from(doc) for doc in await cursor.limit(limit).to_list(limit)]
        cut_at = found[-1].swap_id if len(found) == limit else None
        return {
            swap_id: _since(
                [message for message in found if message.swap_id == swap_id], swap_id, number, after, cut_at
            )
            for swap_id, after in cursors.items()
        }

    async def list_swaps(self, user_id: str, *, since: datetime, limit: int) -> list[Swap]:
        """Return a user's swaps of two that have changed since then, the newest change last."""
        query = {"participants": ObjectId(user_id), "updated_at": {"$gte": since}, "circle": {"$exists": False}}
        cursor = self._swaps.find(query, {"outbox": 0}).sort([("updated_at", 1)]).limit(limit)
        return [swap_from(doc) for doc in await cursor.to_list(limit)]


def _since(found: list[Message], swap_id: str, number: Number, after: int, cut_at: str | None) -> Since:
    """Return the changes of one swap. The message with the cursor's own number was read, too: where it is missing, the
    number was never assigned.

    A message that was changed again no longer has its former number, but then there is a higher one.
    """
    if cut_at is not None and swap_id > cut_at:
        return Since(has_more=True)
    numbers: list[Any] = [getattr(message, number) for message in found]
    is_known = after == 0 or (numbers[:1] == [after] if number == "seq" else bool(numbers))
    newer = [message for message, its in zip(found, numbers, strict=True) if its > after]
    return Since(newer, has_more=swap_id == cut_at, is_ahead=not is_known)
