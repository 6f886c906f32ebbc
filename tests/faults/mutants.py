"""Mutants: mistakes that break a promise, patched into the running classes; never in the product's code.

`docs/reliability.md` lists each with the check that detects it. `w:1` is set in the URI: `?w=1`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from bson import ObjectId

LATE_SECONDS = 0.3


def check_then_set() -> None:
    """Check the state of a swap first and write later, instead of one compare-and-set."""
    from storage.swaps import Swaps

    original = Swaps.replace

    async def replace(self: Any, before: Any, after: Any, *arguments: Any, **named: Any) -> bool:
        now = await self.find(before.id)
        if now is None or now.version != before.version:
            return False
        while not await original(self, now, after, *arguments, **named):  # overwrite whatever is stored by now
            now = await self.find(before.id)
        return True

    Swaps.replace = replace  # type: ignore[method-assign]


def ack_before_persist() -> None:
    """Acknowledge a message before it is written."""
    from dataclasses import replace

    from storage.messages import Messages

    original = Messages.append
    tasks: set[asyncio.Task[Any]] = set()

    async def append(self: Any, message: Any, *arguments: Any, **named: Any) -> Any:
        async def later() -> None:
            await asyncio.sleep(LATE_SECONDS)
            await original(self, message, *arguments, **named)

        task = asyncio.create_task(later())
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return replace(message, seq=await self.highest(message.swap_id) + 1)

    Messages.append = append  # type: ignore[method-assign]


def async_handlers() -> None:
    """Handle the events of one client concurrently."""
    import socketio

    original = socketio.AsyncServer.__init__

    def init(self: Any, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **{**named, "async_handlers": True})

    socketio.AsyncServer.__init__ = init


def emit_from_handler() -> None:
    """Emit to sockets from the event handler instead of the change stream."""
    from api.realtime.server import Realtime

    send, on_change = Realtime._send_message, Realtime.on_change

    async def emitting(self: Any, socket: Any, packet: Any) -> dict[str, Any]:
        answer = await send(self, socket, packet)
        message = answer["message"]
        for person in (message["from_user_id"], message["to_user_id"]):
            await self._io.emit("chat:receive", message, room=f"u:{person}")
        return answer

    async def ignore_messages(self: Any, change: Any) -> None:
        if change.message is None:
            await on_change(self, change)

    async def ignore(self: Any, message: Any) -> None:
        pass

    Realtime._send_message, Realtime.on_change = emitting, ignore_messages  # type: ignore[method-assign]
    Realtime.hand_on = ignore  # type: ignore[method-assign]


def no_unique_index() -> None:
    """Drop the unique indexes on client id and seq."""
    from storage.mongodb import indexes

    indexes.INDEXES["messages"] = [
        model for model in indexes.INDEXES["messages"] if model.document["name"] not in ("once", "in_order")
    ]


def no_fencing() -> None:
    """Let a worker write to a delivery after its lease has passed to another one."""
    from storage import outbox

    def unfenced(query: dict[str, Any]) -> dict[str, Any]:
        line = query.get("outbox", {}).get("$elemMatch", {}) if isinstance(query.get("outbox"), dict) else {}
        if "lease" in line and isinstance(line["lease"], str):
            return {**query, "outbox": {"$elemMatch": {name: line[name] for name in line if name != "lease"}}}
        return query

    class Unfenced:
        def __init__(self, collection: Any) -> None:
            self._collection = collection

        def __getattr__(self, name: str) -> Any:
            return getattr(self._collection, name)

        async def update_one(self, query: dict[str, Any], *arguments: Any, **named: Any) -> Any:
            return await self._collection.update_one(unfenced(query), *arguments, **named)

        async def find_one_and_update(self, query: dict[str, Any], *arguments: Any, **named: Any) -> Any:
            return await self._collection.find_one_and_update(unfenced(query), *arguments, **named)

    original = outbox.Outbox.__init__

    def init(self: Any, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        self._collections = {name: Unfenced(found) for name, found in self._collections.items()}

    outbox.Outbox.__init__ = init  # type: ignore[method-assign]


def mark_after_telling() -> None:
    """Tell reminders in one write, and mark them as told in the next."""
    from dataclasses import replace

    from storage.outbox import WAITING, delivery_doc
    from storage.swap_steps import SwapSteps

    original = SwapSteps.mark_all

    async def mark_all(self: Any, told: Any, *arguments: Any, **named: Any) -> int:
        for one in told:
            lines = [delivery_doc(delivery) for delivery in one.deliveries]
            if lines:
                update = {"$push": {"outbox": {"$each": lines}}, "$min": {WAITING: lines[0]["due_at"]}}
                await self._swaps.update_one({"_id": ObjectId(one.swap.id)}, update)
        return await original(self, [replace(one, deliveries=()) for one in told], *arguments, **named)

    SwapSteps.mark_all = mark_all  # type: ignore[method-assign]


def tell_after_mark() -> None:
    """Mark reminders as told in one write, and tell them in the next."""
    from dataclasses import replace

    from storage.outbox import WAITING, delivery_doc
    from storage.swap_steps import SwapSteps

    original = SwapSteps.mark_all

    async def mark_all(self: Any, told: Any, *arguments: Any, **named: Any) -> int:
        marked = await original(self, [replace(one, deliveries=()) for one in told], *arguments, **named)
        for one in told:
            lines = [delivery_doc(delivery) for delivery in one.deliveries]
            if lines:
                update = {"$push": {"outbox": {"$each": lines}}, "$min": {WAITING: lines[0]["due_at"]}}
                await self._swaps.update_one({"_id": ObjectId(one.swap.id)}, update)
        return marked

    SwapSteps.mark_all = mark_all  # type: ignore[method-assign]


def rating_alone() -> None:
    """Write a rating without a note in its swap: only the process that wrote it knows that something is to be told."""
    from storage.reviews import REVIEW, Reviews

    async def insert(self: Any, review: Any) -> bool:
        await self._reviews.insert_one(REVIEW.document(review))
        return True

    Reviews.insert = insert  # type: ignore[method-assign]


def leg_for_all() -> None:
    """Let a session that was held count for every leg of its swap."""
    from dataclasses import replace

    from domain import outcomes

    original = outcomes.settled

    def settled(session: Any, learners: Any, **named: Any) -> Any:
        after = original(session, learners, **named)
        return replace(after, held_legs=tuple(learners)) if after.held_legs else after

    outcomes.settled = settled


def credit_at_write() -> None:
    """Give the credit of a message back when it is written, as if the feed did not matter."""
    from api.gate import Gate

    follow = Gate.follow

    def followed(self: Any, feed: Any) -> None:
        follow(self, feed)
        self._is_heard = lambda: False

    Gate.follow = followed  # type: ignore[method-assign]


MUTANTS: dict[str, Callable[[], None]] = {
    "check-then-set": check_then_set,
    "ack-before-persist": ack_before_persist,
    "async-handlers": async_handlers,
    "emit-from-handler": emit_from_handler,
    "no-unique-index": no_unique_index,
    "no-fencing": no_fencing,
    "mark-after-telling": mark_after_telling,
    "tell-after-mark": tell_after_mark,
    "rating-alone": rating_alone,
    "ratings-told-before-mark": mark_after_telling,
    "leg-for-all": leg_for_all,
    "credit-at-write": credit_at_write,
}
