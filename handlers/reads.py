"""Read marks and unread counts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from domain.messages import Message
from domain.reads import ReadMark, Typing
from domain.swaps import ACCEPTED, PENDING, Swap
from domain.talks import TALKS_ON, is_talk_open
from domain.users import User
from handlers.runtime.deps import Deps
from handlers.swaps import get_conversation


@dataclass(frozen=True, slots=True)
class Conversation:
    """A running swap, or another one with messages, for its reader: the newest message, the unread messages of others
    (counted to 100), and each user's read mark."""

    swap: Swap
    last: Message | None
    unread: int
    reads: dict[str, int]


async def mark_read(deps: Deps, actor: User, swap_id: str, seq: int) -> ReadMark:
    """Mark everything up to this message, or the newest one before it, as read by the actor. Raises NotFound.

    A lower number than before changes nothing.
    """
    swap = await get_conversation(deps, actor, swap_id)
    seq = min(seq, await deps.store.messages.highest(swap.id))
    return ReadMark(swap.id, actor.id, await deps.store.reads.mark(swap.id, actor.id, seq))


async def list_reads(deps: Deps, swap_ids: list[str]) -> dict[str, dict[str, int]]:
    """Return the read marks by swap and user, for swaps that the actor is known to be in."""
    found: dict[str, dict[str, int]] = {swap_id: {} for swap_id in swap_ids}
    for mark in await deps.store.reads.list_of(swap_ids):
        found[mark.swap_id][mark.user_id] = mark.seq
    return found


async def list_unread(deps: Deps, actor: User) -> list[Conversation]:
    """Return the actor's conversations: running swaps, then others where somebody has written; newest swap first."""
    running, talks = await asyncio.gather(list_running(deps, actor), list_talks(deps, actor))
    swaps = [*running, *talks]
    reads = await list_reads(deps, [swap.id for swap in swaps])
    marks = {swap.id: reads[swap.id].get(actor.id, 0) for swap in swaps}
    found = await deps.store.messages.last_and_unread(actor.id, marks)
    return [Conversation(swap, *found[swap.id], reads[swap.id]) for swap in swaps]


async def list_running(deps: Deps, actor: User) -> list[Swap]:
    """Return the actor's running swaps and circles, newest first."""
    return await deps.store.swaps.list_of(actor.id, statuses=[ACCEPTED], with_circles=True)


async def list_talks(deps: Deps, actor: User) -> list[Swap]:
    """Return the actor's requests and ended swaps that may be written in and where somebody has, newest first."""
    found = await deps.store.swaps.list_of(actor.id, statuses=(PENDING, *TALKS_ON), with_circles=True)
    talks = [swap for swap in found if is_talk_open(swap, deps.now())]
    newest = await deps.store.messages.newest_of([swap.id for swap in talks]) if talks else {}
    return [swap for swap in talks if swap.id in newest]


async def list_listeners(deps: Deps, sign: ReadMark | Typing) -> tuple[str, ...]:
    """Return the users who receive a read mark (everybody in the swap) or a typing event (the others)."""
    swap = await deps.store.swaps.find_recent(sign.swap_id)
    if swap is None or not is_talk_open(swap, deps.now()):  # ends with the conversation
        return ()
    return swap.participants if isinstance(sign, ReadMark) else swap.others(sign.user_id)


async def note_answer(deps: Deps, answer: Message) -> None:
    """Mark earlier messages as read by a user who answers in Telegram, which does not report what has been read."""
    seq = await deps.store.messages.last_shown(answer.swap_id, answer.from_user_id, before=answer.seq)
    if seq:
        await deps.store.reads.mark(answer.swap_id, answer.from_user_id, seq)
